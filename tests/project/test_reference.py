"""The documentation: written pages are as the code has it, and every link leads somewhere."""

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

README, MODELS = ROOT / "README.md", "models/*.md"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))

# What types are made of beside those on the page.
_PYTHONS = {"Decimal", "Literal", "Mapping", "None", "Sequence"}
_VARIABLES = {"N", "T"}
_ERRORS = {"DecodeError", "LedgerError"}

# Each version in the changelog has these headings anew.
_KINDS_OF_CHANGE = {"added", "changed", "deprecated", "removed", "fixed", "security"}


@pytest.fixture(scope="module")
def script() -> Iterator[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPT.parent)
        yield runpy.run_path(str(SCRIPT))


@pytest.fixture(scope="module")
def reference() -> str:
    return text_of(DOCS / "reference.md")


@pytest.fixture(scope="module")
def models_pages() -> str:
    return "\n".join(map(text_of, sorted(DOCS.glob(MODELS))))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def headings(page: str) -> list[str]:
    outside_of_code = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#+ (.*)$", outside_of_code, re.MULTILINE)


def anchors(page: str) -> list[str]:
    """What GitHub makes of the headings."""
    return [
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(page)
    ]


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """The files and the anchors that a page leads to, within the repository."""
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if not link.startswith("https:"):
            file, _, anchor = link.partition("#")
            yield (page.parent / file).resolve() if file else page, anchor


def reached(page: Path) -> set[Path]:
    """The pages that links lead to from this one, over any number of others."""
    found, new = {page}, {page}
    while new:
        new = {file for each in new for file, _ in links(each) if file.suffix == ".md"} - found
        found |= new
    return found


def tables(page: str) -> Iterator[list[list[str]]]:
    for table in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        yield [re.split(r"(?<!\\)\|", line)[1:-1] for line in table.splitlines()]


def test_written_pages_are_as_the_code_has_them(script: dict[str, Any]) -> None:
    written = script["pages"]()
    there = [*(DOCS / each for each in written), *DOCS.glob(MODELS)]
    found = {page.relative_to(DOCS).as_posix(): text_of(page) for page in there}
    assert found == written, "`make reference`"


def test_every_page_is_reached_from_the_readme() -> None:
    assert {*DOCS.rglob("*.md")} - reached(README) == set()


def test_the_reference_has_every_operation(reference: str) -> None:
    assert [each for each in operations() if f"`{each}`" not in reference] == []


def test_every_listing_names_the_filters_that_are_free(reference: str) -> None:
    free = re.findall(r"^On what never changes: (.*)\.$", reference, re.MULTILINE)
    assert len(free) > 1
    assert all("`" in each for each in free)


def test_every_struct_is_described(models_pages: str) -> None:
    public = [name for name in dir(models) if name != "Confidential"]
    structs = {
        name
        for name in public
        if isinstance(kind := getattr(models, name), type) and issubclass(kind, msgspec.Struct)
    }
    assert structs - set(headings(models_pages)) == set()


@each_page
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = [
        f"{file}#{anchor}"
        for file, anchor in set(links(page))
        if not file.exists() or (anchor and anchor not in anchors(text_of(file)))
    ]
    assert broken == []


@each_page
def test_no_two_headings_of_a_page_have_one_anchor(page: Path) -> None:
    found = [each for each in anchors(text_of(page)) if each not in _KINDS_OF_CHANGE]
    assert sorted({*found}) == sorted(found)


def test_every_type_that_the_reference_names_leads_to_its_fields(
    reference: str, models_pages: str
) -> None:
    described = {*headings(models_pages)}
    unlinked = re.sub(r"\[[^\[\]]*\]\([^)]*\)|^#.*$", "", reference, flags=re.MULTILINE)
    spans = re.findall(r"`([^`\n]*)`|<code>(.*?)</code>", unlinked)
    named = {word for span in spans for word in re.findall(r"\w+", "".join(span))}
    assert named & described == set()


def test_every_type_of_a_field_leads_to_its_own(models_pages: str) -> None:
    types = {
        row[table[0].index(" type ")]
        for table in tables(models_pages)
        if " type " in table[0]
        for row in table[2:]
    }
    unlinked = [re.sub(r"\[\w+\]\([\w.]*#\w+\)|\"[^\"]*\"", "", each) for each in types]
    named = {name for each in unlinked for name in re.findall(r"\b[A-Z]\w*", each)}
    assert named - _PYTHONS - _VARIABLES - _ERRORS == set()


@each_page
def test_every_row_has_as_many_cells_as_its_table(page: Path) -> None:
    found = tables(text_of(page))
    assert [table for table in found if len({len(row) for row in table}) > 1] == []


def test_no_type_variable_is_left(reference: str) -> None:
    assert re.findall(r"\[[A-Z]\]", reference) == []
