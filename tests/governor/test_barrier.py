"""Pauses and outages forbid every request for now, and say by which error."""

from __future__ import annotations

import math

import pytest

from ledger_async._governor.barrier import Barrier, MakeError
from ledger_async.errors import LedgerError, RateLimitError, ServerError

STUMBLED = ServerError("500", status=500)


def test_a_pause_and_a_suspension_are_over_by_themselves() -> None:
    barrier = Barrier(max_wait=60)
    barrier.pause(5, 10)
    barrier.suspend(8, 10, STUMBLED, hopeless=False)
    assert [(barrier.pause_left(now), barrier.suspension_left(now)) for now in (12, 16, 20)] == [
        (3, 6),
        (0, 2),
        (0, 0),
    ]


def refusal(barrier: Barrier, now: float, **given: float) -> MakeError | None:
    """The refusal of a request of unlimited patience, but for what is given."""
    patience = {"hold": barrier.pause_left(now), "deadline": math.inf, "max_wait": 60}
    return barrier.refusal(now, **patience | given)


def test_only_what_is_in_vain_is_refused() -> None:
    barrier = Barrier(max_wait=60)
    barrier.pause(70, 10)
    refused = refusal(barrier, 15)
    assert refused is not None
    assert refused().retry_after == 65
    assert refusal(barrier, 20) is None


@pytest.mark.parametrize(("max_wait", "is_refused"), [(4, True), (6, False)])
def test_a_pause_is_refused_to_who_would_not_wait_as_long(
    max_wait: int, *, is_refused: bool
) -> None:
    barrier = Barrier(max_wait=60)
    barrier.pause(5, 10)
    assert (refusal(barrier, 10, max_wait=max_wait) is not None) is is_refused


def test_a_pause_that_most_would_not_wait_for_may_be_waited_for() -> None:
    barrier = Barrier(max_wait=60)
    barrier.pause(70, 10)
    assert refusal(barrier, 15, max_wait=66) is None


def test_a_hopeless_outage_is_refused_until_a_request_passes() -> None:
    barrier = Barrier(max_wait=60)
    barrier.suspend(8, 10, STUMBLED, hopeless=True)
    refused = refusal(barrier, 12)
    assert refused is not None
    assert (refused().status, refused() is STUMBLED) == (500, False)
    barrier.passed()
    assert refusal(barrier, 12) is None


@pytest.mark.parametrize(("hold", "error"), [(5, ServerError), (9, RateLimitError)])
def test_the_refusal_names_what_takes_longest(hold: float, error: type[LedgerError]) -> None:
    barrier = Barrier(max_wait=60)
    barrier.suspend(8, 10, STUMBLED, hopeless=False)
    refused = refusal(barrier, 10, hold=hold, deadline=15)
    assert refused is not None
    assert type(refused()) is error
