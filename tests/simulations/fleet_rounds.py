"""Fleets of which something is killed at random moments, and whose tables are then compared."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryFile
from typing import IO, TypeAlias

import cluster_child
import psutil
import psycopg
from changing_workspace import ChangingWorkspace
from kill_rounds import PAGE, Rounds, first
from mirror_targets import PostgresTarget
from postgres import OwnServer
from psycopg.rows import scalar_row

from ledger_async.mirror import Table
from ledger_async.sandbox import Sandbox

_FLEET = Path(__file__).with_name("fleet_child.py")
_CLUSTER = cluster_child.__file__

_OPENING = (0, 1.5)  # seconds in which a fleet opens
_OWN_CLUSTER = "-"

_SESSIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class FleetRounds(Rounds):
    """Lets fleets mirror a workspace into PostgreSQL, and kills some of what they need."""

    def __init__(
        self,
        workspace: ChangingWorkspace,
        server: OwnServer,
        table: Table,
        seed: int,
        errors: IO[bytes],
    ) -> None:
        super().__init__(workspace, PostgresTarget(server.url), table, seed)
        self.server = server
        self.chance = Random(seed)
        self._errors = self._log = errors

    async def play_all(self, rounds: int) -> None:
        """Play so many rounds, in which each kind of thing is killed in its turn."""
        kinds = [*STRIKES]
        for number in range(rounds):
            if number % len(kinds) == 0:
                self.chance.shuffle(kinds)
            await self._play_one(kinds[number % len(kinds)])

    async def _play_one(self, kind: str) -> None:
        for _ in range(self.chance.randrange(20)):
            self._workspace.change()
        there, runs = self._workspace.keys(), self._runs()
        self._seen.clear()
        if kind == SCHEDULER:
            async with self._cluster() as (cluster, address):
                failed = await self._struck(kind, address, cluster)
        else:
            failed = await self._struck(kind, _OWN_CLUSTER, None)
        if failed:
            if kind not in FATAL:
                self._broken(f"a fleet did not outlive {kind}: {self._last_error()}")
            await self._go_on()
        await self._seen.silence()
        self._broken("runs were not gone on with", self._runs() - runs - 1)
        self._check_held(there - self._workspace.left)
        await self.compare_frozen()

    async def _struck(self, kind: str, scheduler: str, cluster: Process | None) -> bool:
        """Strike while a fleet mirrors; true if it has failed then."""
        async with self._child(_FLEET, scheduler) as fleet:
            await first(fleet.wait(), self._any_moment())
            if fleet.returncode is None and await STRIKES[kind](self, cluster or fleet):
                self.tally.kills[kind] += 1
            return bool(await fleet.wait())

    async def _go_on(self) -> None:
        async with self._child(_FLEET, _OWN_CLUSTER) as fleet:
            if await fleet.wait():
                self._broken(f"the next fleet failed: {self._last_error()}")

    def _runs(self) -> int:
        with psycopg.connect(self.server.url, row_factory=scalar_row) as connection:
            try:
                return connection.execute("SELECT count(*) FROM mirror_runs").fetchone() or 0
            except psycopg.errors.UndefinedTable:
                return 0

    async def _any_moment(self) -> None:
        if self.chance.random() < 0.15:
            await asyncio.sleep(self.chance.uniform(*_OPENING))
            return
        await self._seen.reach(self.chance.randint(1, self._workspace.pages().total()))
        await asyncio.sleep(self.chance.uniform(0, 0.1))

    @asynccontextmanager
    async def _cluster(self) -> AsyncIterator[tuple[Process, str]]:
        """A cluster that was there before the fleet, and the address of its scheduler."""
        cluster = await asyncio.create_subprocess_exec(
            *(sys.executable, _CLUSTER, "2", "1"),
            env=self._environment(),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
        )
        try:
            assert cluster.stdout is not None
            yield cluster, (await cluster.stdout.readline()).decode().strip()
        finally:
            with suppress(ProcessLookupError):
                cluster.kill()
            await cluster.wait()

    def _last_error(self) -> str:
        self._log.seek(0)
        return self._log.read().decode().strip().rpartition("\n")[2]


async def _kill(_: FleetRounds, process: Process) -> bool:
    process.kill()
    return True


async def _kill_worker(rounds: FleetRounds, fleet: Process) -> bool:
    workers = _workers(fleet)
    if workers:
        rounds.chance.choice(workers).kill()
    return bool(workers)


async def _kill_workers(_: FleetRounds, fleet: Process) -> bool:
    workers = _workers(fleet)
    for each in workers:
        each.kill()
    return bool(workers)


async def _end_sessions(rounds: FleetRounds, _: Process) -> bool:
    with psycopg.connect(rounds.server.url, autocommit=True) as connection:
        return bool(connection.execute(_SESSIONS).fetchall())


async def _stop_server(rounds: FleetRounds, _: Process) -> bool:
    await asyncio.to_thread(rounds.server.stop)
    await asyncio.sleep(1)
    await asyncio.to_thread(rounds.server.start)
    return True


async def _crash_server(rounds: FleetRounds, _: Process) -> bool:
    await asyncio.to_thread(rounds.server.crash)
    await asyncio.to_thread(rounds.server.start)
    return True


def _workers(fleet: Process) -> list[psutil.Process]:
    """The processes of a fleet's own cluster."""
    found = psutil.Process(fleet.pid).children()
    return [each for each in found if any("spawn_main" in word for word in each.cmdline())]


_Strike: TypeAlias = Callable[[FleetRounds, Process], Awaitable[bool]]

SCHEDULER = "scheduler"

STRIKES: Mapping[str, _Strike] = {
    "worker": _kill_worker,
    "all workers": _kill_workers,
    "process of the fleet": _kill,
    SCHEDULER: _kill,
    "sessions of the database": _end_sessions,
    "database stopped": _stop_server,
    "database crashed": _crash_server,
}
"""What is killed: true if there was something to kill."""

FATAL = frozenset({"process of the fleet", SCHEDULER})
"""Those that end a mirror, which the next one goes on with."""


@asynccontextmanager
async def fleet_rounds(
    server: OwnServer, sizes: Mapping[int, int], *, seed: int, pause: int, latency: float
) -> AsyncIterator[FleetRounds]:
    """Rounds with a workspace of these accounts, which changes once in `pause` requests."""
    async with Sandbox(sizes, seed=seed, max_page_size=PAGE, latency=latency) as sandbox:
        workspace = ChangingWorkspace(sandbox, sizes, page=PAGE, seed=seed, pause=pause)
        with workspace.frozen():
            table, _ = await workspace.truth()
        with TemporaryFile() as errors:
            yield FleetRounds(workspace, server, table, seed, errors)
