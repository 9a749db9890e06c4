"""The Python of the documentation: every block passes the type checker, and prints what it says.

A block that is no module says so behind its fence: a `notebook` is a cell, which awaits, and a
`method` is a piece of a section.
"""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import subprocess
import sys
import textwrap
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cyclopts import CycloptsError
from documents import PAGES, ROOT, Block, blocks, programs, python_blocks

from ledger_async.cli.app import app
from ledger_async.sandbox import Fault, RateLimit, Sandbox

PYTHON = python_blocks()
PROGRAMS = [each for page in PAGES for each in programs(page)]
TESTING = ROOT / "docs/testing.md"

SURROUNDINGS = {
    "notebook": (
        "from ledger_async import LedgerClient\n\nasync def cell(ledger: LedgerClient) -> None:\n"
    ),
    "method": (
        "from ledger_async.models import Group\n"
        "from ledger_async.sections._base.section import Section\n\nclass Groups(Section):\n"
    ),
}

# Celery has no types, and so neither have the functions that it decorates.
SETTINGS = "[mypy]\nstrict = True\ndisallow_untyped_decorators = False\n"
UNTYPED = "[mypy-celery.*,pandas.*]\nignore_missing_imports = True\n"

pytestmark = pytest.mark.real_time


def as_module(block: Block) -> str:
    """The block as it is, or within what it is a piece of."""
    if not block.words[1:]:
        return block.text
    return SURROUNDINGS[block.words[1]] + textwrap.indent(block.text, "    ")


@pytest.mark.heavy
def test_every_block_passes_the_type_checker(tmp_path: Path) -> None:
    scripts = {f"block_{number}.py": block for number, block in enumerate(PYTHON)}
    for name, block in scripts.items():
        (tmp_path / name).write_text(as_module(block), encoding="utf-8")
    (tmp_path / "mypy.ini").write_text(SETTINGS + UNTYPED)
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", *scripts],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT / "examples")},  # which a recipe imports from
        text=True,
    )
    told = re.sub(
        r"^block_\d+\.py", lambda name: str(scripts[name[0]]), checked.stdout, flags=re.MULTILINE
    )
    assert checked.returncode == 0, told


def test_few_blocks_are_fragments() -> None:
    fragments = [each for each in PYTHON if each.words[1:]]
    assert len(PYTHON) > 50
    assert len(fragments) < 5


@pytest.fixture
async def workspace(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Three accounts, for programs that take their client from the environment."""
    async with Sandbox({101: 30, 102: 20, 103: 7}) as box:
        monkeypatch.setenv("LEDGER_BASE_URL", box.url)
        monkeypatch.setenv("LEDGER_API_KEY", box.api_key)
        monkeypatch.setenv("LEDGER_API_USER", box.api_user)
        yield


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(("program", "output"), PROGRAMS, ids=[str(each) for each, _ in PROGRAMS])
async def test_a_program_prints_what_stands_under_it(
    program: Block, output: str, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(program.text, encoding="utf-8")
    running = await asyncio.create_subprocess_exec(
        sys.executable, "program.py", cwd=tmp_path, stdout=PIPE, stderr=PIPE
    )
    printed, complaint = await running.communicate()
    assert (printed.decode(), complaint.decode()) == (output, "")


def test_there_are_programs_that_say_what_they_print() -> None:
    assert len(PROGRAMS) > 5


def command_lines() -> Iterator[tuple[Block, list[str]]]:
    """The calls of the command line in the documentation, each as its words."""
    for block in (each for page in PAGES for each in blocks(page) if each.language == "sh"):
        for line in block.text.replace("\\\n", "").splitlines():
            words = shlex.split(line, comments=True)
            settings = [word for word in words if re.fullmatch(r"[A-Z_]+=.*", word)]
            called, *arguments = words[len(settings) :] or [""]
            if Path(called).name == "ledger-async":
                yield block, arguments


def test_every_call_of_the_command_line_is_one_that_it_takes() -> None:
    calls = list(command_lines())
    assert len(calls) > 10
    for block, arguments in calls:
        try:
            app.parse_args(arguments, exit_on_error=False, print_error=False)
        except CycloptsError as error:
            pytest.fail(f"{block}: {arguments}: {error}")


def test_the_tests_of_the_page_on_testing_pass(tmp_path: Path) -> None:
    modules = [each for each in blocks(TESTING) if each.text.startswith("# test_")]
    names = [each.text.splitlines()[0].removeprefix("# ") for each in modules]
    assert len({*names}) > 4
    for name, module in zip(names, modules, strict=True):
        (tmp_path / name).write_text(module.text, encoding="utf-8")
    flags = ("-q", "-p", "no:cacheprovider", "-p", "no:asyncio")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *flags, *names],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout


def test_the_page_on_testing_shows_every_fault_and_every_form_of_a_limit() -> None:
    page = TESTING.read_text(encoding="utf-8")
    faults = {name for name, each in vars(Fault).items() if isinstance(each, classmethod)}
    shown = {*re.findall(r"Fault\.(\w+)\(", page)}
    assert shown == faults
    limits = {*RateLimit.__annotations__} - {"_"}
    table = page.partition("## Rate limits")[2].partition("```")[0]
    assert {each for each in limits if not re.search(rf"\b{each}\b", table)} == set()
