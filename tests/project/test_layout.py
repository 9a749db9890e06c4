"""Where the tests of a module lie: in the folder of its room, in a file that names it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import ledger_async

PACKAGE = Path(ledger_async.__file__).parent
TESTS = Path(__file__).parents[1]

# Modules at the top of the package that are no room of their own.
FOLDERS = {"__main__": "cli", "_version": "project", "events": "streaming"}

MODULES = [
    path.relative_to(PACKAGE).with_suffix("").parts
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.stem != "__init__"
]

DOTTED = {".".join(("ledger_async", *each)) for each in MODULES}


def folder(module: tuple[str, ...]) -> Path:
    room = module[0]
    return TESTS / (room.strip("_") if len(module) > 1 else FOLDERS.get(room, "client"))


def names(module: tuple[str, ...]) -> set[str]:
    """The module by its name and its last names, as `payloads.lam`, and the folders it is in."""
    tails = (".".join(module[first:]) for first in range(len(module)))
    return {each.lstrip("_") for each in (*module, *tails)}


def named(test: Path) -> Iterator[str]:
    """A file names its own name, what its docstring says in code, and the modules it imports."""
    yield test.stem.removeprefix("test_")
    tree = ast.parse(test.read_text(encoding="utf-8"))
    for each in re.findall(r"`([\w.]+)`", ast.get_docstring(tree) or ""):
        yield each.lstrip("_")
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ledger_async."):
            modules = {node.module or "", *(f"{node.module}.{each.name}" for each in node.names)}
            yield from (each.rpartition(".")[2] for each in modules & DOTTED)


def test_every_module_is_named_by_a_test_in_the_folder_of_its_room() -> None:
    found = {
        home: {name for test in home.glob("test_*.py") for name in named(test)}
        for home in {*map(folder, MODULES)}
    }
    unnamed = [".".join(each) for each in MODULES if not names(each) & found[folder(each)]]
    assert unnamed == []


def test_no_two_files_of_tests_have_one_name() -> None:
    stems = [path.stem for path in TESTS.rglob("*.py") if path.stem != "conftest"]
    assert sorted({*stems}) == sorted(stems)
