"""Hosts as URLs write them."""

from __future__ import annotations

import pytest

from ledger_async._support.hosts import is_host, is_loopback


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_this_machine_has_many_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["lam.example", "localhost.example", "0.0.0.0", "[::]", "0127.0.0.1"]
)
def test_others_are_not_this_machine(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("host", "fits"), [("lam", True), ("[::1]", True), ("[1:2]", False), ("[::12345]", False)]
)
def test_an_address_in_brackets_is_one_of_ipv6(host: str, *, fits: bool) -> None:
    assert is_host(host) is fits
