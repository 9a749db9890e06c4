"""Processes that write into one run of PostgreSQL at once (`gate`, `totals` of `_postgres`)."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import psutil
import psycopg
import pytest

from ledger_async import ConfigurationError, StoreError
from ledger_async.mirror import PostgresStore
from ledger_async.mirror._postgres import gate, opening
from ledger_async.mirror._postgres.run import PostgresRun
from ledger_async.mirror._postgres.writing import incoming_lines
from ledger_async.mirror.conformance import (
    EXACT,
    FAILED,
    ITEMS,
    REPAIRED,
    UNVERIFIED,
    item,
    items,
)
from ledger_async.mirror.store import Differences, Part

pytestmark = pytest.mark.real_time

_TOTALS = "SELECT accounts, rows, added, changed, gone FROM mirror_runs ORDER BY started_at"


def read(dsn: str, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = connection.execute(sql.encode())
        return found.fetchall() if found.description else []


async def until_somebody_waits(dsn: str, sessions: int = 1) -> None:
    """Return once so many sessions wait for a lock of another one."""
    own = "(SELECT oid FROM pg_database WHERE datname = current_database())"
    waiting = f"SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND database = {own}"
    with anyio.fail_after(30):
        while await asyncio.to_thread(read, dsn, waiting) != [(sessions,)]:
            pass


@asynccontextmanager
async def fleet(dsn: str, workers: int) -> AsyncIterator[tuple[PostgresRun, list[PostgresRun]]]:
    """A run, and workers that joined it, each by a connection of its own."""
    store = PostgresStore(dsn)
    holder = await store.begin(ITEMS)
    joined = [await PostgresStore(dsn).begin(ITEMS, join=holder.id) for _ in range(workers)]
    try:
        yield holder, joined
    finally:
        for each in (*joined, holder):
            await each.aclose()


class Pause:
    """Stops the next write that brings rows, in the midst of its transaction."""

    def __init__(self, lines: Callable[..., bytes]) -> None:
        self._lines = lines
        self._loop = asyncio.get_running_loop()
        self._next = iter([True])
        self.reached, self._over = asyncio.Event(), threading.Event()

    def __call__(self, *args: Any) -> bytes:
        if next(self._next, False):
            self._loop.call_soon_threadsafe(self.reached.set)
            self._over.wait(60)
        return self._lines(*args)

    def end(self) -> None:
        self._over.set()


@pytest.fixture
async def pause(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pause]:
    pausing = Pause(incoming_lines)
    monkeypatch.setattr("ledger_async.mirror._postgres.run.incoming_lines", pausing)
    yield pausing
    pausing.end()


async def paused(pause: Pause, worker: PostgresRun, *parts: Part) -> asyncio.Task[Differences]:
    """A write that has begun its transaction, and goes on when the pause ends."""
    writing = asyncio.create_task(worker.write(parts))
    await pause.reached.wait()
    return writing


async def test_writers_do_not_wait_for_one_another(postgres: str, pause: Pause) -> None:
    async with fleet(postgres, 2) as (holder, (first, second)):
        writing = await paused(pause, first, items(1, item()))
        with anyio.fail_after(30):
            await second.write([items(2, item()), items(3, item(), end=None)])
            await holder.write([items(4, item())])
        assert read(postgres, "SELECT account_id FROM items ORDER BY 1") == [(2,), (4,)]
        pause.end()
        assert (await writing).added == 1
        assert (await holder.finish()).added == 3


async def test_a_run_that_ends_waits_for_writes_under_way_and_takes_no_more(
    postgres: str, pause: Pause
) -> None:
    async with fleet(postgres, 2) as (holder, (first, second)):
        writing = await paused(pause, first, items(1, item()))
        finishing = asyncio.create_task(holder.finish())
        await until_somebody_waits(postgres)
        late = asyncio.create_task(second.write([items(2, item())]))
        await until_somebody_waits(postgres, sessions=2)
        pause.end()
        assert await finishing == await writing == Differences(1, 1, 1)
        with pytest.raises(StoreError, match="was finished or superseded"):
            await late
    assert read(postgres, "SELECT account_id FROM items") == [(1,)]


async def test_a_run_that_supersedes_another_waits_for_its_writers(
    postgres: str, pause: Pause
) -> None:
    async with fleet(postgres, 2) as (holder, (first, second)):
        writing = await paused(pause, first, items(1, item()))
        await holder.aclose()
        beginning = asyncio.create_task(PostgresStore(postgres).begin(ITEMS, resume=False))
        await until_somebody_waits(postgres)
        late = asyncio.create_task(second.write([items(2, item())]))
        await until_somebody_waits(postgres, sessions=2)
        pause.end()
        assert (await writing).added == 1
        later = await beginning
        with pytest.raises(StoreError, match="was finished or superseded"):
            await late
        assert await later.finish() == Differences()
        await later.aclose()
    assert read(postgres, _TOTALS) == [(1, 1, 1, 0, 0), (0, 0, 0, 0, 0)]


async def test_an_account_that_two_write_at_once_counts_once(postgres: str, pause: Pause) -> None:
    async with fleet(postgres, 2) as (holder, (first, second)):
        writing = await paused(pause, first, items(1, item(1), item(2)))
        again = asyncio.create_task(second.write([items(1, item(1), item(2))]))
        await until_somebody_waits(postgres)
        pause.end()
        assert await writing == Differences(1, 2, 2)
        assert await again == Differences()
        assert await holder.finish() == Differences(1, 2, 2)
    assert read(postgres, "SELECT count(*) FROM items_changes") == [(2,)]


async def test_whoever_stops_in_the_midst_of_a_write_is_not_waited_for_long(
    postgres: str, pause: Pause, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = await PostgresStore(postgres).begin(ITEMS)
    with monkeypatch.context() as impatient:
        impatient.setitem(opening._SETTINGS, "idle_in_transaction_session_timeout", "1s")
        frozen = await PostgresStore(postgres).begin(ITEMS, join=holder.id)
    writing = await paused(pause, frozen, items(1, item()))
    with anyio.fail_after(30):
        assert (await holder.write([items(1, item())])).added == 1
        await holder.finish()
    pause.end()
    with pytest.raises(StoreError):
        await writing
    await holder.aclose()
    assert read(postgres, "SELECT count(*) FROM items") == [(1,)]


async def until_it_sleeps(pid: int) -> None:
    """Wait until a process has sent all that it has to say, and waits for an answer."""
    process = psutil.Process(pid)
    while process.status() != psutil.STATUS_SLEEPING:  # noqa: ASYNC110 - a process has no events
        await asyncio.sleep(0.01)


_FROZEN = """
import asyncio, sys
from ledger_async.mirror import PostgresStore
from ledger_async.mirror._postgres import opening
from ledger_async.mirror.conformance import ITEMS, item, items

