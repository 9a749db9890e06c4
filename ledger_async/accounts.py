"""Accounts of the workspace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypedDict, Unpack

from . import checks
from .account_ids import ReadyIds
from .errors import ConfigurationError
from .lenient import OnInvalid
from .listing import Consistency, new_walk, node_stream
from .models.account import Account
from .models.filters import AccountStatus, AccountType, Order
from .models.paging import Page
from .reader import Listing, PageSize, Reader
from .runtime import Runtime
from .stream import NodeStream

# An account that comes to match one of these appears at its age's place, and under another order
# each new one does: not at the head, where a walk that goes by `count` wants it.
_INSERTING_ANYWHERE = frozenset(
    {"account_label", "entity", "group", "name", "order", "status", "user"}
)


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


class Accounts:
    """The accounts of the workspace: `GET /accounts` and `GET /accounts/{account_id}`."""

    _listing = Listing("/accounts", Account, identity=("id",))

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

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
        reader = self._reader(page_size, filters, on_invalid)
        given = {name for name, value in filters.items() if value is not None}
        walk = new_walk(
            reader.page_size,
            consistency,
            provable="order_by" not in given,
            trust_count=given.isdisjoint(_INSERTING_ANYWHERE),
        )
        ids = ReadyIds(iter([None]))
        return node_stream(self._runtime, reader.nodes, ids, walk, known=0, on_invalid=on_invalid)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[AccountFilters]
    ) -> Page[Account]:
        """One page of the accounts that match the filters, numbered from 1. `GET /accounts`."""
        reader = self._reader(page_size, filters)
        return await reader.page(None, checks.count("page number", number))

    async def get(self, account_id: int) -> Account:
        """One account; `NotFoundError` if there is none. `GET /accounts/{account_id}`."""
        account_id = checks.identifier("account_id", account_id)
        return await self._runtime.get(f"/accounts/{account_id}", Account, account_id=account_id)

    def _reader(
        self,
        page_size: PageSize,
        filters: Mapping[str, object],
        on_invalid: OnInvalid = "raise",
    ) -> Reader[Account]:
        return Reader(
            self._runtime,
            self._listing,
            Account,
            page_size=page_size,
            on_invalid=on_invalid,
            filters=_checked(filters),
        )


def _checked(filters: Mapping[str, object]) -> Mapping[str, object]:
    for name in filters:
        if name not in AccountFilters.__annotations__:
            raise ConfigurationError(f"{name} is not a filter of accounts")
    return filters
