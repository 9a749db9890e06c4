"""Makes docs/client.md, errors.md, events.md and sandbox.md, from signatures and docstrings."""  # noqa: INP001 - a script

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import FunctionType
from typing import Any, NamedTuple, Protocol

from models_pages import anchor, code, links_to, paragraphs, prose, row

import ledger_async
from ledger_async import errors, events, sandbox
from ledger_async.sandbox._http.credentials import Credentials


class Page(NamedTuple):
    """A page of the reference: its classes, below a few words."""

    title: str
    head: str
    kinds: tuple[type, ...]


CLIENT = """\
`LedgerClient` and what it is made with, the streams that it gives, and how far they are. All of
them can be imported from `ledger_async`. The calls themselves are in [operations](reference.md),
and [authentication](authentication.md) says which scheme is for whom. A `KeySource` is an async
function without arguments that returns the key, an `Observer` a function that is given an
[event](events.md)."""

ERRORS = """\
Every error that this package raises is a `LedgerError`, and can be imported from `ledger_async`:

```
{tree}
```"""

EVENTS = """\
The structs of `ledger_async.events` that an `observer=` is given: [observing](observing.md) has
examples."""

SANDBOX = """\
`from ledger_async.sandbox import Fault, RateLimit, Sandbox, SeenRequest`: a workspace on a loopback
port. [Testing](testing.md) has examples of all of it."""


def _pages() -> dict[str, Page]:
    tree = (inspect.getdoc(errors) or "").partition("\n\n")[2]
    all_errors = [each for each in vars(errors).values() if _is_error(each)]
    client = "LedgerClient RetryPolicy LamAuth ReportingAuth BearerAuth NodeStream Progress Limiter"
    return {
        "client.md": Page(
            "Client", CLIENT, tuple(getattr(ledger_async, each) for each in client.split())
        ),
        "errors.md": Page("Errors", ERRORS.format(tree=tree), tuple(all_errors)),
        "events.md": Page(
            "Events",
            EVENTS,
            (
                events.Attempt,
                events.Wait,
                events.Throttled,
                events.PageRead,
                events.AccountDone,
            ),
        ),
        "sandbox.md": Page(
            "The sandbox",
            SANDBOX,
            (
                sandbox.Sandbox,
                Credentials,
                sandbox.Fault,
                sandbox.RateLimit,
                sandbox.SeenRequest,
            ),
        ),
    }


def api_pages() -> dict[str, str]:
    """Every page, by the name of its file."""
    return {name: _written(name, page) for name, page in _pages().items()}


def _written(name: str, page: Page) -> str:
    links = {kind: link.removeprefix(name) for kind, link in _links().items()}
    contents = " · ".join(f"[{kind.__name__}](#{anchor(kind.__name__)})" for kind in page.kinds)
    entries = [_entry(kind, links) for kind in page.kinds]
    return "\n\n".join([f"# {page.title}", page.head, contents, *entries]) + "\n"


@cache
def _links() -> dict[str, str]:
    """The link to each class, from the folder of the pages."""
    here = {
        kind.__name__: f"{name}#{anchor(kind.__name__)}"
        for name, page in _pages().items()
        for kind in page.kinds
    }
    return {name: f"models/{link}" for name, link in links_to().items()} | here


def _entry(kind: type, links: Mapping[str, str]) -> str:
    others = {name: link for name, link in links.items() if name != kind.__name__}
    said = [prose(each, others) for each in paragraphs(kind)]
    table = _attributes(kind, links) if _is_error(kind) else _arguments(kind, links)
    members = "\n".join(_members(kind, others))
    return "\n\n".join(
        [f"## {kind.__name__}", *_bases(kind, links), *said, *table, members]
    ).strip()


def _bases(kind: type, links: Mapping[str, str]) -> Iterator[str]:
    """What an error is caught as, beside its own name."""
    if _is_error(kind) and kind is not errors.LedgerError:
        yield f"A kind of {' and '.join(code(base.__name__, links) for base in kind.__bases__)}."


def _arguments(kind: type, links: Mapping[str, str]) -> Iterator[str]:
    """What an instance is made with, unless it is something that only the package makes."""
    if kind is ledger_async.NodeStream or kind is ledger_async.Progress or _is_protocol(kind):
        return
    given = inspect.signature(kind).parameters.values()
    rows = [
        row([f"`{each.name}`", code(_annotation(each.annotation), links), _default(each.default)])
        for each in given
    ]
    name = "field" if given and kind.__module__ == events.__name__ else "argument"
    yield "\n".join([row([name, "type", "default"]), row(["---"] * 3), *rows])


def _attributes(kind: type, links: Mapping[str, str]) -> Iterator[str]:
    """The facts that an error of this class has and its base has not."""
    own = inspect.get_annotations(kind)
    rows = [
        row([f"`{name}`", code(_annotation(type_), links), _default(getattr(kind, name))])
        for name, type_ in own.items()
    ]
    if rows:
        yield "\n".join([row(["attribute", "type", "default"]), row(["---"] * 3), *rows])


def _members(kind: type, links: Mapping[str, str]) -> Iterator[str]:
    """A line for each method and property that is the class's own and documented."""
    if _is_error(kind) or hasattr(kind, "lease"):  # the client alone asks for that
        return
    for name, member in vars(kind).items():
        function: Any = getattr(member, "fget", None) or getattr(member, "__func__", member)
        is_shown = isinstance(function, FunctionType) and not name.startswith("_")
        if is_shown and inspect.getdoc(function):
            said = "\n\n  ".join(prose(each, links) for each in paragraphs(function))
            yield f"- **{_call(name, member, function)}** {said}"


def _call(name: str, member: object, function: Any) -> str:
    if isinstance(member, property):
        return f"`{name}`"
    awaited = "await " if inspect.iscoroutinefunction(function) else ""
    _, *given = inspect.signature(inspect.unwrap(function)).parameters.values()
    return f"`{awaited}{name}({', '.join(_arguments_of(given))})`"


def _arguments_of(given: list[inspect.Parameter]) -> Iterator[str]:
    starred = False
    for each in given:
        if each.kind is each.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        stars = "**" if each.kind is each.VAR_KEYWORD else ""
        default = "" if each.default is each.empty else f"={each.default!r}"
        yield f"{stars}{each.name}{default}"


def _annotation(annotation: object) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"(?:[a-z_]+\.)+(?=[A-Z])", "", text).replace("'", '"')


def _default(value: object) -> str:
    if value is inspect.Parameter.empty:
        return ""
    if isinstance(value, ledger_async.RetryPolicy):
        return "`RetryPolicy()`"
    if isinstance(value, Mapping):
        return f"`{dict(value)!r}`"
    shown = repr(value)
    return "" if shown.startswith("<") else f"`{shown}`".replace("'", '"')


def _is_error(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, errors.LedgerError)


def _is_protocol(kind: type) -> bool:
    return Protocol in kind.__bases__
