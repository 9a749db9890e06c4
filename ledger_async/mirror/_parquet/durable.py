"""Files and directories that a power cut finds as they were, or whole."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

_IS_WINDOWS = sys.platform == "win32"


def sync_file(path: Path) -> None:
    """Return once the disk has what the file holds."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Return once the disk has the names in a folder; Windows has no such call, and no need."""
    if _IS_WINDOWS:
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that has its name only once it is whole."""
    unnamed = path.with_name(f"{path.name}.unfinished")
    unnamed.write_bytes(data)
    name(unnamed, path)


def name(unnamed: Path, path: Path) -> None:
    """Give a file that is whole its name."""
    sync_file(unnamed)
    unnamed.replace(path)
    sync_folder(path.parent)


def remove(folder: Path) -> None:
    """Delete a folder, so that nobody meets a part of it under its name."""
    doomed = folder.with_name(f"_old{folder.name}")
    folder.rename(doomed)
    shutil.rmtree(doomed)
