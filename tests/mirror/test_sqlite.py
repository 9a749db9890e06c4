"""What a file of SQLite does beyond the protocol: kills, full disks, and readers by others."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pandas as pd
import pytest

from ledger_async import (
    ConfigurationError,
    LedgerClient,
    RowRefusedError,
    StoreError,
    StoreLockedError,
)
from ledger_async.mirror import Run, SqliteStore, Table, mirror
from ledger_async.mirror._sql import proofs
from ledger_async.mirror._sqlite import bookkeeping, cells, database, schema, statements
from ledger_async.mirror._sqlite.lock import TableLock
from ledger_async.mirror.conformance import ENTRIES, FAILED, ITEMS, entries, entry, item, items

pytestmark = pytest.mark.real_time

LARGEST = 2**256 - 1

WRITER = """
import asyncio, sys
from itertools import count
from ledger_async.mirror import SqliteStore
from ledger_async.mirror.conformance import ITEMS, item, items

async def main():
    async with SqliteStore(sys.argv[1]) as store:
        run = await store.begin(ITEMS)
        print(run.id, flush=True)
        for first in count(1, 3):
            await run.write([items(first, item(1), end=None)])
            accounts = range(first, first + 3)
            await run.write([items(each, *map(item, range(20))) for each in accounts])
            print(first, flush=True)

asyncio.run(main())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@asynccontextmanager
async def running(path: Path, table: Table = ITEMS, *, patience: float = 30) -> AsyncIterator[Run]:
    async with SqliteStore(path, _patience=patience) as store:
        run = await store.begin(table)
        try:
            yield run
        finally:
            await run.aclose()


async def mirrored(path: Path, *rows: Any) -> None:
    async with running(path) as run:
        await run.write([items(1, *rows)])
        await run.finish()


def read(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def execute(path: Path, *statements_: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements_:
            connection.execute(statement)
        connection.commit()


# The context


async def test_a_store_is_entered_once_at_a_time(path: Path) -> None:
    store = SqliteStore(path)
    for _ in range(2):
        async with store:
            with pytest.raises(ConfigurationError, match="open already"):
                async with store:
                    pass
            run = await store.begin(ITEMS, resume=False)
            assert (await run.write([items(1, item())])).rows == 1
            await run.aclose()


async def test_of_two_tasks_one_enters_a_store(path: Path) -> None:
    store = SqliteStore(path)
    entered = await asyncio.gather(store.__aenter__(), store.__aenter__(), return_exceptions=True)
    assert [type(each) for each in entered] == [SqliteStore, ConfigurationError]
    run = await store.begin(ITEMS)
    await store.__aexit__(None, None, None)
    assert run.id


# Tables with other columns


async def test_columns_of_somebody_else_and_another_order_do_no_harm(path: Path) -> None:
    execute(
        path,
        "CREATE TABLE mirror_runs (remark, holder TEXT, section TEXT, mode TEXT, finished_at TEXT, "
        "started_at TEXT, gone INTEGER, changed INTEGER, added INTEGER, rows INTEGER, "
        "accounts INTEGER, run_id TEXT NOT NULL PRIMARY KEY)",
        "CREATE TABLE mirror_accounts (remark, nodes INTEGER, status TEXT, section TEXT, "
        "run_id TEXT, finished_at TEXT, account_id INTEGER)",
        "CREATE TABLE mirror_parts (remark, checkpoint TEXT, part INTEGER, run_id TEXT, "
        "writer INTEGER, section TEXT, written_at TEXT, account_id INTEGER)",
    )
    async with running(path) as run:
        await run.write([items(1, item(1), end=None), items(2, item(2))])
        await run.finish()
    found = "SELECT section, mode, accounts, rows, typeof(started_at), remark FROM mirror_runs"
    assert read(path, found) == [("items", "full", 1, 1, "text", None)]
    assert read(path, "SELECT section, account_id, status, nodes FROM mirror_accounts") == [
        ("items", 2, "exact", 1)
    ]


# Data engineers


NARROW = msgspec.structs.replace(ITEMS, columns=ITEMS.columns[:-1])


async def test_the_view_on_current_rows_has_no_row_that_is_gone(path: Path) -> None:
    await mirrored(path, item(1), item(2))
    await mirrored(path, item(2))
    assert read(path, "SELECT token_id, gone_at FROM items_current") == [("2", None)]


async def test_the_view_on_current_rows_gets_the_columns_that_the_table_gets(path: Path) -> None:
    async with running(path, NARROW) as run:
        await run.finish()
    await mirrored(path, item(1))
    assert read(path, "SELECT properties FROM items_current") == [('{"a":[1]}',)]


async def test_a_change_has_the_time_at_which_it_was_found(path: Path) -> None:
    await mirrored(path, item(1), item(2), item(3))
    await mirrored(path, item(1), item(2, name="other"))
    sql = """
        SELECT c.kind, count(*), sum(c.changed_at = r.changed_at) FROM items_changes c
        JOIN items r USING (account_id, contract_address, token_id) GROUP BY 1 ORDER BY 1
    """
    assert read(path, sql) == [("added", 3, 1), ("changed", 1, 1), ("gone", 1, 1)]


async def test_the_changes_of_a_row_are_found_by_an_index(path: Path) -> None:
    await mirrored(path)
    sql = "SELECT * FROM items_changes WHERE account_id = 1 AND contract_address = 'a'"
    assert "USING INDEX items_changes_index" in str(read(path, f"EXPLAIN QUERY PLAN {sql}"))


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (
            "CREATE TABLE items_current (a)",
            "items_current in .* was not made by a mirror: it has no column gone_at",
        ),
        (
            (
                "CREATE TABLE mirror_accounts (run_id TEXT, section TEXT, account_id INTEGER, "
                "status TEXT, remark TEXT NOT NULL)"
            ),
            "its column remark may not be null, and has no default",
        ),
    ],
)
async def test_what_a_mirror_could_not_fill_is_refused_before_anything_is_made(
    path: Path, change: str, refusal: str
) -> None:
    execute(path, change)
    with pytest.raises(ConfigurationError, match=refusal):
        await mirrored(path)
    assert len(read(path, "SELECT name FROM sqlite_master")) == 1


