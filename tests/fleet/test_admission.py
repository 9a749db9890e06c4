"""`admission`: what a shared limit admits."""

from __future__ import annotations

import pytest
from pyrate_limiter import GCRA

from ledger_async.fleet._limit.admission import Turn, admitted, arguments, turn


def starts(per_second: float, seconds: float) -> int:
    """Count those whose turn comes in so many seconds, if all ask at once."""
    rate, gcra = admitted(per_second), GCRA()
    state, count = gcra.initial([rate]), 0
    for now in range(round(seconds * 1000)):
        while True:
            state, decision = gcra.step([rate], state, now, 1)
            if not decision.allowed:
                break
            count += 1
    return count - (rate.burst - 2)  # those that are reserved beyond the end


@pytest.mark.parametrize(
    ("rate", "in_a_minute"), [(100, 5910), (10, 591), (0.5, 29), (1000, 59100)]
)
def test_of_the_rate_985_in_a_thousand_are_admitted(rate: float, in_a_minute: int) -> None:
    assert starts(rate, 60) == pytest.approx(in_a_minute + 2, rel=0.001, abs=1)


def test_a_slow_rate_lets_a_few_be_reserved_all_the_same() -> None:
    assert admitted(0.1).burst == 18


def test_reservations_are_kept_until_they_are_paid_for() -> None:
    rate = admitted(1)
    assert arguments(rate)[1] >= rate.burst * 1000


def test_who_is_admitted_waits_for_the_turn() -> None:
    assert turn([-1, 20_000]) == Turn(0.02, is_granted=True)


def test_who_comes_late_starts_at_once() -> None:
    assert turn([-1, -5_000]) == Turn(0.0, is_granted=True)


def test_who_is_refused_asks_again_when_there_may_be_room() -> None:
    assert turn([0, 30]) == Turn(0.03, is_granted=False)


def test_nobody_sleeps_for_long_before_asking_again() -> None:
    assert turn([0, 60_000]) == Turn(1.0, is_granted=False)
