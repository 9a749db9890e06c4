"""From the report of an account to the end of its rows."""

from __future__ import annotations

from typing import TypeAlias

from ledger_async import AccountReport, LedgerError, ListingIncompleteError, NotFoundError

from .store import AccountEnd

Failed: TypeAlias = dict[int | None, LedgerError]
"""The errors of accounts that were not read, or not proven."""


def end_of(report: AccountReport, *, forget: bool = False, partial: bool = False) -> AccountEnd:
    """The end of an account: rows that did not come are gone only if the walk is proven.

    Nodes that did not decode may be the rows that did not come. With `forget`, an account that is
    not there holds nothing. A `partial` listing, such as one of new elements, tells of no others.
    """
    if report.error is not None:
        return AccountEnd("failed", replaces=forget and _is_missing(report.error))
    if report.invalid:
        return AccountEnd("unverified", replaces=False)
    return AccountEnd(report.status, replaces=report.status != "unverified" and not partial)


def failure_of(report: AccountReport, *, forget: bool = False) -> LedgerError | None:
    """The error of an account that was not read, or of which nothing could be marked as gone."""
    if report.error is not None:
        return None if forget and _is_missing(report.error) else report.error
    if report.invalid:
        return ListingIncompleteError(
            f"{report.invalid} nodes were left out: nothing was marked as gone"
        )
    if report.status == "unverified":
        return ListingIncompleteError("the walk is not proven: nothing was marked as gone")
    return None


def _is_missing(error: LedgerError) -> bool:
    return isinstance(error, NotFoundError)
