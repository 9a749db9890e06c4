"""The progress of a stream: drawn on the terminal meanwhile, and summed up at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any, NoReturn

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from ledger_async import NodeStream

from .text import counted

_PERIOD = 0.2  # seconds from one picture to the next
_BAR = 40  # columns, where there are as many


class Meter:
    """Takes the time of a stream from now on; a picture of the moment, for rich to draw.

    `noun` is what the stream yields. `listing` is the stream of accounts that feeds it, if one
    does: it is some way ahead of the accounts that were begun.
    """

    def __init__(
        self, noun: str, stream: NodeStream[Any], listing: NodeStream[Any] | None = None
    ) -> None:
        self._noun = noun
        self._progress = stream.progress
        self._reports = stream.reports
        self._listing = listing
        self._clock = asyncio.get_running_loop().time
        self._started = self._clock()
        self._spinner = Spinner("dots")

    def summary(self) -> str:
        """One line about the pages and nodes that came, and the time that it took."""
        nodes, _ = self._came()
        return " · ".join((counted(nodes, self._noun), *self._pace(), *self._held_back()))

    def __rich__(self) -> RenderableType:
        # As many lines every time, so that nothing jumps.
        picture = Table.grid(padding=(0, 1))
        nodes, _ = self._came()
        expected = self._expected()
        came = f"{nodes:,} of {counted(expected, self._noun)}" if expected else None
        counts = " · ".join((came or counted(nodes, self._noun), *self._pace()))
        picture.add_row(self._spinner, counts)
        for line in (self._bar(), *self._more(), Text(self._brakes(), "yellow")):
            picture.add_row("", line)
        return picture

    def _came(self) -> tuple[int, int | None]:
        """The nodes, and the pages in which they came, if these are known."""
        return self._progress.nodes, self._progress.pages

    def _expected(self) -> int:
        """The nodes of all accounts that were begun, 0 if nobody knows."""
        return max(self._progress.nodes, self._progress.nodes_known)

    def _waited(self) -> float:
        """Seconds for which the rate limit has held requests back."""
        return self._progress.waited

    def _tried(self) -> tuple[int, int]:
        """The accounts that are done, and those that are known."""
        return self._progress.accounts_done, self._progress.accounts_known

    def _more(self) -> Iterable[str]:
        """Lines that a kind of meter has of its own."""
        return ()

    def _brakes(self) -> str:
        left = ceil(self._progress.wait_left)
        if left:
            return f"waiting: rate limit, {left} s"
        reason = self._progress.concurrency_reason
        at_once = counted(self._progress.concurrency, "request")
        return f"slower: {reason}, {at_once} at once" if reason else ""

    def _held_back(self) -> Iterable[str]:
        waited = f"{self._waited():.1f}"
        return () if waited == "0.0" else (f"waited {waited} s for the rate limit",)

    def _pace(self) -> Iterable[str]:
        nodes, pages = self._came()
        seconds = self._clock() - self._started
        rate = nodes / seconds if seconds else 0
        return (
            *(() if pages is None else (counted(pages, "page"),)),
            f"{seconds:.1f} s",
            f"{rate:,.0f} {self._noun}s/s",
        )

    def _bar(self) -> RenderableType:
        done, known = self._tried()
        if self._listing is not None:
            known = max(known, self._listing.progress.nodes)
        if known <= 1 and not self._expected():
            return ""
        bar = Table.grid(padding=(0, 1))
        bar.add_column(max_width=_BAR)
        bar.add_column(no_wrap=True)
        accounts = f"{done:,} of {known:,} accounts" if known > 1 else ""
        bar.add_row(ProgressBar(total=1, completed=self._share(done, max(known, 1))), accounts)
        return bar

    def _share(self, done: int, known: int) -> float:
        """The part that has come, 0 to 1: accounts that were not begun count as the others do."""
        nodes, expected = self._came()[0], self._expected()
        begun = min(len(self._reports), known)
        return begun / known * nodes / expected if expected else done / known


@contextmanager
def drawn(meter: Meter, *, on: bool) -> Iterator[None]:
    """Draw `meter` on stderr a few times a second while the block runs, or do nothing."""
    if not on:
        yield
        return
    console = Console(stderr=True)
    with Live(meter, console=console, auto_refresh=False, transient=True) as live:
        # Not rich's own thread: the numbers belong to the event loop.
        painter = asyncio.create_task(_repaint(live))
        try:
            yield
        finally:
            painter.cancel()


async def _repaint(live: Live) -> NoReturn:
    while True:
        live.refresh()
        await asyncio.sleep(_PERIOD)
