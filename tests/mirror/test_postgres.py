"""PostgresStore beyond what all stores do: its errors, locks and values (in all of `_postgres`)."""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import msgspec
import polars as pl
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ledger_async import (
    ConfigurationError,
    LedgerClient,
    RowRefusedError,
    StoreError,
    StoreLockedError,
)
from ledger_async.mirror import AccountEnd, Part, PostgresStore, mirror
from ledger_async.mirror._postgres.statements import Statements
from ledger_async.mirror.conformance import ENTRIES, ITEMS, Row, item, items

pytestmark = pytest.mark.real_time


def read(dsn: str, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = connection.execute(sql.encode())
        return found.fetchall() if found.description else []


async def write(dsn: str, *parts: Part, schema: str | None = None) -> None:
    async with PostgresStore(dsn, schema=schema) as store:
        run = await store.begin(ITEMS)
        await run.write(parts)
        await run.finish()
        await run.aclose()


@contextmanager
def held(dsn: str, table: str) -> Iterator[None]:
    """Somebody else has locked the table, so that a write waits."""
    with psycopg.connect(dsn) as other:
        other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        yield


async def test_a_mirror_holds_every_node_and_a_second_one_finds_no_differences(
    postgres: str,
    ledger: LedgerClient,
) -> None:
    async with PostgresStore(postgres) as store:
        first = await mirror(ledger.nfts, [101, 102, 103], store=store)
        second = await mirror(ledger.nfts, [101, 102, 103], store=store)
    assert (first.accounts, first.rows, first.added) == (3, 257, 257)
    assert (second.rows, second.added, second.changed, second.gone) == (257, 0, 0, 0)
    assert read(postgres, "SELECT count(*) FROM nfts WHERE gone_at IS NULL") == [(257,)]
    lines = "SELECT status, nodes FROM mirror_accounts WHERE run_id = '{}' ORDER BY account_id"
    assert read(postgres, lines.format(first.run_id)) == [
        ("exact", 250),
        ("exact", 0),
        ("exact", 7),
    ]


async def test_others_read_every_digit(postgres: str) -> None:
    await write(postgres, items(1, item(amount=2**256 - 1, properties=f"[{2**256 - 1}]")))
    with psycopg.connect(postgres) as connection:
        sql = "SELECT amount::text, properties::text FROM items"
        frame = pl.read_database(sql, connection)
    assert frame.row(0) == (str(2**256 - 1), f"[{2**256 - 1}]")


async def test_the_symbol_for_null_stands_for_nul_wherever_it_was(postgres: str) -> None:
    document = r'{"a\u0000":["\u0000\\u0000\\\u0000"]}'
    await write(postgres, items(1, item("a\0b", name="\0", properties=document)))
    ((token, name, properties),) = read(postgres, "SELECT token_id, name, properties FROM items")
    assert (token, name) == ("a\u2400b", "\u2400")
    assert properties == {"a\u2400": ["\u2400\\u0000\\\u2400"]}


async def test_the_symbol_for_null_is_marked_in_a_key_where_it_was_there(postgres: str) -> None:
    row = item("\u2400", name="\u2400")
    await write(postgres, items(1, row))
    assert read(postgres, "SELECT token_id, name FROM items") == [("\u241b\u2400", "\u2400")]


async def test_a_schema_that_is_missing_is_made(postgres: str) -> None:
    await write(postgres, items(1, item()), schema='of "ours"')
    assert read(postgres, 'SELECT count(*) FROM "of ""ours""".items') == [(1,)]
    assert read(postgres, "SELECT to_regclass('public.items')") == [(None,)]


async def test_a_table_of_an_application_is_refused_before_anything_is_made(postgres: str) -> None:
    read(postgres, "CREATE TABLE items (id bigint PRIMARY KEY)")
    with pytest.raises(
        ConfigurationError, match=r"public\.items was not made by a mirror: .* schema="
    ):
        await write(postgres)
    assert read(postgres, "SELECT to_regclass('mirror_runs')") == [(None,)]


async def test_the_view_on_current_rows_has_no_row_that_is_gone(postgres: str) -> None:
    await write(postgres, items(1, item(1), item(2)))
    await write(postgres, items(1, item(2)))
    assert read(postgres, "SELECT token_id, gone_at FROM items_current") == [("2", None)]


async def test_the_view_on_current_rows_gets_the_columns_that_the_table_gets(
    postgres: str,
) -> None:
    narrow = msgspec.structs.replace(ITEMS, columns=ITEMS.columns[:-1])
    async with PostgresStore(postgres) as store:
        await store.begin(narrow)
    read(postgres, "ALTER TABLE items ADD COLUMN remark text")
    await write(postgres, items(1, item()))
    assert read(postgres, "SELECT properties, remark FROM items_current") == [({"a": [1]}, None)]


async def test_a_view_that_is_as_it_was_is_not_made_again(postgres: str) -> None:
    await write(postgres)
    with psycopg.connect(postgres) as reader:  # whom a new view would wait for
        reader.execute("SELECT * FROM items_current")
        with anyio.fail_after(10):
            await write(postgres)


async def test_a_change_has_the_time_at_which_it_was_found(postgres: str) -> None:
    await write(postgres, items(1, item(1), item(2), item(3)))
    await write(postgres, items(1, item(1), item(2, name="other")))
    sql = """
        SELECT c.kind, count(*), count(*) FILTER (WHERE c.changed_at = r.changed_at)
        FROM items_changes c JOIN items r USING (account_id, contract_address, token_id)
        GROUP BY 1 ORDER BY 1
    """
    assert read(postgres, sql) == [("added", 3, 1), ("changed", 1, 1), ("gone", 1, 1)]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (
            "CREATE TABLE items_current (a text)",
            r"items_current was not made by a mirror: it has no column gone_at; .* schema=",
        ),
        (
            (
                "CREATE TABLE mirror_accounts (run_id text, section text, account_id bigint, "
                "status text, remark text NOT NULL)"
            ),
            "its column remark may not be null, and has no default",
        ),
    ],
)
async def test_what_a_mirror_could_not_fill_is_refused_before_anything_is_made(
    postgres: str, change: str, refusal: str
) -> None:
    read(postgres, change)
    with pytest.raises(ConfigurationError, match=refusal):
        await write(postgres)
    assert read(postgres, "SELECT to_regclass('mirror_runs')") == [(None,)]


