"""Pages as they are handed over whole, without a step for each of their nodes."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from ledger_async._exactness.checkpoints import Checkpoint
from ledger_async.events import AccountReport

from .outbox import Delivery, Outbox

N = TypeVar("N")


class Batch(msgspec.Struct, Generic[N], frozen=True):
    """New nodes of one account, in the order of its listing.

    `report` is the account's once all of its nodes have come, or it failed: each account that was
    begun has it in its last batch, which may have no nodes, and in no other. `account_id` is
    `None` where the listing belongs to no account. `checkpoint` says what is proven of the listing
    with this batch and those before it, for an `Accepted` from which another walk may go on. It is
    `None` where nothing is, and from the first node on that was left out.
    """

    account_id: int | None
    nodes: list[N]
    report: AccountReport | None = None
    checkpoint: Checkpoint | None = None


def batch_of(delivery: Delivery[N], outbox: Outbox[N]) -> Batch[N]:
    """The batch that a delivery is, with the account's end if that follows right behind."""
    is_last = not delivery.nodes or outbox.take_end() is not None
    report = delivery.report if is_last else None
    return Batch(delivery.account_id, delivery.nodes, report, delivery.checkpoint)
