"""Operations: found by a path, and called by their name."""

from __future__ import annotations

import re

import pytest

from ledger_async import ConfigurationError, LedgerClient
from ledger_async.sections.operations import Operation, bound, find, operations


def names(path: str) -> list[str | None]:
    return [operation.name for operation in find(path)[0]]


@pytest.mark.parametrize(
    ("path", "name", "parameters"),
    [
        ("/accounts", "accounts.stream", []),
        ("/accounts/101", "accounts.get", [101]),
        ("/accounts/101/address/7", "accounts.address_at", [101, 7]),
        ("/currencies/ethereum", "currencies.get", ["ethereum"]),
        ("/compliance/sanctions/123", "compliance.sanctions", ["123"]),
    ],
)
def test_a_path_leads_to_its_operation_and_parameters(
    path: str, name: str, parameters: list[int | str]
) -> None:
    assert (names(path), find(path)[1]) == ([name], parameters)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/currencies/tokens", "currencies.tokens"),
        ("/transactions/estimate-fees", "transactions.estimate_fees"),
        ("/currencies/ethereum/tokens/0x1", "currencies.token"),
    ],
)
def test_literal_segments_win_over_parameters(path: str, name: str) -> None:
    assert names(path) == [name]


def test_a_path_leads_to_all_of_its_methods() -> None:
    assert names("/requests") == ["requests.stream", "requests.create"]


def test_slashes_around_a_path_do_not_matter() -> None:
    assert names("accounts/101/") == ["accounts.get"]


def test_parameters_are_decoded() -> None:
    assert find("/currencies/a%20b%2Fc")[1] == ["a b/c"]


@pytest.mark.parametrize("segment", ["%FF", "%C3", "a%E2%82b", "%ED%A0%80"])
def test_a_path_that_does_not_decode_is_refused(segment: str) -> None:
    with pytest.raises(ConfigurationError, match="the path is not valid UTF-8") as caught:
        find(f"/compliance/sanctions/{segment}")
    assert segment in str(caught.value)


@pytest.mark.parametrize(
    "path", ["", "/", "/account", "/accounts//nfts", "/accounts/x", "/accounts/-1", "/accounts/٣"]
)
def test_other_paths_lead_nowhere(path: str) -> None:
    assert find(path) == ([], [])


def test_more_digits_than_an_id_has_lead_nowhere() -> None:
    assert find(f"/accounts/{'9' * 5000}") == ([], [])


def test_an_operation_is_written_as_the_reference_of_the_api_has_it() -> None:
    operation = Operation("GET", "/currencies/{currency_name:s}", "currencies.get")
    assert str(operation) == "GET /currencies/{currency_name}"


def test_every_operation_is_found_by_its_path() -> None:
    paths = {each: re.sub(r"\{\w+(:s)?\}", "7", each.path) for each in operations()}
    assert [each for each, path in paths.items() if each not in find(path)[0]] == []


@pytest.fixture
def ledger() -> LedgerClient:
    return LedgerClient("http://127.0.0.1:1", api_key="key")


def test_a_method_is_given_the_parameters_of_its_path(ledger: LedgerClient) -> None:
    method = bound(ledger, "accounts.address_at", [101, 7])
    assert (method.func, method.args) == (ledger.accounts.address_at, (101, 7))


def test_a_section_may_be_within_another(ledger: LedgerClient) -> None:
    method = bound(ledger, "staking.cardano.rewards", [101])
    assert method.func == ledger.staking.cardano.rewards


def test_a_method_on_the_way_takes_the_parameters(ledger: LedgerClient) -> None:
    assert bound(ledger, "accounts.erc20_children.stream", [101]).args == ()
    with pytest.raises(ConfigurationError, match="parent_id"):
        bound(ledger, "accounts.erc20_children.stream", [-1])
