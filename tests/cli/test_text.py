"""Cells that no spreadsheet rounds or runs, and text that no terminal obeys."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_async.cli import text as texts
from ledger_async.cli.text import cell, counted, printable, visible, without_passwords

# Whatever a spreadsheet may do with it, and what it does that to.
HOSTILE = st.text(st.sampled_from("=+-@\uff1d;,\t\n\r\"' a1\u200b\ufeff\x00\x85"))

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


UNSEEN = ["\u200b", "\ufeff", "\x00", "\xa0", '"', "\u202e", "\u2060 "]


@pytest.mark.parametrize(
    "first",
    ["=", "+", "-", "@", "\t", "\r", "\n", " =", *WIDE, *[f"{each}=" for each in UNSEEN]],
)
def test_no_text_is_run_as_a_formula(first: str) -> None:
    text = f"{first}cmd|' /C calc'!A0"
    assert cell(text) == f"'{text}"


def test_nothing_is_an_empty_cell() -> None:
    assert cell(None) == ""


@pytest.mark.parametrize("separator", [";", "\t", "\n", "\r", "\r\n", "\x85", "\u2028"])
@pytest.mark.parametrize("first", ["=", "+", "-", "@", *WIDE, " =", *[f"{x}=" for x in UNSEEN]])
def test_no_text_is_run_as_a_formula_where_a_cell_is_split(first: str, separator: str) -> None:
    marked = cell(f"Nice{separator}{first}1+1")
    assert marked.startswith(f"Nice{separator}'{first[0]}")


@pytest.mark.parametrize(
    "text", ["a;b", "a\nb=c", "a\t(=1)", "5;10", "a;\n", "https://a.example/?b=1;c=2", "fine; 1-2"]
)
def test_what_starts_no_formula_where_it_is_split_has_no_mark(text: str) -> None:
    assert cell(text) == text


@given(HOSTILE)
def test_no_part_of_a_cell_starts_a_formula(text: str) -> None:
    for part in re.split(r"[;\t\r\n\x85]", cell(text)):
        first = part.lstrip(' "\u200b\ufeff\x00')[:1]
        assert not first or first not in "=+-@\uff1d" or cell(text) == str(int(text))


@given(st.lists(HOSTILE, min_size=1))
def test_a_reader_of_csv_gives_the_cells_back(values: list[str]) -> None:
    cells = [cell(each).replace("\x00", "") for each in values]
    file = io.StringIO(newline="")
    csv.writer(file).writerow(cells)
    assert [*csv.reader(io.StringIO(file.getvalue(), newline=""))] == [cells]


def restored(marked: str) -> str:
    """The text of a cell: without the apostrophe at its start, and at each split formula's."""

    def unmarked(beginning: re.Match[str]) -> str:
        if beginning[1] is None:
            return beginning[0]
        return re.sub(rf"({texts._SEPARATOR.pattern})'", r"\1", beginning[0])

    return texts._BEGINNING.sub(unmarked, marked.removeprefix("'"))


@given(st.text() | HOSTILE)
def test_taking_the_apostrophes_away_gives_the_text_back(text: str) -> None:
    assert restored(cell(text)) == text


@pytest.mark.parametrize("run", ["\t", "\u200b", ";\n", "1", "a;", ";'"])
def test_a_hostile_cell_takes_no_longer_than_its_length(run: str) -> None:
    """In time that grows by the square, this would take hours."""
    text = run * 500_000
    assert restored(cell(text)) == text


@given(st.text())
def test_printable_text_is_one_line_that_orders_nothing(text: str) -> None:
    shown = printable(text)
    assert not re.search(
        "[\x00-\x1f\x7f-\x9f\xad\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", shown
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", r"\u001b[2J"),
        ("a\nb", r"a\u000ab"),
        ("abc\u202edcba\u202c", r"abc\u202edcba\u202c"),
        ("\u2066x\u2069\u200e\u200f\u061c", r"\u2066x\u2069\u200e\u200f\u061c"),
        ("a\u200bb\ufeff\xad", r"a\u200bb\ufeff\u00ad"),
        ("\U000e0041", r"\udb40\udc41"),
    ],
)
def test_what_a_terminal_would_obey_or_reorder_by_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize("text", ["é€🦉", "👩\u200d🚀", "क्\u200cष", "שלום", "a\xa0b\u3000c"])
def test_what_belongs_to_writing_is_shown_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    "control", ["\x1b[31m", "\x07", "\x9b31m", "\x7f", "\r", "\x00", "\u202e", "\u2066"]
)
def test_lines_on_a_terminal_command_and_reorder_nothing(control: str) -> None:
    assert visible(f"a{control}b".encode()).startswith(f"a\\u{ord(control[0]):04x}".encode())


@given(st.text())
def test_a_line_of_json_has_the_same_value_on_a_terminal(text: str) -> None:
    line = json.dumps({"name": text}, ensure_ascii=False).encode("utf-8", "replace")
    assert json.loads(visible(line)) == json.loads(line)


def test_lines_on_a_terminal_keep_their_ends_and_letters() -> None:
    lines = "é\t€\r\n🦉\n".encode()
    assert visible(lines) == lines


def test_one_is_not_many() -> None:
    assert (counted(1, "page"), counted(0, "page"), counted(2000, "page")) == (
        "1 page",
        "0 pages",
        "2,000 pages",
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:hunter2@db/ledger", "postgresql://me:***@db/ledger"),
        ('"postgres://me:a@b/c d@db/ledger" here', '"postgres://me:***@db/ledger" here'),
        ("postgresql://db/x?password=hunter2&user=me", "postgresql://db/x?password=***&user=me"),
        ("host=db password=hunter2", "host=db password=***"),
    ],
)
def test_the_password_of_a_database_is_not_shown(text: str, shown: str) -> None:
    assert without_passwords(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8080/users?email=a@b",
        "postgresql://me@db/ledger",
        "sqlite:a@b",
        "10:30 a@b",
    ],
)
def test_what_is_no_password_is_shown(text: str) -> None:
    assert without_passwords(text) == text
