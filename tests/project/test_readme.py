"""The README by the letter: its Python runs as pasted, its table names what exists."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from leaks import complaints

from ledger_async import LedgerClient
from ledger_async.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_first_example_streams_every_nft_of_its_accounts(tmp_path: Path) -> None:
    script = tmp_path / "example.py"
    script.write_text(BLOCKS[0])
    answer = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", script],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    assert len(answer.stdout.splitlines()) == 250 + 40 + 7
    assert complaints(answer.stderr) == []


async def test_the_example_with_filters_finds_memos_on_the_sandbox() -> None:
    (block,) = (block for block in BLOCKS if "def memos(" in block)
    names: dict[str, Any] = {}
    exec(block, names)
    async with (
        Sandbox({201: 0}, currencies={201: "stellar"}) as box,
        LedgerClient(box.url, api_key=box.api_key, api_user=box.api_user) as ledger,
    ):
        assert await names["memos"](ledger, datetime(2021, 1, 1, tzinfo=UTC))


async def test_the_example_of_a_payment_runs_on_the_sandbox(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ec = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    private_key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (block,) = (block for block in BLOCKS if "def send_ether(" in block)
    names: dict[str, Any] = {}
    exec(block, names)
    monkeypatch.setattr("builtins.input", lambda _prompt: "yes")
    async with (
        Sandbox() as box,
        LedgerClient(box.url, api_key=box.api_key, api_user=box.api_user) as ledger,
    ):
        before = {request.id async for request in ledger.requests.stream()}
        await names["send_ether"](ledger, 10**15, "0x" + "ab" * 20, private_key)
        (request,) = [each async for each in ledger.requests.stream() if each.id not in before]
    assert request.type == "CREATE_TRANSACTION"


def test_the_example_with_the_fixture_passes(tmp_path: Path) -> None:
    (block,) = (block for block in BLOCKS if "def test_" in block)
    (tmp_path / "test_example.py").write_text(block)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_example.py"]
    answer = subprocess.run(command, capture_output=True, check=False, cwd=tmp_path, timeout=60)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("target", re.findall(r"`?make ([a-z-]+)", README))
def test_every_make_target_that_it_names_exists(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"\n{target}:" in makefile


def test_the_demo_installs_no_tools_for_development() -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("no make here")
    command = [make, "--dry-run", "demo", "VENV=.venv-of-nobody"]
    answer = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True)
    installs = [line for line in answer.stdout.splitlines() if " pip install " in line]
    assert [line.partition(" --editable ")[2] for line in installs] == ['".[cli]"']
    assert answer.stdout.startswith('echo "Installing ledger_async and its command line')


def test_the_figures_are_those_of_the_last_benchmark() -> None:
    results = (ROOT / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
    shown = README.partition("<!-- figures -->")[2].partition("<!-- end of figures -->")[0]
    assert len(shown.splitlines()) > 10
    assert shown in results
