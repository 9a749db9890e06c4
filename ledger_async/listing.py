"""Paged endpoints: declared in a line, then read page by page or as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Sized
from functools import partial
from typing import Any, ClassVar, Generic, Literal, TypeVar, overload

import msgspec

from . import checks
from .account_ids import ReadyIds, Source, source_of
from .errors import ConfigurationError
from .feed import Feed, Fetch, OnError
from .lenient import OnInvalid
from .models.paging import Page
from .reader import AccountNode, Listing, PageSize, Reader
from .runtime import Runtime
from .stream import NodeStream
from .walk import Walk

T = TypeVar("T", bound=msgspec.Struct)
U = TypeVar("U", bound=msgspec.Struct)
N = TypeVar("N")

Consistency = Literal["exact", "fast"]


class AccountListing(Generic[T]):
    """A section whose listing belongs to an account: a page, a stream, a stream of many."""

    _listing: ClassVar[Listing[Any]]

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    @overload
    def stream(
        self,
        account_id: int,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
    ) -> NodeStream[T]: ...

    @overload
    def stream(
        self,
        account_id: int,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        node_type: type[U],
        on_invalid: OnInvalid = "raise",
    ) -> NodeStream[U]: ...

    def stream(
        self,
        account_id: int,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        node_type: type[Any] | None = None,
        on_invalid: OnInvalid = "raise",
    ) -> NodeStream[Any]:
        """Every node of one account, newest first, each once.

        `page_size` is 1 or more, or `"max"` for the server's largest. `consistency="exact"`
        checks that nothing was missed while the listing changed, and repairs what may have been:
        nodes that a repair finds come after those that it follows. What cannot be proven raises
        `ListingIncompleteError`. `"fast"` saves the check. `node_type` is a struct that declares
        only the fields wanted.

        A node that does not decode raises `DecodeError`. With `on_invalid="skip"` it is counted
        in `stream.reports`, logged and left out; a callable is given the `InvalidNode` instead.

        Raises `ConfigurationError` at once for a wrong argument; any other error of this package
        comes out of the iteration, after the nodes that arrived before it.
        """
        reader = self._reader(node_type, page_size, on_invalid)
        ids = ReadyIds(iter([checks.identifier("account_id", account_id)]))
        walk = new_walk(reader.page_size, consistency)
        return node_stream(self._runtime, reader.nodes, ids, walk, known=1, on_invalid=on_invalid)

    @overload
    def stream_accounts(
        self,
        account_ids: Iterable[int] | AsyncIterable[int],
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        ordered: bool = False,
        on_error: OnError = "raise",
        on_invalid: OnInvalid = "raise",
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
        on_invalid: OnInvalid = "raise",
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
        on_invalid: OnInvalid = "raise",
    ) -> NodeStream[AccountNode[Any]]:
        """`(account_id, node)` for every node of many accounts, fetched concurrently.

        `account_ids` is pulled as the stream goes on; an id that comes again is walked once,
        and an async generator is closed with the stream. Accounts interleave, unless `ordered`
        gives them in the order of their ids; within an account nodes are newest first.

        With `on_error="skip"`, or a callable that takes `(account_id, error)`, an account that
        fails is left out, its error is in `stream.reports`, and the others go on. Errors that
        meet every account alike (refused credentials, a rate limit that asks for too long a
        wait, an outage of too long) end the stream all the same. The other arguments are those
        of `stream`.
        """
        checks.handler("on_error", on_error)
        reader = self._reader(node_type, page_size, on_invalid)
        return node_stream(
            self._runtime,
            reader.account_nodes,
            source_of(account_ids),
            # Of many accounts only the last go ahead, and no slot is to wait for them.
            new_walk(reader.page_size, consistency, ramp=ordered),
            known=len(account_ids) if isinstance(account_ids, Sized) else 0,
            ordered=ordered,
            on_error=on_error,
            on_invalid=on_invalid,
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

    def _reader(
        self, node_type: type[Any] | None, page_size: PageSize, on_invalid: OnInvalid = "raise"
    ) -> Reader[Any]:
        return Reader(
            self._runtime,
            self._listing,
            self._listing.node_type if node_type is None else node_type,
            page_size=page_size,
            on_invalid=on_invalid,
        )


def new_walk(
    page_size: int,
    consistency: object,
    *,
    provable: bool = True,
    trust_count: bool = True,
    ramp: bool = True,
) -> Callable[[], Walk[Any]]:
    """What makes the walk of each account; `ConfigurationError` for another `consistency`."""
    if consistency not in ("exact", "fast"):
        raise ConfigurationError(f'consistency must be "exact" or "fast", got {consistency!r}')
    check = provable and consistency == "exact"
    return partial(Walk, page_size, check=check, trust_count=trust_count, ramp=ramp)


def node_stream(
    runtime: Runtime,
    fetch: Fetch[N],
    ids: Source,
    walk: Callable[[], Walk[N]],
    *,
    known: int,
    ordered: bool = False,
    on_error: OnError = "raise",
    on_invalid: OnInvalid = "raise",
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
        on_invalid=on_invalid,
        accounts_known=known,
    )
    return NodeStream(feed)
