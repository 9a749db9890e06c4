"""The paths of stores that are files or directories."""

from __future__ import annotations

import os
from pathlib import Path

from ledger_async import ConfigurationError


def path_of(value: object) -> Path | None:
    """The absolute path, so that it stays the same in another working directory; `None` for none.

    Text that no file system or library takes is none: with NUL, or with half of a character.
    """
    name = os.fspath(value) if isinstance(value, str | os.PathLike) else None
    if not isinstance(name, str) or not name or "\0" in name or not _is_text(name):
        return None
    return Path(name).absolute()


def exists(path: Path) -> bool:
    """True if there is something; `ConfigurationError` if the system says that it cannot tell."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:  # links in a circle, a long name, a directory that is closed to us
        raise ConfigurationError(f"{path} cannot be used: {error.strerror}") from error
    return True


def expanded(text: str) -> str:
    """The path with the home directory for `~`, as a shell writes it."""
    try:
        return str(Path(text).expanduser())
    except RuntimeError as error:
        raise ConfigurationError(f"{text}: nobody knows this home directory") from error


def _is_text(name: str) -> bool:
    try:
        return bool(name.encode())
    except UnicodeEncodeError:
        return False
