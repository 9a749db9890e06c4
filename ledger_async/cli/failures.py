"""The accounts that failed: told in a table, or as one error where they are all."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console

from ledger_async import LedgerError

from . import tables

Errors = Mapping[int | None, LedgerError]


def raise_if_all(errors: Errors, *, of: int) -> None:
    """Raise if so many accounts are all that there are: nothing came."""
    if not errors or len(errors) < of:
        return
    first, *others = errors.values()
    if all(each.message == first.message for each in others):
        raise first
    told(errors)
    raise LedgerError("no account could be read")


def told(errors: Errors) -> bool:
    """Print which accounts failed and why; false if none did."""
    if errors:
        Console(stderr=True).print(tables.failures(errors))
    return bool(errors)
