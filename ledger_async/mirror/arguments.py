"""The arguments of a mirror, checked before anything is asked for."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from inspect import iscoroutinefunction
from typing import get_args

from ledger_async import ConfigurationError
from ledger_async._support import checks
from ledger_async.sections._base.listing import ListingSection

from .incremental import increment_of
from .store import Mode


def check(
    listing: object,
    account_ids: object,
    *,
    store: object,
    mode: object,
    on_error: object,
    on_invalid: object,
    resume: object,
    forget: object,
    progress: object,
    run: object,
) -> None:
    """Raise `ConfigurationError` for the first argument that will not do."""
    if not isinstance(listing, ListingSection):
        raise ConfigurationError("listing must be one of a client's, such as ledger.nfts")
    listing.listing.check(account_ids)
    if not (account_ids is None or _is_iterable(account_ids)):
        raise ConfigurationError("account_ids must be an iterable of ids, such as [101, 102]")
    if isinstance(store, type) or not hasattr(store, "begin"):
        raise ConfigurationError('store must be a Store, such as SqliteStore("ledger.db")')
    if mode not in get_args(Mode):
        raise ConfigurationError(f"mode must be one of {', '.join(get_args(Mode))}")
    checks.handler("on_error", on_error)
    checks.handler("on_invalid", on_invalid)
    checks.typed("resume", resume, bool)
    checks.typed("forget", forget, bool)
    checks.typed("run", run, str | None)
    if mode == "incremental":
        increment_of(listing.listing)
    if forget and not listing.listing.by_account:
        raise ConfigurationError(
            f"forget is for listings of accounts, not for {listing.listing.name}"
        )
    if progress is not None and (not callable(progress) or iscoroutinefunction(progress)):
        raise ConfigurationError("progress must be a plain function that takes a MirrorProgress")


def _is_iterable(account_ids: object) -> bool:
    return isinstance(account_ids, Iterable | AsyncIterable) and not isinstance(
        account_ids, str | bytes
    )
