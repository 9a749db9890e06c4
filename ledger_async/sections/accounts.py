"""Accounts of the workspace."""

from __future__ import annotations

import warnings
from collections.abc import Coroutine, Iterable
from datetime import datetime
from typing import Any, TypedDict, Unpack

from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.options import Consistency, OnInvalid, PageSize, StreamOptions
from ledger_async._protocol.messages import Request
from ledger_async._protocol.paths import fill
from ledger_async._protocol.query import encode_query
from ledger_async._runtime import Runtime
from ledger_async._signing.addresses import SignedAddress, decode_signed
from ledger_async._streaming.stream import NodeStream
from ledger_async._support import checks
from ledger_async.models.accounts.account import Account, VaultLightTokenAccount
from ledger_async.models.accounts.addresses import Address, Addresses
from ledger_async.models.accounts.balances import AccountBalancesHistory, Balances
from ledger_async.models.base.history import APIHistoryResult
from ledger_async.models.base.paging import Page
from ledger_async.models.base.values import AccountStatus, AccountType, AddressType, Order
from ledger_async.models.currencies import AccountCurrency
from ledger_async.models.workspace.labels import LiteLabel
from ledger_async.sections._base.listing import ListingSection


class AccountFilters(TypedDict, total=False):
    """Filters of `GET /accounts`, all of which an account must match; `None` is no filter.

    `account_label` takes ids of labels as strings (`["7"]`), `entity` ids, `currency` a name or
    `name:contract_address`.
    """

    account_label: Iterable[str] | None
    account_type: AccountType | None
    created_after: datetime | None
    created_before: datetime | None
    currency: str | None
    entity: Iterable[int] | None
    group: int | None
    id: int | None
    name: str | None
    order: Order | None
    order_by: str | None
    parent: int | None
    status: AccountStatus | None
    user: int | None


class Erc20ChildFilters(TypedDict, total=False):
    """Filters of the ERC-20 children of an account, as those of `GET /accounts`."""

    created_after: datetime | None
    created_before: datetime | None
    entity: Iterable[int] | None
    group: int | None
    id: int | None
    order: Order | None
    order_by: str | None
    status: AccountStatus | None
    user: int | None


