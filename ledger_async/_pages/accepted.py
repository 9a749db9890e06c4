"""The record of what walks over one listing have accepted, from which another walk goes on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from ledger_async._exactness.checkpoints import Carried, Checkpoint

from .endpoint import Endpoint
from .node_keys import node_keys_of


class Accepted:
    """The part of one account's listing that was stored by walks that were cut off.

    `add` the batches of all these walks in the order in which they were handed over, each with
    the checkpoint that it had; those at the end may be missing. An element takes 8 bytes, and some
    20 where there are thousands.
    """

    def __init__(self, endpoint: Endpoint[Any]) -> None:
        self.endpoint = endpoint
        self.carried = Carried()
        node_type: type[msgspec.Struct] = endpoint.node_type
        self._keys = node_keys_of(node_type, endpoint.identity)

    def __len__(self) -> int:
        return len(self.carried.keys)

    def add(self, identities: Iterable[Sequence[str | int]], checkpoint: Checkpoint | None) -> None:
        """Add one batch: the identity of each of its nodes, and its checkpoint.

        An identity is the values of the fields that `listing.identity` names, in that order.
        """
        self.carried.add(self._keys.of_identities(identities), checkpoint)
