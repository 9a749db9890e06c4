"""The standing of a run, as its journals tell it: accounts that ended, and parts so far."""

from __future__ import annotations

from collections import defaultdict
from typing import TypeAlias

import msgspec

from ledger_async.mirror.store import PROVEN, AccountEnd

from .journal import Entry, Head, Place, writer_of

Stretches: TypeAlias = "tuple[Stretch, ...]"

Staging: TypeAlias = "dict[int | None, list[Stretch]]"


class Stretch(msgspec.Struct, frozen=True, gc=False):
    """Rows of one account within a record."""

    place: Place
    start: int
    rows: int
    checkpoint: bytes | None
    written_at: float


class Ended(msgspec.Struct, frozen=True, gc=False):
    """An account that was tried, and the rows that came.

    `earlier` are those of attempts before, which still count: none of them, nor this one, proved
    what the account holds. `replaced` is the number of rows that came before, and count no more.
    """

    end: AccountEnd
    stretches: Stretches
    earlier: Stretches = ()
    replaced: int = 0

    @property
    def all(self) -> Stretches:
        """The rows of all attempts that count, older ones first."""
        return self.earlier + self.stretches

    @property
    def read(self) -> int:
        """The number of rows that came with all attempts."""
        return self.replaced + sum(each.rows for each in self.all)


class Standing:
    """Follows the journals of a run, record by record.

    Parts without an end belong to their writer: all processes that hold the run, one after
    another, are one, and each that joined is one of its own.
    """

    def __init__(self) -> None:
        self.ended: dict[int | None, Ended] = {}
        self.written_at = 0.0
        self._staged: dict[str, Staging] = defaultdict(dict)

    def finished(self, account_id: int | None) -> bool:
        """True if the account was read to its end, and is proven."""
        return account_id in self.ended and self.ended[account_id].end.status in PROVEN

    def staged(self, writer: str) -> Staging:
        """The parts that this writer staged of each account, and has not ended."""
        return self._staged[writer]

    def follow(self, head: Head, place: Place) -> None:
        """Take in the next record."""
        staged = self._staged[writer_of(place.path)]
        start = 0
        if head.entries:
            self.written_at = max(self.written_at, head.written_at)
        for entry in head.entries:
            stretch = Stretch(place, start, entry.rows, entry.checkpoint, head.written_at)
            self._add(staged, entry, stretch)
            start += entry.rows
        for account_id in head.dropped:
            staged.pop(account_id, None)

    def _add(self, staged: Staging, entry: Entry, stretch: Stretch) -> None:
        stretches = staged.setdefault(entry.account_id, [])
        stretches.append(stretch)
        if entry.status is None:
            return
        del staged[entry.account_id]
        if not self.finished(entry.account_id):
            came = (
                () if entry.status == "failed" else tuple(each for each in stretches if each.rows)
            )
            ended = Ended(AccountEnd(entry.status, entry.replaces), came)
            self.ended[entry.account_id] = _behind(self.ended.get(entry.account_id), ended)


def _behind(before: Ended | None, ended: Ended) -> Ended:
    """A further attempt: where it does not tell what the account holds, all that came counts."""
    if before is None:
        return ended
    if ended.end.replaces:
        return Ended(ended.end, ended.stretches, replaced=before.read)
    end = AccountEnd(ended.end.status, before.end.replaces)
    return Ended(end, ended.stretches, before.all, before.replaced)
