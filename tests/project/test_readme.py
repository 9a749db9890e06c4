"""The README by the letter: its Python runs as pasted, its table names what exists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_it_is_read_in_a_minute() -> None:
    assert len(README.splitlines()) <= 130


@pytest.mark.parametrize("target", re.findall(r"`?make ([a-z-]+)", README))
def test_every_make_target_that_it_names_exists(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"\n{target}:" in makefile


def test_the_demo_installs_no_tools_for_development() -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("no make here")
    command = [make, "--dry-run", "--no-print-directory", "demo", "VENV=.venv-of-nobody"]
    apart = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    answer = subprocess.run(
        command, capture_output=True, check=True, cwd=ROOT, env=apart, text=True
    )
    installs = [line for line in answer.stdout.splitlines() if " pip install " in line]
    assert [line.partition(" --editable ")[2] for line in installs] == ['".[cli]"']
    assert answer.stdout.startswith('echo "Installing ledger_async and its command line')


def test_the_figures_are_those_of_the_last_benchmark() -> None:
    results = (ROOT / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
    shown = README.partition("<!-- figures -->")[2].partition("<!-- end of figures -->")[0]
    assert len(shown.splitlines()) > 8
    assert {*shown.splitlines()} <= {*results.splitlines()}
