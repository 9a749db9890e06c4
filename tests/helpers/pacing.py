"""A window and a pace, told and spent on a clock that is an argument."""

from __future__ import annotations

from ledger_async._governor.pace import Pace
from ledger_async._governor.window import Window
from ledger_async._protocol.rate_limit_headers import Quota


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
