"""Balances of accounts, now and over time."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING

from ledger_async.models.accounts.balances import (
    AccountBalances,
    AccountBalancesHistory,
    AccountBalancesHistoryEntry,
    BitcoinBalances,
    CurrencyInfo,
)
from ledger_async.sandbox._data.account_fields import solana_balances
from ledger_async.sandbox._data.seeded import seeded
from ledger_async.sandbox._data.shelf import RefusedError
from ledger_async.sandbox._http.query import Moment, Query

from .route import Asked, Route, get

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger_async.sandbox._data.accounts import Account
    from ledger_async.sandbox._data.workspace import Workspace

_WEEK = timedelta(days=7)
_LONGEST = timedelta(days=3660)
_NOT_IMPLEMENTED = 501


class Span(Query, frozen=True, kw_only=True):
    """The parameters of `GET /accounts/{account_id}/balances/history`."""

    start: Moment | None = None
    end: Moment | None = None


def _balances(workspace: Workspace, asked: Asked) -> object:
    account = workspace.account(asked.id("account_id"))
    match account.chain.family.name:
        case "bitcoin":
            return _outputs(account)
        case "solana":
            return solana_balances(seeded(workspace.seed, account.id))
        case _:
            return AccountBalances(
                available=account.body["available_balance"],
                pending=account.body["pending_balance"],
                total=account.body["balance"],
            )


def _outputs(account: Account) -> BitcoinBalances:
    available, pending = account.body["available_balance"], account.body["pending_balance"]
    return BitcoinBalances(
        available=available,
        confirmed=available,
        mempool_change="0",
        mempool_in=pending,
        mempool_out="0",
        pending=pending,
        total=account.body["balance"],
        under_confirmation_change="0",
        under_confirmation_in="0",
        under_confirmation_out="0",
        worthless="546",
    )


def _history(workspace: Workspace, asked: Asked) -> AccountBalancesHistory:
    account = workspace.account(asked.id("account_id"))
    chain = account.chain
    if chain.family.name == "polkadot":
        raise RefusedError(f"no balance history for {chain.name}", status=_NOT_IMPLEMENTED)
    span = asked.search(Span)
    end = span.end or workspace.now()
    start = span.start or end - _WEEK
    if end - start > _LONGEST:
        raise RefusedError(f"a balance history covers at most {_LONGEST.days} days")
    return AccountBalancesHistory(
        account_index=account.index,
        balances=tuple(
            AccountBalancesHistoryEntry(
                date=day.isoformat(),
                value=str(chain.amount(seeded(workspace.seed, account.id, day))),
            )
            for day in _days(start.astimezone(UTC).date(), end.astimezone(UTC).date())
        ),
        currency=CurrencyInfo(
            magnitude=chain.units[-1].magnitude,
            name=chain.name,
            network=chain.name,
            token_address=account.body["contract_address"],
        ),
    )


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=day) for day in range((last - first).days + 1))


ROUTES: tuple[Route, ...] = (
    get("/accounts/{account_id}/balances", _balances),
    get("/accounts/{account_id}/balances/history", _history),
)
