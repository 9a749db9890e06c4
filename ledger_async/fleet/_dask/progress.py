"""One progress of many workers."""

from __future__ import annotations

from collections.abc import Callable

from ledger_async.mirror import MirrorProgress
from ledger_async.mirror.outcome import OnProgress

from .mirror_work import Told

_SUMS = ("accounts", "rows", "added", "changed", "gone")


class Together:
    """Adds up chunks that are done and those that are under way, and tells of the sum.

    `waited` is that of the worker that waited longest, since workers wait beside each other.
    """

    def __init__(self, tell: OnProgress | None, known: int, doing: Callable[[str], bool]) -> None:
        self._known = known
        self._met = 0
        self._tell = tell
        self._is_doing = doing
        self._done = dict.fromkeys(_SUMS, 0)
        self._doing: dict[str, MirrorProgress] = {}
        self._waited: dict[str, float] = {}

    def meet(self, accounts: int, *, finished: int) -> None:
        """There are so many accounts more, some of which an earlier process finished."""
        self._met += accounts
        self._done["accounts"] += finished

    def hear(self, told: Told) -> None:
        """A worker tells of its chunk, perhaps later than that it is done with it."""
        if self._is_doing(told.key):
            self._doing[told.key] = told.progress
            self._waited[told.worker] = told.progress.waited
            self._say()

    def end(self, told: Told) -> None:
        """A worker is done with its chunk."""
        self._doing.pop(told.key, None)
        self._waited[told.worker] = told.progress.waited
        for name in _SUMS:
            self._done[name] += getattr(told.progress, name)
        self._say()

    def _say(self) -> None:
        if self._tell is None:
            return
        sums = {
            name: done + sum(getattr(each, name) for each in self._doing.values())
            for name, done in self._done.items()
        }
        known = max(self._known, self._met, sums["accounts"])
        waited = max(self._waited.values())
        self._tell(MirrorProgress(accounts_known=known, waited=waited, **sums))
