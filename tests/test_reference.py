"""docs/reference.md: what the code says, and no older."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from ledger_async.operations import operations

ROOT = Path(__file__).resolve().parents[1]
SCRIPT, PAGE = ROOT / "scripts/reference.py", ROOT / "docs/reference.md"

if not SCRIPT.exists():
    pytest.skip("only in the repository", allow_module_level=True)


@pytest.fixture(scope="module")
def made() -> str:
    reference: str = runpy.run_path(str(SCRIPT))["reference"]()
    return reference


def test_the_reference_is_as_the_code_has_it(made: str) -> None:
    assert PAGE.read_text(encoding="utf-8") == made, "run `make reference`"


def test_it_has_every_operation(made: str) -> None:
    assert [each for each in operations() if f"`{each}`" not in made] == []


def test_every_link_leads_to_a_heading(made: str) -> None:
    headings = re.findall(r"^#+ (.*)$", made, re.MULTILINE)
    anchors = {heading.lower().replace(".", "") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]*)\)", made)) <= anchors


def test_every_row_has_as_many_cells_as_its_table(made: str) -> None:
    cells = [
        [len(re.split(r"(?<!\\)\|", line)) for line in table.splitlines()]
        for table in re.findall(r"(?:^\|.*\n)+", made, re.MULTILINE)
    ]
    assert [each for each in cells if len(set(each)) > 1] == []


def test_no_type_variable_is_left(made: str) -> None:
    assert re.findall(r"\[[A-Z]\]", made) == []
