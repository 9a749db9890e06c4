"""The versions that a worker must share with the process that has the fleet."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import TypeAlias

PACKAGES = ("ledger-async", "distributed")

# Functions travel as bytecode, which another version of Python does not run.
PYTHON = "Python"

Versions: TypeAlias = Mapping[str, str | None]


def versions_here() -> Versions:
    """Those of this process."""
    return {PYTHON: minor(python_version())} | {each: _version(each) for each in PACKAGES}


def minor(of_python: str) -> str:
    """A version of Python without its last number, which changes nothing: `3.13` of `3.13.2`."""
    return ".".join(of_python.split(".")[:2])


def difference(ours: Versions, theirs: Versions) -> str | None:
    """Says which package a worker lacks, or has in another version; `None` if it fits."""
    for name, version_here in ours.items():
        if theirs[name] is None:
            return f"lacks {name} {version_here}"
        if theirs[name] != version_here:
            return f"has {name} {theirs[name]}, and we have {version_here}"
    return None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
