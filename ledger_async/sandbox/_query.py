"""Query strings, checked: each list endpoint's parameters as a struct."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import msgspec
from aiohttp import web

if TYPE_CHECKING:
    from multidict import MultiMapping

AccountType = Literal[
    "Bep20",
    "Bitcoin",
    "Cardano",
    "Cosmos",
    "Erc20",
    "Ethereum",
    "Generic",
    "Near",
    "Polkadot",
    "Polygon",
    "Ripple",
    "Solana",
    "Stellar",
    "Tezos",
    "Trc20",
    "Tron",
]
Status = Literal[
    "ACTIVATION_ABORTED",
    "ACTIVE",
    "APPROVED",
    "HSM_COIN_UPDATED",
    "PENDING",
    "PENDING_ACTIVATION",
    "PENDING_CREATE_IN_HSM",
    "PENDING_VIEW_ONLY",
    "REJECTED",
    "VIEW_ONLY",
]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Paging(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a listing is wanted."""

    page: Annotated[int, msgspec.Meta(ge=1)] = 1
    page_size: Annotated[int, msgspec.Meta(ge=-1)] = 10

    def span(self, max_page_size: int) -> slice:
        """Return the part as positions; 0 and -1 mean the largest page, larger ones are capped."""
        size = min(self.page_size, max_page_size) if self.page_size > 0 else max_page_size
        return slice((self.page - 1) * size, self.page * size)


class AccountSearch(Paging, frozen=True, kw_only=True):
    """The parameters of `GET /accounts`."""

    page_size: Annotated[int, msgspec.Meta(ge=-1)] = 20
    account_label: list[str] | None = None
    account_type: AccountType | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None
    currency: str | None = None
    entity: list[int] | None = None
    group: int | None = None
    id: int | None = None
    name: str | None = None
    order: Literal["asc", "desc"] = "desc"
    order_by: Literal["created_on", "currency", "id", "index", "name", "status", "type"] = (
        "created_on"
    )
    parent: int | None = None
    status: Status | None = None
    user: int | None = None


_LISTS = {"account_label", "entity"}
_NUMBERS = {"entity", "group", "id", "page", "page_size", "parent", "user"}
_WHOLE = re.compile(r"-?[0-9]{1,18}")

P = TypeVar("P", bound=Paging)


def whole(text: str | None) -> int | None:
    """Return the integer that `text` spells in plain digits, or `None`."""
    return int(text) if text and _WHOLE.fullmatch(text) else None


def parse(query: MultiMapping[str], kind: type[P]) -> P:
    """Return the parameters of a list endpoint; 400 names the one that is wrong."""
    fields = {name: _value(query, name) for name in kind.__struct_fields__ if name in query}
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise web.HTTPBadRequest(text=str(error)) from error


def _value(query: MultiMapping[str], name: str) -> Any:
    values = [_scalar(name, text) for text in query.getall(name)]
    return values if name in _LISTS else values[0]


def _scalar(name: str, text: str) -> int | str:
    number = whole(text) if name in _NUMBERS else None
    return text if number is None else number
