"""Writes docs/reference.md: every operation, its call and its filters, as the code has them."""  # noqa: INP001 - a script

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_overloads

from msgspec import Meta

from ledger_async import LedgerClient
from ledger_async.operations import Operation, operations
from ledger_async.wire import types_of

PATH = Path(__file__).resolve().parents[1] / "docs/reference.md"

HEAD = """\
# Reference

Every operation of the API, and its call on a client: `ledger` is a `LedgerClient`. All calls are
awaited, but for `stream` and `stream_accounts`, which are read with `async for`.

{contents}

## Listings

What has a `stream` is a listing, and is read in two or three ways:

| call | what it gives |
| --- | --- |
| `stream(…, page_size=100, consistency="exact", on_invalid="raise")` | Every node. |
| `stream_accounts(account_ids, …, ordered=False, on_error="raise")` | `AccountNode` pairs of \
many accounts, which are read concurrently; for listings of an account. |
| `page(…, number=1, page_size=100)` | A `Page`: `nodes`, `edges` and `page_info`. |

All three take the listing's filters as keywords; the tables below leave out the arguments above.
`page_size` is 1 or more, or `"max"`. NFTs and NFT collections also take `node_type=`, a struct of
your own. A filter of the type `Iterable` matches any of the values that it lists; `datetime` is an
aware one; `None` is no filter.
"""

TAIL = """\

## Credentials

`POST /auth/token` and `POST /auth/token/refresh` have no call: `BearerAuth` uses them.
"""

# Calls that use more than one operation, and the one that they end with.
COMBINED = {
    "requests.approve": "requests.approve_with",
    "requests.reject": "requests.reject_with",
}

_LISTING_OPTIONS = {"consistency", "node_type", "on_invalid", "page_size"}


class Call(NamedTuple):
    """A call as it is written, and what is known of it."""

    name: str
    operation: Operation
    function: Callable[..., object]
    also: list[str]  # other ways to read the same listing
    types: Mapping[str, str]  # what the type variables of its class stand for

    @property
    def section(self) -> str:
        """The part of its name that stands above its table."""
        parts = self.name.split(".")
        return ".".join(parts[:2]) if parts[0] == "staking" else parts[0]

    def written(self) -> str:
        """The call with its arguments."""
        return f"{self.name}({', '.join(_arguments(self.function))})"

    def returned(self) -> list[str]:
        """What it returns; more than one type where an argument decides."""
        functions = get_overloads(self.function) or [self.function]
        shown = [_result(each) for each in functions]
        # Nothing is known of a caller's own type, and a union repeats what it is made of.
        known = [each for each in shown if not re.search(r"\bU\b|\] \|", each)]
        return [re.sub(r"\b[A-Z]\b", lambda match: self.types[match[0]], each) for each in known]

    def filters(self) -> type | None:
        """The TypedDict of its filters, if it takes some."""
        for each in inspect.signature(self.function).parameters.values():
            if each.kind is each.VAR_KEYWORD:
                filters: type = getattr(inspect.getmodule(self.function), _plain(each.annotation))
                return filters
        return None


def reference() -> str:
    """The whole page."""
    ledger = LedgerClient("http://127.0.0.1", api_key="none")
    calls = sorted(_calls(ledger), key=lambda call: call.section)
    sections = {name: list(group) for name, group in groupby(calls, lambda call: call.section)}
    contents = " · ".join(f"[{name}](#{name.replace('.', '')})" for name in sections)
    parts = [HEAD.format(contents=contents)]
    shown: set[type] = set()
    for name, group in sections.items():
        parts.append(_section(ledger, name, group))
        for filters in dict.fromkeys(filter(None, (call.filters() for call in group))):
            parts.append(
                f"\nFilters: [{filters.__name__}](#{filters.__name__.lower()}).\n"
                if filters in shown
                else _filters(filters)
            )
            shown.add(filters)
    return "".join([*parts, TAIL])


def _calls(ledger: LedgerClient) -> Iterator[Call]:
    for operation in operations():
        if operation.name is not None:
            yield _call(ledger, operation.name, operation)
        if operation.name in COMBINED:
            yield _call(ledger, COMBINED[operation.name], operation)


def _call(ledger: LedgerClient, name: str, operation: Operation) -> Call:
    *way, last = name.split(".")
    holder: Any = ledger
    types: dict[str, str] = {}
    written = []
    for attribute in way:
        holder = getattr(holder, attribute)
        if inspect.ismethod(holder):
            parameters = inspect.signature(holder).parameters
            written.append(f"{attribute}({', '.join(parameters)})")
            holder = holder(*(0 for _ in parameters))
        else:
            written.append(attribute)
        types |= _type_arguments(type(holder))
    others = ("page", "stream_accounts") if last == "stream" else ()
    also = [each for each in others if hasattr(holder, each)]
    function = getattr(holder, last).__func__
    return Call(".".join([*written, last]), operation, function, also, types)