async def test_a_column_of_somebody_else_that_has_a_default_is_filled(path: Path) -> None:
    await mirrored(path)
    execute(path, "ALTER TABLE items ADD COLUMN remark TEXT NOT NULL DEFAULT 'mine'")
    async with running(path) as run:
        await run.write([items(2, item())])
    assert read(path, "SELECT remark FROM items") == [("mine",)]


# Words


async def test_a_lock_that_is_junk_is_named_itself(path: Path) -> None:
    lock = path.with_name(f"{path.name}-items.lock")
    lock.write_bytes(b"junk" * 1000)
    with pytest.raises(ConfigurationError, match=f"^{lock} is not an SQLite database"):
        await mirrored(path)


async def test_a_lock_that_cannot_be_opened_is_named_itself(path: Path) -> None:
    lock = path.with_name(f"{path.name}-items.lock")
    lock.mkdir()
    with pytest.raises(StoreError, match=f"^{lock}: it cannot be opened"):
        await mirrored(path)


LIMITED = """
import asyncio, resource, signal, sys
from ledger_async import StoreError
from ledger_async.mirror import SqliteStore
from ledger_async.mirror.conformance import ITEMS, item, items

async def main():
    async with SqliteStore(sys.argv[1]) as store:
        run = await store.begin(ITEMS)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
        try:
            await run.write([items(1, *map(item, range(20_000)))])
        except StoreError as error:
            print(error)

asyncio.run(main())
"""


