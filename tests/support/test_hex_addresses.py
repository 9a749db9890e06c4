"""Hexadecimal addresses are the same in any case; others are compared letter by letter."""

from __future__ import annotations

import pytest

from ledger_async._support.hex_addresses import folded


@pytest.mark.parametrize(
    ("address", "same"),
    [("0xAbC", "0xabc"), ("0XAbC", "0xabc"), ("tz1AbC", "tz1AbC"), (None, None)],
)
def test_only_a_hexadecimal_address_is_folded(address: object, same: object) -> None:
    assert folded(address) == same
