"""A process that does several pieces of work, each in a fork of its own.

`python benchmarks/counting.py PEER` reads a line of JSON, loops and works, from its standard input.
Whoever counts what each fork takes finds the same start in all of them, which is paid for once.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

import msgspec
from measure import loop_factory, measure
from work import Work


def main() -> None:
    """Do everything, in turns."""
    import_module(f"peers.{sys.argv[1]}")  # with all that it stands on
    loops_and_works = msgspec.json.decode(sys.stdin.readline(), type=list[tuple[str, Work]])
    for loop, work in loops_and_works:
        factory = loop_factory(loop)
        child = os.fork()
        if not child:
            measure(sys.argv[1], factory, work)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            raise SystemExit(f"{sys.argv[1]} failed")


if __name__ == "__main__":
    main()
