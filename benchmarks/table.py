"""The table that every benchmark prints: what was to be reached, and what was measured."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import NamedTuple


class Result(NamedTuple):
    """A line of the table."""

    what: str
    bar: str
    measured: str
    reached: bool


async def show(results: AsyncIterable[Result]) -> bool:
    """Print each result as it comes, and say whether all bars were reached."""
    print(f"{'':50}{'bar':>10}{'measured':>12}")
    everything = True
    async for what, bar, measured, reached in results:
        note = "" if reached else "  not reached"
        print(f"{what:50}{bar:>10}{measured:>12}{note}", flush=True)
        everything &= reached
    return everything
