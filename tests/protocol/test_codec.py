"""JSON bytes to structs and back: exact numbers, precise errors."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw, Struct

from ledger_async._protocol.codec import _decoder, decode, encode
from ledger_async.errors import DecodeError
from ledger_async.models import NFT, Account, NFTPrice, NFTValuation, Page, SettlementNode
from ledger_async.models.base.paging import page_of

quick = settings(derandomize=True, deadline=None, max_examples=50)


def failure(body: bytes, type_: type[object]) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        decode(body, type_)
    return caught.value


def test_a_decoder_is_made_once_per_type() -> None:
    assert _decoder(Page[NFT]) is _decoder(page_of(NFT))


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


class Amounts(Struct, frozen=True):
    whole: int
    optional: int | None = None
    either: int | str = ""
    fraction: Decimal | None = None
    both: int | Decimal | None = None
    listed: tuple[int, ...] = ()
    named: Mapping[str, int] = {}
    untyped: object = None


INTEGERS = {
    "1e+21": 10**21,
    "1.5e3": 1500,
    "1.0": 1,
    "-2.50E+2": -250,
    "123456789012345678901234567890.0": 123456789012345678901234567890,
    "1e4299": 10**4299,
    "0e0": 0,
}


@pytest.mark.parametrize(("written", "number"), INTEGERS.items())
def test_an_integer_may_be_written_as_a_fraction_that_is_none(written: str, number: int) -> None:
    body = '{"whole": %s, "optional": %s, "either": %s, "listed": [1, %s], "named": {"a": %s}}'
    found = decode((body % ((written,) * 5)).encode(), Amounts)
    assert found == Amounts(number, number, number, listed=(1, number), named={"a": number})
    assert {type(each) for each in (found.whole, found.either, *found.listed)} == {int}


@pytest.mark.parametrize("written", ["1.5", "1e-1", "1e-99999999", "1.0000000000000000000001"])
def test_a_fraction_is_no_integer(written: str) -> None:
    error = failure(b'{"whole": %b}' % written.encode(), Amounts)
    assert error.message == "expected `int`, got `float` at $.whole"


@pytest.mark.parametrize("written", ["1e4300", "1e99999999"])
def test_a_number_of_more_digits_than_python_reads_is_no_integer(written: str) -> None:
    error = failure(b'{"whole": %b}' % written.encode(), Amounts)
    assert error.message == "number out of range at $.whole"


def test_what_may_be_a_fraction_stays_as_it_was_written() -> None:
    body = b'{"whole": 1.0, "fraction": 2.50, "both": 1E+2, "untyped": [3.0, {"a": 4e1}]}'
    found = decode(body, Amounts)
    assert repr((found.fraction, found.both, found.untyped)) == repr(
        (Decimal("2.50"), Decimal("1E+2"), [Decimal("3.0"), {"a": Decimal("4E+1")}])
    )


class Lists(Struct, frozen=True):
    many: tuple[Lists, ...]
    optional: tuple[int, ...] | None = None
    mutable: list[str] = []
    unique: frozenset[int] = frozenset()
    named: Mapping[str, tuple[int, ...]] = {}
    untyped: object = ()
    kept: Raw = Raw(b"0")


def test_null_for_a_list_is_an_empty_one_at_any_depth() -> None:
    body = b"""{"mutable": null, "unique": null, "named": {"a": null}, "many": [
        {"many": null, "optional": null, "untyped": [null], "kept": [1,  {}]}
    ]}"""
    found = decode(body, Lists)
    assert (found.mutable, found.unique, found.named) == ([], frozenset(), {"a": ()})
    (inner,) = found.many
    assert (inner.many, inner.optional, inner.untyped) == ((), None, [None])
    assert msgspec.json.decode(inner.kept) == [1, {}]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"many": null, "mutable": [null]}', "$.mutable[0]"),
        (b'{"many": null, "named": null}', "$.named"),
        (b'{"many": {}, "mutable": null}', "$.many"),
        (b'{"mutable": null}', "$"),
    ],
)
def test_what_else_is_wrong_is_still_an_error(body: bytes, path: str) -> None:
    assert failure(body, Lists).json_path == path


def test_null_is_an_empty_list_in_the_struct_that_its_tag_names_alone() -> None:
    class A(Struct, tag="a"):
        x: list[int]

    class B(Struct, tag="b"):
        x: int | None

    assert decode(b'[{"type":"b","x":null},{"type":"a","x":null}]', list[A | B]) == [B(None), A([])]


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


def test_the_path_goes_through_unions() -> None:
    settlement = (
        b'{"from_pledge_id":"1","id":"2","meta":{},"state":"s","repledge":{"request_id":1}}'
    )
    error = failure(b'{"edges":[{"cursor":0,"node":%b}]}' % settlement, Page[SettlementNode])
    assert error.json_path == "$.edges[0].node.repledge"


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


@pytest.mark.parametrize("body", [b"", b"  \n"])
def test_a_body_without_anything_is_truncated(body: bytes) -> None:
    assert failure(body, list[int]).truncated


@pytest.mark.parametrize("wrong", [b'"\xff"', b'"\\ud83d"', b"NaN", b"null", b"1.5"])
def test_json_that_ends_early_is_truncated_whatever_is_wrong_before(wrong: bytes) -> None:
    assert failure(b"[%b, 1" % wrong, list[int]).truncated


WRONG = [b"[1,]", b"<html>{", b'{"a":1}', b'["\\ud83d"]', b"[t]", b'["\\"]"]', b"{]"]


@pytest.mark.parametrize("body", WRONG)
def test_json_that_is_wrong_is_not_truncated(body: bytes) -> None:
    assert not failure(body, list[int]).truncated


@pytest.mark.parametrize("body", [b"1", b'"text', b"tru"])
def test_what_has_no_brackets_is_truncated_as_msgspec_says(body: bytes) -> None:
    assert failure(body, str).truncated == (body != b"1")


def test_half_a_surrogate_near_the_end_is_malformed() -> None:
    assert failure(b'["\\ud83d"]', list[str]).message == "JSON is malformed"


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
