"""Writes docs/reference.md, every call and its filters, and docs/models.md, what they give."""  # noqa: INP001 - a script

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_overloads

from models_page import anchor, code, links_to, models_page, prose, row
from msgspec import Meta

from ledger_async import LedgerClient, models
from ledger_async._protocol.query import types_of
from ledger_async.sections.operations import Operation, operations

DOCS = Path(__file__).resolve().parents[1] / "docs"

HEAD = """\
# Reference

Every operation of the API, and its call on a client: `ledger` is a `LedgerClient`. All calls are
awaited, but for `stream` and `stream_accounts`, which are read with `async for`. What they take
and give is in [`models.md`](models.md), field by field.

{contents}

## Listings

What has a `stream` is a listing, and is read in two or three ways:

| call | what it gives |
| --- | --- |
| `stream(…, page_size=100, consistency="exact", on_invalid="raise")` | \
A `NodeStream` of every node, each once, newest first. |
| `stream_accounts(account_ids, …, ordered=False, on_error="raise")` | A `NodeStream` of \
[`AccountNode`](models.md#accountnode) pairs of many accounts, which are read concurrently; \
for listings of an account. |
| `page(…, number=1, page_size=100)` | A [`Page`](models.md#page): `nodes`, `edges` and \
`page_info`. |

All three take the listing's filters as keywords; the tables below leave out the arguments of this
section. `page_size` is 1 or more, or `"max"` for the server's largest. NFTs and NFT collections
also take `node_type=`, a struct of your own that declares only the fields you want.

### What is proven

A listing can change while it is read page by page: what comes in at its head pushes the others
from one page into the next, and what leaves pulls them back. `consistency` says what to do about
it:

- **`"exact"`**, the default, makes sure that everything that was there from the start to the end
  has come. Of a listing that nobody touched, one request more proves it; one that moved is read
  again in part, until its pages overlap. What that finds comes later than its place.
- **`"fast"`** saves that. What comes twice is left out all the same, but a node that moved from
  one page to another meanwhile may never come.

`stream.reports` has an [`AccountReport`](models.md#accountreport) for each account by its id, or
a single one by `None` where the listing belongs to no account:

```python
async with ledger.nfts.stream_accounts([101, 102], on_error="skip") as stream:
    async for account_id, nft in stream:
        ...
for account_id, report in stream.reports.items():
    print(account_id, report.status, report.nodes, report.error)
```

Its `status` is:

| status | meaning |
| --- | --- |
| `"exact"` | All came: the listing was still, or it fitted into one page. |
| `"repaired"` | All came: the listing moved, or could have, and its pages overlap. |
| `"unverified"` | Nothing is proven: before the listing's end, of an account that failed, where \
an element too large to be read was left out, and, where there is more than one page, with \
`"fast"` and with `order_by`. |

Where `"exact"` cannot be proven, because the listing changes faster than it can be read, or
because fewer elements can be found than `count` says in every answer, the stream raises
`ListingIncompleteError` after the nodes that it could get; `error.covered` counts them. Reading
again, or later, or with a larger `page_size`, can help; `"fast"` reads what can be found. A server
whose pages never end raises it with `"fast"`, too: no answer can make a walk ask for ever.

### What the proof trusts

Elements may come in at the head, leave from anywhere, and come back, at any rate. A page may be
capped, be empty once, be refused past the end (400, 404 or 416), or say that it is the last
because `has_next_page` was worked out from the size that was asked for: `count` tells. But no
answer shows whether these hold, so that both `"exact"` and `"repaired"` trust that

- elements that stay keep their order (with filters on what may change, and with `order`, they may
  come in anywhere, but they do keep it; with `order_by` nothing is claimed);
- an identity stands for one element. That of an NFT is its contract and its token, and addresses
  that begin with `0x` are the same in any case;
- reads are monotonic: no answer comes from a replica that lags behind one that answered before. A
  `count` that goes back to what it was before looks like one, and links no page any more;
- `count` is right where nothing contradicts it, and is no older than the page that it stands on;
- elements do not leave and come back in great numbers and in their old order while a few requests
  are answered: not the first ten of a listing, and not two neighbours right behind fifty new ones.

Where one of the first four was broken in simulated walks over listings that change all the time,
up to one in two hundred lost something and did not notice.

### What goes wrong

- **`on_invalid`** is for a node that does not decode. `"raise"` ends the stream with
  `DecodeError`; `"skip"` leaves the node out, logs it and counts it in the report; a function is
  given the [`InvalidNode`](models.md#invalidnode), with the node's JSON, instead. The others of
  its page come as ever. A page with over 10,000 such nodes is an error by itself.
- **`on_error`** is for an account that fails among many. `"raise"` ends the stream with its
  error; `"skip"` keeps the error in the report and goes on with the others; a function is given
  `(account_id, error)`, too. Refused credentials, and a rate limit or an outage that is not worth
  waiting for, end the stream in any case.
- **`ordered`** gives the accounts in the order of their ids, each as a whole. Without it they
  interleave, which keeps more requests busy: what comes first is given first. Within an account
  nodes keep their order either way.

### Filters

All filters of a call must match. `None` is no filter. One of the type `Iterable` matches any of
the values that it lists, and an empty one is refused; a `datetime` is an aware one.

- **What they cost.** Below each table stand the filters on what never changes: these are free.
  With a filter on something that changes, such as `status`, an element can come to match in the
  middle of the listing, so that pages have to overlap from the start: some requests more, and
  the report says `"repaired"`. `consistency="fast"` spares that.
- **`order`** is `"desc"` or `"asc"`; without it, newest comes first. Where it is given, pages
  overlap.
- **`order_by`** takes any string: the API does not say by which fields it can sort. Sorted by
  something that changes, elements can change places, so that nothing is proven: a listing of more
  than one page stays `"unverified"`, and what moved meanwhile may not come.
- **Their values are closed lists,** those of the API's contract. A value that the API adds later
  is read all the same, as the string that it is, but cannot be filtered by until this package
  knows it: it is refused with `ConfigurationError`. Until then, filter what comes:
  `if transaction.status == "NEW_ONE"`.
"""

TAIL = """\

## Credentials

`POST /auth/token` and `POST /auth/token/refresh` have no call: `BearerAuth` uses them.
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
    contents = " · ".join(f"[{name}](#{anchor(name)})" for name in sections)
    parts = [HEAD.format(contents=contents)]
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
    settled = getattr(getattr(holder, "_listing", None), "settled", frozenset())
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
    """Where the types that calls name are described."""
    filters = {call.filters() for call in _calls(LedgerClient("http://127.0.0.1", api_key="none"))}
    here = {each.__name__: f"#{anchor(each.__name__)}" for each in filters if each is not None}
    return links_to("models.md") | here | {"NodeStream": "#listings"}


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
    """What one value of a filter is, and whether there can be many."""
    (kind,) = (each for each in get_args(type_) if each is not type(None))
    return (get_args(kind)[0], True) if get_origin(kind) is Iterable else (kind, False)


if __name__ == "__main__":
    (DOCS / "reference.md").write_text(reference(), encoding="utf-8")
    (DOCS / "models.md").write_text(models_page(), encoding="utf-8")
