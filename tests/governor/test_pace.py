"""The pace that the headers of answers tell: no loop, and time is an argument."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pacing import learn, spend, starts

from ledger_async._governor.pace import Pace
from ledger_async._governor.window import Window
from ledger_async._protocol.rate_limit_headers import Quota

# The pace that headers tell


def test_nothing_is_held_before_anything_is_known() -> None:
    assert Pace().wait(in_flight=99, now=0) == 0


def test_the_first_half_of_a_window_is_not_held_where_nothing_was_asked_before() -> None:
    pace = Pace()
    learn(pace, 99, at=0)
    assert len(starts(pace, 0, 0.001)) == pytest.approx(50, abs=1)


@pytest.mark.parametrize(
    ("every", "spent", "gap"),
    [
        (0.01, 50, 0.01),  # as fast as it allows
        (0.005, 60, 0.7 / 41),  # too fast, for a while
        (0.012, 60, 0.292 / 41),  # too slowly
        (0.02, 49, 0.005),  # far too slowly: nobody goes on more than twice as fast as usual
        (0.001, 90, 0.02),  # far too fast: nor more than half as fast
    ],
)
def test_what_remains_is_spread_over_the_time_that_is_left(
    every: float, spent: int, gap: float
) -> None:
    window = Window(math.inf)
    spend(window, most=spent, every=every)
    assert window.due(0.5) - 0.5 == pytest.approx(gap, rel=0.1)


def test_a_few_are_not_spread() -> None:
    pace = Pace()
    learn(pace, 4, at=0, reset=60)
    assert len(starts(pace, 0, 1e-6)) == 4


def test_nobody_starts_before_the_end_of_what_is_used_up() -> None:
    pace = Pace()
    learn(pace, 1, at=0)
    learn(pace, 0, at=0.25, reset=0.75)
    assert [pace.wait(0, now) for now in (0.25, 0.75, 1.0)] == [0.75, 0.25, 0]


def test_a_window_that_was_found_used_up_tells_nothing_of_the_next_one() -> None:
    pace = Pace()
    pace.learn(Quota(0, 30.0), sent=0, now=0, in_flight=0)
    assert [pace.wait(in_flight, 30) for in_flight in (0, 5, 50)] == [0, 0, 0]


def test_what_is_in_flight_may_have_used_up_what_remains() -> None:
    pace = Pace()
    learn(pace, 5, at=0, reset=10)
    assert [pace.wait(in_flight, 1) > 0 for in_flight in (0, 4, 5)] == [False, False, True]


def test_what_came_back_without_a_number_has_used_up_quota_all_the_same() -> None:
    pace = Pace()
    learn(pace, 2, at=0, reset=30)
    for _ in range(2):
        pace.enter(0)
    assert pace.wait(0, 0) == 30


def test_what_was_told_is_believed_for_so_long_only() -> None:
    pace = Pace(believed=60)
    learn(pace, 0, at=0, reset=1e9)
    assert [pace.wait(0, now) > 0 for now in (0, 59, 61)] == [True, True, False]


def test_the_pace_goes_on_for_a_window_in_which_nothing_is_heard() -> None:
    pace = Pace()
    for number in range(100):
        pace.enter(number / 100)
        learn(pace, 99 - number, at=number / 100, reset=1 - number / 100)
    assert len(starts(pace, 1.0, 2.0)) == pytest.approx(100, abs=2)
    assert pace.wait(0, 2.001) == 0


# Windows


def test_an_answer_that_comes_after_the_end_of_its_window_is_no_news() -> None:
    pace = Pace()
    learn(pace, 5, at=0)
    learn(pace, 0, at=1.1, sent=0.9, reset=1)
    assert pace.wait(0, now=1.1) == 0


@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.integers(0, 120),
            st.floats(0, 2),
            st.floats(0, 3),
            st.none() | st.integers(0, 120),
            st.integers(0, 50),
        )
    )
)
def test_whatever_servers_say_a_wait_is_a_time_and_ends(
    steps: list[tuple[bool, int, float, float, int | None, int]],
) -> None:
    pace, now = Pace(), 0.0
    for enters, remaining, passed, reset, limit, in_flight in steps:
        now += passed
        if enters:
            pace.enter(now)
        quota = Quota(remaining, reset, limit)
        pace.learn(quota, sent=now - passed / 2, now=now, in_flight=in_flight)
        assert 0 <= pace.wait(in_flight, now) < 100
        assert pace.wait(in_flight, now + 100) == 0


def test_starts_that_a_slow_probe_put_off_are_left_to_others_where_headers_tell_the_window() -> (
    None
):
    pace = Pace()
    learn(pace, 900, at=0, reset=60)
    starts(pace, 0, 5)
    pace.refuse(5, until=15, is_news=False)
    pace.probe(15)
    pace.pass_again(18)
    assert len(starts(pace, 18, 18.001)) == 1
