"""Query strings, checked: parameters of an endpoint as a struct."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, Union, get_args, get_origin
from typing import get_type_hints as hints_of

import msgspec

from ledger_async.sandbox._data.shelf import RefusedError, UnknownError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multidict import MultiMapping

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters of an endpoint."""


class Paging(Query, frozen=True, kw_only=True):
    """The part of a listing that is wanted."""

    page: Annotated[int, msgspec.Meta(ge=1)] = 1
    page_size: Annotated[int, msgspec.Meta(ge=-1)] = 20

    def span(self, max_page_size: int) -> slice:
        """Return the part as positions; 0 and -1 mean the largest page, larger ones are capped."""
        size = min(self.page_size, max_page_size) if self.page_size > 0 else max_page_size
        return slice((self.page - 1) * size, self.page * size)


class NftPaging(Paging, frozen=True, kw_only=True):
    """The part of a listing of NFTs or collections that is wanted."""

    page_size: Annotated[int, msgspec.Meta(ge=-1)] = 10


class Search(Paging, frozen=True, kw_only=True):
    """The parameters that most searches take."""

    created_after: Moment | None = None
    created_before: Moment | None = None
    id: int | None = None
    order: Literal["asc", "desc"] = "desc"
    order_by: str = "created_on"  # narrowed by each search


_WHOLE = re.compile(r"-?[0-9]{1,18}")
_FLAGS = {"false": False, "true": True}

Q = TypeVar("Q", bound=Query)


def whole(text: str | None) -> int | None:
    """Return the integer that `text` spells in plain digits, or `None`."""
    return int(text) if text and _WHOLE.fullmatch(text) else None


def _number(text: str) -> int | str:
    number = whole(text)
    return text if number is None else number


def _flag(text: str) -> bool | str:
    return _FLAGS.get(text, text)


def parse(query: MultiMapping[str], kind: type[Q]) -> Q:
    """Return the parameters; one that is wrong is refused by name, one too many not found."""
    readers = _readers(kind)
    if extra := query.keys() - readers.keys():
        raise UnknownError(f"no such filter: {min(extra)}")
    fields = {name: readers[name](query.getall(name)) for name in readers if name in query}
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise RefusedError(str(error)) from error


@lru_cache
def _readers(kind: type[Query]) -> Mapping[str, Callable[[list[str]], Any]]:
    """Say for each parameter how its values are read."""
    hints = hints_of(kind)
    return {name: _reader(hints[name]) for name in kind.__struct_fields__}


def _reader(hint: Any) -> Callable[[list[str]], Any]:
    kinds = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
    (plain,) = (kind for kind in kinds if kind is not NoneType)
    if get_origin(plain) is list:
        scalar = _scalar(get_args(plain)[0])
        return lambda texts: [scalar(text) for text in texts]
    scalar = _scalar(plain)
    return lambda texts: scalar(texts[0])


def _scalar(plain: Any) -> Callable[[str], Any]:
    if plain is bool:
        return _flag
    return _number if plain is int else str
