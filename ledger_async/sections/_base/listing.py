"""Paged endpoints: read page by page, or walked as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable
from typing import Any

from ledger_async._exactness.checkpoints import Carried
from ledger_async._exactness.walk import Walk
from ledger_async._pages.accepted import Accepted
from ledger_async._pages.account_node import AccountNode
from ledger_async._pages.endpoint import Endpoint, Listing
from ledger_async._pages.options import OnError, OnInvalid, Resume, StreamOptions
from ledger_async._pages.page_source import PageSource
from ledger_async._streaming.account_ids import ReadyIds, Source, length_of, source_of
from ledger_async._streaming.feed import Feed
from ledger_async._streaming.stream import NodeStream
from ledger_async._support import checks
from ledger_async._transport.attempts import Traffic
from ledger_async.models.base.paging import Page

from .section import Section


class ListingSection(Section):
    """A section with a listing: of the workspace, or of each account.

    A stream yields each element once, newest first unless `order` says otherwise; `on_invalid` is
    as for NFTs, and `stream.reports` says what is proven. Filters on what never changes leave new
    elements at the head. With a filter on what may change, and with `order`, they can appear
    anywhere, so that pages overlap, which costs some requests more. With `order_by` they can also
    change places, and a listing of more than one page stays `"unverified"`.
    """

    _endpoint: Endpoint[Any]

    @property
    def listing(self) -> Listing:
        """The name, the nodes and the identity of this listing."""
        return self._endpoint.listing(self._bound_to)

    def walk(
        self,
        account_ids: Iterable[int] | AsyncIterable[int] | None = None,
        *,
        on_error: OnError = "raise",
        on_invalid: OnInvalid = "raise",
        resume: Resume | None = None,
        **filters: Any,
    ) -> NodeStream[Any]:
        """The stream of any listing, to be read in `batches()`: of these accounts, or of all.

        Those of each account take `account_ids`, unless the section was made for one; the others
        take none. The arguments are those of `stream` and `stream_accounts`.

        `resume` has what was `accepted` of accounts (by id, or by `None` for a listing of the
        workspace) before a walk over them was cut off. Each is walked on from there: nodes that
        were accepted do not come again, and the report counts the nodes and pages of this stream
        alone. Its `status` holds for both walks together: everything that was there throughout
        this one has come in one of them.
        """
        listing = self.listing
        listing.check(account_ids)
        options = StreamOptions.of(
            self._endpoint,
            filters=filters,
            on_error=on_error,
            on_invalid=on_invalid,
            resume=resume,
        )
        if account_ids is None:
            return self._stream(options, listing.account_id)
        return self._stream_accounts(options, account_ids)

    def accepted(self) -> Accepted:
        """An empty record of what was accepted of one account's listing, for `walk(resume=…)`."""
        return Accepted(self._endpoint)

    @property
    def _bound_to(self) -> int | None:
        """The account that the section was made for, if it was."""
        return None

    def _stream(self, options: StreamOptions, account_id: int | None = None) -> NodeStream[Any]:
        """Every node of the workspace, or of one account."""
        ids = ReadyIds(iter([account_id]))
        return self._node_stream(options, ids, known=int(account_id is not None))

    def _stream_accounts(
        self, options: StreamOptions, account_ids: Iterable[int] | AsyncIterable[int]
    ) -> NodeStream[AccountNode[Any]]:
        """`(account_id, node)` for every node of many accounts."""
        ids = source_of(account_ids)
        return self._node_stream(options, ids, known=length_of(account_ids), pairs=True)

    async def _page(
        self, options: StreamOptions, number: int, account_id: int | None = None
    ) -> Page[Any]:
        """One page of the listing of the workspace, or of one account."""
        number = checks.count("page number", number)
        return await PageSource(self._runtime.caller, options).page(account_id, number)

    def _node_stream(
        self, options: StreamOptions, ids: Source, *, known: int, pairs: bool = False
    ) -> NodeStream[Any]:
        traffic = Traffic()
        pages = PageSource(self._runtime.caller.counting(traffic), options)
        # Of many accounts only the last go ahead, and no slot is to wait for them.
        walk = _walks(options, ramp=options.ordered or not pairs)
        feed = Feed(
            pages,
            ids,
            walk,
            options,
            gate=self._runtime.gate,
            live=self._runtime.live,
            loop=self._runtime.loop,
            slots=self._runtime.slots,
            traffic=traffic,
            watch=self._runtime.watch,
            accounts_known=known,
        )
        return NodeStream(feed, pairs=pairs)


def _walks(options: StreamOptions, *, ramp: bool) -> Callable[[Carried | None], Walk[Any]]:
    """Makes the walk of each account, over what was carried from walks before it."""
    size, check, trust_count = options.page_size, options.proves, options.grows_at_its_head

    def walk(carried: Carried | None) -> Walk[Any]:
        return Walk(size, check=check, trust_count=trust_count, ramp=ramp, carried=carried)

    return walk
