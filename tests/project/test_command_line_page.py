"""docs/command-line.md by the letter: its recipes read what is written, and lose no digit."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledger_async.cli.exits import Exit
from ledger_async.cli.run import run
from ledger_async.sandbox import Sandbox, SeenRequest

pytest_plugins = ["cli_fixtures"]

PAGE = (Path(__file__).parents[2] / "docs/command-line.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
DIGITS = PAGE.partition("## Every digit")[2]
COMMANDS = re.findall(r"^ledger-async (.*)$", DIGITS, re.MULTILINE)

HUGE = 10**30 + 7
PRICE = Decimal("0.123456789012345678901")


@pytest.fixture
def files(workspace: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Let both commands write their files to the folder that is current."""

    @workspace.rewrite
    def rewrite(seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
        if seen.path.endswith("/nfts"):
            for edge in page["edges"]:
                edge["node"] |= {"value": HUGE, "price": {"ticker": "ETH", "value": PRICE}}
        return page

    monkeypatch.chdir(tmp_path)
    assert len(COMMANDS) == 2
    assert [run(command.split()) for command in COMMANDS] == [Exit.ALL, Exit.ALL]
    return workspace


def names_of(library: str) -> dict[str, Any]:
    pytest.importorskip(library)
    (block,) = (block for block in BLOCKS if f"import {library}" in block)
    names: dict[str, Any] = {}
    exec(block, names)
    return names


def token_ids(workspace: Sandbox) -> set[str]:
    return {token for account in (101, 103) for _, token in workspace.identities(account)}


def test_duckdb_keeps_every_digit(files: Sandbox) -> None:
    names = names_of("duckdb")
    assert sorted(names["amounts"]) == [("101", Decimal(250 * HUGE)), ("103", Decimal(7 * HUGE))]
    assert {row[2] for row in names["rows"]} == token_ids(files)
    assert {row[5] for row in names["rows"]} == {str(PRICE)}


def test_polars_keeps_every_digit(files: Sandbox) -> None:
    names = names_of("polars")
    assert set(names["frame"]["token_id"]) == set(names["table"]["token_id"]) == token_ids(files)
    assert set(names["prices"]) == {PRICE}
    assert set(names["table"]["value"]) == {str(HUGE)}


def test_pandas_keeps_every_digit(files: Sandbox) -> None:
    names = names_of("pandas")
    assert set(names["frame"]["token_id"]) == set(names["table"]["token_id"]) == token_ids(files)
    assert names["tokens"] == 257 * HUGE
    assert set(names["prices"]) == {PRICE}
