"""The benchmarks: that every program reads the same, not how fast."""

from __future__ import annotations

import re
import shutil
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
@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind counts them")
def test_a_page_of_a_hundred_nodes_takes_ten_times_the_instructions_of_one_of_ten() -> None:
    counting = [sys.executable, str(BENCHMARKS / "instructions.py"), "decoding"]
    answer = subprocess.run(counting, capture_output=True, check=False, text=True, timeout=600)
    assert (answer.returncode, answer.stderr) == (0, "")
    ten, hundred = (
        int(each.replace(",", "")) for each in re.findall(r"([\d,]+) instructions", answer.stdout)
    )
    assert 9 * ten < hundred < 11 * ten


@pytest.mark.heavy
def test_the_governor_is_measured_at_each_wording_of_a_limit_from_afar() -> None:
    quick = [sys.executable, str(BENCHMARKS / "governor.py"), "--only", "far", "--quick"]
    answer = subprocess.run(quick, capture_output=True, check=False, text=True, timeout=300)
    assert answer.stderr == ""
    assert answer.stdout.count("permitted rate") == answer.stdout.count("refusals") == 4
