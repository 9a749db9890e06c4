"""Parts on their way from a source to the store, which writes while the source reads."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing

from ledger_async import LedgerError, Progress, RowRefusedError

from .endings import Failed
from .outcome import MirrorProgress, OnProgress
from .pending import Pending
from .store import AccountEnd, Differences, Part, Run
from .together import together


class Copying:
    """Writes all parts of a source, and tells of the progress after each account.

    `done` is what was written here, of `known` accounts, of which `unread` could not be read. An
    account with a value that the store refuses has failed, unless it `raises`.
    """

    def __init__(
        self,
        run: Run,
        failed: Failed,
        *,
        raises: bool = False,
        progress: OnProgress | None = None,
        known: int = 0,
    ) -> None:
        self.done = Differences()
        self.unread = 0
        self._run = run
        self._failed = failed
        self._raises = raises
        self._tell = progress
        self._known = known
        self._tried = 0
        self._pending = Pending()
        self._refused: set[int | None] = set()
        self._error: LedgerError | None = None

    def skip(self, accounts: int) -> None:
        """Count accounts that an earlier process has finished."""
        self._tried += accounts

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
            for part in await self._keep([*self._wanted(parts)]):
                if part.end is not None:
                    self.unread += part.end.status == "failed"
                    self._account_done(progress)

    def _wanted(self, parts: Iterable[Part]) -> Iterator[Part]:
        return (part for part in parts if part.account_id not in self._refused)

    async def _keep(self, parts: list[Part]) -> list[Part]:
        """Write the parts, and return those that were, or what stands for the refused ones."""
        try:
            self.done += await self._run.write(parts)
        except RowRefusedError as error:
            if self._raises:
                raise
            accounts = {part.account_id: part for part in parts}
            if len(accounts) == 1:
                return await self._refuse(parts[-1], error)
            own = ([part for part in parts if part.account_id == each] for each in accounts)
            return [part for each in own for part in await self._keep(each)]
        return parts

    async def _refuse(self, part: Part, error: RowRefusedError) -> list[Part]:
        """Let the account of this part have failed, and write nothing more of it."""
        self._refused.add(part.account_id)
        self._failed[part.account_id] = error
        failed = AccountEnd("failed", replaces=False)
        return await self._keep([Part(part.account_id, [[] for _ in part.cells], end=failed)])

    def _account_done(self, progress: Progress) -> None:
        self._tried += 1
        if self._tell is not None:
            known = max(self._tried, self._known, progress.accounts_known)
            self._tell(_progress(self._tried, known, self.done, progress.waited))


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
