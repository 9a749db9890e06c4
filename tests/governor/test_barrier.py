"""Pauses and outages forbid every request for now, and say by which error."""

from __future__ import annotations

import asyncio
import math
from typing import cast

import pytest

from ledger_async._governor.barrier import Barrier
from ledger_async._governor.waiter import MakeError, Waiter
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
    hold = given.pop("hold", barrier.pause_left(now))
    shortage = given.pop("shortage", 0.0)
    patience = {"deadline": math.inf, "max_wait": 60} | given
    nobody = cast("asyncio.Future[int]", None)  # a barrier does not look at permits
    waiter = Waiter(nobody, interactive=True, **patience)  # type: ignore[arg-type]  # of floats
    return barrier.refusal(waiter, now, hold=hold, shortage=shortage)


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


def test_a_shortage_of_quota_is_refused_to_who_would_not_wait_as_long() -> None:
    barrier = Barrier(max_wait=60)
    assert refusal(barrier, 10, hold=5, shortage=5, max_wait=4) is not None


def test_the_gap_between_two_starts_is_no_pause() -> None:
    assert refusal(Barrier(max_wait=60), 10, hold=5, max_wait=0) is None


def test_an_outage_is_refused_to_who_does_not_sit_it_out() -> None:
    barrier = Barrier(max_wait=60)
    barrier.suspend(8, 10, STUMBLED, hopeless=False)
    refused = refusal(barrier, 12, sits_outages_out=False)
    assert refused is not None
    assert refused().status == 500
    assert refusal(barrier, 12) is None


def test_no_pause_is_so_short_that_the_server_is_asked_at_once() -> None:
    barrier = Barrier(max_wait=60)
    barrier.pause(0, 10)
    assert barrier.pause_left(10) == pytest.approx(0.1)


def test_a_pause_is_as_long_as_whoever_was_throttled_would_wait() -> None:
    barrier = Barrier(max_wait=1)
    barrier.pause(3, 10, max_wait=5)
    assert barrier.pause_left(10) == 3