async def test_columns_of_somebody_else_that_fill_themselves_do_no_harm(postgres: str) -> None:
    await write(postgres)
    read(
        postgres,
        "ALTER TABLE items ADD COLUMN remark text NOT NULL DEFAULT 'mine', "
        "ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY, "
        "ADD COLUMN size int NOT NULL GENERATED ALWAYS AS (length(token_id)) STORED",
    )
    await write(postgres, items(1, item()))
    assert read(postgres, "SELECT remark, number, size FROM items") == [("mine", 1, 1)]


async def test_a_search_path_without_a_schema_is_refused(postgres: str) -> None:
    nowhere = make_conninfo(postgres, options="-c search_path=nowhere")
    with pytest.raises(ConfigurationError, match="schema="):
        await write(nowhere)


async def test_whoever_waits_for_a_lock_is_told_who_has_it(postgres: str) -> None:
    async with PostgresStore(postgres, _patience=0.05) as store:
        run = await store.begin(ITEMS)
        with pytest.raises(
            StoreLockedError,
            match=r"public\.items: ledger_async: process \d+ on .* \(session \d+ of .* since 20",
        ):
            await store.begin(ITEMS)
        await run.aclose()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dbname": "nowhere"}, 'database "nowhere" does not exist'),
        ({"user": "nobody"}, 'role "nobody" does not exist'),
        ({"host": "/nowhere"}, "failed: No such file or directory$"),
    ],
)
async def test_a_database_that_cannot_be_reached_is_told_in_one_line_without_the_password(
    postgres: str,
    changes: dict[str, str],
    message: str,
) -> None:
    store = PostgresStore(make_conninfo(postgres, password="s3cret-words", **changes))
    with pytest.raises(StoreError, match=message) as raised:
        await store.begin(ITEMS)
    assert len(str(raised.value).splitlines()) == 1
    shown = f"{raised.value!r} {raised.value.__cause__!r} {store!r} {vars(store)}"
    assert "s3cret-words" not in shown


