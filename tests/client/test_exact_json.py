"""`ledger_async.json`: what is written is what the API wrote, and reads back as what it was."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_async import AccountReport, DecodeError, SignedAddress, json
from ledger_async.models import Media, NFTPrice, NFTValuation

DIGITS = "0.1000000000000000055511151231257827021181583404541015625"

quick = settings(derandomize=True, deadline=None, max_examples=50)


@quick
@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers(-(2**256), 2**256))
def test_every_digit_of_a_struct_comes_back(price: Decimal, worth: int) -> None:
    for struct in (NFTPrice(ticker="ETH", value=price), NFTValuation(eth_value=worth)):
        again = json.decode(json.encode(struct), type=type(struct))
        assert again == struct
        assert json.encode(again) == json.encode(struct)


@pytest.mark.parametrize("text", [DIGITS, "0.10", "1E+400", "9" * 78, "-0.0"])
def test_a_number_of_no_declared_type_keeps_every_digit(text: str) -> None:
    assert json.encode(json.decode(text)) == text.encode()


def test_fields_have_the_names_of_the_wire() -> None:
    raw = json.encode(Media(uri="ipfs://7", media_type="image"))
    assert json.decode(raw) == {"uri": "ipfs://7", "mediaType": "image"}
    assert json.decode(raw, type=Media).media_type == "image"


@pytest.mark.parametrize("of", [bytes, bytearray, memoryview, bytes.decode])
def test_json_may_be_bytes_of_any_kind_or_text(of: Callable[[bytes], bytes | str]) -> None:
    assert json.decode(of('["é", 1.5]'.encode())) == ["é", Decimal("1.5")]


def test_what_is_of_another_type_is_a_decode_error_that_says_where() -> None:
    with pytest.raises(DecodeError) as caught:
        json.decode(b'[{"ticker": "ETH", "value": "much"}]', type=list[NFTPrice])
    assert caught.value.json_path == "$[0].value"


@pytest.mark.parametrize("raw", ["", "[1", "[NaN]", '"\ud800"', b'"\xff"', "[" * 100_000])
def test_what_is_no_json_is_a_decode_error(raw: str | bytes) -> None:
    with pytest.raises(DecodeError):
        json.decode(raw)


@pytest.mark.parametrize("number", ["NaN", "-Infinity"])
def test_a_number_that_json_lacks_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="not finite"):
        json.encode({"rate": Decimal(number)})
    assert json.encode({"name": number}) == f'{{"name":"{number}"}}'.encode()


def test_a_value_that_json_has_no_form_for_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        json.encode(AccountReport(error=DecodeError("no JSON")))


def test_it_takes_every_struct_of_an_answer() -> None:
    address = SignedAddress("a.b.c")
    assert json.decode(json.encode(address), type=SignedAddress) == address
