"""Text that a server sent, made safe for where it is shown."""

from __future__ import annotations

import re
import sys

# What every spreadsheet keeps as it is, as long as it has no more digits than a double holds.
_NUMBER = re.compile(r"-?((?:0|[1-9]\d*)(?:\.\d+)?)(?:E[+-]\d\d?)?", re.ASCII)
_DIGITS = 15

# What a spreadsheet takes for a formula (in full width too), for a mark, a number or a date.
_TOUCHED = re.compile(r"[=+\-@'\s\uff1d\uff0b\uff0d\uff20]|[\d.,:/\s-]+(?:[eE][+-]?\d+)?%?$")

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|\xc2[\x80-\x9f]")


def printable(text: str) -> str:
    """`text` on one line, without what a terminal would obey or what reorders letters."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def visible(lines: bytes) -> bytes:
    """UTF-8 lines with `?` for whatever a terminal would obey."""
    return _CONTROL.sub(b"?", lines)


def cell(value: object) -> str:
    """`value` as a cell that no spreadsheet rounds or runs; `None` is empty.

    A leading apostrophe marks what a spreadsheet would change: numbers of more than 15 digits,
    other spellings of a number or a date, and whatever starts like a formula or with an
    apostrophe. Excel, LibreOffice and Google Sheets take it as text then, with every digit; a
    program takes one leading apostrophe away and has the value. Quotes alone do not stop them,
    and `="…"` would be a formula itself.
    """
    text = "" if value is None else str(value)
    if not _TOUCHED.match(text) or _is_kept(text):
        return text
    return f"'{text}"


def _is_kept(text: str) -> bool:
    number = _NUMBER.fullmatch(text)
    return number is not None and len(number[1].replace(".", "").lstrip("0")) <= _DIGITS


def counted(n: int, noun: str) -> str:
    """`1 page`, `2,000 pages`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def say(line: str) -> None:
    """Print a line for people, on stderr."""
    print(line, file=sys.stderr)  # noqa: T201 - this is what a command line is for
