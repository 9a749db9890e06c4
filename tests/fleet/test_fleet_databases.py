"""Fleets that lose their database for a while, or their run: `mirroring` and `passing`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import psycopg
import pytest
from fleet_workspace import SIZES, Seen, check_whole, database, rows_of, slow_workspace, workspace
from postgres import OwnServer

from ledger_async import StoreLockedError
from ledger_async.fleet import Fleet
from ledger_async.mirror import MirrorProgress, PostgresStore, Run
from ledger_async.mirror._postgres.lock import key_of
from ledger_async.mirror.listings import unread
from ledger_async.mirror.table import table_of
from ledger_async.sandbox import Sandbox

__all__ = ["database", "slow_workspace", "workspace"]  # fixtures

pytestmark = [pytest.mark.real_time, pytest.mark.heavy]

MANY = 80  # accounts, all of which are with the workers at once


async def test_all_sessions_of_the_database_may_be_lost_in_the_middle(
    workspace: Sandbox, database: str
) -> None:
    lost: list[int] = []

    def cut_off(progress: MirrorProgress) -> None:
        if not lost and progress.accounts >= 10:
            with psycopg.connect(database, autocommit=True) as connection:
                ended = connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                ).fetchall()
            lost.append(len(ended))

    async with Fleet(workers=2) as fleet:
        check_whole(await fleet.mirror("nfts", SIZES, store=database, progress=cut_off), database)
    assert lost


async def mirror_while(
    server: OwnServer, strike: Callable[[], Awaitable[None]], *, after: int
) -> None:
    """Strike once so many accounts are done, and check that all are there in the end."""
    middle = asyncio.Event()

    def tell(progress: MirrorProgress) -> None:
        if progress.accounts >= after:
            middle.set()

    async with Fleet(workers=2) as fleet:
        mirroring = asyncio.ensure_future(
            fleet.mirror("nfts", SIZES, store=server.url, progress=tell)
        )
        await middle.wait()
        await strike()
        check_whole(await mirroring, server.url)


async def test_the_server_may_be_stopped_for_a_second_in_the_middle(
    workspace: Sandbox, own_postgres: OwnServer
) -> None:
    async def strike() -> None:
        await asyncio.to_thread(own_postgres.stop)
        await asyncio.sleep(1)
        await asyncio.to_thread(own_postgres.start)

    await mirror_while(own_postgres, strike, after=10)


async def test_a_server_that_crashes_loses_nothing_of_chunks_that_are_done(
    workspace: Sandbox, own_postgres: OwnServer
) -> None:
    own_postgres.set("wal_writer_delay", "'10s'")  # what is in memory alone stays there for long
    own_postgres.stop()
    own_postgres.start()

    async def strike() -> None:
        await asyncio.to_thread(own_postgres.crash)
        await asyncio.to_thread(own_postgres.start)

    await mirror_while(own_postgres, strike, after=50)  # more than two chunks have


async def taken_over(store: PostgresStore, database: str) -> Run:
    """The run of another process, whose session with the database has ended."""
    nfts = table_of(unread("nfts").listing)
    taking = asyncio.ensure_future(store.begin(nfts))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND (classid::bigint << 32) | objid::bigint = %s & x'7fffffffffffffff'::bigint",
            [key_of("public", nfts.name)],
        )
    return await taking


async def at_once(_: Seen) -> None:
    """While workers write into the run."""


async def at_the_end(seen: Seen) -> None:
    """While the fleet has nothing left to do but to finish, and waits for the lock."""
    await seen.reach(MANY)
    await asyncio.sleep(2)


@pytest.mark.parametrize("moment", [at_once, at_the_end])
async def test_a_run_that_another_process_takes_over_is_one_error_and_nothing_is_lost(
    slow_workspace: Sandbox,
    database: str,
    moment: Callable[[Seen], Awaitable[None]],
) -> None:
    seen = Seen(slow_workspace)
    async with Fleet(workers=2) as fleet, PostgresStore(database) as store:
        mirroring = asyncio.ensure_future(fleet.mirror("nfts", [*SIZES][:MANY], store=database))
        await seen.reach(10)
        run = await taken_over(store, database)
        await moment(seen)
        await run.finish()
        await run.aclose()
        with pytest.raises(StoreLockedError, match="another process took the run"):
            await mirroring
        outcome = await fleet.mirror("nfts", SIZES, store=database)
    assert (outcome.failed, outcome.gone) == ({}, 0)
    assert rows_of(database) == {each: size for each, size in SIZES.items() if size}
