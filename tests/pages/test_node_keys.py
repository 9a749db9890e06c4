"""What makes two nodes the same, whatever of it the caller's own struct declares."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest

from ledger_async import NFT, DecodeError
from ledger_async._pages.node_keys import node_keys_of
from ledger_async._protocol.codec import decode
from ledger_async.models.base.fields import union_by
from ledger_async.models.base.paging import page_of

IDENTITY = ("contract_address", "token_id")

BODY = b"""
{"page_info": {"count": 2, "has_next_page": false}, "edges": [
 {"cursor": 0, "node": {"contract_address": "0xa", "token_id": "1", "token_type": "T", "value": 1}},
 {"cursor": 1, "node": {"contract_address": "0xb", "token_id": "2", "token_type": "T", "value": 2}}
]}
"""
KEYS = [hash(("0xa", "1")), hash(("0xb", "2"))]


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


class Number(msgspec.Struct):
    token_id: int


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
    return node_keys_of(node_type, identity).of_nodes(decode(body, page_of(node_type)).nodes, body)


@pytest.mark.parametrize(
    "node_type", [NFT, Renamed, Camel, Half, Neither, Unhashable, Optional, Constrained, Defaulted]
)
def test_nodes_are_told_apart_whatever_the_struct_declares(node_type: type[msgspec.Struct]) -> None:
    assert keys(node_type) == KEYS


def test_nodes_of_one_identity_have_one_key() -> None:
    first, second = keys(NFT, BODY.replace(b"0xb", b"0xa").replace(b'"2"', b'"1"'))
    assert first == second


@pytest.mark.parametrize("node_type", [NFT, Renamed, Half, Optional])
def test_the_case_of_a_hexadecimal_address_does_not_matter(
    node_type: type[msgspec.Struct],
) -> None:
    body = BODY.replace(b'"0xb"', b'"0XA"').replace(b'"2"', b'"1"')
    first, second = keys(node_type, body)
    assert first == second


@pytest.mark.parametrize("node_type", [NFT, Neither])
@pytest.mark.parametrize(
    ("first", "second"), [(b"KT1Ab", b"KT1aB"), (b"0XAB", b"XAB"), (b"Ab", b"aB")]
)
def test_the_case_of_any_other_address_does(
    first: bytes, second: bytes, node_type: type[msgspec.Struct]
) -> None:
    body = BODY.replace(b"0xa", first).replace(b"0xb", second).replace(b'"2"', b'"1"')
    assert len({*keys(node_type, body)}) == 2


def test_the_case_of_what_is_no_address_matters() -> None:
    body = BODY.replace(b"0xb", b"0xa").replace(b'"1"', b'"0xa"').replace(b'"2"', b'"0xA"')
    assert len({*keys(NFT, body)}) == 2


def test_raw_nodes_have_the_same_key_in_any_case() -> None:
    raws = [
        b'{"contract_address": "0xAb", "token_id": "1"}',
        b'{"contract_address": "0xaB", "token_id": "1"}',
    ]
    first, second = node_keys_of(NFT, IDENTITY).of_raw_nodes(raws)
    assert first == second


def test_a_field_with_a_default_is_not_taken_for_an_identity() -> None:
    with pytest.raises(DecodeError, match="token_id"):
        keys(Defaulted, BODY.replace(b"token_id", b"other"))


def test_declared_identities_are_read_without_looking_at_the_body() -> None:
    page = decode(BODY, page_of(Renamed))
    assert node_keys_of(Renamed, IDENTITY).of_nodes(page.nodes, b"not JSON") == KEYS


@pytest.mark.parametrize("step", [1, 2**61 - 1])  # which Python's own hash takes for 0
@pytest.mark.parametrize("number", [7, 2**64, 10**40])
def test_integers_of_any_size_tell_nodes_apart(number: int, step: int) -> None:
    body = BODY.replace(b'"1"', str(number).encode()).replace(b'"2"', str(number + step).encode())
    first, second = keys(Neither, body, identity=("token_id",))
    assert first != second


def test_an_integer_that_is_declared_has_the_key_that_it_has_unread() -> None:
    body = BODY.replace(b'"1"', b"1").replace(b'"2"', b"2")
    assert keys(Number, body, ("token_id",)) == keys(Neither, body, ("token_id",))


def test_a_node_without_its_identity_does_not_decode() -> None:
    with pytest.raises(DecodeError, match="token_id"):
        keys(Neither, BODY.replace(b"token_id", b"other"))


@pytest.mark.parametrize("node_type", [Renamed, Neither])
def test_raw_nodes_have_the_keys_that_they_have_on_their_page(
    node_type: type[msgspec.Struct],
) -> None:
    raw = b'{"contract_address": "0xa", "token_id": "1", "value": "not a number"}'
    assert node_keys_of(node_type, IDENTITY).of_raw_nodes([raw]) == KEYS[:1]


@pytest.mark.parametrize(
    "worse", [b'"\\ud83d"', b"NaN", b'{"a": "\x00"}', b"[" * 9999 + b"]" * 9999]
)
def test_raw_nodes_have_those_keys_whatever_else_is_in_them(worse: bytes) -> None:
    raw = b'{"new": %b, "contract_address": "0xa", "token_id": "1"}' % worse
    assert node_keys_of(NFT, IDENTITY).of_raw_nodes([raw]) == KEYS[:1]


@pytest.mark.parametrize("raw", [b'{"token_id": "1"}', b"null", b'{"token_id": "\xff"}'])
def test_nodes_that_do_not_tell_are_told_apart_by_their_place_among_those_alike(raw: bytes) -> None:
    identity = node_keys_of(NFT, IDENTITY)
    first, other, second = identity.of_raw_nodes([raw, b"{}", raw])
    assert len({first, other, second}) == 3
    assert identity.of_raw_nodes([b"[]", raw, raw])[1:] == [first, second]


def test_an_identity_is_made_once() -> None:
    assert node_keys_of(Neither, IDENTITY) is node_keys_of(Neither, IDENTITY)


def test_nodes_of_a_union_are_told_apart_by_what_was_sent() -> None:
    union: Any = union_by(lambda node: Renamed if node["value"] == 1 else Neither, Renamed, Neither)
    assert keys(union) == KEYS
