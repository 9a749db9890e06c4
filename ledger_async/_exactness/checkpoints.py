"""Checkpoints: the place that a walk has got to, for another walk to go on from."""

from __future__ import annotations

from array import array

import msgspec

from .key_set import FEW, KeySet

Ranges = tuple[tuple[int, int], ...]


class Checkpoint(msgspec.Struct, frozen=True):
    """The proof that a listing has with one batch of its nodes, and all that came before it.

    As of the answer that said `count`, everything that was there throughout and stood before
    position `end` has come. `loose` are those of the elements handed over that are no part of
    this: from one index up to another, of all in the order in which they came. `calm` says that
    nothing has moved yet: then every element stands at its index, and the loose ones were only
    read ahead.
    """

    end: int
    count: int
    loose: tuple[tuple[int, int], ...] = ()
    calm: bool = False


class Carried:
    """The keys that walks before this one have accepted, in their order, and their checkpoint."""

    def __init__(self) -> None:
        self.keys = array("q")
        self.checkpoint = Checkpoint(0, 0)
        # Built as keys are added, once they are many: to build it of all would take long.
        self._set: KeySet | None = None

    def add(self, keys: list[int], checkpoint: Checkpoint | None) -> None:
        """Add the keys of one more batch; without a checkpoint they are loose."""
        before = len(self.keys)
        self.keys.fromlist(keys)
        if self._set is not None:
            self._set.add(keys)
        elif len(self.keys) > FEW:
            self._set = _set_of(self.keys, foreseen=self.checkpoint.count)
        self.checkpoint = checkpoint or self.loosened(before)

    def loosened(self, start: int) -> Checkpoint:
        """The checkpoint, now that what came from this index on is loose."""
        at = self.checkpoint
        return Checkpoint(at.end, at.count, (*at.loose, (start, len(self.keys))))

    def key_set(self) -> KeySet:
        """The set of all keys, for one walk to add to."""
        return _set_of(self.keys) if self._set is None else self._set.copy()


def _set_of(keys: array[int], foreseen: int = 0) -> KeySet:
    found = KeySet()
    found.foreseen = foreseen
    found.add(keys.tolist())
    return found
