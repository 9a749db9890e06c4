"""Text that a server sent, made safe for where it is shown."""

from __future__ import annotations

import re
import sys
from struct import iter_unpack
from unicodedata import category

# Every spreadsheet keeps these as they are, up to as many digits as a double holds.
_NUMBER = re.compile(r"-?((?:0|[1-9]\d*)(?:\.\d+)?)(?:E[+-]\d\d?)?", re.ASCII)
_DIGITS = 15

# Characters that begin a formula, in full width too, and those that may stand unseen before it:
# white space, controls, format characters and fillers; quotes, which a reader of CSV may take away.
_FORMULA = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
_UNSEEN = (
    r"[\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff\"']"
)

# Cells that a spreadsheet takes for a formula, for a mark, a number or a date.
_TOUCHED = re.compile(rf"['\s]|{_UNSEEN}*{_FORMULA}|[\d.,:/\s-]+(?:[eE][+-]?\d+)?%?$")

# Separators behind which a program may see another cell or row, and the unseen beginning of that.
_SEPARATOR = re.compile(r"[;\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029](?:(?<=\r)\n)?")
_BEGINNING = re.compile(rf"{_SEPARATOR.pattern}{_UNSEEN}*+({_FORMULA})?")

# Up to the last @, since people type passwords that hold one, or a slash or a space. A colon
# comes before the port in other URLs.
_PASSWORD = re.compile(
    r"(?<!http)(?<!https)(://[^\s/:@]*:).*(?=@)|(?<=password=)[^\s&\"']+", re.IGNORECASE
)

# Format characters that belong to writing: they join letters, and emoji.
_JOINERS = "\u200c\u200d"


def printable(text: str) -> str:
    r"""`text` on one line, with `\u202e` for what a terminal would obey, hide or reorder by."""
    if text.isprintable():
        return text
    return "".join(char if _is_shown(char) else _escaped(char) for char in text)


def without_passwords(text: str) -> str:
    """`text` with `***` for each password that may stand in the URL of a database."""
    return _PASSWORD.sub(r"\1***", text)


def visible(lines: bytes) -> bytes:
    """UTF-8 lines, each but for its tabs and its end as `printable` has it.

    JSON has the same value then.
    """
    return "\n".join(map(_visible, lines.decode().split("\n"))).encode()


def _visible(line: str) -> str:
    text = line.removesuffix("\r")
    return "\t".join(map(printable, text.split("\t"))) + line[len(text) :]


def _is_shown(char: str) -> bool:
    return char.isprintable() or char in _JOINERS or category(char) == "Zs"


def _escaped(char: str) -> str:
    units = iter_unpack(">H", char.encode("utf-16-be", "surrogatepass"))
    return "".join(f"\\u{unit:04x}" for (unit,) in units)


def cell(value: object) -> str:
    """`value` as a cell that no spreadsheet rounds or runs; `None` is empty.

    A leading apostrophe marks what a spreadsheet would change: numbers of more than 15 digits,
    other spellings of a number or a date, and whatever starts like a formula or with an
    apostrophe. Excel, LibreOffice and Google Sheets take it as text then, with every digit; a
    program takes one leading apostrophe away and has the value. Quotes alone do not stop them,
    and `="…"` would be a formula itself.

    Where the list separator is `;`, as in most of Europe, or a tab, a cell is split there, and its
    quotes do not keep its lines together. So an apostrophe follows each `;`, tab and line break
    after which it would start like a formula, if need be behind characters that are not seen.
    """
    text = bare(value)
    marked = _BEGINNING.sub(_marked, text)
    if not _TOUCHED.match(text) or _is_kept(text):
        return marked
    return f"'{marked}"


def bare(value: object) -> str:
    """`value` as a cell with every character, and none more; `None` is empty."""
    return "" if value is None else str(value)


def _marked(beginning: re.Match[str]) -> str:
    starts_a_formula = beginning[1] is not None
    return _SEPARATOR.sub(r"\g<0>'", beginning[0]) if starts_a_formula else beginning[0]


def _is_kept(text: str) -> bool:
    number = _NUMBER.fullmatch(text)
    return number is not None and len(number[1].replace(".", "").lstrip("0")) <= _DIGITS


def counted(n: int, noun: str) -> str:
    """`1 page`, `2,000 pages`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def say(line: str) -> None:
    """Print a line for people, on stderr."""
    print(line, file=sys.stderr)  # noqa: T201 - this is what a command line is for
