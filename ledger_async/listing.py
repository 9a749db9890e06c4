"""Paged endpoints: declared in a line, then read page by page or as a stream."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sized
from functools import partial
from typing import Any, ClassVar, Generic, Literal, NamedTuple, TypeVar, overload

import msgspec

from . import checks, codec
from .account_ids import ReadyIds, Source, source_of
from .errors import ConfigurationError
from .feed import Feed, Fetch, OnError
from .identity import keys_reader
from .models.paging import Page, page_of
from .pages import LARGEST, Ask, Slice
from .runtime import Runtime
from .stream import NodeStream
from .walk import Walk
from .wire import Request, encode_query

T = TypeVar("T", bound=msgspec.Struct)
U = TypeVar("U", bound=msgspec.Struct)
N = TypeVar("N")

PageSize = int | Literal["max"]
Consistency = Literal["exact", "fast"]


class AccountNode(NamedTuple, Generic[N]):
    """A node, and the account it belongs to."""

    account_id: int
    node: N


class Listing(msgspec.Struct, Generic[T], frozen=True):
    """A paged endpoint: its path, its nodes, and the wire fields that tell two nodes apart."""

    path: str
    node_type: type[T]
    identity: tuple[str, ...]


class Reader(Generic[T]):
    """Reads the pages of a listing as one caller wants them."""

    def __init__(
        self,
        runtime: Runtime,
        listing: Listing[Any],
        node_type: type[T],
        *,
        page_size: PageSize,
        filters: Mapping[str, object] | None = None,
    ) -> None:
        self._runtime = runtime
        self._path = listing.path
        self._page_type = page_of(checked_node_type(node_type))
        self._keys = keys_reader(node_type, listing.identity)
        self._filters = encode_query(filters or {})
        self.page_size = checked_page_size(page_size)

    async def page(self, account_id: int | None, number: int) -> Page[T]:
        """One page as it came."""
        request = self._request(account_id, Ask(number, self.page_size))
        return await self._runtime.api.call(request, self._decode)

    async def nodes(self, account_id: int | None, ask: Ask) -> Slice[T]:
        """One page as a walk takes it."""
        return await self._runtime.api.call(self._request(account_id, ask), self._slice)

    async def account_nodes(self, account_id: int | None, ask: Ask) -> Slice[AccountNode[T]]:
        """One page as a walk takes it, each node with its account."""
        if account_id is None:
            raise ValueError("this listing belongs to no account")
        page = await self.nodes(account_id, ask)
        nodes = [AccountNode(account_id, node) for node in page.nodes]
        return Slice(nodes, page.keys, page.count, page.has_next_page)

    def _request(self, account_id: int | None, ask: Ask) -> Request:
        query = f"page={ask.number}&page_size={ask.size}"
        return Request(
            path=self._path.format(account_id=account_id),
            query=f"{query}&{self._filters}" if self._filters else query,
            account_id=account_id,
            page=ask.number,
        )

    def _decode(self, body: bytes) -> Page[T]:
        return codec.decode(body, self._page_type)

    def _slice(self, body: bytes) -> Slice[T]:
        page = self._decode(body)
        info = page.page_info
        return Slice(page.nodes, self._keys(body, page), info.count, info.has_next_page)


class AccountListing(Generic[T]):
    """A section whose listing belongs to an account: a page, a stream, a stream of many."""

    _listing: ClassVar[Listing[Any]]

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    @overload
    def stream(
        self, account_id: int, *, page_size: PageSize = 100, consistency: Consistency = "exact"
    ) -> NodeStream[T]: ...

    @overload
    def stream(
        self,
        account_id: int,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        node_type: type[U],
    ) -> NodeStream[U]: ...

    def stream(
        self,
        account_id: int,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        node_type: type[Any] | None = None,
    ) -> NodeStream[Any]:
        """Every node of one account, newest first, each once.

        `page_size` is 1 or more, or `"max"` for the server's largest. `consistency="exact"`
        checks that nothing was missed while the listing changed, and says so in
        `stream.reports`; `"fast"` saves the check. `node_type` is a struct that declares only
        the fields wanted. Raises `ConfigurationError` at once for a wrong argument; any other
        error of this package comes out of the iteration, after the nodes that arrived before it.
        """
        reader = self._reader(node_type, page_size)
        ids = ReadyIds(iter([checks.identifier("account_id", account_id)]))
        walk = new_walk(reader.page_size, consistency)
        return node_stream(self._runtime, reader.nodes, ids, walk, known=1)

    @overload
    def stream_accounts(
        self,
        account_ids: Iterable[int] | AsyncIterable[int],
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        ordered: bool = False,
        on_error: OnError = "raise",
    ) -> NodeStream[AccountNode[T]]: ...

    @overload
    def stream_accounts(
        self,
        account_ids: Iterable[int] | AsyncIterable[int],
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        node_type: type[U],
        ordered: bool = False,
        on_error: OnError = "raise",
    ) -> NodeStream[AccountNode[U]]: ...

    def stream_accounts(
        self,
        account_ids: Iterable[int] | AsyncIterable[int],
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        node_type: type[Any] | None = None,
        ordered: bool = False,
        on_error: OnError = "raise",
    ) -> NodeStream[AccountNode[Any]]:
        """`(account_id, node)` for every node of many accounts, fetched concurrently.

        `account_ids` is pulled as the stream goes on; an id that comes again is walked once,
        and an async generator is closed with the stream. Accounts interleave, unless `ordered`
        gives them in the order of their ids; within an account nodes are newest first.

        With `on_error="skip"`, or a callable that takes `(account_id, error)`, an account that
        fails is left out, its error is in `stream.reports`, and the others go on. Errors that
        meet every account alike (refused credentials, a rate limit that asks for too long a
        wait) end the stream all the same. The other arguments are those of `stream`.
        """
        plain = callable(on_error) and not inspect.iscoroutinefunction(on_error)
        if not (on_error in ("raise", "skip") or plain):
            raise ConfigurationError('on_error must be "raise", "skip" or a plain function')
        reader = self._reader(node_type, page_size)
        return node_stream(
            self._runtime,
            reader.account_nodes,
            source_of(account_ids),
            new_walk(reader.page_size, consistency),
            known=len(account_ids) if isinstance(account_ids, Sized) else 0,
            ordered=ordered,
            on_error=on_error,
        )

    @overload
    async def page(
        self, account_id: int, number: int = 1, *, page_size: PageSize = 100
    ) -> Page[T]: ...

    @overload
    async def page(
        self, account_id: int, number: int = 1, *, page_size: PageSize = 100, node_type: type[U]
    ) -> Page[U]: ...

    async def page(
        self,
        account_id: int,
        number: int = 1,
        *,
        page_size: PageSize = 100,
        node_type: type[Any] | None = None,
    ) -> Page[Any]:
        """One page of an account's listing, numbered from 1; past the end it is empty.

        `page_size` is 1 or more, or `"max"`; the server may answer with fewer nodes.
        """
        reader = self._reader(node_type, page_size)
        return await reader.page(
            checks.identifier("account_id", account_id), checks.count("page number", number)
        )

    def _reader(self, node_type: type[Any] | None, page_size: PageSize) -> Reader[Any]:
        node_type = self._listing.node_type if node_type is None else node_type
        return Reader(self._runtime, self._listing, node_type, page_size=page_size)


def new_walk(
    page_size: int, consistency: object, *, provable: bool = True, trust_count: bool = True
) -> Callable[[], Walk[Any]]:
    """What makes the walk of each account; `ConfigurationError` for another `consistency`."""
    if consistency not in ("exact", "fast"):
        raise ConfigurationError(f'consistency must be "exact" or "fast", got {consistency!r}')
    check = provable and consistency == "exact"
    return partial(Walk, page_size, check=check, trust_count=trust_count)


def node_stream(
    runtime: Runtime,
    fetch: Fetch[N],
    ids: Source,
    walk: Callable[[], Walk[N]],
    *,
    known: int,
    ordered: bool = False,
    on_error: OnError = "raise",
) -> NodeStream[N]:
    """A stream over what `fetch` gets, each account walked as `walk` has it."""
    feed = Feed(
        fetch,
        ids,
        walk,
        gate=runtime.gate,
        live=runtime.live,
        slots=runtime.slots,
        ordered=ordered,
        on_error=on_error,
        accounts_known=known,
    )
    return NodeStream(feed)


def checked_page_size(value: object) -> int:
    """The number to send for this `page_size`; `ConfigurationError` for what is none."""
    return LARGEST if value == "max" else checks.count("page_size", value)


def checked_node_type(value: object) -> type[Any]:
    """`value`, if it is a msgspec Struct type; else `ConfigurationError`."""
    if not (isinstance(value, type) and issubclass(value, msgspec.Struct)):
        raise ConfigurationError(f"node_type must be a msgspec Struct type, got {value!r:.80}")
    return value
