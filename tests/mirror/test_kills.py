"""Mirrors whose processes are killed while their workspace changes: the short round."""

from __future__ import annotations

from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM
from urllib.parse import urlencode

import pytest
from kill_rounds import LARGE, rounds
from mirror_targets import ParquetTarget, PostgresTarget, SqliteTarget, Target
from psycopg.conninfo import conninfo_to_dict

pytestmark = pytest.mark.real_time

SIZES = {LARGE: 605, 2: 7, 3: 7, 4: 45, 5: 45, 6: 0}


@pytest.fixture(params=["sqlite", "postgres", "parquet"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Target:
    if request.param == "postgres":
        parts = conninfo_to_dict(request.getfixturevalue("postgres"))
        return PostgresTarget(f"postgresql:///?{urlencode(parts)}")
    return SqliteTarget(tmp_path) if request.param == "sqlite" else ParquetTarget(tmp_path)


async def test_a_mirror_that_was_killed_again_and_again_ends_as_its_source(target: Target) -> None:
    async with rounds(target, SIZES, seed=7, pause=30) as each:
        await each.play(2, [SIGKILL])
    assert each.tally.broken == {}
    assert each.tally.price <= 1.06 + 10 / each.tally.ideal  # a short listing, and many changes


async def test_a_signal_ends_a_mirror_and_frees_its_table(tmp_path: Path) -> None:
    async with rounds(SqliteTarget(tmp_path), SIZES, seed=8) as each:
        await each.play(2, [SIGINT, SIGTERM])
    assert each.tally.broken == {}


async def test_an_account_that_was_cut_off_near_its_end_is_gone_on_with(tmp_path: Path) -> None:
    async with rounds(SqliteTarget(tmp_path), {LARGE: 600}, seed=9, latency=0.1) as each:
        assert await each.cut_off(0.9, inserts=0) <= 1.4
    assert each.tally.broken == {}