@pytest.mark.parametrize(
    "dsn",
    [
        "mysql://me:s3cret-words@host/db",
        "host=/tmp s3cret-words",
        "postgresql://[s3cret/x",
        "postgresql://me:s3cret\0@host/db",
        "postgresql://me:s3cret\ud800@host/db",
        "postgresql://me:pa#rt@s3cret@host/db",
    ],
)
def test_a_string_that_names_no_database_is_refused_unquoted(dsn: str) -> None:
    with pytest.raises(ConfigurationError, match="dsn") as raised:
        PostgresStore(dsn)
    assert "s3cret" not in str(raised.value)
    assert raised.value.__context__ is None


@pytest.mark.parametrize("schema", ["", "a\0b", "\ud800", "ä" * 32, 7])
def test_a_schema_that_has_no_name_is_refused(schema: Any) -> None:
    with pytest.raises(ConfigurationError, match="schema must be"):
        PostgresStore("postgresql://host/db", schema=schema)


async def test_a_store_is_entered_once_at_a_time(postgres: str) -> None:
    store = PostgresStore(postgres)
    for _ in range(2):
        async with store:
            run = await store.begin(ITEMS)
            with pytest.raises(ConfigurationError, match="open already"):
                async with store:
                    pass
            await run.finish()


def test_a_store_does_not_pickle() -> None:
    with pytest.raises(TypeError, match="PostgresStore"):
        pickle.dumps(PostgresStore("postgresql://me:secret@host/db"))


def test_without_the_extra_a_store_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    room = "ledger_async.mirror._postgres"
    monkeypatch.delattr(f"{room}.opening")
    for name in [each for each in sys.modules if each.startswith(f"{room}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'ledger_async\[postgres\]'"):
        PostgresStore("postgresql://host/db")


async def test_what_libpq_guesses_is_not_told() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    dsn = f"postgresql://127.0.0.1:{port}/db?sslmode=disable&gssencmode=disable"
    async with server:
        with pytest.raises(StoreError, match=r"closed the connection unexpectedly$"):
            await PostgresStore(dsn).begin(ITEMS)


async def test_a_role_without_permission_is_told_so(postgres: str) -> None:
    read(postgres, "CREATE ROLE guest LOGIN")
    try:
        with pytest.raises(StoreError, match="does not permit this"):
            await write(make_conninfo(postgres, user="guest"))
    finally:
        read(postgres, "DROP ROLE guest")


async def test_a_value_that_does_not_fit_is_refused_without_being_quoted(postgres: str) -> None:
    message = "cannot hold a value in column amount: numeric value out of range"
    with pytest.raises(RowRefusedError, match=message) as it:
        await write(postgres, items(1, item(amount="1e200000")))
    assert it.value.__cause__ is None


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (item(os.urandom(5000).hex()), "cannot hold a value: index row requires"),
        (item(properties="[" * 20_000 + "]" * 20_000), "in column properties: stack depth"),
        (item(properties=r'"\ud800"'), "in column properties: invalid text"),
        ({**item(), "token_id": None}, "in column token_id: not null violation"),
    ],
)
async def test_what_a_server_cannot_hold_is_refused_and_the_run_goes_on(
    postgres: str, row: Row, message: str
) -> None:
    async with PostgresStore(postgres) as store:
        run = await store.begin(ITEMS)
        with pytest.raises(RowRefusedError, match=message) as it:
            await run.write([items(1, item()), items(2, row)])
        assert it.value.__cause__ is None
        assert (await run.write([items(1, item())])).added == 1
        await run.aclose()


