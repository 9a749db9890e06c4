"""A directory that keeps snapshots of listings."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import pyarrow as pa

from ledger_async import ConfigurationError
from ledger_async._support import checks
from ledger_async.mirror.arrow import schema_of
from ledger_async.mirror.paths import path_of
from ledger_async.mirror.store import RUN_LIFE, Mode
from ledger_async.mirror.table import Table

from .columns import fits
from .folder import Begun, Folder
from .following import Following
from .lock import Lock
from .run import NO_INCREMENTAL, ParquetRun
from .snapshot import Snapshot
from .threads import in_thread


class _Joint(NamedTuple):
    """The facts about a run that all share who join it, and the snapshot before it."""

    run_id: str
    following: Following
    last: Snapshot | None


class ParquetStore:
    """Keeps each finished run as Parquet files, `nfts/run=<id>/part-*.parquet` in the directory.

    Every run has all rows, and a `_complete.json` about its accounts. The ids sort by time: the
    last one is the newest. A run that goes on, or was given up, has another name. `keep` is the
    number of snapshots that stay, the new one among them, `None` for all.

    Needs the extra `arrow`: `pip install 'ledger_async[arrow]'`.
    """

    def __init__(
        self, directory: str | PathLike[str], *, keep: int | None = None, _patience: float = 10.0
    ) -> None:
        self._directory = _path(directory)
        self._keep = keep if keep is None else checks.count("keep", keep)
        self._patience = _patience
        self._joints: dict[str, _Joint] = {}

    def __repr__(self) -> str:
        return f"ParquetStore({str(self._directory)!r})"

    async def begin(
        self, table: Table, *, mode: Mode = "full", resume: bool = True, join: str | None = None
    ) -> ParquetRun:
        """Begin a run; see `Store`. The mode is always `"full"`."""
        if mode != "full":
            raise ConfigurationError(NO_INCREMENTAL)
        folder = Folder(self._directory / table.name, self._keep)
        await in_thread(folder.path, folder.make)
        if join is not None:
            return await self._join(folder, table, join)
        lock = Lock(folder.path / "_lock")
        try:
            await lock.acquire(self._patience)
            return await in_thread(folder.path, partial(_begin, resume=resume), folder, table, lock)
        except BaseException:
            lock.release()
            raise

    async def _join(self, folder: Folder, table: Table, run_id: str) -> ParquetRun:
        """Join a run, of whose journals nothing is read twice, however often it is joined."""
        begun = await in_thread(folder.path, _joinable, folder, table, run_id)
        joint = self._joints.get(table.name)
        if joint is None or joint.run_id != run_id:
            last = await in_thread(folder.path, folder.last)
            joint = _Joint(run_id, Following(folder.open_run(run_id)), last)
            self._joints[table.name] = joint
        return ParquetRun(
            folder, table, begun, joint.following, last=joint.last, lock=None, resumed=True
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass


def _path(directory: object) -> Path:
    path = path_of(directory)
    if path is None:
        raise ConfigurationError('directory must be a path, such as "ledger"')
    return path


def _begin(folder: Folder, table: Table, lock: Lock, *, resume: bool) -> ParquetRun:
    pa.array([])  # lets pyarrow import pandas, if there is one, before pages wait to be written
    folder.settle()
    schema, last = schema_of(table.columns), folder.last()
    if last is not None and not fits(pa.struct(list(last.schema)), pa.struct(list(schema))):
        raise ConfigurationError(f"{folder.path} has other columns: choose another directory")
    run = _resumed(folder, table, lock, last) if resume else None
    if run is not None:
        return run
    begun = folder.begin(schema.serialize().to_pybytes())
    following = Following(folder.open_run(begun.run_id))
    return ParquetRun(folder, table, begun, following, last=last, lock=lock, resumed=False)


def _resumed(folder: Folder, table: Table, lock: Lock, last: Snapshot | None) -> ParquetRun | None:
    """The run that was not finished; `None` if there is none, or one that nobody can go on with."""
    begun = folder.unfinished()
    if begun is None or not _schema_of(begun).equals(schema_of(table.columns)):
        return None
    following = Following(folder.open_run(begun.run_id))
    following.catch_up()
    run = ParquetRun(folder, table, begun, following, last=last, lock=lock, resumed=True)
    if datetime.now(UTC) - run.written_at >= RUN_LIFE:
        return None
    folder.reopen(begun.run_id)
    return run


def _joinable(folder: Folder, table: Table, run_id: str) -> Begun:
    """The run of this id, if it can be joined."""
    begun = folder.unfinished()
    if begun is None or begun.run_id != run_id or not folder.is_open(run_id):
        raise ConfigurationError(f"{folder.path} has no run {run_id} that goes on")
    if not _schema_of(begun).equals(schema_of(table.columns)):
        raise ConfigurationError(f"the run {run_id} has other columns: it needs the same version")
    return begun


def _schema_of(begun: Begun) -> Any:
    return pa.ipc.read_schema(pa.py_buffer(begun.schema))
