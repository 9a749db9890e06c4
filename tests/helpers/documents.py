"""The code in the pages of the documentation: each block, where it stands, and what it prints."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


class Block(NamedTuple):
    """A fenced block; `words` stand behind the fence, and `line` is that of the fence."""

    page: Path
    line: int
    words: tuple[str, ...]
    text: str

    @property
    def language(self) -> str:
        """The first word behind the fence."""
        return self.words[0] if self.words else ""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in their order."""
    lines = iter(enumerate(page.read_text(encoding="utf-8").splitlines(keepends=True), start=1))
    for number, line in lines:
        if line.startswith("```"):
            inner = iter(lambda: next(lines)[1], "```\n")
            yield Block(page, number, tuple(line[3:].split()), "".join(inner))


def python_blocks() -> list[Block]:
    """Every block of Python in the documentation."""
    return [each for page in PAGES for each in blocks(page) if each.language == "python"]


def programs(page: Path) -> list[tuple[Block, str]]:
    """The programs of a page under which it says what they print, and that."""
    found = list(blocks(page))
    return [
        (program, output.text)
        for program, output in pairwise(found)
        if (program.language, output.language) == ("python", "text")
    ]
