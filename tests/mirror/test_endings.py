"""The meaning of an account's report for its rows."""

from __future__ import annotations

import pytest

from ledger_async import (
    AccountReport,
    LedgerError,
    ListingIncompleteError,
    NotFoundError,
    ServerError,
)
from ledger_async.mirror.endings import end_of, failure_of
from ledger_async.mirror.store import AccountEnd

MISSING = AccountReport(error=NotFoundError("no such account", status=404))
BROKEN = AccountReport(error=ServerError("broken", status=500))


@pytest.mark.parametrize("status", ["exact", "repaired"])
def test_what_a_proven_walk_did_not_meet_is_gone(status: str) -> None:
    report = AccountReport(status=status)  # type: ignore[arg-type] # as parametrized
    assert end_of(report) == AccountEnd(status, replaces=True)  # type: ignore[arg-type] # the same
    assert failure_of(report) is None


def test_nothing_is_gone_where_the_walk_is_not_proven() -> None:
    report = AccountReport(status="unverified")
    assert end_of(report) == AccountEnd("unverified", replaces=False)
    assert isinstance(failure_of(report), ListingIncompleteError)


def test_nothing_is_gone_where_nodes_were_left_out() -> None:
    report = AccountReport(status="exact", invalid=2)
    assert end_of(report) == AccountEnd("unverified", replaces=False)
    assert str(failure_of(report)).startswith("2 nodes were left out")


def test_nothing_is_gone_where_only_a_part_was_asked_for() -> None:
    assert end_of(AccountReport(status="exact"), partial=True) == AccountEnd(
        "exact", replaces=False
    )


@pytest.mark.parametrize("report", [MISSING, BROKEN], ids=["missing", "broken"])
def test_an_account_that_was_not_read_stays_as_it_is(report: AccountReport) -> None:
    assert end_of(report) == AccountEnd("failed", replaces=False)
    assert failure_of(report) is report.error


def test_a_missing_account_is_forgotten_on_demand() -> None:
    assert end_of(MISSING, forget=True) == AccountEnd("failed", replaces=True)
    assert failure_of(MISSING, forget=True) is None


def test_a_broken_account_is_not_forgotten() -> None:
    assert end_of(BROKEN, forget=True) == AccountEnd("failed", replaces=False)
    assert isinstance(failure_of(BROKEN, forget=True), LedgerError)
