"""What the governor decides with, piece by piece: no loop, and time is an argument."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_async.barrier import Barrier
from ledger_async.concurrency import Concurrency
from ledger_async.errors import (
    LedgerError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    TransportError,
)
from ledger_async.held_time import HeldTime
from ledger_async.outage import Budget, Failures, Outage
from ledger_async.pace import Pace
from ledger_async.ratelimit import Quota
from ledger_async.retry import RetryPolicy

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
    return [not outage.includes(error, failures, sent + number) for number in range(times)]


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
            assert not outage.includes(STUMBLED, failures, start + number)
        outage.give_up(failures)


def test_a_server_that_was_never_there_is_hopeless_after_the_attempts_of_one_call() -> None:
    outage, hopeless = Outage(RetryPolicy()), []
    for now in range(5):
        assert outage.includes(TransportError("refused"), Failures(), now)
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
        outage.includes(TransportError("refused"), Failures(), now)
        outage.next_probe_in(now, asked=0, jitter=0.5)
    outage.includes(ServerError("503", status=503), Failures(), 5)
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
    first = [outage.includes(STUMBLED, call, 10) for call in calls]
    second = [outage.includes(STUMBLED, call, 11) for call in calls]
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


# Pace


def learn(
    pace: Pace,
    remaining: int,
    *,
    at: float,
    reset: float = 1.0,
    sent: float | None = None,
    limit: int | None = 100,
) -> None:
    sent = at if sent is None else sent
    pace.learn(Quota(remaining, reset, limit), sent=sent, now=at, in_flight=1)


def test_nothing_is_held_before_anything_is_known() -> None:
    assert Pace().wait(in_flight=99, now=0) == 0


def test_the_first_half_of_a_window_is_not_held() -> None:
    pace = Pace()
    learn(pace, 99, at=0)
    assert [pace.wait(in_flight, now=0) for in_flight in (0, 30, 50)] == [0, 0, 0]


def test_the_second_half_is_spread_over_the_time_that_is_left() -> None:
    pace = Pace()
    learn(pace, 9, at=0, sent=-1, reset=10)
    assert pace.wait(0, now=0) == pytest.approx(0.1)
    pace.enter(0.5)
    learn(pace, 8, at=0.5, reset=10)
    assert pace.wait(0, now=0.5) == pytest.approx(9.5 / 9)


def test_a_few_are_not_spread() -> None:
    pace = Pace()
    learn(pace, 4, at=0, reset=60, limit=5)
    assert [pace.wait(in_flight, now=0) for in_flight in (0, 3, 4)] == [0, 0, 60]


def test_whoever_is_alone_may_spend_all() -> None:
    pace = Pace()
    for remaining in range(99, 0, -1):
        pace.enter(0)
        learn(pace, remaining, at=0)
    assert (pace.share, pace.allowance) == (1, 1)


def test_strangers_who_spend_get_their_share() -> None:
    pace = Pace()
    for remaining in range(99, 19, -2):
        pace.enter(0)
        learn(pace, remaining, at=0)
    assert pace.share == pytest.approx(0.5, abs=0.06)
    assert pace.allowance == pytest.approx(10, abs=2)


def test_the_share_is_remembered_in_the_next_window() -> None:
    pace = Pace()
    for remaining in range(99, 19, -2):
        pace.enter(0)
        learn(pace, remaining, at=0)
    learn(pace, 99, at=2)
    assert pace.share == pytest.approx(0.6, abs=0.1)


def test_the_earliest_end_of_a_window_counts() -> None:
    pace = Pace()
    learn(pace, 50, at=0, reset=1)
    learn(pace, 0, at=0.9, reset=1)
    assert pace.wait(0, now=0.9) == pytest.approx(0.1)


def test_an_answer_that_was_overtaken_does_not_raise_what_remains() -> None:
    pace = Pace()
    learn(pace, 0, at=0.2, sent=0.1)
    learn(pace, 50, at=0.3, sent=0.1)
    assert pace.wait(0, now=0.3) > 0


def test_a_window_that_begins_before_it_was_told_is_noticed() -> None:
    pace = Pace()
    learn(pace, 50, at=0, reset=60)
    learn(pace, 80, at=5, sent=4, reset=60)
    assert (pace.wait(0, now=5), pace.allowance) == (0, 80)


def test_a_late_answer_of_the_window_before_is_not_of_this_one() -> None:
    pace = Pace()
    learn(pace, 50, at=0)
    learn(pace, 99, at=1.1, sent=1.0)
    learn(pace, 0, at=1.2, sent=0.9)
    assert pace.wait(0, now=1.2) == 0


def test_no_more_than_the_limit_start_before_the_next_window_is_heard_of() -> None:
    pace = Pace()
    learn(pace, 2, at=0, limit=3)
    assert pace.wait(0, now=1) == 0
    for in_flight in range(3):
        assert pace.wait(in_flight, now=1) == 0
        pace.enter(1)
    assert pace.wait(3, now=1) == math.inf
    assert pace.wait(0, now=1) == 0  # all lost: no answer is to come


@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.integers(0, 120),
            st.floats(0, 2),
            st.floats(0, 3),
            st.none() | st.integers(0, 120),
        )
    )
)
def test_whatever_servers_say_a_wait_is_a_time_and_ends(
    steps: list[tuple[bool, int, float, float, int | None]],
) -> None:
    pace, now = Pace(), 0.0
    for enters, remaining, passed, reset, limit in steps:
        now += passed
        if enters:
            pace.enter(now)
        learn(pace, remaining, at=now, sent=now - passed / 2, reset=reset, limit=limit)
        assert 0 <= pace.wait(0, now) <= 3
        assert 0 <= pace.share <= 1


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
