"""A file that is replaced as a whole, or not touched."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger_async import ConfigurationError

from .text import say

# A file that is mounted by itself, as into a container, keeps its name and takes no other's place.
_KEEPS_ITS_PLACE = frozenset({errno.EBUSY, errno.EXDEV})


@contextmanager
def replacing(path: Path) -> Iterator[int]:
    """The descriptor of a new file, which takes the place of `path` when the block ends well.

    Until then it has another name in the same folder. When the block raises, it is removed and
    `path` is as it was. Where it cannot take that place, it is copied there; and where that fails
    too, it stays, and a line says where. `ConfigurationError` where there can be no such file.
    """
    path = path.resolve()  # behind a link, it is the file that is replaced
    if path.exists() and not path.is_file():
        raise ConfigurationError(f"cannot replace {path}: it is not a regular file")
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        file = part.open("xb", buffering=0)
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from error
    is_finished = False
    try:
        with file:
            if path.exists():
                shutil.copymode(path, part)
            yield file.fileno()
            is_finished = True
            _sync(file.fileno(), path)
        _put(part, path)
    except BaseException:
        if is_finished:
            say(f"{path} could not be written: all of the data is in {part}")
        else:
            part.unlink(missing_ok=True)
        raise


def _sync(fd: int, path: Path) -> None:
    try:
        os.fsync(fd)
    except OSError as error:
        error.filename = str(path)
        raise


def _put(part: Path, path: Path) -> None:
    try:
        part.replace(path)
    except OSError as error:
        if error.errno not in _KEEPS_ITS_PLACE:
            raise
        _copy(part, path)
        part.unlink()


def _copy(part: Path, path: Path) -> None:
    with part.open("rb") as data, path.open("wb") as place:
        try:
            shutil.copyfileobj(data, place)
            place.flush()
            os.fsync(place.fileno())
        except OSError as error:
            error.filename = str(path)
            raise
