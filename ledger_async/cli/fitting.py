"""A table that fits its terminal: no number of it is cropped, and its header stays in sight."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from heapq import nlargest
from typing import Literal, NamedTuple

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

_UNBOUNDED = 10_000  # columns of a terminal

# Lines of a terminal beside the rows and what they are framed by: the summary and the prompt.
_BESIDE = 4


class Column(NamedTuple):
    """A column: those of the highest `spared` are left out first, and those of 0 never.

    A cell `wraps` between words, or breaks anywhere where it has to be as narrow as `breaks`.
    """

    header: str
    justify: Literal["left", "right"] = "left"
    spared: int = 0
    wraps: bool = False
    breaks: int | None = None


class Row(NamedTuple):
    """The cells of a row: the rows of the highest `rank` are shown where there is no room."""

    cells: Sequence[Text]
    rank: int = 0


class Fitting:
    """As many columns as fit without breaking a number or word, or else a line for each field.

    On a terminal `left` says how many rows are left out, as many as would push the header out of
    sight; elsewhere all of them are shown. `others` are left out already.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[Row],
        *,
        totals: Sequence[str] = (),
        left: Callable[[int], str] | None = None,
        others: int = 0,
    ) -> None:
        self._columns = columns
        self._rows = rows
        self._totals = totals
        self._left = left
        self._others = others

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        shown = len(self._rows)
        if console.is_terminal and self._left:
            shown = self._in_sight(console, options)
        yield self._picture(console, options, shown)
        if self._left and (left := len(self._rows) - shown + self._others):
            yield Text(f" {self._left(left)}", "dim")

    def _in_sight(self, console: Console, options: ConsoleOptions) -> int:
        room = max(1, console.height - _BESIDE)

        def lines(shown: int) -> int:
            left_out = int(shown < len(self._rows) or self._others > 0)
            return len(console.render_lines(self._picture(console, options, shown))) + left_out

        most = min(len(self._rows), room)
        return max(min(1, most), bisect_right(range(most + 1), room, key=lines) - 1)

    def _picture(self, console: Console, options: ConsoleOptions, shown: int) -> RenderableType:
        unbounded = options.update(width=_UNBOUNDED)
        rows = self._first(shown)
        for spared in sorted({each.spared for each in self._columns}, reverse=True):
            narrowest = self._table(rows, spared, is_narrowest=True)
            if Measurement.get(console, unbounded, narrowest).minimum <= options.max_width:
                return self._table(rows, spared)
        return self._fields(rows)

    def _first(self, shown: int) -> Sequence[Row]:
        if shown == len(self._rows):
            return self._rows
        kept = nlargest(shown, range(len(self._rows)), key=lambda index: self._rows[index].rank)
        return [self._rows[index] for index in sorted(kept)]

    def _table(self, rows: Sequence[Row], spared: int, *, is_narrowest: bool = False) -> Table:
        kept = [index for index, each in enumerate(self._columns) if each.spared <= spared]
        table = Table(box=box.SIMPLE_HEAD, show_footer=bool(self._totals))
        for index in kept:
            column = self._columns[index]
            table.add_column(
                column.header,
                self._totals[index] if self._totals else "",
                justify=column.justify,
                overflow="fold",
                no_wrap=not (column.wraps or column.breaks),
                max_width=column.breaks if is_narrowest else None,
            )
        for row in rows:
            table.add_row(*(row.cells[index] for index in kept))
        return table

    def _fields(self, rows: Sequence[Row]) -> Group:
        """A line for each field, which goes on in the next where it is longer."""
        records = [*(row.cells for row in rows), *([self._totals] if self._totals else ())]
        lines = [Text.assemble(*self._field(record)) for record in records]
        for line in lines:
            line.overflow = "fold"
        return Group("", *lines)

    def _field(self, record: Sequence[Text | str]) -> Iterator[Text | str]:
        for column, cell in zip(self._columns, record, strict=True):
            yield from (column.header.replace("\n", " "), ": ", cell, "\n")
