"""What a sandbox refuses at once, and how it says what is wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ledger_async import ConfigurationError
from ledger_async.sandbox import Sandbox

MAPPING = "accounts must map account ids to numbers of NFTs, such as {101: 250}, got "
CURRENCIES = 'currencies must map account ids to names of currencies, such as {101: "cardano"}, '
PORT = "port must be an integer from 0 to 65535, got "
KINDS = "kind must be one of digests, entities, groups, "


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"accounts": [101]}, MAPPING + "[101]"),
        ({"accounts": {"a": 2}}, MAPPING + "{'a': 2}"),
        ({"accounts": {101: "many"}}, MAPPING + "{101: 'many'}"),
        ({"accounts": {101: -1}}, MAPPING + "{101: -1}"),
        ({"accounts": {101: True}}, MAPPING + "{101: True}"),
        ({"accounts": None}, MAPPING + "None"),
        ({"currencies": "cardano"}, CURRENCIES + "got 'cardano'"),
        ({"currencies": {101: 7}}, CURRENCIES + "got {101: 7}"),
        ({"currencies": {"a": "cardano"}}, CURRENCIES + "got {'a': 'cardano'}"),
        ({"currencies": {101: "gold"}}, "no account can be in 'gold': its currency is one of "),
        ({"latency": "x"}, "latency must be a number of seconds, got 'x'"),
        ({"latency": -1}, "latency must be a number of seconds, got -1"),
        ({"rate_limit": "5"}, "rate_limit must be a number of requests a second or a RateLimit,"),
        ({"port": 99_999}, PORT + "99999"),
        ({"port": -1}, PORT + "-1"),
        ({"port": "80"}, PORT + "'80'"),
        ({"seed": "x"}, "seed must be an integer, got 'x'"),
        ({"max_page_size": "all"}, "max_page_size must be an integer of 1 or more"),
    ],
)
def test_an_option_that_will_not_do_is_refused_by_name(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Sandbox(**options)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda box: box.fail(503), "fault must be a Fault, such as Fault.status(503), got 503"),
        (lambda box: box.on_request(5), "callback must be a function, got 5"),
        (lambda box: box.rewrite(None), "callback must be a function, got None"),
        (lambda box: box.set_account(101, statuss="A"), "there is no field statuss: status is one"),
        (lambda box: box.set_account(7, status="ACTIVE"), "no account 7"),
        (lambda box: box.add_nfts(7), "no account 7"),
        (lambda box: box.remove_nfts(7), "no account 7"),
        (lambda box: box.identities(7), "no account 7"),
        (lambda box: box.add_transactions(7), "no account 7"),
        (lambda box: box.set_object("transaction", 1, status="A"), KINDS),
        (lambda box: box.objects("transaction"), KINDS),
        (lambda box: box.remove_object("transaction", 1), KINDS),
        (lambda box: box.set_object("transactions", 9999, status="A"), "no transaction 9999"),
        (lambda box: box.set_object("requests", 9999, status="A"), "no request 9999"),
        (lambda box: box.remove_object("labels", 9999), "no label 9999"),
        (lambda box: box.set_object("requests", 1, statuss="A"), "requests have no statuss: they"),
        (lambda box: box.set_object("users", 1, statuss="A"), "users have no statuss: they have"),
        (
            lambda box: setattr(box, "operator_public_key", "garbage"),
            "operator_public_key must be a public key on P-256, in PEM",
        ),
        (
            lambda box: setattr(box, "operator_public_key", 7),
            "operator_public_key must be a public key on P-256, in PEM",
        ),
    ],
)
def test_a_call_that_cannot_be_carried_out_says_why(
    call: Callable[[Sandbox], object], message: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        call(Sandbox())
    assert str(refused.value).startswith(message)


async def test_a_repr_says_where_it_listens_and_how_many_accounts_it_has() -> None:
    box = Sandbox({101: 2, 102: 0})
    assert repr(box) == "<Sandbox of 2 accounts, is not open>"
    async with box:
        assert repr(box) == f"<Sandbox of 2 accounts, listens at {box.url}>"
