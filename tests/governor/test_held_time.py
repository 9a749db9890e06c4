"""Time held by the rate limit, counted once."""

from __future__ import annotations

from ledger_async._governor.held_time import HeldTime


def test_time_held_is_counted_until_it_is_over_or_noted_anew() -> None:
    held = HeldTime()
    held.note(10, hold=5)
    assert [held.seconds(now) for now in (10, 12, 20)] == [0, 2, 5]
    held.note(13, hold=0)
    assert held.seconds(20) == 3
