"""Writes the pages of the reference: every call, type, error, event, option and command."""  # noqa: INP001 - a script

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_overloads

from api_pages import api_pages
from command_page import command_page
from models_pages import anchor, code, links_to, models_pages, prose, row
from msgspec import Meta

from ledger_async import LedgerClient, models
from ledger_async._protocol.query import types_of
from ledger_async.sections._base.listing import ListingSection
from ledger_async.sections.operations import Operation, operations

DOCS = Path(__file__).resolve().parents[1] / "docs"

MARK = "<!-- Written by `make reference`. -->\n\n"

HEAD = """\
# Operations

Every operation of the API, and its call on a client: `ledger` is a `LedgerClient`. All calls are
awaited, but for `stream` and `stream_accounts`: see [listings](listings.md). The fields of what
calls take and give are in [models](models.md).

{uncalled} have no call: `BearerAuth` uses them.

{contents}
"""

# Calls that use more than one operation, and the one that they end with.
COMBINED = {
    "requests.approve": "requests.approve_with",
    "requests.reject": "requests.reject_with",
    "transactions.approve": "transactions.approve_if",
}

_ALIASES = {
    value: name
    for name, value in ((name, getattr(models, name)) for name in dir(models))
    if get_origin(value) is Literal
}

_FEW = 10  # values, as many as a table has room for

_LISTING_OPTIONS = {"consistency", "node_type", "on_invalid", "page_size"}


class Call(NamedTuple):
    """A call as it is written, and what is known of it."""

    name: str
    operation: Operation
    function: Callable[..., object]
    also: list[str]  # other ways to read the same listing
    settled: frozenset[str]  # filters on what never changes
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
        """The types that it returns: more than one where an argument decides."""
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
    """The page of all calls."""
    ledger = LedgerClient("http://127.0.0.1", api_key="none")
    calls = sorted(_calls(ledger), key=lambda call: call.section)
    sections = {name: list(group) for name, group in groupby(calls, lambda call: call.section)}
    contents = " · ".join(f"[{name}](#{anchor(name)})" for name in sections)
    uncalled = " and ".join(f"`{each}`" for each in operations() if each.name is None)
    parts = [HEAD.format(uncalled=uncalled, contents=contents)]
    shown: set[type] = set()
    for name, group in sections.items():
        parts.append(_section(ledger, name, group))
        for filters, settled in {call.filters(): call.settled for call in group}.items():
            if filters is None:
                continue
            parts.append(
                f"\nFilters: [{filters.__name__}](#{anchor(filters.__name__)}).\n"
                if filters in shown
                else _filters(filters, settled)
            )
            shown.add(filters)
    return "".join(parts)


def pages() -> dict[str, str]:
    """Every page that is written, by its path within `docs`."""
    of_models = {f"models/{name}": page for name, page in models_pages().items()}
    written = {
        "reference.md": reference(),
        "commands.md": command_page(),
        **api_pages(),
        **of_models,
    }
    return {path: MARK + page for path, page in written.items()}


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
    is_listing = isinstance(holder, ListingSection)
    settled = holder._endpoint.settled if is_listing else frozenset()  # noqa: SLF001 - a section
    return Call(".".join([*written, last]), operation, function, also, settled, types)


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
    written, returned = code(call.written(), _links()), _codes(call.returned(), " or ")
    gist = prose(_gist(call.function), _links())
    return row([f"{written}{also}<br>`{call.operation}`", returned, gist])


def _codes(texts: Iterable[object], between: str) -> str:
    return between.join(code(str(each), _links()) for each in texts)


@cache
def _links() -> dict[str, str]:
    """The link to each type that calls name."""
    filters = {call.filters() for call in _calls(LedgerClient("http://127.0.0.1", api_key="none"))}
    here = {each.__name__: f"#{anchor(each.__name__)}" for each in filters if each is not None}
    there = {name: f"models/{link}" for name, link in links_to().items()}
    return there | here | {"NodeStream": "listings.md"}


def _gist(described: object) -> str:
    """The first sentence, and what is deprecated."""
    first, *others = _sentences(described)
    return " ".join([first, *(each for each in others if each.startswith("Deprecated"))])


def _sentences(described: object) -> list[str]:
    text = " ".join((inspect.getdoc(described) or "").split())
    # The path that a first sentence may lead to stands in the table.
    text = re.sub(r": `GET [^.]*", "", text)
    return re.split(r"(?<=\.)\s+(?=[A-Z`])", text)


def _filters(filters: type, settled: frozenset[str]) -> str:
    said = prose(" ".join(_sentences(filters)), _links())
    head = [f"\n### {filters.__name__}\n", f"{said}\n"]
    table = ["| filter | type | values |", "| --- | --- | --- |"]
    rows = [
        row([f"`{name}`", _type(type_), _values(type_)])
        for name, type_ in types_of(filters).items()
    ]
    free = ", ".join(f"`{name}`" for name in sorted(settled & types_of(filters).keys()))
    return "\n".join([*head, *table, *rows, f"\nOn what never changes: {free}.", ""])


def _type(type_: Any) -> str:
    kind, is_many = _kind(type_)
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    name = _ALIASES[kind] if get_origin(kind) is Literal else kind.__name__
    return code(f"Iterable[{name}]" if is_many else name, _links())


def _values(type_: Any) -> str:
    kind, _ = _kind(type_)
    if get_origin(kind) is Literal:
        values = get_args(kind)
        return _codes(values, " ") if len(values) <= _FEW else f"{len(values)} values"
    notes = [each for each in get_args(kind) if isinstance(each, Meta)]
    least = [f"{each.ge} or more" for each in notes if each.ge is not None]
    return " ".join([*least, *(_codes([each.pattern], "") for each in notes if each.pattern)])


def _kind(type_: Any) -> tuple[Any, bool]:
    """The type of one value of a filter, and whether it takes many."""
    (kind,) = (each for each in get_args(type_) if each is not type(None))
    return (get_args(kind)[0], True) if get_origin(kind) is Iterable else (kind, False)


if __name__ == "__main__":
    for old in DOCS.glob("models/*.md"):
        old.unlink()
    for path, page in pages().items():
        (DOCS / path).write_text(page, encoding="utf-8")
