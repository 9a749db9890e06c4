"""Cells as COPY reads them, without a server."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import psycopg
import pytest

from ledger_async.mirror._postgres.copy_text import as_keys, key_of, latest, lines, written
from ledger_async.mirror._postgres.failures import described
from ledger_async.mirror._postgres.writing import Known, plan
from ledger_async.mirror.conformance import FAILED, item, items


def test_what_ends_a_field_or_a_line_is_escaped() -> None:
    assert written("text", ["a\tb", "\n\r", "\\N", ""]) == [r"a\tb", r"\n\r", r"\\N", ""]


def test_null_is_told_from_the_text_that_stands_for_it() -> None:
    assert written("text", [None, "\\N", None]) == [r"\N", r"\\N", r"\N"]
    assert written("json", [None, "null"]) == [r"\N", "null"]
    assert written("id", [None]) == [r"\N"]


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (r'"\u0000"', '"\u2400"'),
        (r'"\\u0000"', r'"\\\\u0000"'),
        (r'"\\\u0000"', '"\\\\\\\\\u2400"'),
        (r'"\u0000\u0000"', '"\u2400\u2400"'),
        (r'"\u00000"', '"\u24000"'),
    ],
)
def test_only_an_escape_that_is_nul_is_replaced(document: str, field: str) -> None:
    assert written("json", [document]) == [field]


def test_no_two_keys_become_one_and_each_comes_back() -> None:
    alphabet = "a\0\u2400\u241b"
    keys = ["".join(each) for size in range(5) for each in product(alphabet, repeat=size)]
    texts = as_keys(keys)
    assert len({*texts}) == len(keys)
    assert "\0" not in "".join(texts)
    assert [key_of(each) for each in texts] == keys
    assert as_keys([None, "a", "\0"]) == [None, "a", "\u2400"]


def test_values_keep_every_digit() -> None:
    assert written("integer", [2**256 - 1]) == [str(2**256 - 1)]
    assert written("decimal", [Decimal("1.10")]) == ["1.10"]
    assert written("boolean", [True]) == ["True"]
    time = datetime(2026, 11, 28, 23, 59, 59, 123456, tzinfo=UTC)
    assert written("timestamp", [time]) == ["2026-11-28T23:59:59.123456+00:00"]


def test_columns_become_lines() -> None:
    assert lines([["1", "2"], ["é", r"\N"]]) == "1\té\n2\t\\N\n".encode()


def test_of_rows_with_one_key_the_latest_stays() -> None:
    assert latest(["a", "b", "a", "c"]) == [1, 2, 3]


def test_what_came_of_an_account_that_failed_is_abandoned() -> None:
    parts = [items(1, item(), end=None), items(1, item(2), end=FAILED)]
    planned = plan(parts, Known(finished=(), parts={1: 3}, rows={1: 7}))
    assert (planned.waiting, planned.incoming, planned.staged) == ([], [], [])
    assert planned.abandoned == [1]
    assert planned.ended[0].nodes == 0


def test_parts_without_an_end_wait_behind_those_that_wait() -> None:
    parts = [items(1, item(), end=None), items(1, item(2), end=None)]
    planned = plan(parts, Known(finished=(), parts={1: 3}, rows={1: 7}))
    assert planned.waiting == [(3, parts[0]), (4, parts[1])]


def test_parts_of_a_finished_account_are_passed_over() -> None:
    planned = plan([items(1, item()), items(1, item(), end=None)], Known([1], {}, {}))
    assert [planned.waiting, planned.incoming, planned.ended] == [[], [], []]


@pytest.mark.parametrize(
    ("state", "meaning"),
    [
        ("53100", "the disk of the database is full"),
        ("53300", "the database has too many connections"),
        ("57P01", "the database ended the connection"),
        ("08006", "the connection to the database was lost"),
        ("42P01", "the database refused"),
    ],
)
def test_each_failure_of_a_server_has_its_meaning(state: str, meaning: str) -> None:
    assert described(psycopg.errors.lookup(state)("of many\nlines")).startswith(meaning)
