"""The listings of a client by name, as their tables are called."""

from __future__ import annotations

from operator import attrgetter

from ledger_async import ConfigurationError, LedgerClient
from ledger_async.sections._base.listing import ListingSection
from ledger_async.sections.operations import operations


def listings(ledger: LedgerClient) -> dict[str, ListingSection]:
    """Every listing that `mirror` takes, such as `"nfts"`, `"accounts"` or `"cardano_stakes"`.

    The children of an account are not among them: `ledger.accounts.erc20_children(account_id)`
    is a listing of that account alone.
    """
    names = [name for _, _, name in operations() if name and name.endswith(".stream")]
    sections = [attrgetter(name.removesuffix(".stream"))(ledger) for name in names]
    return {each.listing.name: each for each in sections if isinstance(each, ListingSection)}


def listing_named(ledger: LedgerClient, name: str) -> ListingSection:
    """The listing of this name; `ConfigurationError` says which there are instead."""
    known = listings(ledger)
    if name not in known:
        raise ConfigurationError(f"there is no listing {name!r}: there are {', '.join(known)}")
    return known[name]


def unread(name: str) -> ListingSection:
    """The listing of this name, of a client that is never opened: it describes itself alone."""
    nobody = LedgerClient("https://unread.invalid", api_key="none", api_user="none")
    return listing_named(nobody, name)
