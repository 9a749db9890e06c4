"""A figure that was to be reached, and the table of such."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from statistics import median
from typing import NamedTuple


class Figure(NamedTuple):
    """What was to be reached, at most, and the median of what was, with its spread in pairs.

    `instructions` is the same ratio, of instructions that were counted.
    """

    what: str
    bar: float
    measured: float
    spread: tuple[float, float] | None = None
    instructions: float | None = None

    @classmethod
    def of(cls, what: str, bar: float, ratios: list[float], instructions: float | None) -> Figure:
        """The figure of such ratios, one of each pair."""
        spread = (min(ratios), max(ratios)) if len(ratios) > 1 else None
        return cls(what, bar, median(ratios), spread, instructions)

    @property
    def is_reached(self) -> bool:
        """True if it is no more than the bar."""
        return self.measured <= self.bar

    def cells(self) -> Iterator[str]:
        """What stands in its line of a table."""
        yield from (self.what, f"≤ {self.bar:.3g}")
        spread = f" ({self.spread[0]:.3g} to {self.spread[1]:.3g})" if self.spread else ""
        note = "" if self.is_reached else ", **not reached**"
        yield f"{self.measured:.3g}{spread}{note}"
        yield f"{self.instructions:.3g}" if self.instructions else ""


def table(found: Iterable[Figure]) -> Iterator[str]:
    """The lines of a table of these, with a column of instructions where some were counted."""
    found = [*found]
    columns = ["figure", "bar", "measured"]
    if any(each.instructions for each in found):
        columns.append("instructions")
    yield from (row(columns), f"|{' --- |' * len(columns)}")
    for each in found:
        yield row([*each.cells()][: len(columns)])


def row(cells: Iterable[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"
