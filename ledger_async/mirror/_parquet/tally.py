"""The differences between what came of accounts and what the last snapshot holds of them."""

from __future__ import annotations

from ledger_async.mirror.store import AccountEnd, Differences

from .digests import compare

_AT_ONCE = 1 << 20  # bytes of digests that are compared together


class Tally:
    """Adds up differences, of many accounts in one go."""

    def __init__(self) -> None:
        self._done = Differences()
        self._sides: dict[bool, tuple[list[bytes], list[bytes]]] = {True: ([], []), False: ([], [])}
        self._waiting = 0

    def add(self, end: AccountEnd, read: int, new: bytes, old: bytes) -> None:
        """Compare the digests of the rows that came with those of the account's old rows.

        No key comes twice in either, while `read` counts every row.
        """
        came, held = self._sides[end.replaces]
        came.append(new)
        held.append(old)
        self._waiting += len(new) + len(old)
        self._done += Differences(int(end.status != "failed"), read)
        if self._waiting >= _AT_ONCE:
            self._settle()

    def total(self) -> Differences:
        """The sum of all that was added so far."""
        self._settle()
        return self._done

    def _settle(self) -> None:
        for replaces, (came, held) in self._sides.items():
            found = compare(b"".join(came), b"".join(held))
            gone = found.missing if replaces else 0
            self._done += Differences(added=found.added, changed=found.changed, gone=gone)
            came.clear()
            held.clear()
        self._waiting = 0
