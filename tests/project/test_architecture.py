"""docs/architecture.md: its tables say what the code and the README say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_rooms import PACKAGE, ROOMS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/architecture.md"

if not PAGE.exists():
    pytest.skip("only in the repository", allow_module_level=True)


def rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading."""
    section = page.read_text(encoding="utf-8").partition(f"## {heading}\n")[2]
    (table, *_) = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_the_table_of_imports_is_the_one_that_is_held() -> None:
    front = {"ledger_async": ""}
    table = {
        front.get(name, name): {front.get(each, each) for each in code(below)}
        for room, below in rows(PAGE, "Who may import whom")
        for name in code(room)
    }
    assert table == ROOMS


def test_every_promise_of_the_readme_has_its_room() -> None:
    promised = [row[0] for row in rows(ROOT / "README.md", "What is promised")]
    assert [row[0] for row in rows(PAGE, "Which room keeps a promise")] == promised


def test_what_is_to_be_read_of_a_room_is_there() -> None:
    for _, room, modules, tests in rows(PAGE, "Which room keeps a promise"):
        homes = [PACKAGE, *(PACKAGE / each for each in code(room))]
        for module in code(modules):
            assert any((home / f"{module}.py").exists() for home in homes), module
        assert all((ROOT / each).is_dir() for each in code(tests))


def test_every_room_is_drawn() -> None:
    drawing = PAGE.read_text(encoding="utf-8").split("```")[1]
    rooms = {each for each in ROOMS if each not in {"", "_version", "__main__"}}
    assert rooms - {*re.findall(r"\w+", drawing)} == set()
