"""Processes that are killed while they mirror into PostgreSQL, at any account."""

from __future__ import annotations

import asyncio
import random
import sys
from asyncio.subprocess import PIPE

import psycopg
import pytest

from ledger_async import LedgerClient
from ledger_async.mirror import PostgresStore, mirror
from ledger_async.sandbox import Sandbox

pytestmark = pytest.mark.real_time

_SIZES = {account: account % 37 for account in range(1, 61)} | {61: 350}

_SCRIPT = """
import asyncio, sys
from ledger_async import LedgerClient
from ledger_async.mirror import PostgresStore, mirror, pending

pending.LIMIT = 20  # rows, so that there are many writes

def tell(progress):
    print(flush=True)
    input()  # until we may go on

async def main(url, key, user, dsn):
    async with LedgerClient(base_url=url, api_key=key, api_user=user) as ledger:
        async with PostgresStore(dsn) as store:
            await mirror(ledger.nfts, range(1, 62), store=store, progress=tell)

asyncio.run(main(*sys.argv[1:]))
"""

_WRONG = """
    SELECT account_id FROM mirror_accounts a
    FULL JOIN (SELECT account_id, count(*) AS there FROM nfts GROUP BY account_id) n
        USING (account_id)
    WHERE a.nodes IS DISTINCT FROM coalesce(n.there, 0)
"""


async def _killed(chance: random.Random, *args: str) -> None:
    """A process that is killed after some accounts, at any moment until the next one."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SCRIPT, *args, stdin=PIPE, stdout=PIPE
    )
    assert child.stdout is not None
    assert child.stdin is not None
    for _ in range(chance.randint(1, 4)):
        await child.stdout.readline()
        child.stdin.write(b"\n")
    await asyncio.sleep(chance.uniform(0, 0.02))
    child.kill()
    await child.wait()


async def test_after_any_kill_accounts_are_whole_and_the_run_goes_on(postgres: str) -> None:
    chance = random.Random(15)
    async with Sandbox(_SIZES) as sandbox:
        for _ in range(5):
            await _killed(chance, sandbox.url, sandbox.api_key, sandbox.api_user, postgres)
            with psycopg.connect(postgres) as connection:
                assert connection.execute(_WRONG.encode()).fetchall() == []
        async with (
            LedgerClient(
                base_url=sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user
            ) as ledger,
            PostgresStore(postgres) as store,
        ):
            done = await mirror(ledger.nfts, _SIZES, store=store)
    assert (done.accounts, done.rows) == (len(_SIZES), sum(_SIZES.values()))
    assert (done.added, done.changed, done.gone) == (done.rows, 0, 0)