opening._SETTINGS["idle_in_transaction_session_timeout"] = "1s"

async def main(dsn, run_id):
    run = await PostgresStore(dsn).begin(ITEMS, join=run_id)
    await run.write([items(1, item())])

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_process_that_is_stopped_while_the_server_works_is_not_waited_for_long(
    postgres: str,
) -> None:
    async with fleet(postgres, 0) as (holder, _):
        with psycopg.connect(postgres) as other:
            other.execute("LOCK TABLE items IN SHARE MODE")
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _FROZEN, postgres, holder.id
            )
            await until_somebody_waits(postgres)
            await until_it_sleeps(child.pid)
            child.send_signal(signal.SIGSTOP)
        with anyio.fail_after(30):
            assert (await holder.write([items(1, item())])).added == 1
            assert await holder.finish() == Differences(1, 1, 1)
        child.kill()
        await child.wait()


async def test_the_totals_of_workers_are_in_the_line_of_the_run_once_it_is_over(
    postgres: str,
) -> None:
    async with fleet(postgres, 2) as (holder, (first, second)):
        await holder.write([items(1, item())])
        await first.write([items(2, item(1), item(2))])
        await first.write([items(3, item())])
        await second.write([items(4, end=FAILED)])
        await second.write([items(4, item())])
        assert await holder.finish() == Differences(4, 5, 5)
    assert read(postgres, _TOTALS) == [(4, 5, 5, 0, 0)]
    assert read(postgres, "SELECT 1 FROM mirror_writers") == []


async def test_a_run_of_a_version_that_counted_in_one_line_goes_on(postgres: str) -> None:
    async with fleet(postgres, 0) as (holder, _):
        await holder.write([items(1, item())])
    read(postgres, "DROP TABLE mirror_writers")
    async with fleet(postgres, 1) as (resumed, (worker,)):
        assert resumed.id == holder.id
        await worker.write([items(2, item())])
        assert await resumed.finish() == Differences(2, 2, 2)


# Joining


async def test_runs_that_are_joined_one_after_another_share_a_connection(postgres: str) -> None:
    sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    async with fleet(postgres, 0) as (holder, _), PostgresStore(postgres) as store:
        for account in range(5):
            joined = await store.begin(ITEMS, join=holder.id)
            await joined.write([items(account, item(), end=None), items(account + 10, item())])
            assert [each.account_id for each in await joined.staged()] == [account]
            await joined.aclose()
        assert read(postgres, sessions) == [(3,)]  # with that which asks
        assert (await holder.finish()).rows == 5
        with pytest.raises(ConfigurationError, match="no run"):
            await store.begin(ITEMS, join=holder.id)


async def test_a_connection_that_was_lost_meanwhile_is_made_again(postgres: str) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%COMMIT%'"
    others = "pid <> pg_backend_pid() AND datname = current_database()"
    locked = "pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"
    async with fleet(postgres, 0) as (holder, _), PostgresStore(postgres) as store:
        await store.begin(ITEMS, join=holder.id)
        assert read(postgres, f"{end} AND {others} AND {locked}") == [(True,)]
        joined = await store.begin(ITEMS, join=holder.id)
        assert (await joined.write([items(1, item())])).added == 1


