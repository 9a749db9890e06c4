"""An ingestion worker with a health endpoint: `python examples/worker.py [STORE]`.

It mirrors the NFTs of every account into the store, `sqlite:ledger.db` or `postgresql://…`, again
every five minutes, and says at http://127.0.0.1:8080/health how that goes. The workspace is that
of `LEDGER_BASE_URL`, `LEDGER_API_KEY` and `LEDGER_API_USER`. SIGTERM and Ctrl-C end it in order.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from ledger_async import LedgerClient, LedgerError
from ledger_async.mirror import MirrorOutcome, MirrorProgress, Store, mirror, store_at

logger = logging.getLogger("worker")


class Worker:
    """Mirrors every so many seconds, and knows what came of it."""

    def __init__(self, ledger: LedgerClient, store: Store, *, every: float) -> None:
        self._ledger = ledger
        self._store = store
        self._every = every
        self._fresh_at = self._came_at = time.monotonic()  # who has only just begun is not stale
        self._outcome: MirrorOutcome | None = None
        self._error: LedgerError | None = None

    async def run(self) -> None:
        """Mirror until cancelled; a run that fails is tried again at its next turn."""
        while True:
            try:
                self._outcome, self._error = await self._mirror(), None
                self._fresh_at = self._came_at = time.monotonic()
                logger.info("mirrored: %s", self.health()["last_run"])
            except LedgerError as error:
                self._error = error
                logger.warning("not mirrored: %s", error)
            await asyncio.sleep(self._every)

    async def _mirror(self) -> MirrorOutcome:
        ids = (account.id async for account in self._ledger.accounts.stream())
        return await mirror(self._ledger.nfts, ids, store=self._store, progress=self._note)

    def _note(self, _: MirrorProgress) -> None:
        self._came_at = time.monotonic()

    @property
    def is_stale(self) -> bool:
        """True once no account has come for three turns; a run may take longer than that."""
        return time.monotonic() - self._came_at > 3 * self._every

    def health(self) -> dict[str, Any]:
        """The facts about the last run that ended, and the error of a later one."""
        return {
            "status": "stale" if self.is_stale else "ok" if self._outcome else "starting",
            "seconds_ago": round(time.monotonic() - self._fresh_at, 1) if self._outcome else None,
            "last_run": _told(self._outcome) if self._outcome else None,
            "error": str(self._error) if self._error else None,
        }


def _told(outcome: MirrorOutcome) -> dict[str, Any]:
    """The run as JSON has it: accounts that are not proven are told with their errors."""
    return {
        "id": outcome.run_id,
        "accounts": outcome.accounts,
        "proven": outcome.accounts - len(outcome.failed),
        "rows": outcome.rows,
        "added": outcome.added,
        "changed": outcome.changed,
        "gone": outcome.gone,
        "failed": {str(account_id): str(error) for account_id, error in outcome.failed.items()},
    }


@asynccontextmanager
async def serving(worker: Worker, port: int) -> AsyncIterator[str]:
    """Serve health at the URL that is given: 200, or 503 where the store is stale."""

    async def health(_: web.Request) -> web.Response:
        return web.json_response(worker.health(), status=503 if worker.is_stale else 200)

    app = web.Application()
    app.router.add_get("/health", health)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        host, bound = runner.addresses[0]
        yield f"http://{host}:{bound}/health"
    finally:
        await runner.cleanup()


async def asked_to_stop() -> None:
    """Return at SIGTERM or Ctrl-C."""
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    await stop.wait()


async def main(store: str, *, every: float, port: int) -> None:
    """Mirror and serve until a signal comes, then let accounts end that are being read."""
    async with LedgerClient() as ledger, store_at(store) as opened:
        worker = Worker(ledger, opened, every=every)
        async with serving(worker, port) as url, asyncio.TaskGroup() as group:
            logger.info("health: %s", url)
            working = group.create_task(worker.run())
            await asked_to_stop()
            logger.info("ends")
            await ledger.drain(10)
            working.cancel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Mirror NFTs every so often.")
    parser.add_argument("store", nargs="?", default="sqlite:ledger.db")
    parser.add_argument("--every", type=float, default=300.0, help="seconds between two runs")
    parser.add_argument("--port", type=int, default=8080, help="of the health endpoint")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    asyncio.run(main(arguments.store, every=arguments.every, port=arguments.port))