async def test_a_run_whose_connection_is_lost_writes_no_more_and_is_gone_on_with(
    postgres: str,
) -> None:
    async with PostgresStore(postgres) as store:
        run = await store.begin(ITEMS)
        await run.write([items(1, item())])
        read(postgres, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        with pytest.raises(
            StoreError, match=r"the database ended the connection|connection .* failed"
        ):
            await run.write([items(2, item())])
        with pytest.raises(StoreError, match="connection is lost"):
            await run.write([items(2, item())])
        again = await store.begin(ITEMS)
        assert (again.id, list(await again.finished([1, 2]))) == (run.id, [1])
        await again.aclose()


async def test_a_write_cancelled_while_the_server_works_is_rolled_back_and_can_be_repeated(
    postgres: str,
) -> None:
    async with PostgresStore(postgres) as store:
        run = await store.begin(ITEMS)
        with held(postgres, "items"):
            with anyio.move_on_after(0.3) as scope:
                await run.write([items(1, item()), items(2, item(), end=None)])
            assert scope.cancelled_caught
            assert not await run.finished([1])
        assert not await run.staged()
        assert (await run.write([items(1, item())])).added == 1
        await run.aclose()


async def test_a_begin_that_is_cancelled_hangs_up_at_once() -> None:
    asked, hung_up = asyncio.Event(), asyncio.Event()

    async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        asked.set()
        await reader.read()
        hung_up.set()
        writer.close()

    server = await asyncio.start_server(never_answer, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    store = PostgresStore(f"postgresql://127.0.0.1:{port}/db?sslmode=disable&gssencmode=disable")
    async with server:
        beginning = asyncio.ensure_future(store.begin(ITEMS))
        await asked.wait()
        beginning.cancel()
        await asyncio.wait([beginning])  # which keeps the error that it ended with
        with anyio.fail_after(10):
            await hung_up.wait()


async def test_a_run_whose_write_was_cancelled_at_any_moment_goes_on(
    postgres: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with PostgresStore(postgres) as store:
        run = await store.begin(ITEMS)
        for account in range(60):
            with anyio.move_on_after(account / 5000):
                await run.write([items(account, *map(item, range(50)))])
            await run.write([items(account + 100, item())])
            kept = f"SELECT 1 FROM items WHERE account_id = {account + 100}"
            assert read(postgres, kept)
    assert not [each for each in caplog.records if each.name.startswith("psycopg")]


async def test_psycopg_says_nothing_beside_the_error_of_a_connection_that_is_lost(
    postgres: str, caplog: pytest.LogCaptureFixture
) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
    async with PostgresStore(postgres) as store:
        for account in range(30):
            run = await store.begin(ITEMS)
            writing = asyncio.ensure_future(run.write([items(account, *map(item, range(500)))]))
            await asyncio.sleep(account / 3000)
            await asyncio.to_thread(read, postgres, end)
            await asyncio.wait([writing])
            assert isinstance(writing.exception(), StoreError | None)
            await run.aclose()
    assert not [each for each in caplog.records if each.name.startswith("psycopg")]


async def test_the_totals_of_a_run_are_kept_beside_it(postgres: str) -> None:
    await write(postgres, items(1, item(1), item(2)), items(2, end=AccountEnd("failed", False)))
    totals = "SELECT section, mode, accounts, rows, added, changed, gone FROM mirror_runs"
    assert read(postgres, totals) == [("items", "full", 1, 2, 2, 0, 0)]
    assert read(postgres, "SELECT count(*) FROM mirror_runs WHERE finished_at IS NULL") == [(0,)]


async def test_new_rows_cost_no_look_at_all_the_others(postgres: str) -> None:
    async with PostgresStore(postgres) as store:
        run = await store.begin(ENTRIES)
        await run.aclose()
    read(
        postgres,
        "INSERT INTO entries (id, first_seen_at, changed_at) "
        "SELECT each, now(), now() FROM generate_series(1, 50000) each",
    )
    statement = Statements(ENTRIES).merge(staged=False, replaces=False)
    with psycopg.connect(postgres) as connection:
        connection.execute(Statements(ENTRIES).incoming().encode())
        connection.execute("SET enable_seqscan = off")
        values = {"run": "r", "ids": [None], "replacing": []}
        plan = connection.execute(f"EXPLAIN {statement}".encode(), values).fetchall()
    assert any("Index Cond: (id = mirror_incoming.id)" in line for (line,) in plan)