def _type_arguments(section: type) -> dict[str, str]:
    """The types that a class gives for the variables of the class it is made from."""
    return {
        variable.__name__: argument.__name__
        for base in getattr(section, "__orig_bases__", ())
        for variable, argument in zip(
            getattr(get_origin(base), "__parameters__", ()), get_args(base), strict=False
        )
        if isinstance(argument, type)
    }


def _arguments(described: Callable[..., object]) -> Iterator[str]:
    """The arguments as the source has them, without those that all listings take."""
    starred = False
    for each in inspect.signature(described).parameters.values():
        if each.name in {"self", "number"} or each.name in _LISTING_OPTIONS:
            continue
        if each.kind is each.VAR_KEYWORD:
            yield f"**{each.name}: {_plain(each.annotation)}"
            continue
        if each.kind is each.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        default = "" if each.default is each.empty else f" = {each.default!r}"
        yield f"{each.name}: {_spelled_out(each.annotation, described)}{default}"


def _plain(annotation: str) -> str:
    return annotation.removeprefix("Unpack[").removesuffix("]")


def _spelled_out(annotation: str, described: Callable[..., object]) -> str:
    """The annotation, or the values if it is the name of a few."""
    meant = getattr(inspect.getmodule(described), annotation, None)
    if get_origin(meant) is not Literal:
        return annotation
    return " | ".join(f'"{value}"' for value in get_args(meant))


def _result(described: Callable[..., object]) -> str:
    annotation = str(inspect.signature(described).return_annotation)
    awaited = re.sub(r"^Coroutine\[Any, Any, (.*)\]$", r"\1", annotation)
    return re.sub(r"\b[a-z_]+\.(?=[A-Z])", "", awaited)  # without names of modules


def _section(ledger: LedgerClient, name: str, calls: list[Call]) -> str:
    section: Any = ledger
    for part in name.split("."):
        section = getattr(section, part)
    head = [f"\n## {name}\n", f"{_sentences(section)[0]}\n"]
    table = ["| call | returns | what it gives |", "| --- | --- | --- |", *map(_row, calls)]
    return "\n".join([*head, *table, ""])


def _row(call: Call) -> str:
    also = f" and {_codes(call.also, ', ')}" if call.also else ""
    written, returned = _code(call.written()), _codes(call.returned(), " or ")
    return f"| {written}{also}<br>`{call.operation}` | {returned} | {_gist(call.function)} |"


def _codes(texts: Iterable[object], between: str) -> str:
    return between.join(_code(each) for each in texts)


def _code(text: object) -> str:
    escaped = str(text).replace("|", "\\|")  # or it would end the cell of a table
    return f"`{escaped}`"


def _gist(described: object) -> str:
    """The first sentence, and what is deprecated."""
    first, *others = _sentences(described)
    return " ".join([first, *(each for each in others if each.startswith("Deprecated"))])


def _sentences(described: object) -> list[str]:
    text = " ".join((inspect.getdoc(described) or "").split())
    # The path that a first sentence may lead to stands in the table.
    text = re.sub(r": `GET [^.]*", "", text)
    return re.split(r"(?<=\.)\s+(?=[A-Z`])", text)


def _filters(filters: type) -> str:
    head = [f"\n### {filters.__name__}\n", " ".join(_sentences(filters)) + "\n"]
    table = ["| filter | type | values |", "| --- | --- | --- |"]
    rows = [
        f"| `{name}` | {_type(type_)} | {_values(type_)} |"
        for name, type_ in types_of(filters).items()
    ]
    return "\n".join([*head, *table, *rows, ""])


def _type(type_: Any) -> str:
    kind, is_many = _kind(type_)
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    name = "str" if get_origin(kind) is Literal else kind.__name__
    return f"`Iterable[{name}]`" if is_many else f"`{name}`"


def _values(type_: Any) -> str:
    kind, _ = _kind(type_)
    if get_origin(kind) is Literal:
        return _codes(get_args(kind), " ")
    notes = [each for each in get_args(kind) if isinstance(each, Meta)]
    least = [f"{each.ge} or more" for each in notes if each.ge is not None]
    return " ".join([*least, *(_code(each.pattern) for each in notes if each.pattern is not None)])


def _kind(type_: Any) -> tuple[Any, bool]:
    """What one value of a filter is, and whether there can be many."""
    (kind,) = (each for each in get_args(type_) if each is not type(None))
    return (get_args(kind)[0], True) if get_origin(kind) is Iterable else (kind, False)


if __name__ == "__main__":
    PATH.write_text(reference(), encoding="utf-8")
