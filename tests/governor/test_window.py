"""One window of the rate limit: whose share it is, and when it really ends."""

from __future__ import annotations

import math

import pytest
from pacing import learn, spend

from ledger_async._governor.pace import Pace
from ledger_async._governor.window import Window


def test_whoever_is_alone_has_it_all() -> None:
    mine = Window(math.inf)
    spend(mine)
    assert mine.share == 1


def test_strangers_who_spend_get_their_share() -> None:
    mine = Window(math.inf)
    spend(mine, 2)
    assert mine.share == pytest.approx(0.5, abs=0.06)


def test_the_share_is_remembered_in_the_next_window() -> None:
    mine = Window(math.inf)
    spend(mine, 2)
    learn(mine, 99, at=2)
    assert mine.share == pytest.approx(0.55, abs=0.06)


def test_a_refusal_shows_that_others_spend_as_well() -> None:
    mine = Window(math.inf)
    spend(mine)
    learn(mine, 99, at=1)
    mine.refuse()
    assert mine.share < 0.9


def test_a_refused_request_has_spent_nothing() -> None:
    mine = Window(math.inf)
    spend(mine, 2)
    for _ in range(50):
        learn(mine, 0, at=0.9, sent=0.8, passed=False)
    assert mine.share == pytest.approx(0.5, abs=0.06)


def test_the_earliest_end_of_a_window_counts() -> None:
    pace = Pace()
    learn(pace, 50, at=0, reset=1)
    learn(pace, 0, at=0.9, reset=1)
    assert pace.wait(0, now=0.9) == pytest.approx(0.1)


def test_an_answer_that_was_overtaken_does_not_raise_what_remains() -> None:
    pace = Pace()
    learn(pace, 90, at=0)
    learn(pace, 0, at=0.2, sent=0.1)
    learn(pace, 50, at=0.3, sent=0.1)
    assert pace.wait(0, now=0.3) > 0


def test_a_window_that_begins_before_it_was_told_is_noticed() -> None:
    pace = Pace()
    learn(pace, 0, at=0, reset=60)
    learn(pace, 80, at=5, sent=4, reset=60)
    assert pace.wait(0, now=5) == 0


def test_it_is_noticed_though_older_answers_came_since_its_request_was_sent() -> None:
    pace = Pace()
    for at, remaining in ((0, 30), (2.5, 20), (3, 10), (3.5, 0), (3.6, 29)):
        learn(pace, remaining, at=at, sent=at - 2, reset=60 - at)
    assert pace.wait(0, now=3.6) > 0
    learn(pace, 99, at=4, sent=2, reset=60)
    assert pace.wait(0, now=4) == 0


def test_an_answer_to_what_was_sent_before_a_window_was_found_is_not_believed_of_it() -> None:
    pace = Pace()
    learn(pace, 50, at=0)
    learn(pace, 99, at=1.2, sent=1.0)
    learn(pace, 0, at=1.3, sent=1.1)
    assert pace.wait(0, now=1.3) < 0.1


def test_ends_that_are_told_late_are_measured() -> None:
    mine = Window(math.inf)
    for number in range(
        8
    ):  # windows of a second, whose ends are told in whole seconds of Unix time
        for step in range(100):
            at = number + step / 100
            learn(mine, 99 - step, at=at, sent=at - 0.001, reset=number + 2 - at)
    last = 8.0
    learn(mine, 99, at=last, reset=2.0)
    assert mine.due(last) - last == pytest.approx(0.01, rel=0.1)


def test_a_window_that_is_over_before_its_answers_come_is_not_in_time() -> None:
    mine = Window(math.inf)
    learn(mine, 99, at=1, sent=0, reset=1.0)
    assert not mine.is_in_time
    learn(mine, 99, at=3, sent=2.9, reset=1.0)
    assert mine.is_in_time
