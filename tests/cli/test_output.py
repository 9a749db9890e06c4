"""Files that are replaced as a whole, and pipes that nobody reads."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

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


def fail_to_replace(number: int) -> Callable[..., None]:
    def replace(_part: Path, path: Path) -> None:
        raise OSError(number, os.strerror(number), str(path))

    return replace


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV])
def test_what_cannot_take_the_place_of_a_file_is_copied_there(
    number: int, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "replace", fail_to_replace(number))
    file.write_text("longer than what is new")
    with replacing(file) as fd:
        os.write(fd, b"new")
        assert file.read_text() == "longer than what is new"
    assert file.read_text() == "new"
    assert list(file.parent.iterdir()) == [file]


def cut_short(data: IO[bytes], place: IO[bytes]) -> None:
    place.write(data.read(1))
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("copy", [cut_short, interrupted])
def test_what_is_finished_is_kept_where_copying_it_fails(
    copy: Callable[..., None],
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Path, "replace", fail_to_replace(errno.EBUSY))
    monkeypatch.setattr(shutil, "copyfileobj", copy)
    with pytest.raises((OSError, KeyboardInterrupt)), replacing(file) as fd:
        os.write(fd, b"new")
    assert Path(kept_at(capsys.readouterr().err)).read_text() == "new"


def kept_at(told: str) -> str:
    """Where the data is, by the only line that was told."""
    return told.rstrip("\n").partition("all of the data is in ")[2]


@pytest.mark.parametrize("name", ["replace", "fsync"])
def test_what_is_finished_is_kept_whatever_fails_then(
    name: str, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, name, fail_to_replace(errno.EACCES) if name == "replace" else failing)
    with pytest.raises(PermissionError), replacing(file) as fd:
        os.write(fd, b"new")
    assert file.read_text() == "old"
    assert Path(kept_at(capsys.readouterr().err)).read_text() == "new"


def failing(_fd: int) -> None:
    raise PermissionError


_MOUNTED = """
set -e
mount -t tmpfs -o size=16k none "$1/volume"
touch "$1/volume/mounted" "$1/nfts.csv"
mount --bind "$1/volume/mounted" "$1/nfts.csv"
"$2" -c "$3" "$1/nfts.csv" "$4" || true
cat "$1/nfts.csv" > "$1/seen"
"""

_WRITE = """
import os, sys
from pathlib import Path
from ledger_async.cli.files import replacing
with replacing(Path(sys.argv[1])) as fd:
    os.write(fd, b"x" * int(sys.argv[2]))
"""


def write_to_a_mounted_file(folder: Path, size: int) -> str:
    """Write so much to a file that is mounted by itself, on a volume of 16 KB; gives stderr."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("no unshare here, to mount files with")
    (folder / "volume").mkdir()
    arguments = ["mount", str(folder), sys.executable, _WRITE, str(size)]
    done = subprocess.run(
        [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", _MOUNTED, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if not (folder / "seen").exists():
        pytest.skip(f"nothing can be mounted here: {done.stderr}")
    return done.stderr


def test_a_file_that_is_mounted_by_itself_is_written(tmp_path: Path) -> None:
    assert write_to_a_mounted_file(tmp_path, 5000) == ""
    assert (tmp_path / "seen").read_text() == "x" * 5000
    assert not list(tmp_path.glob(".*"))


def test_where_a_mounted_file_has_no_room_the_data_is_kept(tmp_path: Path) -> None:
    told = write_to_a_mounted_file(tmp_path, 50_000)
    assert Path(kept_at(told.splitlines()[0])).read_text() == "x" * 50_000
    assert "No space left on device" in told


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
