"""Which elements of a listing an incremental run reads: the new ones, and those not final yet."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from ledger_async import ConfigurationError, Listing

LAG = timedelta(hours=1)
"""How far back new elements are looked for: clocks differ, and what was begun first may show last.
"""


class Increment(msgspec.Struct, frozen=True):
    """When an element of a listing was `created`, and the `final` values of its `state`.

    One in any other state, also in one that nobody knew when this was written, can still change.
    """

    created: str
    state: str
    final: frozenset[str]


INCREMENTS = {
    "transactions": Increment(
        created="created_on",
        state="status",
        # Not FAILED_TO_BROADCAST: a settlement can recover such a transaction.
        final=frozenset(
            {
                "CONFIRMED",
                "DROPPED",
                "FAILED",
                "FAILED_TO_CRAFT",
                "FAILED_TO_SIGN",
                "REJECTED",
                "REPLACED",
            }
        ),
    ),
    "requests": Increment(
        created="created_on",
        state="status",
        final=frozenset({"ACTIVE", "APPROVED", "EXPIRED", "REJECTED"}),
    ),
}
"""The listings that can be read incrementally. Labels and notes of a final element can change, too:
that shows in the next full run."""


def increment_of(listing: Listing) -> Increment:
    """The increment of this listing, or `ConfigurationError`."""
    if listing.name not in INCREMENTS:
        known = " and ".join(INCREMENTS)
        raise ConfigurationError(f'mode="incremental" is for {known}, not for {listing.name}')
    return INCREMENTS[listing.name]


def created_after(newest: datetime | None) -> datetime | None:
    """The time from which elements are read again; `None` reads all, as from an empty table."""
    return None if newest is None else newest - LAG
