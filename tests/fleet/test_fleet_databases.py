"""Fleets that lose their database for a while, or their run: `mirroring` and `passing`."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from fleet_workspace import SIZES, check_whole, database, workspace
from postgres import OwnServer

from ledger_async.fleet import Fleet
from ledger_async.mirror import MirrorProgress
from ledger_async.sandbox import Sandbox

__all__ = ["database", "workspace"]  # fixtures

pytestmark = pytest.mark.real_time


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


async def test_the_server_may_be_stopped_for_a_second_in_the_middle(
    workspace: Sandbox, own_postgres: OwnServer
) -> None:
    middle = asyncio.Event()

    def tell(progress: MirrorProgress) -> None:
        if progress.accounts >= 10:
            middle.set()

    async with Fleet(workers=2) as fleet:
        mirroring = asyncio.ensure_future(
            fleet.mirror("nfts", SIZES, store=own_postgres.url, progress=tell)
        )
        await middle.wait()
        await asyncio.to_thread(own_postgres.stop)
        await asyncio.sleep(1)
        await asyncio.to_thread(own_postgres.start)
        check_whole(await mirroring, own_postgres.url)


async def test_a_server_that_crashes_loses_nothing_of_chunks_that_are_done(
    workspace: Sandbox, own_postgres: OwnServer
) -> None:
    own_postgres.set("wal_writer_delay", "'10s'")  # what is in memory alone stays there for long
    own_postgres.stop()
    own_postgres.start()
    middle = asyncio.Event()

    def tell(progress: MirrorProgress) -> None:
        if progress.accounts >= 50:  # more than two chunks have
            middle.set()

    async with Fleet(workers=2) as fleet:
        mirroring = asyncio.ensure_future(
            fleet.mirror("nfts", SIZES, store=own_postgres.url, progress=tell)
        )
        await middle.wait()
        await asyncio.to_thread(own_postgres.crash)
        await asyncio.to_thread(own_postgres.start)
        check_whole(await mirroring, own_postgres.url)
