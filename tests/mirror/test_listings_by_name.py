"""The `listings` of a client, by name."""

from __future__ import annotations

import pytest

from ledger_async import ConfigurationError, LedgerClient
from ledger_async.mirror import listing_named, listings
from ledger_async.sections.operations import operations


async def test_every_listing_but_the_children_of_an_account_has_a_name(
    ledger: LedgerClient,
) -> None:
    listed = {each.name for each in operations() if each.is_listing}
    assert len(listings(ledger)) == len(listed - {"accounts.erc20_children.stream"})


async def test_a_listing_is_called_as_its_table(ledger: LedgerClient) -> None:
    known = listings(ledger)
    assert known["nfts"] is ledger.nfts
    assert known["cardano_stakes"] is ledger.staking.cardano.stakes
    assert all(each.listing.name == name for name, each in known.items())


async def test_another_name_is_refused_with_those_that_there_are(ledger: LedgerClient) -> None:
    with pytest.raises(ConfigurationError, match=r"no listing 'nft': there are accounts, .*nfts"):
        listing_named(ledger, "nft")
