"""Parts on their way from a source to the store, which writes while the source reads."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from ledger_async import LedgerError, Progress

from .outcome import MirrorProgress, OnProgress
from .pending import Pending
from .store import Differences, Part, Run
from .together import together


class Copying:
    """Writes all parts of a source, and tells of the progress after each account.

    `done` is what was written here, of `known` accounts; `tried` counts those that came to an end,
    of which `unread` could not be read.
    """

    def __init__(self, run: Run, progress: OnProgress | None = None, *, known: int = 0) -> None:
        self.done = Differences()
        self.tried = self.unread = 0
        self._run = run
        self._tell = progress
        self._known = known
        self._pending = Pending()
        self._error: LedgerError | None = None

    def skip(self, accounts: int) -> None:
        """Count accounts that an earlier process has finished."""
        self.tried += accounts

    async def copy(self, parts: AsyncGenerator[Part, None], progress: Progress) -> None:
        """Write the parts; what had come before an error of the source is written, too."""
        await together(self._read(parts), self._write(progress))
        if self._error is not None:
            raise self._error

    async def _read(self, parts: AsyncGenerator[Part, None]) -> None:
        try:
            async with aclosing(parts):
                async for part in parts:
                    await self._pending.put(part)
        except LedgerError as error:
            self._error = error
        self._pending.close()

    async def _write(self, progress: Progress) -> None:
        while parts := await self._pending.take():
            self.done += await self._run.write(parts)
            for part in parts:
                if part.end is not None:
                    self.unread += part.end.status == "failed"
                    self._account_done(progress)

    def _account_done(self, progress: Progress) -> None:
        self.tried += 1
        if self._tell is not None:
            known = max(self.tried, self._known, progress.accounts_known)
            self._tell(_progress(self.tried, known, self.done, progress.waited))


def _progress(tried: int, known: int, done: Differences, waited: float) -> MirrorProgress:
    return MirrorProgress(
        accounts=tried,
        accounts_known=known,
        rows=done.rows,
        added=done.added,
        changed=done.changed,
        gone=done.gone,
        waited=waited,
    )
