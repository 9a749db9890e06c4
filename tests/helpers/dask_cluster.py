"""A cluster that was there before a fleet, whose workers may lack what a fleet needs."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from distributed import Scheduler

from ledger_async import LedgerClient

# A worker process of its own: `ADDRESS THREADS [PACKAGE | PACKAGE=VERSION …]`, of which it lacks
# the packages without a version, and claims to have the others in that one.
_WORKER = """
import asyncio, platform, sys
from importlib import metadata

address, threads, *faults = sys.argv[1:]
claimed = dict(each.split("=") for each in faults if "=" in each)
absent = {each for each in faults if "=" not in each}
version_of = metadata.version


class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def version(package):
    if package.replace("-", "_") in absent:
        raise metadata.PackageNotFoundError(package)
    return claimed.get(package) or version_of(package)


sys.meta_path.insert(0, Absent())

from distributed import Worker

metadata.version = version
platform.python_version = lambda python=platform.python_version(): claimed.get("python", python)


async def main():
    async with Worker(address, nthreads=int(threads)) as worker:
        print(worker.address, flush=True)
        await worker.finished()


asyncio.run(main())
"""


async def pid(_: LedgerClient, __: int) -> int:
    """The process of a worker, which takes its time."""
    await asyncio.sleep(0.02)
    return os.getpid()


async def pid_in_a_hurry(_: LedgerClient, __: int) -> int:
    """The process of a worker that was started with `HURRY` in its environment; others wait."""
    if "HURRY" not in os.environ:
        await asyncio.Event().wait()
    return os.getpid()


class DaskCluster:
    """A scheduler in this process, and workers in others."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.address: str = scheduler.address
        self._processes: list[Process] = []

    async def start(self, *faults: str, threads: int = 1) -> str:
        """Start a worker, and return its address: empty if it cannot start."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", _WORKER, self.address, str(threads), *faults),
            stdout=PIPE,
            stderr=DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self._processes.append(process)
        assert process.stdout is not None
        return (await process.stdout.readline()).decode().strip()

    async def kill_all(self) -> None:
        """Kill the workers."""
        while self._processes:
            process = self._processes.pop()
            if process.returncode is None:
                process.kill()
            await process.communicate()


@asynccontextmanager
async def dask_cluster() -> AsyncIterator[DaskCluster]:
    """A cluster of this machine without workers, which lives as long as the block."""
    async with Scheduler(
        host="127.0.0.1", port=0, dashboard=False, dashboard_address="127.0.0.1:0"
    ) as scheduler:
        cluster = DaskCluster(scheduler)
        try:
            yield cluster
        finally:
            await cluster.kill_all()
