"""What was accepted is known again by its identity alone."""

from __future__ import annotations

import msgspec
import pytest

from ledger_async import NFT, Checkpoint
from ledger_async._pages.accepted import Accepted
from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.node_keys import node_keys_of
from ledger_async.models.base.paging import page_of

NFTS = Endpoint("/nfts", NFT, ("contract_address", "token_id"))


class Numbered(msgspec.Struct):
    id: int


class Named(msgspec.Struct):
    id: str


class Either(msgspec.Struct):
    id: str | int


def keys_of_page(node_type: type[msgspec.Struct], identity: bytes) -> list[int]:
    """The keys of a page with one node that has this `id`."""
    body = (
        b'{"page_info":{"count":1,"has_next_page":false},"edges":[{"cursor":0,"node":{"id":%s}}]}'
    )
    page = msgspec.json.decode(body % identity, type=page_of(node_type))
    return node_keys_of(node_type, ("id",)).of_nodes(page.nodes, body % identity)


@pytest.mark.parametrize(
    ("node_type", "wire", "given"),
    [
        (Numbered, b"7", 7),
        (Numbered, b"7", "7"),
        (Named, b'"7"', "7"),
        (Named, b'"7"', 7),
        (Either, b'"7"', "7"),
        (Either, b"7", 7),
    ],
)
def test_a_key_is_that_of_the_node_on_a_page(
    node_type: type[msgspec.Struct], wire: bytes, given: str | int
) -> None:
    accepted = Accepted(Endpoint("/", node_type))
    accepted.add([(given,)], Checkpoint(1, 1))
    assert [*accepted.carried.keys] == keys_of_page(node_type, wire)


def test_addresses_are_the_same_in_any_case() -> None:
    accepted = Accepted(NFTS)
    accepted.add([("0xAbC", "1"), ("0xabc", "1"), ("AbC", "1"), ("abc", "1")], Checkpoint(4, 4))
    assert len({*accepted.carried.keys}) == 3


def test_the_length_is_the_number_of_elements() -> None:
    accepted = Accepted(NFTS)
    accepted.add([("0xa", "1"), ("0xa", "2")], Checkpoint(2, 3))
    accepted.add([("0xa", "3")], None)
    assert len(accepted) == 3


def test_an_element_takes_eight_bytes() -> None:
    accepted = Accepted(NFTS)
    accepted.add((("0xa", str(each)) for each in range(1000)), Checkpoint(1000, 1000))
    assert accepted.carried.keys.itemsize == 8
