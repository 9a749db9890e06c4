"""Cells that no spreadsheet rounds or runs, and text that no terminal obeys."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_async.cli.text import cell, counted, printable, visible

WIDE = "\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH COMMERCIAL AT}"


@pytest.mark.parametrize(
    "value",
    [
        0,
        101,
        10**15 - 1,
        -5,
        Decimal("0.05"),
        Decimal("1E-18"),
        Decimal("1.5E+20"),
        Decimal("0.00000123456789012345"),
        "0x0e1234",
        "ERC721",
        "Pixel Owls #1",
        "2021-03-01T09:00:00Z",
    ],
)
def test_what_a_spreadsheet_keeps_has_no_mark(value: object) -> None:
    assert cell(value) == str(value)


@pytest.mark.parametrize(
    "value",
    [
        10**15,
        -(10**15),
        2**256,
        Decimal("9.040493544772686084"),
        Decimal("1E+400"),
    ],
)
def test_a_number_that_a_spreadsheet_would_round_is_marked_as_text(value: object) -> None:
    assert cell(value) == f"'{value}"


@pytest.mark.parametrize("text", ["007", "1e5", "1,000", "1 000", "50%", "1-2", "1/2", "12:30"])
def test_a_name_that_a_spreadsheet_would_take_for_a_number_or_date_is_marked(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", " =", *WIDE])
def test_no_text_is_run_as_a_formula(first: str) -> None:
    text = f"{first}cmd|' /C calc'!A0"
    assert cell(text) == f"'{text}"


def test_nothing_is_an_empty_cell() -> None:
    assert cell(None) == ""


@given(st.text())
def test_taking_one_apostrophe_away_gives_the_text_back(text: str) -> None:
    assert cell(text).removeprefix("'") == text


@given(st.text())
def test_printable_text_is_one_line_and_as_long(text: str) -> None:
    assert printable(text).isprintable()
    assert len(printable(text)) == len(text)


@pytest.mark.parametrize("control", ["\x1b[31m", "\x07", "\x9b31m", "\x7f", "\r", "\x00"])
def test_lines_on_a_terminal_command_nothing(control: str) -> None:
    assert visible(f"a{control}b".encode()).startswith(b"a?")


def test_lines_on_a_terminal_keep_their_ends_and_letters() -> None:
    lines = "é\t€\r\n🦉\n".encode()
    assert visible(lines) == lines


def test_one_is_not_many() -> None:
    assert (counted(1, "page"), counted(0, "page"), counted(2000, "page")) == (
        "1 page",
        "0 pages",
        "2,000 pages",
    )
