"""Pauses and outages forbid every request for now, and say by which error."""

from __future__ import annotations

from ledger_async._governor.barrier import Barrier
from ledger_async.errors import RateLimitError, ServerError

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
