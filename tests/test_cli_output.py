"""Files that are replaced as a whole, and pipes that nobody reads."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from anyio import wait_all_tasks_blocked

from ledger_async import ConfigurationError, LedgerClient
from ledger_async.cli.files import replacing
from ledger_async.cli.formats import NFTS
from ledger_async.cli.output import Output


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "nfts.csv"
    path.write_text("old")
    return path


def test_a_file_is_replaced_when_the_block_ends(file: Path) -> None:
    with replacing(file) as fd:
        os.write(fd, b"new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert list(file.parent.iterdir()) == [file]


def test_a_file_stays_when_the_block_raises(file: Path) -> None:
    with pytest.raises(KeyboardInterrupt), replacing(file):
        raise KeyboardInterrupt
    assert file.read_text() == "old"
    assert list(file.parent.iterdir()) == [file]


def test_a_file_is_new_where_there_was_none(tmp_path: Path) -> None:
    with replacing(tmp_path / "new") as fd:
        os.write(fd, b"new")
    assert (tmp_path / "new").read_text() == "new"


def test_who_may_read_a_file_stays_the_same(file: Path) -> None:
    file.chmod(0o600)
    with replacing(file):
        pass
    assert file.stat().st_mode & 0o777 == 0o600


def test_behind_a_link_the_file_is_replaced(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    with replacing(link) as fd:
        os.write(fd, b"new")
    assert link.is_symlink()
    assert file.read_text() == "new"


@pytest.mark.parametrize("path", ["/dev/null", "/", "/nowhere/nfts.csv"])
def test_what_is_no_file_is_a_configuration_error(path: str) -> None:
    with pytest.raises(ConfigurationError, match=path), replacing(Path(path)):
        pass


class Pipe(NamedTuple):
    reader: int
    writer: int


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    ends = Pipe(*os.pipe())
    yield ends
    os.close(ends.writer)
    with suppress(OSError):  # a test may have closed it
        os.close(ends.reader)


@pytest.fixture
async def stuck(ledger: LedgerClient, pipe: Pipe) -> AsyncIterator[asyncio.Task[None]]:
    """A task that writes 250 NFTs, far more than a pipe holds, and that nobody reads."""
    async with ledger.nfts.stream_accounts([101]) as stream:
        task = asyncio.create_task(Output(pipe.writer, "ndjson").write_nodes(stream, NFTS))
        await wait_all_tasks_blocked()
        yield task


async def test_a_reader_that_pauses_lets_the_loop_go_on(stuck: asyncio.Task[None]) -> None:
    assert not stuck.done()
    stuck.cancel()
    await asyncio.wait([stuck])
    assert stuck.cancelled()


async def test_a_reader_that_goes_ends_the_writing(stuck: asyncio.Task[None], pipe: Pipe) -> None:
    os.close(pipe.reader)
    with pytest.raises(BrokenPipeError):
        await stuck


async def test_the_nodes_of_a_page_are_written_at_once(
    ledger: LedgerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[bytes] = []

    async def note(_out: Output, data: bytes) -> None:
        pages.append(data)

    monkeypatch.setattr(Output, "_write", note)
    async with ledger.nfts.stream_accounts([101]) as stream:
        await Output(-1, "ndjson").write_nodes(stream, NFTS)
    assert [page.count(b"\n") for page in pages if page] == [100, 100, 50]
