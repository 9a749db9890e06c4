"""The accounts that a run owes."""

from __future__ import annotations

import pytest

from ledger_async.mirror.owed import is_worth_going_on
from ledger_async.mirror.store import Staged


@pytest.mark.parametrize(
    ("parts", "age", "is_worth_it"),
    [(10, 0.0, True), (9, 0.0, False), (500, 6 * 3600, True), (500, 6 * 3600 + 1, False)],
)
def test_a_walk_goes_on_if_it_had_come_far_and_began_lately(
    parts: int, age: float, *, is_worth_it: bool
) -> None:
    assert is_worth_going_on(Staged(101, parts, age)) == is_worth_it
