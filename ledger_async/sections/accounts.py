"""Accounts of the workspace."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict, Unpack

from ledger_async.lenient import OnInvalid
from ledger_async.listing import Consistency, Listed
from ledger_async.models.account import Account
from ledger_async.models.paging import Page
from ledger_async.models.values import AccountStatus, AccountType, Order
from ledger_async.reader import Listing, PageSize
from ledger_async.stream import NodeStream


class AccountFilters(TypedDict, total=False):
    """Filters of `GET /accounts`, all of which an account must match; `None` is no filter."""

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


class Accounts(Listed):
    """The accounts of the workspace: `GET /accounts` and what hangs on each."""

    _listing = Listing(
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

        Each comes once; `on_invalid` is as for NFTs. `stream.reports[None]` says what is proven.
        With `order` or a filter on what may change (`status`, `name`, `account_label`, `entity`,
        `group`, `user`), accounts can appear anywhere in the listing, so that its pages overlap,
        which costs some requests more. With `order_by` they can also change places, and a
        listing of more than one page stays `"unverified"`. `GET /accounts`.
        """
        return self._stream(None, page_size, consistency, on_invalid, filters)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[AccountFilters]
    ) -> Page[Account]:
        """One page of the accounts that match the filters, numbered from 1. `GET /accounts`."""
        return await self._page(None, number, page_size, filters)

    async def get(self, account_id: int) -> Account:
        """One account; `NotFoundError` if there is none. `GET /accounts/{account_id}`."""
        return await self._get("/accounts/{account_id}", Account, account_id=account_id)
