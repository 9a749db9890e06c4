"""Who is next at the gate: interactive requests, and one of the bulk in four."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable

import pytest

from ledger_async._governor.line import Line, Waiter


def waiter(name: str) -> Waiter:
    """One that waits for an awaited call, or for a stream where its name is in small letters."""
    permit = asyncio.get_running_loop().create_future()
    permit.name = name  # type: ignore[attr-defined]
    return Waiter(permit, name.isupper(), math.inf, math.inf)


def line_of(names: str) -> Line:
    line = Line()
    for name in names:
        line.join(waiter(name))
    return line


def names(waiters: Iterable[Waiter]) -> str:
    return "".join(each.permit.name for each in waiters)  # type: ignore[attr-defined]


def emptied(line: Line) -> str:
    return names(line.pop() for _ in range(len(line)))


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
    assert names(line.pop() for _ in range(4)) == "ABCD"
    line.join(waiter("a"))
    assert emptied(line) == "Ea"


async def test_who_leaves_is_no_longer_in_line() -> None:
    line = line_of("aA")
    for each in [*line]:
        line.leave(each)
        line.leave(each)
    assert len(line) == 0


async def test_who_is_kept_keeps_the_order() -> None:
    line = line_of("abcABC")
    line.keep([each for each in line if names([each]) not in "bB"])
    assert emptied(line) == "ACac"
