"""The tables of SQL mirrors as values: how they are named, made and compared."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import msgspec
import pytest

from ledger_async.mirror import Column
from ledger_async.mirror._sql import names, runs
from ledger_async.mirror._sql.definitions import (
    Dialect,
    added,
    all_of,
    changes_of,
    created,
    current_rows,
    rows_of,
    staging_of,
)
from ledger_async.mirror._sql.fitting import Found, misfit, missing
from ledger_async.mirror._sql.rounds import rounds
from ledger_async.mirror.conformance import ENTRIES, ITEMS, items

DIALECT = Dialect(
    types={
        "id": "bigint",
        "integer": "numeric",
        "decimal": "numeric",
        "text": "text",
        "boolean": "boolean",
        "timestamp": "timestamptz",
        "json": "jsonb",
    },
    serial="bigserial primary key",
)
ROWS = rows_of(ENTRIES)
FOUND = Found(
    {each.name: DIALECT.types[each.kind].upper() for each in ROWS.columns}, key=ENTRIES.key
)


def without(found: Found, *columns: str) -> Found:
    types = {name: type_ for name, type_ in found.types.items() if name not in columns}
    return msgspec.structs.replace(found, types=types)


def test_quoted_names_cannot_end_their_quotes() -> None:
    assert names.quoted('a"b') == '"a""b"'
    assert names.listed(["a", "b"], "t") == 't."a", t."b"'


def test_a_table_is_made_with_its_key_and_its_times() -> None:
    (statement,) = created(ROWS, DIALECT)
    assert statement == (
        'CREATE TABLE IF NOT EXISTS "entries" ("id" bigint NOT NULL, "status" text, '
        '"created_at" timestamptz, "account_id" bigint, "first_seen_at" timestamptz, '
        '"changed_at" timestamptz, "gone_at" timestamptz, PRIMARY KEY ("id"))'
    )


def test_staged_rows_are_found_by_their_account_where_there_is_one() -> None:
    assert staging_of(ITEMS).index == ("account_id", "_writer", "_part", "_position")
    assert staging_of(ENTRIES).index == ("_writer", "_part", "_position")


def test_changes_are_numbered_and_keep_the_key_under_a_name_of_its_own() -> None:
    first, *_ = created(changes_of(ENTRIES), DIALECT)
    assert (
        '("id" bigserial primary key, "run_id" text NOT NULL, "changed_at" timestamptz, '
        '"key_id" bigint, "kind" text NOT NULL, "before" jsonb'
    ) in first
    assert names.key_in_changes("account_id") == "account_id"


def test_changes_of_a_row_are_found_by_its_key() -> None:
    _, index = created(changes_of(ITEMS), DIALECT)
    assert index.endswith(f'ON "items_changes" ({names.listed(ITEMS.key)})')


def test_the_view_on_current_rows_has_every_column_there_is() -> None:
    assert current_rows(ITEMS) == 'SELECT * FROM "items" WHERE "gone_at" IS NULL'
    assert names.current_of("items") == "items_current"


def test_a_table_that_was_made_fits() -> None:
    assert (misfit(FOUND, ROWS, DIALECT), missing(FOUND, ROWS)) == (None, [])


@pytest.mark.parametrize("definition", all_of(ITEMS), ids=lambda each: each.name)
def test_every_table_has_the_marks_by_which_it_is_known(definition: object) -> None:
    marks, columns = definition.marks, definition.columns  # type: ignore[attr-defined] # an id
    assert {*marks} <= {each.name for each in columns}
    assert marks


def test_a_field_that_is_new_is_a_column_to_add() -> None:
    found = without(FOUND, "status")
    assert misfit(found, ROWS, DIALECT) is None
    assert missing(found, ROWS) == [Column("status", "text")]
    sql = 'ALTER TABLE "entries" ADD COLUMN "status" text'
    assert added(ROWS, Column("status", "text"), DIALECT) == sql


def test_a_table_without_our_marks_is_none_of_ours() -> None:
    assert misfit(without(FOUND, "gone_at"), ROWS, DIALECT) == "it has no column gone_at"


def test_another_key_does_not_fit() -> None:
    found = msgspec.structs.replace(FOUND, key=("id", "status"))
    assert misfit(found, ROWS, DIALECT) == "its primary key is (id, status), not (id)"
    unkeyed = msgspec.structs.replace(FOUND, key=())
    assert misfit(unkeyed, ROWS, DIALECT) == "its primary key is (), not (id)"


def test_another_type_does_not_fit() -> None:
    found = msgspec.structs.replace(FOUND, types={**FOUND.types, "status": "jsonb"})
    assert misfit(found, ROWS, DIALECT) == "its column status is jsonb, not text"


def test_a_column_of_somebody_else_does_no_harm() -> None:
    found = msgspec.structs.replace(FOUND, types={**FOUND.types, "remark": "text"})
    assert (misfit(found, ROWS, DIALECT), missing(found, ROWS)) == (None, [])


def test_a_column_of_somebody_else_that_wants_a_value_does_not_fit() -> None:
    types = {**FOUND.types, "remark": "text"}
    found = msgspec.structs.replace(FOUND, types=types, required=("id", "remark"))
    reason = "its column remark may not be null, and has no default"
    assert misfit(found, ROWS, DIALECT) == reason


def test_ids_of_runs_sort_by_time_and_differ() -> None:
    now = datetime(2026, 11, 28, 23, 59, 59, tzinfo=UTC)
    assert runs.new_run_id(now).startswith("20261128T235959-")
    assert len({runs.new_run_id(now) for _ in range(100)}) > 95
    assert f"process {os.getpid()} on " in runs.holder()


def test_each_process_that_joins_is_a_writer_of_its_own_within_the_ids_of_a_database() -> None:
    writers = {runs.new_writer() for _ in range(100)}
    assert len(writers) == 100
    assert runs.HOLDER not in writers
    assert max(writers) < 2**63


def test_a_part_never_follows_the_end_of_its_account_in_one_round() -> None:
    first, other, again = items(1), items(2, end=None), items(1, end=None)
    assert [*rounds([first, other, again])] == [[first, other], [again]]