class Accounts(ListingSection):
    """The accounts of the workspace: `GET /accounts` and what hangs on each."""

    _endpoint = Endpoint(
        "/accounts",
        Account,
        filters=AccountFilters,
        settled=frozenset(
            {"account_type", "created_after", "created_before", "currency", "id", "parent"}
        ),
    )

    def stream(
        self,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[AccountFilters],
    ) -> NodeStream[Account]:
        """Every account that matches the filters, newest first unless `order` says otherwise.

        What filters cost, and the other arguments: see `ledger_async.sections`.
        `account_type`, `currency` and `parent` of an account never change. `GET /accounts`.
        """
        options = StreamOptions.of(self._endpoint, page_size, consistency, on_invalid, filters)
        return self._stream(options)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[AccountFilters]
    ) -> Page[Account]:
        """One page of the accounts that match the filters, numbered from 1. `GET /accounts`."""
        options = StreamOptions.of(self._endpoint, page_size, filters=filters)
        return await self._page(options, number)

    async def get(self, account_id: int) -> Account:
        """One account; `NotFoundError` if there is none. `GET /accounts/{account_id}`."""
        return await self._get("/accounts/{account_id}", Account, account_id=account_id)

    async def balances(self, account_id: int) -> Balances:
        """The amounts that an account holds, by state, in the currency's base unit.

        Accounts on Bitcoin and Solana tell more. `GET /accounts/{account_id}/balances`.
        """
        kind: Any = Balances  # a union is no `type[…]`
        answer: Balances = await self._get(
            "/accounts/{account_id}/balances", kind, account_id=account_id
        )
        return answer

    async def balance_history(
        self, account_id: int, *, start: datetime | None = None, end: datetime | None = None
    ) -> AccountBalancesHistory:
        """The balance of an account over time, between two aware datetimes if they are given.

        `ServerError` with `status` 501, after one request, where the currency has no such
        history. `GET /accounts/{account_id}/balances/history`.
        """
        return await self._get(
            "/accounts/{account_id}/balances/history",
            AccountBalancesHistory,
            encode_query({"start": start, "end": end}, {"start": datetime, "end": datetime}),
            account_id=account_id,
        )

    async def currency(self, account_id: int) -> AccountCurrency:
        """The units of an account's amounts and fees; amounts are in the one of magnitude 0.

        `GET /accounts/{account_id}/currency`.
        """
        path = "/accounts/{account_id}/currency"
        return await self._get(path, AccountCurrency, account_id=account_id)

    async def history(self, account_id: int) -> tuple[tuple[APIHistoryResult, ...], ...]:
        """The requests on an account. `GET /accounts/{account_id}/history`."""
        return await self._history("/accounts/{account_id}/history", account_id=account_id)

    async def labels(self, account_id: int) -> tuple[LiteLabel, ...]:
        """The labels of an account, in brief. `GET /accounts/{account_id}/labels`."""
        path = "/accounts/{account_id}/labels"
        return await self._get(path, tuple[LiteLabel, ...], account_id=account_id)

    async def tokens(self, account_id: int) -> tuple[VaultLightTokenAccount, ...]:
        """The token accounts of an account, in brief, in base units of their tokens.

        `NotFoundError` also where the workspace has no token accounts at all.
        `GET /accounts/{account_id}/tokens`.
        """
        path = "/accounts/{account_id}/tokens"
        return await self._get(path, tuple[VaultLightTokenAccount, ...], account_id=account_id)

    async def sync(self, account_id: int, *, synchronous: bool = False) -> Account:
        """The account, brought in line with its chain: a GET that changes something.

        The workspace does so later, by itself, unless `synchronous`: then the answer may take
        longer than the client's `timeout`, which is for each attempt. Repeats do no harm.
        `GET /accounts/{account_id}/sync`.
        """
        query = encode_query({"synchronous": synchronous}, {"synchronous": bool})
        return await self._get("/accounts/{account_id}/sync", Account, query, account_id=account_id)

    def erc20_children(self, parent_id: int) -> Erc20Children:
        """The ERC-20 accounts of an account on an EVM chain, as a listing to page or stream.

        `GET /accounts/{parent_account_id}/erc20-children-accounts`.
        """
        return Erc20Children(self._runtime, parent_id)

    async def address(self, account_id: int) -> SignedAddress:
        """The address of an account, signed; for chains without UTXOs.

        It is not verified: see `SignedAddress`. `NotFoundError` where there is no address.
        `GET /accounts/{account_id}/address`.
        """
        return await self._signed("/accounts/{account_id}/address", account_id=account_id)

    async def address_at(self, account_id: int, index: int, *, type: AddressType) -> SignedAddress:  # noqa: A002 - the contract's name
        """The address of an account at an index, signed: one to receive on, or one for change.

        It is not verified: see `SignedAddress`. `GET /accounts/{account_id}/address/{index}`.
        """
        return await self._signed(
            "/accounts/{account_id}/address/{index}",
            encode_query({"type": type}, {"type": AddressType}),
            account_id=account_id,
            index=index,
        )

    def receiving_addresses(self, account_id: int) -> Coroutine[Any, Any, tuple[Address, ...]]:
        """The next three unused addresses of an account with UTXOs, or the only address.

        Deprecated by the API: use `address` or `address_at`.
        `GET /accounts/{account_id}/addresses`.
        """
        _warn("receiving_addresses")
        return self._receiving_addresses(account_id)

    def receiving_address(self, account_id: int, index: int) -> Coroutine[Any, Any, Address]:
        """The address at an index, used or the next unused one; or the only address.

        Deprecated by the API: use `address` or `address_at`.
        `GET /accounts/{account_id}/addresses/{index}`.
        """
        _warn("receiving_address")
        path = "/accounts/{account_id}/addresses/{index}"
        return self._get(path, Address, account_id=account_id, index=index)

    async def _receiving_addresses(self, account_id: int) -> tuple[Address, ...]:
        path = "/accounts/{account_id}/addresses"
        return (await self._get(path, Addresses, account_id=account_id)).addresses

    async def _signed(self, path: str, query: str = "", **parameters: int) -> SignedAddress:
        account_id = checks.identifier("account_id", parameters["account_id"])
        request = Request(path=fill(path, parameters), query=query, account_id=account_id)
        return await self._runtime.caller.call(request, decode_signed)


class Erc20Children(ListingSection):
    """The ERC-20 accounts of one account on an EVM chain.

    `GET /accounts/{parent_account_id}/erc20-children-accounts`.
    """

    _endpoint = Endpoint(
        "/accounts/{account_id}/erc20-children-accounts", Account, filters=Erc20ChildFilters
    )

    def __init__(self, runtime: Runtime, parent_id: int) -> None:
        super().__init__(runtime)
        self._parent_id = checks.identifier("parent_id", parent_id)

    @property
    def _bound_to(self) -> int:
        return self._parent_id

    def stream(
        self,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[Erc20ChildFilters],
    ) -> NodeStream[Account]:
        """Every child that matches the filters, newest first unless `order` says otherwise.

        What filters cost, and the other arguments: see `ledger_async.sections`. The
        report has the id of the parent.
        `GET /accounts/{parent_account_id}/erc20-children-accounts`.
        """
        options = StreamOptions.of(self._endpoint, page_size, consistency, on_invalid, filters)
        return self._stream(options, self._parent_id)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[Erc20ChildFilters]
    ) -> Page[Account]:
        """One page of the children that match the filters, numbered from 1.

        `GET /accounts/{parent_account_id}/erc20-children-accounts`.
        """
        options = StreamOptions.of(self._endpoint, page_size, filters=filters)
        return await self._page(options, number, self._parent_id)


def _warn(name: str) -> None:
    warnings.warn(
        f"accounts.{name} is deprecated by the API: use accounts.address or address_at",
        DeprecationWarning,
        stacklevel=3,
    )
