"""Mirrors that are killed at random moments while their source changes, and then are compared."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import IO, Any

from changing_workspace import ChangingWorkspace, Key, Row
from mirror_targets import Target, canonical

from ledger_async.mirror import Table
from ledger_async.mirror.stores import store_at
from ledger_async.sandbox import Sandbox

LARGE = 1
"""The account that is long enough to be gone on with."""

PAGE = 10
"""The NFTs of a page."""

_CHILD = Path(__file__).with_name("mirror_child.py")
_IN_THE_DARK = (0, 0.7)  # seconds in which a process starts, and begins its run
_LATENCY = 0.03


@dataclass
class Tally:
    """What some rounds came to; `broken` has what must not be, in words."""

    kills: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    requests: int = 0
    ideal: int = 0
    of_open: int = 0
    quiet_requests: int = 0
    quiet_ideal: int = 0
    cut_off: int = 0
    resumed: int = 0
    compared: int = 0
    longest_lock: float = 0.0
    longest_exit: float = 0.0
    broken: Counter[str] = field(default_factory=Counter)

    @property
    def price(self) -> float:
        """The requests but those of accounts that were open at a kill, as a multiple of ideal."""
        return (self.requests - self.of_open) / max(1, self.ideal)

    @property
    def all_price(self) -> float:
        """All requests, as a multiple of ideal."""
        return self.requests / max(1, self.ideal)

    @property
    def quiet_price(self) -> float:
        """The requests of mirrors that nobody killed while nothing changed, likewise."""
        return self.quiet_requests / max(1, self.quiet_ideal)


@dataclass(frozen=True)
class Probe:
    """A store as the next process will find it."""

    run_id: str
    resumed: bool
    finished: frozenset[int | None]
    staged: frozenset[int | None]
    rows: Mapping[int, frozenset[Row]]


class Rounds:
    """Lets processes mirror a workspace into a target, and kills them."""

    _errors: int | IO[bytes] = asyncio.subprocess.DEVNULL

    def __init__(
        self, workspace: ChangingWorkspace, target: Target, table: Table, seed: int
    ) -> None:
        self.tally = Tally()
        self._workspace = workspace
        self._target = target
        self._table = table
        self._random = Random(seed)
        self._seen = _Seen(workspace.sandbox)

    async def play(self, kills: int, signals: Sequence[signal.Signals]) -> None:
        """Kill so many processes, let the next one end the run, and compare what came of it."""
        there = self._workspace.keys()
        before = await self._probe()
        while kills:
            kills -= await self._kill(self._random.choice(signals), before)
            for _ in range(self._random.randrange(4)):
                self._workspace.change()
            after = await self._probe()
            self._compare_cut_off(before, after)
            before = after
        await self._finish(before)
        self._check_held(there - self._workspace.left)
        await self.compare_frozen()

    async def cut_off(self, share: float, inserts: int) -> float:
        """Kill the first process once so much was asked for; the pages of all, of those there are.

        So many elements come in before the next process.
        """
        pages = self._workspace.pages().total()
        with self._workspace.frozen():
            async with self._child() as child:
                await first(child.wait(), self._seen.reach(int(share * pages)))
            await self._seen.silence()
            for _ in range(inserts):
                self._workspace.sandbox.add_nfts(LARGE)
            await self._mirror()
        requests = len(self._seen.accounts)
        await self.compare_frozen()
        return requests / pages

    async def kill_in_merge(self, most: float) -> bool:
        """Kill a process after its last answer; true if it had not finished the account yet."""
        before = await self._probe()
        with self._workspace.frozen():
            self._seen.clear()
            owed = self._owed(self._workspace.pages(), before)
            async with self._child() as child:
                await first(child.wait(), self._read(owed, most))
            await self._seen.silence()
        after = await self._probe()
        self._compare_cut_off(before, after)
        return LARGE in after.staged

    async def _kill(self, sent: signal.Signals, before: Probe) -> bool:
        """Kill a process at a random moment; false if it had ended before."""
        self._begin(before)
        pages = self._workspace.pages()
        async with self._child() as child:
            await first(child.wait(), self._moment(self._owed(pages, before)))
            was_alive = child.returncode is None
            if was_alive:
                self.tally.longest_exit = max(self.tally.longest_exit, await _end(child, sent))
                self.tally.kills[sent.name] += 1
            elif child.returncode:
                self._broken(f"a process failed with {child.returncode}")
        await self._seen.silence()
        return was_alive

    def _begin(self, before: Probe) -> None:
        if not before.resumed:
            self.tally.runs += 1
            self.tally.ideal += self._workspace.pages().total()
        self._seen.clear()

    def _owed(self, pages: Counter[int], before: Probe) -> int:
        return sum(count for each, count in pages.items() if each not in before.finished)

    async def _moment(self, owed: int) -> None:
        if self._random.random() < 0.1:
            await asyncio.sleep(self._random.uniform(*_IN_THE_DARK))
            return
        await self._seen.reach(self._random.randint(1, owed + 5))
        most = 0.4 if self._random.random() < 0.2 else 0.05
        await asyncio.sleep(self._random.uniform(0, most))

    async def _read(self, owed: int, most: float) -> None:
        """Wait until that many pages were read, and then up to so many seconds."""
        await self._seen.reach(owed)
        await self._seen.answered()
        await asyncio.sleep(self._random.uniform(0, most))

    def _compare_cut_off(self, before: Probe, after: Probe) -> None:
        """Look at what a process has read and left."""
        asked = Counter(self._seen.accounts)
        self.tally.requests += asked.total()
        again = before.finished & asked.keys()
        self._broken("finished accounts were read again", len(again))
        if after.resumed and (after.run_id == before.run_id or not before.resumed):
            is_open = asked.keys() - after.finished
            self.tally.cut_off += len(is_open)
            self.tally.resumed += len(is_open & after.staged)
            self.tally.of_open += sum(asked[each] for each in is_open)
            if after.run_id == before.run_id:
                self._check_whole(before, after)

    def _check_whole(self, before: Probe, after: Probe) -> None:
        """Every account is as it was, unless it was finished."""
        torn = [
            each
            for each in before.rows.keys() | after.rows.keys()
            if each not in after.finished and before.rows.get(each) != after.rows.get(each)
        ]
        self._broken("accounts were neither as before nor finished", len(torn))

    async def _finish(self, before: Probe) -> None:
        """Let the run be ended."""
        self._begin(before)
        await self._mirror()
        self.tally.requests += len(self._seen.accounts)

    async def compare_frozen(self) -> None:
        """Mirror once more, while nothing changes: the target is then as the source."""
        with self._workspace.frozen():
            self._seen.clear()
            await self._mirror()
            self.tally.quiet_requests += len(self._seen.accounts)
            self.tally.quiet_ideal += self._workspace.pages().total()
            _, truth = await self._workspace.truth()
        found = self._target.rows(self._table)
        held = {row[:3]: row for row in found}
        self._broken("rows were repeated", len(found) - len(held))
        self._broken("rows were lost", len(truth.keys() - held.keys()))
        self._broken("rows were not gone", len(held.keys() - truth.keys()))
        wrong = sum(
            canonical(self._table, truth[each]) != held[each] for each in truth.keys() & held.keys()
        )
        self._broken("rows differed", wrong)
        self.tally.compared += len(truth)
        self._check_changes({*held})

    def _check_held(self, throughout: set[Key]) -> None:
        held = {row[:3] for row in self._target.rows(self._table)}
        self._broken("elements that never left were lost or gone", len(throughout - held))

    def _check_changes(self, held: set[Key]) -> None:
        """Nothing is added twice without a `gone` between, and nothing gone that never left."""
        last: dict[Key, str] = {}
        for key, kind in self._target.changes(self._table):
            is_there = last.get(key, "gone") != "gone"
            self._broken(f"{kind} of what was {last.get(key)}", is_there == (kind == "added"))
            wrongly = kind == "gone" and key not in self._workspace.left
            self._broken("elements were gone that never left", wrongly)
            last[key] = kind
        if last:
            there = {key for key, kind in last.items() if kind != "gone"}
            self._broken("changes say otherwise than rows", len(there ^ held))

    async def _mirror(self) -> None:
        async with self._child() as child:
            if await child.wait():
                self._broken(f"a process failed with {child.returncode}")
        await self._seen.silence()

    async def _probe(self) -> Probe:
        """Open the store as the next process will; the lock of the last one has to be free."""
        ids = self._workspace.account_ids
        began = time.monotonic()
        async with store_at(self._target.url) as store:
            run = await store.begin(self._table)
            self.tally.longest_lock = max(self.tally.longest_lock, time.monotonic() - began)
            finished = frozenset(await run.finished(ids)) if run.resumed else frozenset()
            staged = frozenset(each.account_id for each in await run.staged())
            await run.aclose()
        rows: dict[int, set[Row]] = {}
        for row in self._target.rows(self._table):
            rows.setdefault(row[0], set()).add(row[1:5])  # hashable ones, the amount among them
        whole = {each: frozenset(some) for each, some in rows.items()}
        # A run that this has begun is the next process's own.
        return Probe(run.id, run.resumed, finished, staged, whole)

    @asynccontextmanager
    async def _child(self, program: Path = _CHILD, *args: str) -> AsyncIterator[Process]:
        ids = map(str, self._workspace.account_ids)
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, str(program), *args, self._target.url, *ids),
            env=self._environment(),
            stderr=self._errors,
        )
        try:
            yield child
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()

    def _environment(self) -> dict[str, str]:
        sandbox = self._workspace.sandbox
        return {
            **os.environ,
            "LEDGER_BASE_URL": sandbox.url,
            "LEDGER_API_KEY": sandbox.api_key,
            "LEDGER_API_USER": sandbox.api_user,
        }

    def _broken(self, promise: str, times: int = 1) -> None:
        if times:
            self.tally.broken[promise] += times


class _Seen:
    """The accounts of the requests of one process, of which some may be waited for."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.accounts: list[int] = []
        self._sandbox = sandbox
        self._awaited = 0
        self._reached = asyncio.Event()
        sandbox.on_request(lambda seen: self._see(seen.account_id or 0))

    def clear(self) -> None:
        """Forget all; the next process starts."""
        self.accounts.clear()

    async def reach(self, count: int) -> None:
        """Wait for the request of this number."""
        self._awaited = count
        self._reached.clear()
        if len(self.accounts) < count:
            await self._reached.wait()

    async def answered(self) -> None:
        """Wait until no request is under way."""
        while self._sandbox.in_flight:  # noqa: ASYNC110 - the sandbox tells nobody
            await asyncio.sleep(0.001)

    async def silence(self) -> None:
        """Wait until what a process had sent before its end was answered."""
        count = -1
        while count < len(self.accounts):
            count = len(self.accounts)
            await asyncio.sleep(0.05)
            await self.answered()

    def _see(self, account_id: int) -> None:
        self.accounts.append(account_id)
        if len(self.accounts) >= self._awaited:
            self._reached.set()


async def first(*waits: Coroutine[Any, Any, Any]) -> None:
    """Return once one of these does."""
    tasks = [*map(asyncio.ensure_future, waits)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def _end(child: Process, sent: signal.Signals) -> float:
    """Send this signal, and return the seconds that the process still took."""
    began = time.monotonic()
    child.send_signal(sent)
    await child.wait()
    return time.monotonic() - began


@asynccontextmanager
async def rounds(
    target: Target,
    sizes: Mapping[int, int],
    *,
    seed: int,
    pause: int = 60,
    page: int = PAGE,
    latency: float = _LATENCY,
) -> AsyncIterator[Rounds]:
    """Rounds with a workspace of these accounts, which changes once in `pause` requests."""
    async with Sandbox(sizes, seed=seed, max_page_size=page, latency=latency) as sandbox:
        workspace = ChangingWorkspace(sandbox, sizes, page=page, seed=seed, pause=pause)
        with workspace.frozen():
            table, _ = await workspace.truth()
        yield Rounds(workspace, target, table, seed)
