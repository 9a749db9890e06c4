"""Checkpoints: the place that a walk has got to, for another walk to go on from."""

from __future__ import annotations

from array import array

import msgspec

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

    def add(self, keys: list[int], checkpoint: Checkpoint | None) -> None:
        """Add the keys of one more batch; without a checkpoint they are loose."""
        before = len(self.keys)
        self.keys.fromlist(keys)
        self.checkpoint = checkpoint or self.loosened(before)

    def loosened(self, start: int) -> Checkpoint:
        """The checkpoint, now that what came from this index on is loose."""
        at = self.checkpoint
        return Checkpoint(at.end, at.count, (*at.loose, (start, len(self.keys))))