async def test_a_run_is_joined_while_others_are(postgres: str) -> None:
    async with fleet(postgres, 0) as (holder, _), PostgresStore(postgres) as store:
        begun = await asyncio.gather(*(store.begin(ITEMS, join=holder.id) for _ in range(5)))
        done = await asyncio.gather(
            *(each.write([items(account, item())]) for account, each in enumerate(begun))
        )
        assert sum(done, Differences()) == Differences(5, 5, 5)


async def test_where_there_is_no_mirror_none_is_joined_and_nothing_made(postgres: str) -> None:
    store = PostgresStore(postgres, schema="elsewhere")
    run_id = "20261129T000000-000000"
    with pytest.raises(ConfigurationError, match="elsewhere holds no mirror of items"):
        await store.begin(ITEMS, join=run_id)
    async with store:
        with pytest.raises(ConfigurationError, match="elsewhere holds no mirror of items"):
            await store.begin(ITEMS, join=run_id)
    assert read(postgres, "SELECT 1 FROM pg_namespace WHERE nspname = 'elsewhere'") == []


# Many writers, the same accounts


def truth(account: int) -> list[Any]:
    """The rows of an account, which every writer finds."""
    return [item(each, name=f"{account} {each}") for each in range(account % 7)]


def attempt(chance: random.Random, account: int) -> list[Part]:
    """One way to write an account, in one part or in more."""
    rows = truth(account)
    at = chance.randint(0, len(rows))
    end = chance.choice([EXACT, REPAIRED, UNVERIFIED, FAILED])
    if chance.random() < 0.3:
        return [items(account, *rows[:at], end=None), items(account, *rows[at:], end=end)]
    return [items(account, *rows, end=end)]


async def work(worker: PostgresRun, seed: int) -> Differences:
    """Write random accounts, in random order, many of which others write as well."""
    chance, done = random.Random(seed), Differences()
    for _ in range(30):
        accounts = chance.sample(range(40), chance.randint(1, 8))
        done += await worker.write([part for each in accounts for part in attempt(chance, each)])
    return done


async def cancelled_now_and_then(worker: PostgresRun, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(10):
        with anyio.move_on_after(chance.uniform(0, 0.05)):
            await work(worker, 1000 * seed + number)


async def before(dsn: str) -> None:
    """What an earlier run has found: other rows, some of which are gone by now."""
    async with fleet(dsn, 0) as (holder, _):
        await holder.write([items(each, item(1, name="old"), item(9)) for each in range(40)])
        await holder.finish()


async def complete(holder: PostgresRun) -> Differences:
    await holder.write([items(each, *truth(each)) for each in range(40)])
    return await holder.finish()


def check(dsn: str, total: Differences) -> None:
    """The rows are the truth, each there once, and so are the run's differences and lines."""
    current = read(dsn, "SELECT account_id, token_id, name FROM items_current ORDER BY 1, 2")
    expected = [(each, row["token_id"], row["name"]) for each in range(40) for row in truth(each)]
    assert current == sorted(expected)
    last = "WHERE run_id = (SELECT max(run_id) FROM mirror_runs WHERE rows > 40 * 2)"
    changes = Counter(each for (each,) in read(dsn, f"SELECT kind FROM items_changes {last}"))
    assert changes == {"added": total.added, "changed": total.changed, "gone": total.gone}
    lines = read(dsn, f"SELECT account_id, status FROM mirror_accounts {last} ORDER BY 1")
    assert [account for account, _ in lines] == [*range(40)]
    assert {status for _, status in lines} <= {"exact", "repaired"}
    assert total.accounts == 40


@pytest.mark.parametrize("many", [200, 4])
async def test_many_writers_of_the_same_accounts_end_with_the_truth(
    postgres: str, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    await before(postgres)
    async with fleet(postgres, 5) as (holder, workers):
        with monkeypatch.context() as narrow:
            narrow.setattr(gate, "_MANY", many)
            done = await asyncio.gather(
                *(work(each, seed) for seed, each in enumerate([*workers, holder]))
            )
        last = await holder.write([items(each, *truth(each)) for each in range(40)])
        total = await holder.finish()
    written = sum(done, last)
    assert (total.rows, total.added, total.changed, total.gone) == (
        written.rows,
        written.added,
        written.changed,
        written.gone,
    )
    check(postgres, total)


async def test_many_writers_that_are_cancelled_end_with_the_truth(postgres: str) -> None:
    await before(postgres)
    async with fleet(postgres, 4) as (holder, workers):
        await asyncio.gather(
            *(cancelled_now_and_then(each, seed) for seed, each in enumerate(workers))
        )
        total = await complete(holder)
    check(postgres, total)
