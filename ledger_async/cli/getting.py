"""From a path to what the API answers there: found, called and written."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from msgspec import Struct

from ledger_async import (
    ConfigurationError,
    LedgerClient,
    NodeStream,
    Page,
    PageSize,
    SignedAddress,
)
from ledger_async.models import Configuration, ConfigurationProfile, Webhook
from ledger_async.sections.operations import Operation, bound, check_ids, find, operations

from . import tables
from .arguments import Parameter, keywords, pairs, read
from .formats import Kind, columns_of
from .options import Consistency
from .output import Output
from .reading import read_nodes
from .text import printable, say

# Where a path takes a value, as paths are listed.
_PLACEHOLDER = re.compile(r"\{[^{}/]*\}")

_PAGE = {"page": Parameter(int, False), "page_size": Parameter(PageSize, False)}

# Options of a stream in Python, which no path has.
_OPTIONS = {"consistency", "node_type", "on_invalid", "page_size"}


class Get:
    """A GET of the API; `ConfigurationError` if the path has none."""

    def __init__(
        self, path: str, arguments: Sequence[str], consistency: Consistency = "exact"
    ) -> None:
        found, self._parameters = find(path)
        self._name = _name(path, found)
        self._given = pairs(arguments)
        self._consistency = consistency

    async def write(self, ledger: LedgerClient, out: Output) -> None:
        """Write what the API answers: of a listing a line for each node, else one document."""
        with _warnings_said():
            answer = self._call(ledger)
            if isinstance(answer, NodeStream):
                await read_nodes(answer, out, self._kind(ledger))
                return
            answer = await answer
            if isinstance(answer, Page):
                await _write_rows(answer.nodes, self._kind(ledger), out)
            elif out.format == "ndjson":
                await out.write_document(_told(answer))
            else:
                await _write_answer(_told(answer), out)

    def _kind(self, ledger: LedgerClient) -> Kind:
        """The nodes of the listing that is read."""
        method: Any = bound(ledger, self._name, self._parameters).func
        return Kind(columns_of([method.__self__.listing.node_type]))

    def _call(self, ledger: LedgerClient) -> Any:
        method = bound(ledger, self._name, self._parameters)
        taken = keywords(method)
        if not self._name.endswith(".stream"):
            return method(**read(self._given, taken))
        filters = {name: each for name, each in taken.items() if name not in _OPTIONS}
        arguments = read(self._given, filters | _PAGE)
        if not arguments.keys() & _PAGE.keys():
            return method(consistency=self._consistency, **arguments)
        page = bound(ledger, f"{self._name.removesuffix('.stream')}.page", self._parameters)
        return page(arguments.pop("page", 1), **arguments)


async def _write_rows(nodes: Sequence[Any], kind: Kind, out: Output) -> None:
    if out.format == "table":
        await out.show(tables.nodes(nodes, kind))
    else:
        await out.write_page(nodes, kind)


async def _write_answer(answer: object, out: Output) -> None:
    """Write what is no listing as rows: a list has one for each of its elements."""
    many = isinstance(answer, list | tuple)
    rows: Sequence[Any] = answer if isinstance(answer, list | tuple) else [answer]
    if not all(isinstance(each, Struct | dict) for each in rows):
        raise ConfigurationError("what this path answers has no columns: leave --format out")
    if out.format == "table" and not many:
        await out.show(tables.fields(rows[0]))
        return
    names = [name for each in rows for name in (each if isinstance(each, dict) else ())]
    columns = columns_of([type(each) for each in rows if isinstance(each, Struct)])
    await _write_rows(rows, Kind(tuple(dict.fromkeys((*columns, *names)))), out)


def _told(answer: object) -> object:
    """The answer to write: a signed address is read too, and the secret of a webhook is masked."""
    match answer:
        case SignedAddress():
            return {"jwt": answer.jwt, "header": answer.header(), "claims": answer.claims()}
        case Configuration(all=ConfigurationProfile(webhook=Webhook() as webhook)):
            return {"all": {"webhook": dict(webhook.__rich_repr__())}}
    return answer


def _name(path: str, found: Sequence[Operation]) -> str:
    if "?" in path:
        raise ConfigurationError(f"give what follows the ? of {path} as key=value")
    if placeholders := _PLACEHOLDER.findall(path):
        example = _PLACEHOLDER.sub("101", path)
        raise ConfigurationError(
            f"{path} is the form of a path: put yours for {' and '.join(placeholders)},"
            f" as in {example}"
        )
    for operation in found:
        if operation.method == "GET" and operation.name is not None:
            return operation.name
    if not path.strip("/"):
        raise ConfigurationError(
            "name a path, such as /accounts, /transactions or /requests: get alone lists them all"
        )
    if found:
        methods = " and ".join(each.method for each in found)
        raise ConfigurationError(f"{path} takes {methods} only, and nothing can be read there")
    check_ids(path, method="GET")
    raise ConfigurationError(f"the API has no {path}: the closest are {', '.join(_closest(path))}")


def readable() -> list[str]:
    """Every path that can be read."""
    return [str(each).removeprefix("GET ") for each in operations() if each.method == "GET"]


def _closest(path: str) -> list[str]:
    """The paths that are most like one, whatever the parameters in it are."""
    shapes = {_PLACEHOLDER.sub("0", each): each for each in readable()}
    shape = re.sub(r"\b[0-9]+\b", "0", path)
    return [shapes[each] for each in get_close_matches(shape, shapes, n=3, cutoff=0)]


@contextmanager
def _warnings_said() -> Iterator[None]:
    """Have each warning of the SDK be a line on stderr, once the block is over."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default", DeprecationWarning)
        try:
            yield
        finally:
            for each in caught:
                say(f"warning: {printable(str(each.message))}")
