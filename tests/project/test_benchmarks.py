"""The benchmarks: that every program reads the same, not how fast."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.heavy
def test_every_program_delivers_the_same_nodes_in_every_scenario() -> None:
    short = [sys.executable, str(BENCHMARKS / "compare.py"), "--short"]
    answer = subprocess.run(short, capture_output=True, check=False, text=True, timeout=300)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.count("ledger_async") > 10


@pytest.mark.heavy
def test_the_governor_is_measured_at_each_wording_of_a_limit_from_afar() -> None:
    quick = [sys.executable, str(BENCHMARKS / "governor.py"), "--only", "far", "--quick"]
    answer = subprocess.run(quick, capture_output=True, check=False, text=True, timeout=300)
    assert answer.stderr == ""
    assert answer.stdout.count("permitted rate") == answer.stdout.count("refusals") == 4
