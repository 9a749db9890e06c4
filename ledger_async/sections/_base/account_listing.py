"""Listings of accounts whose nodes may be decoded as the caller's own type."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import Any, Generic, TypeVar, overload

import msgspec

from ledger_async._pages.account_node import AccountNode
from ledger_async._pages.options import (
    Consistency,
    OnError,
    OnInvalid,
    PageSize,
    StreamOptions,
)
from ledger_async._streaming.stream import NodeStream
from ledger_async._support import checks
from ledger_async.models.base.paging import Page

from .listing import ListingSection

T = TypeVar("T", bound=msgspec.Struct)
U = TypeVar("U", bound=msgspec.Struct)


class AccountListing(ListingSection, Generic[T]):
    """A listing of each account: a page, a stream, a stream of many."""

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
        `ListingIncompleteError`. The proof trusts that elements keep their order, that an identity
        stands for one element, that no answer is older than one before it, and that `count` is
        right where nothing contradicts it. `"fast"` saves the check. `node_type` is a struct that
        declares only the fields wanted.

        Pages that are too large to be read are asked for in smaller ones. A node that does not
        decode raises `DecodeError`, one that is too large by itself `ResponseTooLargeError`. With
        `on_invalid="skip"` it is counted in `stream.reports`, logged and left out; a callable is
        given the `InvalidNode` instead.

        Raises `ConfigurationError` at once for a wrong argument; any other error of this package
        comes out of the iteration, after the nodes that arrived before it.
        """
        account_id = checks.identifier("account_id", account_id)
        options = StreamOptions.of(
            self._endpoint, page_size, consistency, on_invalid, node_type=node_type
        )
        return self._stream(options, account_id)

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
        options = StreamOptions.of(
            self._endpoint,
            page_size,
            consistency,
            on_invalid,
            node_type=node_type,
            ordered=ordered,
            on_error=on_error,
        )
        return self._stream_accounts(options, account_ids)

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
        account_id = checks.identifier("account_id", account_id)
        options = StreamOptions.of(self._endpoint, page_size, node_type=node_type)
        return await self._page(options, number, account_id)
