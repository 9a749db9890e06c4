"""The stakes of accounts on one chain: light ones, or with all that belongs to them."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from datetime import datetime
from typing import Any, Generic, Literal, TypedDict, TypeVar, Unpack, overload

from ledger_async._pages.account_node import AccountNode
from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.options import Consistency, OnError, OnInvalid, PageSize, StreamOptions
from ledger_async._runtime import Runtime
from ledger_async._streaming.stream import NodeStream
from ledger_async._support import checks
from ledger_async.models.base.paging import Page
from ledger_async.models.base.values import Order
from ledger_async.models.staking.stakes import FullStake, LightStake
from ledger_async.sections._base.listing import ListingSection

L = TypeVar("L", bound=LightStake)
F = TypeVar("F", bound=FullStake)


class StakeFilters(TypedDict, total=False):
    """Filters of an account's stakes, all of which a stake must match; `None` is no filter.

    `account_id` is that of the transaction that created the stake, `creation_tx` the id of it;
    `stake_uid` and `status` match any of the values that they list. `status` takes any string;
    those that are known are of `StakeStatus`.
    """

    account_id: int | None
    created_after: datetime | None
    created_before: datetime | None
    creation_tx: int | None
    id: int | None
    order: Order | None
    order_by: str | None
    stake_uid: Iterable[str] | None
    status: Iterable[str] | None


class _Query(StakeFilters):
    light: bool


_SETTLED = frozenset(
    {"account_id", "created_after", "created_before", "creation_tx", "id", "light"}
)


class Stakes(ListingSection, Generic[L, F]):
    """The stakes of accounts on one chain: `GET /{chain}/accounts/{account_id}/stakes`.

    `light` stakes name by id what belongs to them; the others hold it: who created the stake, in
    which transaction, and its last request.
    """

    def __init__(self, runtime: Runtime, chain: str, light: type[L], full: type[F]) -> None:
        super().__init__(runtime)
        self._full = full
        self._endpoint = Endpoint(
            f"/{chain}/accounts/{{account_id}}/stakes", light, filters=_Query, settled=_SETTLED
        )

    @overload
    def stream(
        self,
        account_id: int,
        /,
        *,
        light: Literal[True] = True,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[StakeFilters],
    ) -> NodeStream[L]: ...

    @overload
    def stream(
        self,
        account_id: int,
        /,
        *,
        light: Literal[False],
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[StakeFilters],
    ) -> NodeStream[F]: ...

    @overload
    def stream(
        self,
        account_id: int,
        /,
        *,
        light: bool,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[StakeFilters],
    ) -> NodeStream[L] | NodeStream[F]: ...

    def stream(
        self,
        account_id: int,
        /,
        *,
        light: bool = True,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[StakeFilters],
    ) -> NodeStream[Any]:
        """Every stake of one account that matches, newest first unless `order` says otherwise.

        The account is given by position, since a filter has its name. What filters cost,
        and the other arguments: see `ledger_async.sections`.
        `GET /{chain}/accounts/{account_id}/stakes`.
        """
        node_type = self._node_type(light)
        account_id = checks.identifier("account_id", account_id)
        options = StreamOptions.of(
            self._endpoint,
            page_size,
            consistency,
            on_invalid,
            {**filters, "light": light},
            node_type=node_type,
        )
        return self._stream(options, account_id)

    @overload
    def stream_accounts(
        self,
        account_ids: Iterable[int] | AsyncIterable[int],
        *,
        light: Literal[True] = True,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        ordered: bool = False,
        on_error: OnError = "raise",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[StakeFilters],
    ) -> NodeStream[AccountNode[L]]: ...

    @overload
    def stream_accounts(
        self,
        account_ids: Iterable[int] | AsyncIterable[int],
        *,
        light: Literal[False],
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        ordered: bool = False,
        on_error: OnError = "raise",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[StakeFilters],
    ) -> NodeStream[AccountNode[F]]: ...

    @overload
    def stream_accounts(
        self,
        account_ids: Iterable[int] | AsyncIterable[int],
        *,
        light: bool,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        ordered: bool = False,
        on_error: OnError = "raise",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[StakeFilters],
    ) -> NodeStream[AccountNode[L]] | NodeStream[AccountNode[F]]: ...

    def stream_accounts(
        self,
        account_ids: Iterable[int] | AsyncIterable[int],
        *,
        light: bool = True,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        ordered: bool = False,
        on_error: OnError = "raise",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[StakeFilters],
    ) -> NodeStream[AccountNode[Any]]:
        """`(account_id, stake)` for every stake of many accounts that matches.

        The arguments are those of `nfts.stream_accounts` and of `stream`.
        `GET /{chain}/accounts/{account_id}/stakes`.
        """
        options = StreamOptions.of(
            self._endpoint,
            page_size,
            consistency,
            on_invalid,
            {**filters, "light": light},
            node_type=self._node_type(light),
            ordered=ordered,
            on_error=on_error,
        )
        return self._stream_accounts(options, account_ids)

    @overload
    async def page(
        self,
        account_id: int,
        /,
        number: int = 1,
        *,
        light: Literal[True] = True,
        page_size: PageSize = 100,
        **filters: Unpack[StakeFilters],
    ) -> Page[L]: ...

    @overload
    async def page(
        self,
        account_id: int,
        /,
        number: int = 1,
        *,
        light: Literal[False],
        page_size: PageSize = 100,
        **filters: Unpack[StakeFilters],
    ) -> Page[F]: ...

    @overload
    async def page(
        self,
        account_id: int,
        /,
        number: int = 1,
        *,
        light: bool,
        page_size: PageSize = 100,
        **filters: Unpack[StakeFilters],
    ) -> Page[L] | Page[F]: ...

    async def page(
        self,
        account_id: int,
        /,
        number: int = 1,
        *,
        light: bool = True,
        page_size: PageSize = 100,
        **filters: Unpack[StakeFilters],
    ) -> Page[Any]:
        """One page of an account's stakes that match, numbered from 1.

        `GET /{chain}/accounts/{account_id}/stakes`.
        """
        node_type = self._node_type(light)
        account_id = checks.identifier("account_id", account_id)
        options = StreamOptions.of(
            self._endpoint, page_size, filters={**filters, "light": light}, node_type=node_type
        )
        return await self._page(options, number, account_id)

    def _node_type(self, light: bool) -> type[Any]:  # noqa: FBT001 - as the caller gave it
        checks.typed("light", light, bool)
        return self._endpoint.node_type if light else self._full
