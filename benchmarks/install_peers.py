"""Install what the benchmarks are beside, one by one, and say what this machine cannot have."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
PIP = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def main() -> None:
    """Install all that can be."""
    groups = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["dependency-groups"]
    for peer in groups["peers"]:
        installed = subprocess.run((*PIP, peer), check=False, stderr=subprocess.DEVNULL)  # noqa: S603 - our own words
        if installed.returncode:
            print(f"{peer} does not install here, and is left out")


if __name__ == "__main__":
    main()
