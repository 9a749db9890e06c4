"""A route: a method, a path and a plain function from what is asked to an object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from ledger_async.sandbox._http.payload import decoded
from ledger_async.sandbox._http.query import parse

if TYPE_CHECKING:
    from multidict import MultiMapping

    from ledger_async.sandbox._data.workspace import Workspace
    from ledger_async.sandbox._http.credentials import Credentials
    from ledger_async.sandbox._http.query import Paging, Query

Q = TypeVar("Q", bound="Query")
S = TypeVar("S", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as handlers see it: parts of its path, its query, its body, and who may sign."""

    path: Mapping[str, str]
    query: MultiMapping[str]
    body: bytes
    credentials: Credentials

    def id(self, name: str) -> int:
        """Return the id at this place of the path."""
        return int(self.path[name])

    def search(self, kind: type[Q]) -> Q:
        """Return the query's parameters, checked."""
        return parse(self.query, kind)

    def payload(self, *kinds: type[S]) -> S:
        """Return the body as one of these structs, checked."""
        return decoded(self.body, *kinds)


def _itself(node: Any) -> Any:
    return node


@dataclass(frozen=True, slots=True)
class PageOf:
    """A listing, the part of it that is wanted, and how an element is shown."""

    items: Sequence[Any]
    query: Paging
    show: Callable[[Any], Any] = _itself


Handler = Callable[["Workspace", Asked], object]


class Route(NamedTuple):
    """One operation, which the hosted gateway serves unless it is only for the users of a LAM."""

    method: str
    path: str
    handler: Handler
    lam: bool = False


def get(path: str, handler: Handler, *, lam: bool = False) -> Route:
    """Return the route of a GET."""
    return Route("GET", path, handler, lam)


def post(path: str, handler: Handler, *, lam: bool = False) -> Route:
    """Return the route of a POST."""
    return Route("POST", path, handler, lam)


def put(path: str, handler: Handler) -> Route:
    """Return the route of a PUT."""
    return Route("PUT", path, handler)
