"""Tables made from the structs of listings."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ledger_async import NFT, LedgerClient
from ledger_async.mirror.table import Column, Rows, table_of
from ledger_async.models import NFTPrice

LISTINGS = [
    "accounts",
    "digests",
    "entities",
    "groups",
    "labels",
    "messages",
    "nft_collections",
    "nfts",
    "pledges",
    "requests",
    "settlements",
    "transactions",
    "users",
    "whitelists",
]


@pytest.fixture
def nfts(ledger: LedgerClient) -> Rows:
    return Rows(ledger.nfts.listing)


def test_a_listing_of_each_account_has_the_account_first(nfts: Rows) -> None:
    assert nfts.table.columns[0] == Column("account_id", "id")
    assert nfts.table.key == ("account_id", "contract_address", "token_id")
    assert nfts.table.identity == ("contract_address", "token_id")


def test_columns_are_called_and_typed_as_in_the_contract(nfts: Rows) -> None:
    kinds = {each.name: each.kind for each in nfts.table.columns}
    assert (kinds["token_type"], kinds["value"]) == ("text", "integer")
    assert kinds["metadata"] == "json"


@pytest.mark.parametrize("name", LISTINGS)
def test_every_listing_has_a_table_with_its_key(ledger: LedgerClient, name: str) -> None:
    table = table_of(getattr(ledger, name).listing)
    assert table.name == name
    assert {*table.key} <= {each.name for each in table.columns}


def test_the_account_that_was_read_stands_for_a_field_of_that_name(ledger: LedgerClient) -> None:
    table = table_of(ledger.nft_collections.listing)
    assert [each.name for each in table.columns].count("account_id") == 1


def test_a_listing_of_several_structs_has_the_columns_of_all(ledger: LedgerClient) -> None:
    names = {each.name for each in table_of(ledger.settlements.listing).columns}
    assert {"from_pledge_id", "pledge_subaccount_id"} <= names


def test_cells_stand_in_the_order_of_nodes(nfts: Rows) -> None:
    nodes = [NFT("0xAB", "1", "ERC-721", 2**256 - 1), NFT("0xcd", "2", "ERC-721", 1)]
    cells = dict(zip((each.name for each in nfts.table.columns), nfts.of(101, nodes), strict=True))
    assert cells["account_id"] == [101, 101]
    assert cells["value"] == [2**256 - 1, 1]


def test_addresses_of_the_key_are_in_one_case(nfts: Rows) -> None:
    assert nfts.of(101, [NFT("0xABCdef", "1", "ERC-721", 1)])[1] == ["0xabcdef"]


def test_nested_values_are_json_with_every_digit(nfts: Rows) -> None:
    price = NFTPrice("ETH", Decimal("0.123456789012345678901234567890"))
    node = NFT("0xab", "1", "ERC-721", 1, price=price)
    assert '"value":0.123456789012345678901234567890' in nfts.of(101, [node])[6][0]


def test_what_a_node_lacks_is_null(nfts: Rows) -> None:
    assert nfts.of(101, [NFT("0xab", "1", "ERC-721", 1)])[5:] == [[None], [None], [None]]
