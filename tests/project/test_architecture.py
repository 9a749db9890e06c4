"""docs/architecture.md: its tables say what the code and docs/promises.md say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_layout import folder
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


def test_every_promise_has_its_room() -> None:
    promised = [row[0] for row in rows(ROOT / "docs/promises.md", "What is promised")]
    assert [row[0] for row in rows(PAGE, "Which room keeps a promise")] == promised


def test_each_room_that_keeps_a_promise_has_modules_that_are_there() -> None:
    for promise, keeping, modules, _ in rows(PAGE, "Which room keeps a promise"):
        for room, named in zip(code(keeping), modules.split(";"), strict=True):
            home = PACKAGE / room if (PACKAGE / room).is_dir() else PACKAGE
            # What stands in parentheses says what a module is named for.
            read_first = code(re.sub(r"\([^)]*\)", "", named))
            assert read_first, f"{promise}: {room}"
            assert [each for each in read_first if not (home / f"{each}.py").exists()] == []


def test_the_tests_of_a_promise_are_in_the_folders_of_its_rooms() -> None:
    for promise, keeping, _, tests in rows(PAGE, "Which room keeps a promise"):
        named = {ROOT / each for each in code(tests)}
        assert [each for each in named if not each.is_dir()] == []
        assert {home_of_tests(room) for room in code(keeping)} <= named, promise


def home_of_tests(room: str) -> Path:
    return folder((room, "any") if (PACKAGE / room).is_dir() else (room,))


def test_every_room_is_drawn() -> None:
    drawing = PAGE.read_text(encoding="utf-8").split("```")[1]
    rooms = {each for each in ROOMS if each not in {"", "_version", "__main__"}}
    assert rooms - {*re.findall(r"\w+", drawing)} == set()
