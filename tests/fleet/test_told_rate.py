"""`told_rate`: the rate that follows from quotas."""

from __future__ import annotations

import pytest

from ledger_async import Quota
from ledger_async.fleet._limit.told_rate import Hearing, Told, longer, whole


def heard(*quotas: tuple[int, float], limit: int | None = 100) -> Hearing:
    hearing = Hearing()
    for remaining, resets_in in quotas:
        hearing.hear(Quota(remaining, resets_in, limit))
    return hearing


def test_at_first_what_remains_lasts_until_the_window_ends() -> None:
    hearing = heard((24, 15.0))
    assert hearing.told is None
    assert hearing.guess is not None
    assert hearing.guess.per_second == pytest.approx(25 / 15, rel=0.01)


def test_a_window_that_opens_tells_how_long_it_lasts() -> None:
    assert heard((50, 1.0), (20, 1.0), (99, 1.0)).told == Told(100, 1.0)


def test_a_window_lasts_as_long_as_its_first_answer_says() -> None:
    assert heard((50, 30.0), (99, 60.0), (98, 59.4), (40, 25.0)).told == Told(100, 60.0)


def test_a_first_answer_that_comes_late_is_rounded_to_whole_seconds() -> None:
    assert heard((50, 0.5), (97, 0.93)).told == Told(100, 1.0)


def test_answers_out_of_order_open_no_window() -> None:
    assert heard((50, 0.5), (48, 0.48), (49, 0.49)).told is None


def test_a_window_that_was_told_too_long_is_forgotten() -> None:
    lie, window = (99, 100.0), ((10, 1.0), (99, 1.0))
    assert heard((50, 1.0), lie, *window).told == Told(100, 100.0)
    assert heard((50, 1.0), lie, *window, *window).told == Told(100, 1.0)


def test_another_limit_is_heard_anew() -> None:
    hearing = heard((50, 1.0), (99, 1.0))
    hearing.hear(Quota(199, 1.0, 200))
    assert (hearing.told, hearing.guess) == (None, Told(200, 1.0))


@pytest.mark.parametrize(
    "quota", [Quota(5, 1.0), Quota(5, 0.0, 100), Quota(5, 3600.0, 100), Quota(0, 1.0, 0)]
)
def test_what_tells_no_rate_is_not_listened_to(quota: Quota) -> None:
    hearing = Hearing()
    hearing.hear(quota)
    assert (hearing.told, hearing.guess) == (None, None)


def test_of_two_rates_the_slower_counts() -> None:
    slow, fast = Told(100, 1.0), Told(100, 0.9)
    assert longer(slow, fast) == longer(fast, slow) == slow
    assert longer(None, fast) == longer(fast, None) == fast
    assert longer(None, None) is None


@pytest.mark.parametrize(
    ("said", "meant"), [(0.95, 1.0), (1.0, 1.0), (59.2, 60.0), (0.5, 0.5), (1.5, 1.5)]
)
def test_seconds_are_whole_where_a_little_is_missing(said: float, meant: float) -> None:
    assert whole(said) == meant
