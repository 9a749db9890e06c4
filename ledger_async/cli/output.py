"""Data goes to standard output, or to a file that is replaced once all is there."""

from __future__ import annotations

import os
import select
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
from rich.console import Console, RenderableType

from ledger_async import ConfigurationError, NodeStream
from ledger_async._support import interrupts

from .files import replacing
from .formats import Format, Kind, Style, document, lines_of
from .text import visible

_STANDARD_OUTPUT = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}

# Names of what is not written, and how to come by it.
_REFUSED = {
    ".arrow .avro .feather .orc .parquet": "mirror it, as in mirror nfts --to parquet:DIRECTORY",
    ".db .duckdb .sqlite .sqlite3": "mirror it, as in mirror nfts --to sqlite:FILE",
    ".bz2 .gz .xz .zip .zst": "pipe it through what compresses",
    ".htm .html .ods .pdf .psv .tab .tsv .xls .xlsx .xml .yaml .yml": "call it .csv or .ndjson",
}

# A pipe that select calls ready takes as much without blocking.
_CHUNK = getattr(select, "PIPE_BUF", 512)


class Output:
    """One destination, in one format.

    A reader that is slow never blocks the event loop: a pager may show its first page for
    minutes, while requests in flight have to end in time and Ctrl-C has to be heard. A file
    needs no waiting: the system's cache takes a page of nodes in far less time than a thread.
    """

    def __init__(
        self,
        fd: int,
        format_: Format,
        *,
        style: Style = Style(),  # noqa: B008 - frozen
        name: str = "standard output",
        is_terminal: bool = False,
        draws: bool = True,
    ) -> None:
        self.format = format_
        self.style = style
        self.draws = draws
        self.is_terminal = is_terminal
        self._fd = fd
        self._name = name

    async def write_nodes(self, stream: NodeStream[Any], kind: Kind) -> None:
        """Write a line for each node, those of a page at once."""
        head, lines = lines_of(self.format, kind, self.style)
        data = head
        async for batch in stream.batches():
            if batch.nodes:  # nothing is written before there is something to write
                await self._write_lines(data + lines(batch.account_id, batch.nodes))
                data = b""
        await self._write_lines(data)

    async def write_page(self, nodes: Sequence[Any], kind: Kind) -> None:
        """Write a line for each of these nodes."""
        head, lines = lines_of(self.format, kind, self.style)
        await self._write_lines(head + lines(None, nodes))

    async def write_document(self, value: object) -> None:
        """Write one JSON document, indented for people on a terminal."""
        data = document(value, indented=self.is_terminal, style=self.style)
        await self._write_lines(data)

    async def write_text(self, lines: Iterable[str]) -> None:
        """Write these lines of plain text."""
        await self._write_lines("".join(f"{line}\n" for line in lines).encode())

    async def show(self, *things: RenderableType) -> None:
        """Write tables and text for people: in colour on a terminal, else plain and unfolded."""
        console = Console(
            force_terminal=self.is_terminal, width=None if self.is_terminal else 10_000
        )
        with console.capture() as captured:
            for thing in things:
                console.print(thing, highlight=False)
        await self._write(captured.get().encode())

    async def _write_lines(self, data: bytes) -> None:
        await self._write(visible(data) if self.is_terminal else data)

    async def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            if not _is_ready(self._fd):
                await anyio.wait_writable(self._fd)
            try:
                rest = rest[os.write(self._fd, rest[:_CHUNK]) :]
            except OSError as error:
                error.filename = self._name
                raise


def _is_ready(fd: int) -> bool:
    # Windows can ask this of sockets alone: a slow reader is waited for there.
    return sys.platform == "win32" or bool(select.select((), (fd,), (), 0)[1])


def _is_pipe(fd: int) -> bool:
    mode = os.fstat(fd).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


@contextmanager
def opened(
    path: Path | None,
    format_: Format | None,
    *,
    style: Style = Style(),  # noqa: B008 - frozen
    draws: bool = True,
    on_a_terminal: Format = "table",
) -> Iterator[Output]:
    """Standard output, or a file that takes the place of `path` when the block ends well.

    Where no format is given, a terminal gets the one for it, a file the format that it is called
    by, and everything else NDJSON. Unless it `draws`, no progress is shown meanwhile, nor behind a
    pipe, whose reader may write to the same terminal.
    """
    if path is None or str(path) in _STANDARD_OUTPUT:
        fd, is_terminal = sys.stdout.fileno(), sys.stdout.isatty()
        format_ = format_ or (on_a_terminal if is_terminal else "ndjson")
        style.check(format_)
        draws = draws and not _is_pipe(fd)
        interrupts.will_say("stopped: what was written is not all")
        yield Output(fd, format_, style=style, is_terminal=is_terminal, draws=draws)
        return
    usual = format_of(path)
    format_ = format_ or usual
    style.check(format_)
    interrupts.will_say(f"stopped: {path} {'is as it was' if path.exists() else 'was not written'}")
    with replacing(path) as fd:
        yield Output(fd, format_, style=style, name=str(path), draws=draws)
    interrupts.will_say(f"stopped, but {path} is complete")


def format_of(path: Path) -> Format:
    """The format that a file is called by; `ConfigurationError` if none of ours is called so."""
    if not path.name or str(path).startswith("-"):
        raise ConfigurationError("--output takes the name of a file")
    suffix = path.suffix.lower()
    for suffixes, advice in _REFUSED.items():
        if suffix in suffixes.split():
            raise ConfigurationError(f"--output {path} would not hold what it is called: {advice}")
    return "csv" if suffix == ".csv" else "ndjson"
