"""Facts that the client tells about what it does."""

from __future__ import annotations

from typing import Literal

import msgspec

from .errors import LedgerError

Status = Literal["exact", "repaired", "unverified"]


class AccountReport(msgspec.Struct):
    """The facts about one account's listing, as far as it was read.

    Once `status` is `"exact"` or `"repaired"`, every node that was there throughout has been
    yielded: `"exact"` by what `count` and the listing's head say, `"repaired"` by pages that
    overlap, because the listing moved meanwhile. Until then, and where nothing is proven, it is
    `"unverified"`. `nodes` counts those released to the reader, `pages` the answers, of checks
    and repairs too, `duplicates_dropped` the nodes that came again, and `invalid` those that did
    not decode. `error` is what ended the account early.
    """

    status: Status = "unverified"
    nodes: int = 0
    pages: int = 0
    duplicates_dropped: int = 0
    invalid: int = 0
    error: LedgerError | None = None
