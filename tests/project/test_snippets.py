"""Python that people paste, wherever it stands: it passes mypy, and sandboxes of it open."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ledger_async.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]

# What stands around a piece that is no program.
NAMES = """
from collections.abc import Sequence
from typing import Any
from ledger_async import AccountReport, Group, LedgerClient


async def insert(account_id: int | None, nodes: Sequence[object]) -> None: ...


async def commit(account_id: int | None, report: AccountReport) -> None: ...


async def piece(ledger: LedgerClient) -> None:
"""


def programs() -> dict[str, str]:
    found = {}
    for page in PAGES:
        blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        for number, block in enumerate(blocks):
            found[f"{page.stem.lower()}_{number}.py"] = as_program(block)
    return found


def as_program(block: str) -> str:
    """The block, within a coroutine if it could not stand outside."""
    if re.search(r"^async (?:with|for) ", block, re.MULTILINE):
        return NAMES + re.sub(r"^(?=.)", "    ", block, flags=re.MULTILINE)
    if block.startswith("async def get(self"):  # a method
        return NAMES.replace("async def piece", "async def unused") + (
            "    ...\n\n\nclass Section:\n"
            "    async def _get(self, *args: Any, **more: Any) -> Group:\n"
            "        raise NotImplementedError\n\n"
            + re.sub(r"^(?=.)", "    ", block, flags=re.MULTILINE)
        )
    return block


def test_all_of_it_passes_the_type_checker(tmp_path: Path) -> None:
    mypy = pytest.importorskip("mypy.api")
    scripts = []
    for name, text in programs().items():
        scripts.append(tmp_path / name)
        scripts[-1].write_text(text)
    assert len(scripts) > 30
    options = ["--config-file=", f"--cache-dir={tmp_path}", "--strict", "--scripts-are-modules"]
    options.append("--ignore-missing-imports")  # of pandas
    report, _, status = mypy.run([*options, *map(str, scripts)])
    assert status == 0, report


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_sandboxes_that_are_made_in_a_sentence_can_be_made(page: Path) -> None:
    for made in re.findall(r"`(Sandbox\([^`.]*\))", page.read_text(encoding="utf-8")):
        assert isinstance(eval(made, {"Sandbox": Sandbox}), Sandbox)


def test_an_account_that_only_currencies_name_is_there() -> None:
    assert repr(Sandbox(currencies={201: "cardano"})).startswith("<Sandbox of 2 accounts")