async def test_a_file_that_reaches_a_limit_is_told_of(path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LIMITED, path, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    assert f"{path}: it cannot grow: the disk is full, or a limit" in told.decode()


# Kills


@pytest.mark.parametrize("writes", [1, 2, 9])
async def test_a_killed_process_leaves_whole_accounts_and_its_run_goes_on(
    path: Path, writes: int
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, path, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    run_id = (await process.stdout.readline()).decode().strip()
    for _ in range(writes):
        await process.stdout.readline()
    with pytest.raises(StoreLockedError, match=f"process {process.pid} on .* since 2"):
        async with running(path, patience=0):
            pass
    process.send_signal(signal.SIGKILL)
    await process.wait()
    counts = dict(read(path, "SELECT account_id, count(*) FROM items GROUP BY 1"))
    lines = dict(read(path, "SELECT account_id, nodes FROM mirror_accounts"))
    assert counts == lines == dict.fromkeys(range(1, len(counts) + 1), 20)
    assert len(counts) >= 3 * writes
    async with running(path) as run:
        assert (run.id, run.resumed) == (run_id, True)
        assert {*await run.finished(range(1, 1000))} == counts.keys()
        assert (await run.finish()).accounts == len(counts)


async def test_a_cancelled_begin_lets_go_of_the_table(path: Path) -> None:
    async with SqliteStore(path) as store:
        for turns in range(12):
            beginning = asyncio.ensure_future(store.begin(ITEMS))
            for _ in range(turns):
                await asyncio.sleep(0)
            beginning.cancel()
            await asyncio.wait([beginning])
            if not beginning.cancelled():
                await beginning.result().aclose()
        async with running(path) as run:
            assert run.id


async def test_a_store_that_is_closed_lets_go_of_what_was_not_closed(path: Path) -> None:
    async with SqliteStore(path) as store:
        run = await store.begin(ITEMS)
    await run.aclose()
    with pytest.raises(ConfigurationError, match="async with"):
        await run.write([items(1)])
    async with running(path) as other:
        assert other.id == run.id


async def test_a_store_that_was_closed_can_be_opened_again(path: Path) -> None:
    store = SqliteStore(path)
    for _ in range(2):
        async with store:
            run = await store.begin(ITEMS)
            await run.aclose()


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
async def test_a_cancelled_opening_leaves_nothing_open(path: Path) -> None:
    for turns in range(6):
        store = SqliteStore(path)
        opening = asyncio.ensure_future(store.__aenter__())
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.wait([opening])
        assert store._database.is_open is not opening.cancelled()
        await store._database.aclose()


async def test_a_cancelled_closing_closes_all_the_same(path: Path) -> None:
    async with running(path), SqliteStore(path) as store:
        run = await store.begin(ENTRIES)
        writing = asyncio.ensure_future(run.write([entries(*map(entry, range(2000)))]))
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(store.__aexit__(None, None, None))
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.wait([closing, writing])
        async with running(path, ENTRIES) as other:
            assert other.id == run.id


async def test_a_table_is_held_whatever_path_leads_to_its_file(path: Path) -> None:
    path.with_name("link").symlink_to(path)
    async with running(path):
        with pytest.raises(StoreLockedError):
            async with running(path.with_name("link"), patience=0):
                pass


async def test_a_closed_store_leaves_one_file_that_holds_everything(path: Path) -> None:
    await mirrored(path, item(1))
    names = sorted(each.name for each in path.parent.iterdir())
    assert names == ["ledger.db", "ledger.db-items.lock"]


# Errors


@pytest.mark.parametrize("given", ["", ":memory:", "a\0b", b"ledger.db", 7, None])
def test_a_path_must_name_a_file(given: Any) -> None:
    with pytest.raises(ConfigurationError, match="path"):
        SqliteStore(given)


async def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no directory .*missing"):
        await SqliteStore(tmp_path / "missing" / "ledger.db").__aenter__()


async def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is a directory"):
        await SqliteStore(tmp_path).__aenter__()


def test_a_file_of_something_else_is_refused_and_stays_as_it_was(path: Path) -> None:
    path.write_bytes(b"something else\n" * 100)
    with pytest.raises(ConfigurationError, match=r"ledger\.db is not an SQLite database"):
        asyncio.run(SqliteStore(path).__aenter__())
    assert path.read_bytes() == b"something else\n" * 100


async def test_an_sqlite_that_is_too_old_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 23, 9))
    with pytest.raises(ConfigurationError, match=r"needs SQLite 3\.24\.0 or later"):
        await SqliteStore(path).__aenter__()


async def test_a_store_is_used_inside_its_context(path: Path) -> None:
    with pytest.raises(ConfigurationError, match="async with"):
        await SqliteStore(path).begin(ITEMS)


