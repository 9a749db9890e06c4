"""The directory of a table: `run=<id>` for each snapshot, another name while a run goes on."""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

import msgspec

from ledger_async import ConfigurationError
from ledger_async.mirror.paths import exists

from . import durable
from .snapshot import COMPLETE, Snapshot

_SNAPSHOT, _OPEN, _DOOMED = "run=", "_run=", "_old"
_BEGUN, _CLOSING = "_begun.json", "_closing"
_STAMP = "%Y%m%dT%H%M%S%f"


class Begun(msgspec.Struct, frozen=True):
    """The beginning of a run, and the serialized schema of its journals."""

    run_id: str
    started_at: datetime
    schema: bytes


class Folder:
    """The directory of one table."""

    def __init__(self, path: Path, keep: int | None) -> None:
        self.path, self._keep = path, keep

    def make(self) -> None:
        """Make the directory if there is none; `ConfigurationError` if it is of something else."""
        exists(self.path)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise ConfigurationError(
                f"{self.path} is no directory, nor can it be one: choose another one"
            ) from error
        for each in self.path.iterdir():
            if not _is_ours(each):
                raise _foreign(each)

    def snapshots(self) -> list[Path]:
        """The snapshots of finished runs, oldest first."""
        return sorted(self.path.glob(f"{_SNAPSHOT}*"))

    def last(self) -> Snapshot | None:
        """The newest snapshot, if there is one."""
        snapshots = self.snapshots()
        if not snapshots:
            return None
        with suppress(msgspec.MsgspecError):
            last = Snapshot(snapshots[-1])
            if last.is_whole():
                return last
        raise _foreign(snapshots[-1])

    def open_run(self, run_id: str) -> Path:
        """The place of a run that goes on."""
        return self.path / f"{_OPEN}{run_id}"

    def close(self, run_id: str) -> None:
        """Mark that a run comes to its end: what others have not written yet will not be in it."""
        durable.write_whole(self.open_run(run_id) / _CLOSING, b"")

    def reopen(self, run_id: str) -> None:
        """Let others write again into a run that a process did not bring to its end."""
        (self.open_run(run_id) / _CLOSING).unlink(missing_ok=True)

    def is_open(self, run_id: str) -> bool:
        """True if a record is in time for the snapshot, once it is written before this call."""
        place = self.open_run(run_id)
        # In this order: a folder that has another name by now does not seem to have no mark.
        return not (place / _CLOSING).exists() and place.is_dir()

    def unfinished(self) -> Begun | None:
        """The newest run that was begun, if it was not finished."""
        begun = sorted(self.path.glob(f"{_OPEN}*/{_BEGUN}"))
        try:
            return msgspec.json.decode(begun[-1].read_bytes(), type=Begun) if begun else None
        except msgspec.MsgspecError:
            raise _foreign(begun[-1]) from None

    def settle(self) -> None:
        """End what a process had begun that was killed: a name to be given, a folder to delete."""
        for each in self.path.glob(f"{_OPEN}*/{COMPLETE}"):
            self.publish(each.parent)
        for each in self.path.glob(f"{_DOOMED}*"):
            shutil.rmtree(each)

    def begin(self, schema: bytes) -> Begun:
        """Make the place of a new run, which supersedes all that were not finished."""
        for each in self.path.glob(f"{_OPEN}*"):
            durable.remove(each)
        begun = Begun(self._new_id(), datetime.now(UTC), schema)
        place = self.open_run(begun.run_id)
        place.mkdir()
        durable.write_whole(place / _BEGUN, msgspec.json.encode(begun))
        return begun

    def publish(self, place: Path) -> None:
        """Give a run that is complete its name, and delete what is needed no more."""
        for each in place.iterdir():
            if each.suffix == ".journal" or each.name == _BEGUN:
                each.unlink()
        durable.sync_folder(place)
        published = place.rename(place.with_name(place.name.removeprefix("_")))
        durable.sync_folder(self.path)
        (published / _CLOSING).unlink(missing_ok=True)  # not before: others look for it
        if self._keep is not None:
            for each in self.snapshots()[: -self._keep]:
                durable.remove(each)

    def _new_id(self) -> str:
        """An id behind that of every snapshot, also where the clock was set back."""
        now = datetime.now(UTC)
        for newest in self.snapshots()[-1:]:
            if began := _began(newest):
                now = max(now, began + timedelta(microseconds=1))
        return f"{now:{_STAMP}}-{token_hex(3)}"


def _foreign(path: Path) -> ConfigurationError:
    return ConfigurationError(f"{path} is not a mirror's, or is damaged: choose another directory")


def _is_ours(path: Path) -> bool:
    if path.name.startswith(("_", ".")):
        return True
    return _began(path) is not None and (path / COMPLETE).is_file()


def _began(snapshot: Path) -> datetime | None:
    """The time in the name of a snapshot; `None` for something else's name."""
    time, _, _ = snapshot.name.partition("-")
    try:
        return datetime.strptime(time, _SNAPSHOT + _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
