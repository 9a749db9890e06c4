"""docs/fleet.md by the letter: its programs run."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType

import pytest

from ledger_async.cli.exits import Exit
from ledger_async.cli.run import run
from ledger_async.cli.workspace import Settings, name_of
from ledger_async.sandbox import Sandbox

PAGE = (Path(__file__).parents[2] / "docs/fleet.md").read_text(encoding="utf-8")
LIMITED, KEEPING, MAPPING = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

pytestmark = pytest.mark.real_time


@pytest.fixture
async def workspace(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with Sandbox({101: 30, 102: 20}) as sandbox:
        monkeypatch.setenv("LEDGER_BASE_URL", sandbox.url)
        monkeypatch.setenv("LEDGER_API_KEY", sandbox.api_key)
        monkeypatch.setenv("LEDGER_API_USER", sandbox.api_user)
        yield sandbox


def module_of(block: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program as a file that workers can import, too."""
    path = folder / f"example_{len(block)}.py"
    path.write_text(block)
    monkeypatch.syspath_prepend(folder)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, path.stem, module)
    spec.loader.exec_module(module)
    return module


async def test_the_fleet_of_the_page_keeps_a_store(
    workspace: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = module_of(KEEPING, tmp_path, monkeypatch)
    await page.keep([101, 102], f"parquet:{tmp_path / 'ledger'}")
    assert capsys.readouterr().out == "2 50 0 0 {}\n"


async def test_the_function_of_the_page_is_called_for_each_account(
    workspace: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = module_of(MAPPING, tmp_path, monkeypatch)
    assert sorted(await page.all_of_them([101, 102])) == [101, 102]


def test_the_options_of_the_page_are_those_of_the_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["mirror", "--help"]) == Exit.ALL
    helped = capsys.readouterr().out
    named = {*re.findall(r"(--[a-z][a-z-]*)", PAGE)}
    assert {"--workers", "--scheduler", "--limiter", "--rate"} <= named
    assert named <= {*re.findall(r"(--[a-z][a-z-]*)", helped)}
    assert "LEDGER_LIMITER" in PAGE
    assert "LEDGER_LIMITER" in helped


def test_the_name_of_a_limit_is_the_one_that_the_page_tells() -> None:
    assert f"`{name_of(Settings(api_user='me'))}`" in PAGE


async def test_the_client_of_the_page_reads_though_the_store_of_its_limiter_is_not_there(
    workspace: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with module_of(LIMITED, tmp_path, monkeypatch).client() as ledger:
        assert (await ledger.nfts.page(101)).page_info.count == 30


def test_the_example_runs_on_this_machine() -> None:
    path = Path(__file__).parents[2] / "examples/fleet.py"
    done = subprocess.run(
        [sys.executable, path], capture_output=True, text=True, check=True, timeout=120
    )
    first, second, worth = done.stdout.splitlines()
    nfts = sum(each % 60 for each in range(1, 201))
    assert first == f"first run: {nfts:,} NFTs of 200 accounts, {nfts:,} added, 0 changed, 0 gone"
    assert second == f"second run: {nfts:,} NFTs of 200 accounts, 0 added, 0 changed, 0 gone"
    assert worth.startswith("all of them are worth ")
    assert done.stderr == ""
