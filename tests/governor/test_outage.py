"""The budget of failures, and the outage that many of them make."""

from __future__ import annotations

import pytest

from ledger_async._governor.outage import Budget, Failures, Outage
from ledger_async._governor.retry import RetryPolicy
from ledger_async.errors import (
    LedgerError,
    RequestTimeoutError,
    ServerError,
    TransportError,
)

STUMBLED = ServerError("500", status=500)


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
