"""Who is next at the gate: interactive requests, and one of the bulk in four."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable

import pytest

from ledger_async._governor.waiter import Waiter
from ledger_async._governor.waiting_line import WaitingLine
from ledger_async.errors import LedgerError, RateLimitError


def waiter(name: str) -> Waiter:
    """One that waits for an awaited call, or for a stream where its name is in small letters."""
    permit = asyncio.get_running_loop().create_future()
    permit.name = name  # type: ignore[attr-defined]
    return Waiter(permit, name.isupper(), math.inf, math.inf)


def line_of(names: str) -> WaitingLine:
    line = WaitingLine()
    for name in names:
        line.join(waiter(name))
    return line


def names(waiters: Iterable[Waiter]) -> str:
    return "".join(each.permit.name for each in waiters)  # type: ignore[attr-defined]


def emptied(line: WaitingLine) -> str:
    return names(line.next() for _ in range(len(line)))


@pytest.mark.parametrize(
    ("queued", "order"),
    [
        ("", ""),
        ("abc", "abc"),
        ("ABC", "ABC"),
        ("abAB", "ABab"),
        ("aABCDE", "ABCaDE"),
        ("abcdABCDEFGH", "ABCaDEFbGHcd"),
        ("ABCDEFGab", "ABCaDEFbG"),
    ],
)
async def test_interactive_requests_pass_and_leave_every_fourth_permit(
    queued: str, order: str
) -> None:
    assert emptied(line_of(queued)) == order


async def test_passing_counts_only_while_somebody_is_passed() -> None:
    line = line_of("ABCDE")
    assert names(line.next() for _ in range(4)) == "ABCD"
    line.join(waiter("a"))
    assert emptied(line) == "Ea"


async def test_who_leaves_is_no_longer_in_line() -> None:
    line, waiters = WaitingLine(), [waiter("a"), waiter("A")]
    for each in waiters:
        line.join(each)
    for each in waiters:
        line.leave(each)
        line.leave(each)
    assert len(line) == 0


async def test_who_is_not_turned_away_keeps_the_order() -> None:
    line = line_of("abcABC")
    line.turn_away(lambda each: (lambda: LedgerError("no")) if names([each]) in "bB" else None)
    assert emptied(line) == "ACac"


async def test_who_is_turned_away_gets_the_error() -> None:
    line, late = WaitingLine(), waiter("a")
    line.join(late)
    line.turn_away(lambda _: lambda: RateLimitError("too long"))
    with pytest.raises(RateLimitError):
        await late.permit


@pytest.mark.parametrize(("until", "held"), [(6.0, 1.0), (1.0, 4.0)])
async def test_nobody_is_looked_at_before_it_is_too_late_for_one(until: float, held: float) -> None:
    line = line_of("aA")
    assert line.all_may_wait(until=until, held=held)
    line.join(waiter("b")._replace(deadline=5.0, max_wait=3.0))
    assert not line.all_may_wait(until=until, held=held)


async def test_who_does_not_sit_outages_out_is_looked_at_in_an_outage() -> None:
    line = line_of("aA")
    assert line.all_may_wait(until=1, held=1, in_outage=True)
    line.join(waiter("b")._replace(sits_outages_out=False))
    assert not line.all_may_wait(until=1, held=1, in_outage=True)
    assert line.all_may_wait(until=1, held=1)
