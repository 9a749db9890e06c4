"""What the governor decides with, piece by piece: no loop, and time is an argument."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_async._governor.barrier import Barrier
from ledger_async._governor.concurrency import Concurrency
from ledger_async._governor.held_time import HeldTime
from ledger_async._governor.outage import Budget, Failures, Outage
from ledger_async._governor.pace import Pace
from ledger_async._governor.retry import RetryPolicy
from ledger_async._governor.tempo import Tempo
from ledger_async._governor.window import Window
from ledger_async._protocol.rate_limit_headers import Quota
from ledger_async.errors import (
    LedgerError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    TransportError,
)

# Concurrency


def rounds(concurrency: Concurrency, n: int) -> list[int]:
    """How many may be in flight after each of `n` rounds in which all succeed."""
    seen = []
    for _ in range(n):
        for _ in range(concurrency.now):
            concurrency.rise()
        seen.append(concurrency.now)
    return seen


def test_concurrency_begins_at_the_most() -> None:
    assert (Concurrency(16).now, Concurrency(16).reason) == (16, "")


def test_after_a_restart_it_doubles_to_half_of_where_it_was_and_then_grows_by_one_a_round() -> None:
    concurrency = Concurrency(16)
    concurrency.restart("rate limit")
    assert concurrency.now == 1
    assert rounds(concurrency, 6) == [2, 4, 8, 8, 9, 10]
    assert concurrency.reason == "rate limit"


def test_it_comes_back_to_the_most_and_no_further() -> None:
    concurrency = Concurrency(16)
    concurrency.restart("rate limit")
    assert rounds(concurrency, 20)[-1] == 16
    assert concurrency.reason == ""


def test_a_restart_of_what_is_low_already_does_not_lower_the_goal() -> None:
    concurrency = Concurrency(16)
    for _ in range(5):
        concurrency.restart("rate limit")
    assert rounds(concurrency, 3) == [2, 4, 8]


def test_failures_bring_it_down_to_one() -> None:
    concurrency = Concurrency(16)
    for _ in range(40):
        concurrency.fall()
    assert (concurrency.now, concurrency.reason) == (1, "failures")


def test_a_tenth_of_failures_leaves_it_near_the_most() -> None:
    concurrency = Concurrency(16)
    for number in range(10_000):
        (concurrency.fall if number % 10 == 0 else concurrency.rise)()
    assert concurrency.now >= 15


@given(st.integers(1, 100), st.lists(st.sampled_from(["rise", "fall", "restart"])))
def test_it_is_always_between_one_and_the_most(most: int, steps: list[str]) -> None:
    concurrency = Concurrency(most)
    for step in steps:
        concurrency.restart("") if step == "restart" else getattr(concurrency, step)()
        assert 1 <= concurrency.now <= most


# Budget


def test_the_budget_is_empty_after_its_capacity() -> None:
    budget = Budget(3)
    assert [budget.take() for _ in range(5)] == [True, True, True, False, False]


def test_a_tenth_of_failures_never_empties_the_budget() -> None:
    budget = Budget(10)
    for number in range(10_000):
        if number % 10 == 0:
            assert budget.take()
        else:
            budget.add(0.2)


def test_the_budget_holds_no_more_than_its_capacity() -> None:
    budget = Budget(2)
    budget.add(100)
    assert [budget.take() for _ in range(3)] == [True, True, False]


# Outage

GONE: list[LedgerError] = [
    TransportError("the connection failed"),
    RequestTimeoutError("no whole answer in time"),
    *(ServerError(f"{status}", status=status) for status in (502, 503, 504)),
]
STUMBLED = ServerError("500", status=500)


def counted(outage: Outage, error: LedgerError, *, sent: float, times: int = 5) -> list[bool]:
    """Whether each of so many failures of one call, a second apart, counts against it."""
    failures = Failures()
    return [not outage.record(error, failures, sent + number) for number in range(times)]


def answered(at: float = 0.0) -> Outage:
    outage = Outage(RetryPolicy())
    outage.answered(at)
    return outage


@pytest.mark.parametrize("error", GONE, ids=repr)
def test_a_server_that_vanishes_is_an_outage_where_a_call_would_give_up(error: LedgerError) -> None:
    assert counted(answered(), error, sent=10, times=7) == [True] * 4 + [False] * 3


def test_a_lone_call_that_always_fails_is_none_while_the_server_stands() -> None:
    outage = answered()
    for start in range(10, 100, 10):
        failures = Failures()
        for number in range(5):
            assert not outage.record(STUMBLED, failures, start + number)
        outage.give_up(failures)


def test_a_server_that_was_never_there_is_hopeless_after_the_attempts_of_one_call() -> None:
    outage, hopeless = Outage(RetryPolicy()), []
    for now in range(5):
        assert outage.record(TransportError("refused"), Failures(), now)
        hopeless.append(outage.is_hopeless(now))
        outage.next_probe_in(now, asked=0, jitter=0.5)
    assert hopeless == [False] * 4 + [True]


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_server_that_answers_that_it_cannot_is_there_and_away_for_now(status: int) -> None:
    outage, error = Outage(RetryPolicy()), ServerError(f"{status}", status=status)
    assert counted(outage, error, sent=10, times=7) == [True] * 4 + [False] * 3
    assert [outage.is_hopeless(now) for now in (309, 310)] == [False, True]


def test_a_server_that_answers_after_refused_connections_was_there_all_the_time() -> None:
    outage = Outage(RetryPolicy())
    for now in range(4):
        outage.record(TransportError("refused"), Failures(), now)
        outage.next_probe_in(now, asked=0, jitter=0.5)
    outage.record(ServerError("503", status=503), Failures(), 5)
    assert [outage.is_hopeless(now) for now in (5, 299, 300)] == [False, False, True]


def test_probes_are_apart_where_the_policy_knows_no_backoff() -> None:
    outage = Outage(RetryPolicy(backoff_base=0.0))
    counted(outage, ServerError("503", status=503), sent=10)
    assert outage.next_probe_in(20, asked=0, jitter=0.5) > 0


@pytest.mark.parametrize("good", [11, 12.5])
def test_a_failure_beside_good_answers_is_the_calls_own(good: float) -> None:
    assert all(counted(answered(good), GONE[0], sent=10))


def test_many_calls_that_fail_over_and_over_are_an_outage_whatever_they_fail_of() -> None:
    outage, calls = answered(), [Failures() for _ in range(16)]
    first = [outage.record(STUMBLED, call, 10) for call in calls]
    second = [outage.record(STUMBLED, call, 11) for call in calls]
    assert (any(first), all(second)) == (False, True)


def test_an_outage_ends_with_a_good_answer() -> None:
    outage = answered()
    counted(outage, GONE[0], sent=10)
    outage.answered(20)
    assert outage.seconds(30) == 0
    assert all(counted(outage, STUMBLED, sent=40, times=1))


def test_an_answer_to_what_was_sent_before_does_not_end_an_outage() -> None:
    outage = answered()
    counted(outage, GONE[0], sent=10)
    outage.answered(9)
    assert outage.seconds(30) == 20


def test_an_outage_is_hopeless_after_its_bound() -> None:
    outage = answered()
    counted(outage, GONE[0], sent=10)
    assert [outage.is_hopeless(now) for now in (309, 310)] == [False, True]


@pytest.mark.parametrize("policy", [RetryPolicy(max_outage=0), RetryPolicy(max_attempts=1)])
def test_who_wants_no_probing_gets_none(policy: RetryPolicy) -> None:
    outage = Outage(policy)
    outage.answered(0)
    assert all(counted(outage, GONE[0], sent=10, times=20))


def test_probes_are_ever_rarer_and_the_last_one_is_at_the_end() -> None:
    outage, now = answered(), 10.0
    counted(outage, GONE[0], sent=now)
    waits = []
    while not outage.is_hopeless(now):
        waits.append(outage.next_probe_in(now, asked=0, jitter=0.999))
        now += waits[-1]
    assert waits[:3] == pytest.approx([0.1, 0.2, 0.4], rel=0.01)
    assert max(waits) < 20
    assert now == pytest.approx(310)


def test_a_probe_waits_at_least_as_long_as_it_was_asked_to() -> None:
    outage = answered()
    counted(outage, GONE[0], sent=10)
    assert outage.next_probe_in(309, asked=60, jitter=0.5) == 60


# The pace that headers tell


def learn(
    pace: Pace | Window,
    remaining: int,
    *,
    at: float,
    reset: float = 1.0,
    sent: float | None = None,
    in_flight: int = 0,
    passed: bool = True,
) -> None:
    sent = at if sent is None else sent
    quota = Quota(remaining, reset, 100)
    pace.learn(quota, sent=sent, now=at, in_flight=in_flight, passed=passed)


def starts(pace: Pace, start: float, end: float, most: int = 1000) -> list[float]:
    """When requests start that come as soon as they may, if all are answered at once."""
    now, times = start, list[float]()
    while len(times) < most and (now := now + pace.wait(0, now)) < end:
        pace.enter(now)
        times.append(now)
        now += 1e-9
    return times


def spend(window: Window, taken: int = 1, *, most: int = 100, every: float = 0.01) -> None:
    """Let as many be `taken` from a window with each answer to one of ours."""
    for number, remaining in enumerate(range(99, 99 - most, -taken)):
        learn(window, remaining, at=number * every, reset=1 - number * every)


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


def test_an_answer_that_comes_after_the_end_of_its_window_is_no_news() -> None:
    pace = Pace()
    learn(pace, 5, at=0)
    learn(pace, 0, at=1.1, sent=0.9, reset=1)
    assert pace.wait(0, now=1.1) == 0


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


# The pace that refusals teach


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


# What forbids every request


def test_a_pause_and_a_suspension_are_over_by_themselves() -> None:
    barrier = Barrier(max_wait=60)
    barrier.pause(5, 10)
    barrier.suspend(8, 10, STUMBLED, hopeless=False)
    assert [(barrier.pause_left(now), barrier.suspension_left(now)) for now in (12, 16, 20)] == [
        (3, 6),
        (0, 2),
        (0, 0),
    ]


def test_only_what_is_in_vain_is_refused() -> None:
    barrier = Barrier(max_wait=60)
    barrier.pause(70, 10)
    refusal = barrier.refusal(15)
    assert refusal is not None
    assert refusal().retry_after == 65
    assert barrier.refusal(20) is None


def test_a_hopeless_outage_is_refused_until_a_request_passes() -> None:
    barrier = Barrier(max_wait=60)
    barrier.suspend(8, 10, STUMBLED, hopeless=True)
    refusal = barrier.refusal(12)
    assert refusal is not None
    assert (refusal().status, refusal() is STUMBLED) == (500, False)
    barrier.passed()
    assert barrier.refusal(12) is None


def test_the_excuse_names_what_takes_longest() -> None:
    barrier = Barrier(max_wait=60)
    barrier.suspend(8, 10, STUMBLED, hopeless=False)
    assert [type(barrier.excuse(hold, 10)()) for hold in (5, 9)] == [ServerError, RateLimitError]


# Time held


def test_time_held_is_counted_until_it_is_over_or_noted_anew() -> None:
    held = HeldTime()
    held.note(10, hold=5)
    assert [held.seconds(now) for now in (10, 12, 20)] == [0, 2, 5]
    held.note(13, hold=0)
    assert held.seconds(20) == 3
