"""docs/reference.md and docs/models.md: what the code says, and no older."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ledger_async import models
from ledger_async.sections.operations import operations

ROOT = Path(__file__).resolve().parents[2]
SCRIPT, DOCS = ROOT / "scripts/reference.py", ROOT / "docs"

if not SCRIPT.exists():
    pytest.skip("only in the repository", allow_module_level=True)

PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]

# What types are made of beside those on the page.
_PYTHONS = {"Decimal", "Literal", "Mapping", "None", "Sequence"}
_VARIABLES = {"N", "T"}
_ERRORS = {"DecodeError", "LedgerError"}


@pytest.fixture(scope="module")
def script() -> Iterator[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPT.parent)
        yield runpy.run_path(str(SCRIPT))


@pytest.fixture(scope="module")
def reference(script: dict[str, Any]) -> str:
    page: str = script["reference"]()
    return page


@pytest.fixture(scope="module")
def models_page(script: dict[str, Any]) -> str:
    page: str = script["models_page"]()
    return page


def headings(page: str) -> list[str]:
    outside_of_code = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#+ (.*)$", outside_of_code, re.MULTILINE)


def anchors(page: str) -> list[str]:
    """What GitHub makes of the headings."""
    return [
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(page)
    ]


def links(page: str) -> Iterator[tuple[str, str]]:
    """The files and the anchors that a page leads to, within the repository."""
    for link in re.findall(r"\]\(([^)\s]+)\)", page):
        if not link.startswith("https:"):
            file, _, anchor = link.partition("#")
            yield file, anchor


def tables(page: str) -> Iterator[list[list[str]]]:
    for table in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        yield [re.split(r"(?<!\\)\|", line)[1:-1] for line in table.splitlines()]


@pytest.mark.parametrize("page", ["reference", "models_page"])
def test_a_page_is_as_the_code_has_it(page: str, request: pytest.FixtureRequest) -> None:
    path = DOCS / f"{page.removesuffix('_page')}.md"
    assert path.read_text(encoding="utf-8") == request.getfixturevalue(page), "`make reference`"


def test_the_reference_has_every_operation(reference: str) -> None:
    assert [each for each in operations() if f"`{each}`" not in reference] == []


def test_every_struct_is_described(models_page: str) -> None:
    public = [name for name in dir(models) if name != "Confidential"]
    structs = {
        name
        for name in public
        if isinstance(kind := getattr(models, name), type) and issubclass(kind, msgspec.Struct)
    }
    assert structs - set(headings(models_page)) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for file, anchor in links(page.read_text(encoding="utf-8")):
        target = page.parent / file if file else page
        if not target.exists() or (
            anchor and anchor not in anchors(target.read_text(encoding="utf-8"))
        ):
            broken.append(f"{file}#{anchor}")
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_two_headings_of_a_page_have_one_anchor(page: Path) -> None:
    found = anchors(page.read_text(encoding="utf-8"))
    assert sorted({*found}) == sorted(found)


def test_every_type_that_the_reference_names_leads_to_its_fields(
    reference: str, models_page: str
) -> None:
    described = {*headings(models_page)}
    unlinked = re.sub(r"\[[^\[\]]*\]\([^)]*\)|^#.*$", "", reference, flags=re.MULTILINE)
    spans = re.findall(r"`([^`\n]*)`|<code>(.*?)</code>", unlinked)
    named = {word for span in spans for word in re.findall(r"\w+", "".join(span))}
    assert named & described == set()


def test_every_type_of_a_field_leads_to_its_own(models_page: str) -> None:
    types = {
        row[table[0].index(" type ")]
        for table in tables(models_page)
        if " type " in table[0]
        for row in table[2:]
    }
    unlinked = [re.sub(r"\[\w+\]\(#\w+\)|\"[^\"]*\"", "", each) for each in types]
    named = {name for each in unlinked for name in re.findall(r"\b[A-Z]\w*", each)}
    assert named - _PYTHONS - _VARIABLES - _ERRORS == set()


@pytest.mark.parametrize("page", ["reference", "models_page"])
def test_every_row_has_as_many_cells_as_its_table(
    page: str, request: pytest.FixtureRequest
) -> None:
    found = tables(request.getfixturevalue(page))
    assert [table for table in found if len({len(row) for row in table}) > 1] == []


def test_no_type_variable_is_left(reference: str) -> None:
    assert re.findall(r"\[[A-Z]\]", reference) == []