async def test_a_full_disk_is_told_and_what_was_committed_stays(path: Path) -> None:
    async with SqliteStore(path) as store:
        run = await store.begin(ITEMS)
        await run.write([items(1, item(1))])
        await store._database.run(lambda each: each.execute("PRAGMA max_page_count = 1"))
        with pytest.raises(StoreError, match=r"ledger\.db: the disk is full"):
            await run.write([items(2, *map(item, range(1000)))])
        await store._database.run(lambda each: each.execute("PRAGMA max_page_count = 9999"))
        await run.write([items(3, item(1))])
        await run.aclose()
    assert read(path, "SELECT account_id FROM items") == [(1,), (3,)]


async def test_a_file_that_may_not_be_written_is_told(path: Path) -> None:
    async with SqliteStore(path) as store:
        await store._database.run(lambda each: each.execute("PRAGMA query_only = 1"))
        with pytest.raises(StoreError, match="may not be written"):
            await store.begin(ITEMS)


async def test_another_program_that_writes_for_long_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    async with running(path) as run:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="another program has kept it locked"):
                await run.write([items(1, item(1))])
        assert (await run.write([items(1, item(1))])).accounts == 1


async def test_a_value_that_does_not_fit_is_named_and_no_other_account_suffers(path: Path) -> None:
    async with running(path) as run:
        await run.write([items(1, item(1))])
        with pytest.raises(RowRefusedError, match=f"account_id of items cannot hold {2**63}"):
            await run.write([items(2**63, item(1))])
        with pytest.raises(RowRefusedError, match="column name of items cannot hold such a text"):
            await run.write([items(2, item(1, name="\ud800"))])
        await run.write([items(3, item(1))])
    assert read(path, "SELECT account_id FROM items") == [(1,), (3,)]


async def test_a_row_without_its_key_is_refused(path: Path) -> None:
    async with running(path) as run:
        with pytest.raises(RowRefusedError, match=r"NOT NULL .*token_id"):
            await run.write([items(1, {**item(), "token_id": None})])
        await run.write([items(1, item(1))])
    assert read(path, "SELECT token_id FROM items") == [("1",)]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("CREATE TABLE items (id INTEGER PRIMARY KEY)", "items .* no column account_id"),
        ("CREATE VIEW items AS SELECT 1 AS id", "items .* no column account_id"),
        ("CREATE TABLE mirror_runs (run_id TEXT PRIMARY KEY)", "mirror_runs .* no column section"),
        ("CREATE TABLE items_changes (id INTEGER PRIMARY KEY)", "items_changes .* column run_id"),
    ],
)
async def test_a_table_of_an_application_is_refused_before_anything_is_altered(
    path: Path, statement: str, reason: str
) -> None:
    execute(path, statement)
    before = read(path, "SELECT * FROM sqlite_schema")
    async with SqliteStore(path) as store:
        with pytest.raises(ConfigurationError, match=reason):
            await store.begin(ITEMS)
    assert read(path, "SELECT * FROM sqlite_schema") == before


async def test_columns_of_somebody_else_are_left_alone(path: Path) -> None:
    await mirrored(path, item(1))
    execute(path, "ALTER TABLE items ADD COLUMN remark TEXT", "UPDATE items SET remark = 'mine'")
    await mirrored(path, item(1, name="another"), item(2))
    rows = read(path, "SELECT token_id, name, remark FROM items ORDER BY 1")
    assert rows == [("1", "another", "mine"), ("2", "a name", None)]


# What is in the file


async def test_a_mirror_of_a_workspace_holds_its_nodes(path: Path, ledger: LedgerClient) -> None:
    async with SqliteStore(path) as store:
        first = await mirror(ledger.nfts, [101, 102, 103], store=store)
        second = await mirror(ledger.nfts, [101, 102, 103], store=store)
    assert (first.rows, first.added, second.rows, second.added) == (257, 257, 257, 0)
    assert read(path, "SELECT count(*) FROM nfts WHERE gone_at IS NULL") == [(257,)]


async def test_times_and_numbers_are_text_that_loses_nothing(path: Path) -> None:
    await mirrored(path, item(1, amount=LARGEST))
    sql = "SELECT amount, price, is_spam, minted_at, properties FROM items"
    time = "2026-11-28T23:59:59.123456+00:00"
    assert read(path, sql) == [(str(LARGEST), "1.10", 0, time, '{"a":[1]}')]


