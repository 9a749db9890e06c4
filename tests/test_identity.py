"""What makes two nodes the same, whatever of it the caller's own struct declares."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest

from ledger_async import NFT, DecodeError
from ledger_async.codec import decode
from ledger_async.identity import identity_of
from ledger_async.models.paging import page_of

IDENTITY = ("contract_address", "token_id")

BODY = b"""
{"page_info": {"count": 2, "has_next_page": false}, "edges": [
 {"cursor": 0, "node": {"contract_address": "0xa", "token_id": "1", "token_type": "T", "value": 1}},
 {"cursor": 1, "node": {"contract_address": "0xb", "token_id": "2", "token_type": "T", "value": 2}}
]}
"""
KEYS = [("0xa", "1"), ("0xb", "2")]


class Renamed(msgspec.Struct, rename={"contract": "contract_address", "number": "token_id"}):
    contract: str
    number: str


class Camel(msgspec.Struct, rename="camel"):
    """Its `token_id` is `tokenId` on the wire, and there is none."""

    contract_address: str = ""
    token_id: str = "always the same"


class Half(msgspec.Struct):
    token_id: str


class Neither(msgspec.Struct):
    value: int


class Unhashable(msgspec.Struct):
    contract_address: str
    token_id: msgspec.Raw


class Optional(msgspec.Struct):
    contract_address: str | None
    token_id: str | None


class Defaulted(msgspec.Struct):
    """Its `token_id` might not be sent, and then all would be one."""

    contract_address: str
    token_id: str = ""


class Constrained(msgspec.Struct):
    contract_address: Annotated[str, msgspec.Meta(min_length=1, extra={"label": "contract"})]
    token_id: Annotated[str, msgspec.Meta(min_length=1)]


def keys(
    node_type: type[msgspec.Struct], body: bytes = BODY, identity: tuple[str, ...] = IDENTITY
) -> Any:
    return identity_of(node_type, identity).of_page(body, decode(body, page_of(node_type)))


@pytest.mark.parametrize(
    "node_type", [NFT, Renamed, Camel, Half, Neither, Unhashable, Optional, Constrained, Defaulted]
)
def test_nodes_are_told_apart_whatever_the_struct_declares(node_type: type[msgspec.Struct]) -> None:
    assert keys(node_type) == KEYS


def test_a_field_with_a_default_is_not_taken_for_an_identity() -> None:
    with pytest.raises(DecodeError, match="token_id"):
        keys(Defaulted, BODY.replace(b"token_id", b"other"))


def test_declared_identities_are_read_without_looking_at_the_body() -> None:
    page = decode(BODY, page_of(Renamed))
    assert identity_of(Renamed, IDENTITY).of_page(b"not JSON", page) == KEYS


def test_an_identity_of_one_field_is_that_field() -> None:
    assert keys(Neither, identity=("token_id",)) == ["1", "2"]


@pytest.mark.parametrize("big", [2**64, 10**40])
def test_integers_of_any_size_tell_nodes_apart(big: int) -> None:
    body = BODY.replace(b'"1"', str(big).encode()).replace(b'"2"', str(big + 1).encode())
    assert keys(Neither, body, identity=("token_id",)) == [big, big + 1]


def test_a_node_without_its_identity_does_not_decode() -> None:
    with pytest.raises(DecodeError, match="token_id"):
        keys(Neither, BODY.replace(b"token_id", b"other"))


@pytest.mark.parametrize("node_type", [Renamed, Neither])
def test_a_node_by_itself_has_the_identity_that_it_has_on_its_page(
    node_type: type[msgspec.Struct],
) -> None:
    raw = b'{"contract_address": "0xa", "token_id": "1", "value": "not a number"}'
    assert identity_of(node_type, IDENTITY).of_node(raw) == ("0xa", "1")


@pytest.mark.parametrize("raw", [b'{"token_id": "1"}', b"null", b'{"token_id": "\xff"}'])
def test_a_node_that_does_not_tell_is_known_by_all_that_it_is(raw: bytes) -> None:
    assert identity_of(NFT, IDENTITY).of_node(raw) == raw


def test_an_identity_is_made_once() -> None:
    assert identity_of(Neither, IDENTITY) is identity_of(Neither, IDENTITY)
