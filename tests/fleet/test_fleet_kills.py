"""Fleets whose workers are killed, or stopped: `dispatch`, `worker`,
`cluster`, `mirroring`, `mapping`, `failing` and `map_work`, with real workers and PostgreSQL.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from functools import partial
from types import ModuleType
from typing import Any

import cluster_child
import psycopg
import pytest
from dask import config
from fleet_workspace import SIZES, Seen, check_whole, database, pid, worker_of, workspace

from ledger_async import ApiError, AuthenticationError, FleetError, LedgerClient
from ledger_async.events import Event, PageRead
from ledger_async.fleet import Fleet
from ledger_async.fleet._dask import cluster
from ledger_async.mirror import MirrorProgress
from ledger_async.sandbox import Sandbox

__all__ = ["database", "workspace"]  # fixtures

pytestmark = [pytest.mark.real_time, pytest.mark.heavy]

KILLER = 7


async def variables(_: LedgerClient, __: int) -> dict[str, str]:
    return dict(os.environ)


async def kill_at_one(_: LedgerClient, account_id: int) -> int:
    if account_id == KILLER:
        os.kill(os.getpid(), signal.SIGKILL)
    return account_id


async def read_for_ever(ledger: LedgerClient, account_id: int) -> None:
    while True:
        async for _ in ledger.nfts.stream(account_id):
            pass


async def test_the_chunks_of_a_worker_that_was_killed_are_done_again(
    workspace: Sandbox, database: str
) -> None:
    killed: list[int] = []

    def kill(progress: MirrorProgress) -> None:
        if not killed and progress.accounts >= 10:
            killed.append(worker)
            os.kill(worker, signal.SIGKILL)

    async with Fleet(workers=2) as fleet:
        worker = await worker_of(fleet)
        check_whole(await fleet.mirror("nfts", SIZES, store=database, progress=kill), database)
    assert killed


async def test_a_fleet_sets_no_variable_that_slows_a_process_down(
    workspace: Sandbox,
) -> None:
    before = dict(os.environ)
    async with Fleet(workers=1) as fleet:
        theirs = (await anext(fleet.map(variables, [1]))).value
    changed = {name for name in os.environ if os.environ[name] != before.get(name)}
    assert changed <= {"PYTHONHASHSEED", "__DASK_PARENT_PID"}
    assert "MALLOC_TRIM_THRESHOLD_" not in theirs


async def test_a_function_that_no_worker_can_import_is_one_sentence(
    workspace: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("only_here")
    exec("async def one(ledger, account_id): return 1", vars(module))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    async with Fleet(workers=2) as fleet:
        with pytest.raises(FleetError, match="cannot load its work: No module named 'only_here'"):
            await anext(fleet.map(module.one, [1, 2, 3]))
        assert (await anext(fleet.map(pid, [1]))).account_id == 1


async def fail_in_a_group(_: LedgerClient, account_id: int) -> None:
    error = (ApiError if account_id == 1 else AuthenticationError)("in a group")
    try:
        raise ExceptionGroup("all errors", [error])  # noqa: TRY301 - as a task group does
    except ExceptionGroup as group:
        raise group.exceptions[0]  # noqa: B904 - so that each of them holds the other


async def test_an_error_that_holds_itself_in_a_group_comes_back_from_a_worker(
    workspace: Sandbox,
) -> None:
    async with Fleet(workers=1) as fleet:
        results = fleet.map(fail_in_a_group, [1], on_error="skip")
        assert [each async for each in results] == []
        assert [*map(type, results.failed.values())] == [ApiError]
        with pytest.raises(AuthenticationError, match="in a group"):
            await anext(fleet.map(fail_in_a_group, [2]))


async def test_an_account_that_kills_its_workers_is_left_out_and_no_other(
    workspace: Sandbox,
) -> None:
    async with Fleet(workers=2) as fleet:
        results = fleet.map(kill_at_one, SIZES, on_error="skip")
        found = [each.account_id async for each in results]
    assert sorted(found) == [each for each in SIZES if each != KILLER]
    assert [(*results.failed,), type(results.failed[KILLER])] == [(KILLER,), FleetError]


def killing(event: Event) -> None:
    """Kill the process that has read a page of one account."""
    if isinstance(event, PageRead) and event.account_id == KILLER:
        os.kill(os.getpid(), signal.SIGKILL)


def killing_client(**options: Any) -> LedgerClient:
    return LedgerClient(observer=killing, **options)


def history_of(database: str, account_id: int) -> list[tuple[Any, ...]]:
    """The rows of an account, and what is said to have happened to them."""
    with psycopg.connect(database) as connection:
        return [
            *connection.execute(
                "SELECT token_id, value, gone_at FROM nfts WHERE account_id = %s ORDER BY 1",
                [account_id],
            ),
            *connection.execute(
                "SELECT kind, count(*) FROM nfts_changes WHERE account_id = %s GROUP BY 1",
                [account_id],
            ),
        ]


async def test_an_account_that_kills_whoever_mirrors_it_stays_as_it_was_and_no_other_does(
    workspace: Sandbox, database: str
) -> None:
    some = [*SIZES][:12]
    async with Fleet(workers=2) as fleet:
        await fleet.mirror("nfts", some, store=database)
    before = history_of(database, KILLER)
    for account_id in (KILLER, KILLER + 1):
        workspace.remove_nfts(account_id, at=0)
        workspace.add_nfts(account_id)
    with config.set({"distributed.scheduler.allowed-failures": 1}):  # two deaths are enough
        async with Fleet(workers=2, client=killing_client) as fleet:
            outcome = await fleet.mirror("nfts", some, store=database)
    assert [(each, type(error)) for each, error in outcome.failed.items()] == [(KILLER, FleetError)]
    assert (outcome.accounts, outcome.added, outcome.changed, outcome.gone) == (len(some), 1, 0, 1)
    assert before
    assert history_of(database, KILLER) == before


async def test_closing_a_fleet_stops_its_workers_and_tells_who_waits(workspace: Sandbox) -> None:
    seen = Seen(workspace)
    async with Fleet(workers=1) as fleet:
        results = fleet.map(read_for_ever, [22])
        waiting = asyncio.ensure_future(anext(results))
        await seen.begun.wait()
    with pytest.raises(FleetError, match="closed"):
        await waiting
    count = seen.count
    await asyncio.sleep(0.5)
    assert seen.count == count


async def test_breaking_out_of_a_map_stops_its_workers(workspace: Sandbox) -> None:
    seen = Seen(workspace)
    async with Fleet(workers=1) as fleet:
        waiting = asyncio.ensure_future(anext(fleet.map(read_for_ever, [22])))
        await seen.begun.wait()
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()
        await asyncio.sleep(1)
        count = seen.count
        await asyncio.sleep(0.5)
        assert seen.count == count


async def test_a_scheduler_that_is_killed_is_one_error_and_the_next_fleet_goes_on(
    workspace: Sandbox, database: str
) -> None:
    command = (sys.executable, cluster_child.__file__, "2", "1")
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    assert process.stdout is not None
    address = (await process.stdout.readline()).decode().strip()

    def kill(progress: MirrorProgress) -> None:
        if progress.accounts >= 25 and process.returncode is None:
            process.kill()

    with pytest.raises(FleetError, match="scheduler"):
        async with Fleet(address) as fleet:
            await fleet.mirror("nfts", SIZES, store=database, progress=kill)
    await process.wait()
    with psycopg.connect(database) as connection:
        (first,) = connection.execute("SELECT run_id FROM mirror_runs").fetchall()
    async with Fleet(workers=2) as fleet:
        outcome = await fleet.mirror("nfts", SIZES, store=database)
    assert outcome.run_id == first[0]
    check_whole(outcome, database)


async def test_a_worker_that_hangs_is_replaced_and_spoils_nothing_when_it_wakes_up(
    workspace: Sandbox, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "local", partial(cluster.local, life=1.0))
    hung: list[int] = []

    def hang(progress: MirrorProgress) -> None:
        if not hung and progress.accounts >= 10:
            hung.append(worker)
            os.kill(worker, signal.SIGSTOP)

    async with Fleet(workers=2) as fleet:
        worker = await worker_of(fleet)
        outcome = await fleet.mirror("nfts", SIZES, store=database, progress=hang)
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGCONT)
        await asyncio.sleep(1)
        check_whole(outcome, database)
    assert hung
