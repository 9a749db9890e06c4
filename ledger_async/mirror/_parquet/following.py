"""Follows the journals of a run, for all who write into it in this process."""

from __future__ import annotations

import heapq
from pathlib import Path

import anyio

from . import journal
from .journal import Head, Place
from .standing import Standing


class Following:
    """The standing of a run, as far as its journals were read here, each record once.

    Whoever reads or writes journals takes its `turn`. `place` is the folder of the run.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.standing = Standing()
        self.turn = anyio.Lock()
        self._ends: dict[Path, int] = {}

    def catch_up(self) -> None:
        """Read what was written since, in the order in which it was."""
        ends = {each: self._ends.get(each, 0) for each in sorted(self.place.glob("*.journal"))}
        longer = [(path, end) for path, end in ends.items() if path.stat().st_size > end]
        scans = [journal.scan(path, end) for path, end in longer]
        for head, place, end in heapq.merge(*scans, key=_written_at):
            self.take_in(head, place, end)

    def take_in(self, head: Head, place: Place, end: int) -> None:
        """Follow the next record of a journal, and begin behind it the next time."""
        self.standing.follow(head, place)
        self._ends[place.path] = end


def _written_at(record: tuple[Head, Place, int]) -> float:
    return record[0].written_at
