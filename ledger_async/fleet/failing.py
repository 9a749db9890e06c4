"""Accounts that fail, and are left out if `on_error` says so."""

from __future__ import annotations

from typing import TypeVar

from ledger_async import LedgerError
from ledger_async._pages.options import OnError

K = TypeVar("K", bound=int | None)


def leave_out(
    account_id: K, error: LedgerError, failed: dict[K, LedgerError], on_error: OnError
) -> None:
    """Note the error of an account among those that `failed`, and tell `on_error`; or raise it."""
    if on_error == "raise":
        raise error
    failed[account_id] = error
    if callable(on_error) and account_id is not None:
        on_error(account_id, error)
