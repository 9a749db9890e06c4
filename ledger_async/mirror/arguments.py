"""The arguments of a mirror, checked before anything is asked for."""

from __future__ import annotations

from typing import get_args

from ledger_async import ConfigurationError
from ledger_async.sections._base.listing import ListingSection

from .incremental import increment_of
from .store import Mode


def check(
    listing: object,
    account_ids: object,
    *,
    store: object,
    mode: object,
    forget: object,
    progress: object,
) -> None:
    """Raise `ConfigurationError` for the first argument that will not do."""
    if not isinstance(listing, ListingSection):
        raise ConfigurationError("listing must be one of a client's, such as ledger.nfts")
    listing.listing.check(account_ids)
    if not hasattr(store, "begin"):
        raise ConfigurationError('store must be a Store, such as SqliteStore("ledger.db")')
    if mode not in get_args(Mode):
        raise ConfigurationError(f"mode must be one of {', '.join(get_args(Mode))}")
    if mode == "incremental":
        increment_of(listing.listing)
    if forget and not listing.listing.by_account:
        raise ConfigurationError(
            f"forget is for listings of accounts, not for {listing.listing.name}"
        )
    if progress is not None and not callable(progress):
        raise ConfigurationError("progress must be a callable that takes a MirrorProgress")
