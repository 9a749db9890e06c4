"""A file that is replaced as a whole, or not touched."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger_async import ConfigurationError


@contextmanager
def replacing(path: Path) -> Iterator[int]:
    """The descriptor of a new file, which takes the place of `path` when the block ends well.

    Until then it has another name in the same folder. When the block raises, it is removed and
    `path` is as it was. `ConfigurationError` where there can be no such file.
    """
    path = path.resolve()  # behind a link, it is the file that is replaced
    if path.exists() and not path.is_file():
        raise ConfigurationError(f"cannot replace {path}: it is not a regular file")
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        file = part.open("xb", buffering=0)
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from error
    try:
        with file:
            if path.exists():
                shutil.copymode(path, part)
            yield file.fileno()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
