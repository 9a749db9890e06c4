"""JSON bytes to structs and back: exact numbers, precise errors."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw, Struct

from ledger_async.codec import decode, decoder, encode
from ledger_async.errors import DecodeError
from ledger_async.models import NFT, Account, AccountRuleSet, NFTPrice, NFTValuation, Page, page_of

quick = settings(derandomize=True, deadline=None, max_examples=50)


def failure(body: bytes, type_: type[object]) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        decode(body, type_)
    return caught.value


def test_a_decoder_is_made_once_per_type() -> None:
    assert decoder(Page[NFT]) is decoder(page_of(NFT))


# Numbers


@quick
@given(st.integers(-(2**256), 2**256))
def test_integers_of_256_bits_come_back_exactly(value: int) -> None:
    assert decode(encode(NFTValuation(eth_value=value)), NFTValuation).eth_value == value


@quick
@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_comes_back_digit_by_digit(value: Decimal) -> None:
    price = NFTPrice(ticker="ETH", value=value)
    assert decode(encode(price), NFTPrice).value.as_tuple() == value.as_tuple()


def test_a_decimal_is_sent_as_a_number() -> None:
    assert encode({"value": Decimal("0.10")}) == b'{"value":0.10}'


def test_a_fraction_never_passes_through_a_float_where_no_type_is_declared() -> None:
    digits = "0.1000000000000000055511151231257827021181583404541015625"
    assert decode(f'{{"rate":{digits}}}'.encode(), dict[str, Any]) == {"rate": Decimal(digits)}


def test_an_integer_beyond_the_interpreters_limit_is_a_decode_error() -> None:
    assert failure(b"9" * 5000, int).message == "integer value out of range"


def test_a_fraction_beyond_decimal_is_a_decode_error() -> None:
    error = failure(b"[1e99999999999999999999]", list[Any])
    assert error.message == "number out of range at $[0]"


# Errors


def test_an_error_says_what_was_expected_and_where() -> None:
    error = failure(b'{"edges":[{"cursor":0,"node":{"a":1}}]}', Page[int])
    assert error.message == "expected `int`, got `object` at $.edges[0].node"


def test_an_error_shows_a_little_of_the_body() -> None:
    assert str(failure(b"<html>", int)).endswith("in '<html>'")


def test_an_error_carries_the_json_path() -> None:
    body = b'{"edges":[{"cursor":0,"node":1},{"cursor":1,"node":"x"}]}'
    assert failure(body, Page[int]).json_path == "$.edges[1].node"


def test_the_path_of_an_error_in_a_key_is_that_of_its_object() -> None:
    error = failure(b'{"prices":{"x":1}}', dict[str, dict[int, int]])
    assert error.json_path == "$[...]"


def test_the_path_goes_through_open_unions() -> None:
    rule = b'{"id":1,"type":"MULTI_AUTHORIZATIONS","data":[null,{"group":1,"quorum":"2"}]}'
    error = failure(b'{"id":1,"index":0,"name":"n","rules":[%s]}' % rule, AccountRuleSet)
    assert error.json_path == "$.rules[0].data[1].quorum"


def test_the_path_is_the_root_where_the_json_itself_is_malformed() -> None:
    assert failure(b"<html>", Account).json_path == "$"


def test_the_cause_is_the_original_error() -> None:
    assert "trailing comma" in str(failure(b"[1,]", list[int]).__cause__)


def test_text_that_is_not_utf8_is_a_decode_error() -> None:
    assert failure(b'["\xff"]', list[str]).message == "the text is not valid UTF-8"


def test_json_nested_too_deeply_is_a_decode_error() -> None:
    assert failure(b"[" * 100_000, list[Any]).message == "the JSON is nested too deeply"


def test_a_type_that_nobody_can_decode_is_not_blamed_on_the_body() -> None:
    class Foreign(Struct):
        value: complex

    with pytest.raises(NotImplementedError):
        decode(b'{"value":1}', Foreign)


# Excerpts


def test_the_excerpt_shows_where_the_json_is_malformed() -> None:
    body = b'["%s" ! "%s"]' % (b"a" * 500, b"b" * 500)
    assert '" ! "' in (failure(body, list[str]).excerpt or "")


def test_the_excerpt_shows_where_the_json_broke_off() -> None:
    assert (failure(b'["%s the end' % (b"a" * 500), list[str]).excerpt or "").endswith("the end")


def test_the_excerpt_shows_where_the_text_is_not_utf8() -> None:
    body = b'["%s","left\xffright"]' % (b"a" * 500)
    assert "left\ufffdright" in (failure(body, list[str]).excerpt or "")


def test_the_excerpt_is_the_beginning_where_the_position_is_not_known() -> None:
    assert (failure(b'{"a":%s}' % (b"1" * 500), list[int]).excerpt or "").startswith('{"a":1')


@quick
@given(st.binary(max_size=300))
def test_the_excerpt_is_short_and_printable(body: bytes) -> None:
    excerpt = failure(b"[" + body, NFT).excerpt or ""
    assert len(excerpt) <= 80
    assert excerpt.isprintable()


# Truncation


@quick
@given(st.integers(1, 100))
def test_json_that_ends_early_is_truncated(kept: int) -> None:
    body = encode({"a": [1, {"b": "text"}, None, True], "c": "\N{SNOWMAN}" * 40})
    assert failure(body[:kept], dict[str, Any]).truncated


@pytest.mark.parametrize("body", [b"", b"  \n", b"[1,]", b"<html>", b'{"a":1}'])
def test_json_that_is_absent_or_wrong_is_not_truncated(body: bytes) -> None:
    assert not failure(body, list[int]).truncated


def test_an_empty_body_is_named_as_such() -> None:
    assert failure(b"\n", NFT).message == "the body is empty"


def test_a_page_decodes_while_its_nodes_stay_raw() -> None:
    body = b'{"edges":[{"cursor":0,"node":{"a":[]}}],"page_info":{"count":1,"has_next_page":false}}'
    (node,) = decode(body, Page[Raw]).nodes
    assert bytes(node) == b'{"a":[]}'


def test_a_mapping_holds_whatever_json_there_is() -> None:
    body = b'{"a": 1, "b": "x", "c": null, "d": [1.5, {"e": true}]}'
    found = decode(body, Mapping[str, object])  # type: ignore[type-abstract]
    assert found == {"a": 1, "b": "x", "c": None, "d": [Decimal("1.5"), {"e": True}]}
