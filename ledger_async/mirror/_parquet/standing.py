"""The standing of a run, as its journals tell it: accounts that ended, and parts so far."""

from __future__ import annotations

from typing import NamedTuple

from ledger_async.mirror.store import AccountEnd

from .journal import Entry, Head, Place


class Stretch(NamedTuple):
    """Rows of one account within a record."""

    place: Place
    start: int
    rows: int
    checkpoint: bytes | None
    written_at: float


class Ended(NamedTuple):
    """An account that was tried, and the rows that came."""

    end: AccountEnd
    stretches: list[Stretch]


class Standing:
    """Follows the journals of a run, record by record."""

    def __init__(self) -> None:
        self.ended: dict[int | None, Ended] = {}
        self.staged: dict[int | None, list[Stretch]] = {}

    def finished(self, account_id: int | None) -> bool:
        """True if the account was read to its end."""
        return account_id in self.ended and self.ended[account_id].end.status != "failed"

    def follow(self, head: Head, place: Place) -> None:
        """Take in the next record."""
        start = 0
        for entry in head.entries:
            if not self.finished(entry.account_id):
                stretch = Stretch(place, start, entry.rows, entry.checkpoint, head.written_at)
                self._add(entry, stretch)
            start += entry.rows
        for account_id in head.dropped:
            self.staged.pop(account_id, None)

    def _add(self, entry: Entry, stretch: Stretch) -> None:
        stretches = self.staged.setdefault(entry.account_id, [])
        stretches.append(stretch)
        if entry.status is not None:
            del self.staged[entry.account_id]
            came = [] if entry.status == "failed" else [each for each in stretches if each.rows]
            self.ended[entry.account_id] = Ended(AccountEnd(entry.status, entry.replaces), came)
