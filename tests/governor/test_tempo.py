"""The pace that refusals teach, where no header tells one."""

from __future__ import annotations

import math

import pytest
from pacing import starts

from ledger_async._governor.pace import Pace
from ledger_async._governor.tempo import Tempo


def refused(tempo: Tempo, *, every: float, number: int, wait: float) -> float:
    """Let so many pass at this pace, then have one refused, and a probe pass after the wait."""
    end = number * every
    tempo.begin(0, 1)
    tempo.refuse(end, number + 1, until=end + wait, is_news=True)
    tempo.probe(end + wait, number + 2)
    tempo.pass_again()
    return end + wait


def test_nothing_is_spaced_before_anything_is_refused() -> None:
    tempo = Tempo()
    assert (tempo.at(5), tempo.due(5, now=5)) == (math.inf, 5)


def test_it_goes_on_between_what_was_too_much_and_what_passed_on_the_average() -> None:
    tempo = Tempo()
    now = refused(tempo, every=0.001, number=100, wait=0.9)
    assert tempo.at(now) == pytest.approx(math.sqrt(1000 * 100), rel=0.02)


def test_what_is_refused_again_brings_it_closer() -> None:
    tempo, left, now = Tempo(), [], 0.0
    tempo.begin(0, 1)
    number, too_high = 1, 10_000.0  # a server of 100 a second, asked a hundred times as fast
    for _ in range(7):
        now, number = now + 100 / too_high, number + 101
        tempo.refuse(now, number, until=math.inf, is_news=True)
        now, number = now + max(0.05, 1 - 100 / too_high), number + 1
        tempo.probe(now, number)
        tempo.pass_again()
        too_high = tempo.at(now)
        left.append(too_high)
    assert left == sorted(left, reverse=True)
    assert left[-1] == pytest.approx(100, rel=0.1)


def test_it_grows_ever_faster_while_nothing_is_refused() -> None:
    tempo = Tempo()
    now = refused(tempo, every=0.01, number=100, wait=0.0)
    grown = [tempo.at(now + seconds) / tempo.at(now) for seconds in (2, 20, 60)]
    assert grown == pytest.approx([1.01, 2, 10])


def test_what_nobody_asked_after_a_refusal_does_not_slow_it_down() -> None:
    tempo = Tempo()
    tempo.begin(0, 1)
    tempo.refuse(1, 102, until=1.1, is_news=True)
    tempo.probe(1000, 103)
    tempo.pass_again()
    assert tempo.at(1000) == pytest.approx(100, rel=0.06)


def test_a_refusal_before_anything_passed_teaches_nothing() -> None:
    tempo = Tempo()
    tempo.begin(0, 1)
    tempo.refuse(1, 1, until=5, is_news=True)
    tempo.probe(5, 2)
    tempo.pass_again()
    assert tempo.at(5) == math.inf


def test_a_storm_is_one_refusal_of_many() -> None:
    tempo = Tempo()
    tempo.begin(0, 1)
    for number in range(20):
        tempo.refuse(1 + number / 100, 121, until=2, is_news=number == 0)
    tempo.probe(2, 122)
    tempo.pass_again()
    assert tempo.at(2) == pytest.approx(math.sqrt(119 * 50), rel=0.02)


def test_what_was_asked_long_ago_is_not_measured() -> None:
    pace = Pace()
    pace.enter(0)
    for number in range(100):
        pace.enter(1000 + number / 100)
    pace.refuse(1001, until=1002, is_news=True)
    pace.enter(1002)
    pace.probe(1002)
    pace.pass_again(1002)
    assert pace.wait(0, 1002.6) == 0
    assert len(starts(pace, 1002.6, 1003.6)) >= 50


def test_a_probe_that_was_no_answer_to_a_refusal_teaches_nothing() -> None:
    pace = Pace()
    pace.enter(0)
    pace.probe(0)
    pace.pass_again(1)
    assert pace.wait(99, 1) == 0


def test_what_a_probe_held_up_is_caught_up_with() -> None:
    pace = Pace()
    for number in range(100):
        pace.enter(number / 100)
    assert pace.refuse(1.0, until=1.1, is_news=True)
    pace.enter(1.1)
    pace.probe(1.1)
    pace.pass_again(1.4)
    assert len(starts(pace, 1.4, 1.4001)) == pytest.approx(30, abs=3)
