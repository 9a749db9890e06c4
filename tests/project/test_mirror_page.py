"""docs/mirror.md by the letter: its programs run, and its lists are those of the code."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger_async.mirror.conformance import StoreConformance
from ledger_async.mirror.incremental import INCREMENTS
from ledger_async.mirror.mirroring import mirror
from ledger_async.sandbox import Sandbox

PAGE = (Path(__file__).parents[2] / "docs/mirror.md").read_text(encoding="utf-8")
KEEPING, TESTING = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

pytestmark = pytest.mark.real_time


def names_of(block: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "example"}
    exec(block, names)
    return names


async def test_the_first_example_keeps_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    async with Sandbox({101: 30}) as box:
        monkeypatch.setenv("LEDGER_BASE_URL", box.url)
        monkeypatch.setenv("LEDGER_API_KEY", box.api_key)
        monkeypatch.setenv("LEDGER_API_USER", box.api_user)
        await names_of(KEEPING)["keep"]([101])
    assert capsys.readouterr().out == "1 30 0 0 {}\n"
    with closing(sqlite3.connect("ledger.db")) as database:
        assert database.execute("SELECT count(*) FROM nfts").fetchone() == (30,)
        assert database.execute("SELECT count(*) FROM transactions").fetchone() > (0,)


def test_the_tests_of_a_store_are_those_of_the_class_it_inherits() -> None:
    assert issubclass(names_of(TESTING)["TestMyStore"], StoreConformance)


def test_the_arguments_are_those_of_the_function() -> None:
    table = PAGE.partition("| argument |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| `(\w+)", table, re.MULTILINE)
    assert {"listing", *named} == {*mirror.__annotations__} - {"return"}


@pytest.mark.parametrize("name", INCREMENTS)
def test_the_final_states_are_those_of_the_code(name: str) -> None:
    told = re.search(rf"(?:of|Final are, of) {name}, (.*?)[;.]\s", PAGE, re.DOTALL)
    assert told is not None
    assert {*re.findall(r"`(\w+)`", told[1])} == INCREMENTS[name].final
