"""The README by the letter: its Python runs as pasted, its table names what exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
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
    assert (len(answer.stdout.splitlines()), answer.stderr) == (250 + 40 + 7, "")


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_example_passes_the_type_checker(block: str, tmp_path: Path) -> None:
    mypy = pytest.importorskip("mypy.api")
    script = tmp_path / "example.py"
    script.write_text(block)
    report, _, status = mypy.run(["--config-file=", f"--cache-dir={tmp_path}", str(script)])
    assert status == 0, report


@pytest.mark.parametrize("target", re.findall(r"`?make ([a-z-]+)", README))
def test_every_make_target_that_it_names_exists(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"\n{target}:" in makefile
