"""The elements that an incremental run reads, as far as plain functions decide."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest

from ledger_async import ConfigurationError, LedgerClient
from ledger_async.mirror.incremental import INCREMENTS, created_after, increment_of
from ledger_async.models.base.values import RequestStatus, TransactionStatus


def test_new_elements_are_looked_for_from_an_hour_before_the_newest() -> None:
    newest = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert created_after(newest) == datetime(2026, 1, 1, 11, tzinfo=UTC)


def test_an_empty_table_asks_for_everything() -> None:
    assert created_after(None) is None


@pytest.mark.parametrize(
    ("name", "known"), [("transactions", TransactionStatus), ("requests", RequestStatus)]
)
def test_final_states_are_states_of_the_contract(name: str, known: object) -> None:
    assert INCREMENTS[name].final < {*get_args(known)}


async def test_other_listings_cannot_be_read_incrementally(ledger: LedgerClient) -> None:
    with pytest.raises(ConfigurationError, match="transactions and requests, not for accounts"):
        increment_of(ledger.accounts.listing)