async def test_every_account_has_its_line(path: Path) -> None:
    async with running(path) as run:
        await run.write([items(1, item(1)), items(2), items(3, end=FAILED)])
        await run.finish()
    lines = read(path, "SELECT section, account_id, status, nodes FROM mirror_accounts")
    assert lines == [("items", 1, "exact", 1), ("items", 2, "exact", 0), ("items", 3, "failed", 0)]
    (line,) = read(path, "SELECT section, mode, accounts, rows, added FROM mirror_runs")
    assert line == ("items", "full", 2, 1, 1)
    assert read(path, "SELECT count(*) FROM mirror_runs WHERE finished_at IS NULL") == [(0,)]


async def test_a_key_that_is_named_as_a_column_of_changes_is_told_apart(path: Path) -> None:
    async with running(path, ENTRIES) as run:
        await run.write([entries(entry(7))])
        await run.finish()
    sql = "SELECT id, key_id, kind, run_id FROM entries_changes"
    assert read(path, sql) == [(1, 7, "added", run.id)]


async def test_changes_hold_numbers_with_every_digit_and_what_is_no_number(path: Path) -> None:
    await mirrored(path, item(1, amount=LARGEST, price=Decimal("NaN"), name="a\0b"))
    ((after,),) = read(path, "SELECT after FROM items_changes")
    assert f'"amount":{LARGEST},"price":"NaN","name":"a\\u0000b","is_spam":false' in after


async def test_pandas_reads_every_digit(path: Path) -> None:
    await mirrored(path, item(1, amount=LARGEST, name="😀"))
    with closing(sqlite3.connect(path)) as connection:
        frame = pd.read_sql_query("SELECT * FROM items", connection)
    assert (int(frame["amount"][0]), frame["name"][0]) == (LARGEST, "😀")
    assert pd.to_datetime(frame["minted_at"])[0].isoformat() == "2026-11-28T23:59:59.123456+00:00"


async def test_duckdb_reads_what_pandas_read(path: Path) -> None:
    await mirrored(path, item(1, amount=LARGEST, name="😀"))
    with closing(sqlite3.connect(path)) as connection:
        frame = pd.read_sql_query("SELECT amount, name, minted_at FROM items", connection)
    with duckdb.connect() as duck:
        duck.register("items", frame)
        sql = (
            "SELECT amount, name, minted_at::TIMESTAMPTZ = '2026-11-28 23:59:59.123456Z' FROM items"
        )
        assert duck.execute(sql).fetchall() == [(str(LARGEST), "😀", True)]


# The pieces


def test_a_value_that_fits_is_not_blamed() -> None:
    assert cells.unfit(ENTRIES, [entries(entry(2**63 - 1, None), entry(-(2**63)))]) is None


def test_a_lock_is_let_go_of_twice_without_harm(path: Path) -> None:
    first, second = TableLock(str(path), "items"), TableLock(str(path), "items")
    assert (first.take(), second.take()) == (True, False)
    first.release()
    first.release()
    assert second.take()
    second.release()


def test_a_holder_who_left_no_line_is_another_process() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        assert bookkeeping.holder_of(connection, "items") == "another process"


def test_a_write_looks_no_finished_account_up_by_reading_all_of_them() -> None:
    """Each plan is a search by an index."""
    with closing(sqlite3.connect(":memory:")) as connection:
        schema.prepare(connection, ITEMS, "ledger.db")
        sql = statements.Statements(ITEMS)
        values = {"run": "", "now": "", "writer": 0, "account": 1, "first": 0, "last": 1}
        for each in (sql.record_gone(), sql.mark_gone(), sql.unstage(), sql.identities(["name"])):
            plan = connection.execute(f"EXPLAIN QUERY PLAN {each}", values).fetchall()
            assert not [
                step for *_, step in plan if step.startswith("SCAN t") and "temp." not in step
            ]


def test_the_last_proof_is_looked_up_by_its_runs_and_not_among_all_lines() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        schema.prepare(connection, ENTRIES, "ledger.db")
        sql = f"EXPLAIN QUERY PLAN {proofs.last_proof(':section')}"
        steps = [step for *_, step in connection.execute(sql, {"section": "entries"})]
    assert [step.split()[:2] for step in steps] == [["SEARCH", "r"], ["SEARCH", "a"]]
