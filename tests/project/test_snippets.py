"""Sandboxes that a sentence of the documentation makes can be made."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ledger_async.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_sandboxes_that_are_made_in_a_sentence_can_be_made(page: Path) -> None:
    for made in re.findall(r"`(Sandbox\([^`.]*\))", page.read_text(encoding="utf-8")):
        assert isinstance(eval(made, {"Sandbox": Sandbox}), Sandbox)


def test_an_account_that_only_currencies_name_is_there() -> None:
    assert repr(Sandbox(currencies={201: "cardano"})).startswith("<Sandbox of 2 accounts")
