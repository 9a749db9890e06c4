"""`ledger-async get`: any GET of the API, typed, from its path."""

from __future__ import annotations

import csv
import io
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from datetime import date, datetime
from math import inf
from pathlib import Path
from typing import Any, get_args, get_origin
from urllib.parse import parse_qs

import calls
import pytest

from ledger_async.cli.arguments import keywords, kinds_of
from ledger_async.cli.exits import Exit
from ledger_async.cli.getting import Get
from ledger_async.cli.run import run
from ledger_async.sandbox import Fault, Sandbox
from ledger_async.sections.operations import Operation, bound, find, operations

pytest_plugins = ["cli_fixtures"]

HUGE = 10**30 + 7

OnATerminal = Callable[..., tuple[int, str]]
Captured = pytest.CaptureFixture[str]


def records(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def one_line(capfd: Captured) -> str:
    (line,) = capfd.readouterr().err.splitlines()
    return line


def sent(sandbox: Sandbox, key: str) -> list[str]:
    """The values of a key in the only request."""
    (request,) = sandbox.requests
    return [value for name, value in request.query.items() if name == key]


# What is written


def test_a_listing_is_ndjson_of_every_node(workspace: Sandbox, capfd: Captured) -> None:
    assert run(["get", "/accounts/101/nfts"]) == Exit.ALL
    found = records(capfd.readouterr().out)
    assert [(each["contract_address"], each["token_id"]) for each in found] == (
        workspace.identities(101)
    )


def test_a_page_of_a_listing_has_that_page_alone(workspace: Sandbox, capfd: Captured) -> None:
    assert run(["get", "/accounts", "page=2", "page_size=1"]) == Exit.ALL
    assert [each["id"] for each in records(capfd.readouterr().out)] == [102]
    assert len(workspace.requests) == 1


def test_a_page_size_alone_is_that_of_the_first_page(workspace: Sandbox, capfd: Captured) -> None:
    run(["get", "/accounts/101/nfts", "page_size=max"])
    assert (sent(workspace, "page"), sent(workspace, "page_size")) == (["1"], ["-1"])


def test_what_is_no_listing_is_one_document(workspace: Sandbox, capfd: Captured) -> None:
    assert run(["get", "/accounts/103"]) == Exit.ALL
    (account,) = records(capfd.readouterr().out)
    assert account["id"] == 103


def test_a_document_keeps_every_digit(workspace: Sandbox, capfd: Captured) -> None:
    worth = {"eth_value": HUGE, "usd_value": None}
    workspace.fail(Fault.json({"portfolio_value": worth, "token_quantity": 1}, status=200))
    run(["get", "/accounts/101/nft-portfolio"])
    (portfolio,) = records(capfd.readouterr().out)
    assert portfolio["portfolio_value"]["eth_value"] == HUGE


def test_a_document_is_indented_on_a_terminal(
    workspace: Sandbox, on_a_terminal: OnATerminal
) -> None:
    code, seen = on_a_terminal("get", "/accounts/103")
    assert code == Exit.ALL
    assert '\r\n  "id": 103,\r\n' in seen


def test_nothing_that_a_terminal_would_obey_is_in_a_document(
    workspace: Sandbox, on_a_terminal: OnATerminal
) -> None:
    workspace.set_account(103, name="\x9b2J")
    assert "\x9b" not in on_a_terminal("get", "/accounts/103")[1]


def test_a_listing_sums_up_on_a_terminal(
    workspace: Sandbox, on_a_terminal: OnATerminal, tmp_path: Path
) -> None:
    _, seen = on_a_terminal("get", "/accounts", "--output", str(tmp_path / "accounts"))
    assert "3 nodes · 1 page" in seen


@pytest.mark.parametrize("workspace", [{"max_page_size": 2}], indirect=True)
def test_what_is_not_proven_is_said(workspace: Sandbox, capfd: Captured) -> None:
    assert run(["get", "/accounts", "order_by=name"]) == Exit.ALL
    assert one_line(capfd) == "warning: 1 listing of nodes unverified: some may be missing"


def test_a_file_is_ndjson_where_its_name_says_nothing(workspace: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    assert run(["get", "/accounts", "--output", str(path)]) == Exit.ALL
    assert len(records(path.read_text())) == 3


def test_a_failure_leaves_the_file_as_it_was(workspace: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_text("old")
    workspace.fail(Fault.status(403), times=inf)
    assert run(["get", "/accounts/103", "--output", str(path)]) == Exit.FAILED
    assert path.read_text() == "old"


def test_a_signed_address_comes_with_what_it_says(workspace: Sandbox, capfd: Captured) -> None:
    claims = {"address": "0xa", "blockchain_name": "ethereum", "derivation_path": "44'/60'/0'"}
    header = {"alg": "ES256", "typ": "JWT"}
    jwt = ".".join(
        urlsafe_b64encode(json.dumps(each).encode()).decode() for each in (header, claims)
    )
    workspace.fail(Fault.json(f"{jwt}.signature", status=200))
    assert run(["get", "/accounts/101/address"]) == Exit.ALL
    (told,) = records(capfd.readouterr().out)
    assert told == {"jwt": f"{jwt}.signature", "header": header, "claims": claims}


def test_the_secret_of_a_webhook_is_masked(workspace: Sandbox, capfd: Captured) -> None:
    webhook = {"secret": "hidden", "url": "https://example.com/hook"}
    workspace.fail(Fault.json({"all": {"webhook": webhook}}, status=200))
    assert run(["get", "/notifications/configuration"]) == Exit.ALL
    (told,) = records(capfd.readouterr().out)
    assert told == {"all": {"webhook": webhook | {"secret": "***"}}}


def test_what_the_api_deprecates_is_said_in_one_line(workspace: Sandbox, capfd: Captured) -> None:
    workspace.fail(Fault.json({"addresses": []}, status=200))
    assert run(["get", "/accounts/101/addresses"]) == Exit.ALL
    captured = capfd.readouterr()
    assert records(captured.out) == [[]]
    assert captured.err.startswith("warning: accounts.receiving_addresses is deprecated")
    assert captured.err.count("\n") == 1


def test_a_listing_as_csv_has_a_column_for_each_field(workspace: Sandbox, capfd: Captured) -> None:
    assert run(["get", "/accounts", "--format", "csv", "--plain"]) == Exit.ALL
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out, newline="")))
    run(["get", "/accounts"])
    nodes = records(capfd.readouterr().out)
    assert [row["balance"] for row in rows] == [node["balance"] for node in nodes]
    rules = [json.loads(row["governance_rules"]) for row in rows]
    assert rules == [node["governance_rules"] for node in nodes]
    assert rows[0].keys() == nodes[0].keys()


def test_a_listing_of_nothing_as_csv_is_a_header(workspace: Sandbox, capfd: Captured) -> None:
    run(["get", "/accounts/102/nfts", "--format", "csv"])
    assert capfd.readouterr().out.startswith("contract_address,token_id,")


def test_a_page_and_a_document_are_csv_too(
    workspace: Sandbox, capfd: Captured, tmp_path: Path
) -> None:
    assert run(["get", "/accounts/101/nfts", "page_size=2", "--format", "csv"]) == Exit.ALL
    assert len(capfd.readouterr().out.splitlines()) == 3
    path = tmp_path / "account.csv"
    assert run(["get", "/accounts/103", "--output", str(path)]) == Exit.ALL
    (row,) = csv.DictReader(io.StringIO(path.read_text(), newline=""))
    assert row["id"] == "103"


def test_a_table_shows_the_plain_fields_of_nodes(workspace: Sandbox, capfd: Captured) -> None:
    assert run(["get", "/accounts", "--format", "table"]) == Exit.ALL
    lines = [line.split() for line in capfd.readouterr().out.splitlines() if line.strip()]
    assert lines[0][:4] == ["id", "name", "type", "status"]
    assert [line[0] for line in lines[2:5]] == ["103", "102", "101"]
    assert "governance_rules" not in lines[0]


def test_a_table_of_a_document_has_a_row_for_each_field(
    workspace: Sandbox, capfd: Captured
) -> None:
    assert run(["get", "/accounts/103", "--format", "table"]) == Exit.ALL
    assert ["id", "103"] in [line.split() for line in capfd.readouterr().out.splitlines()]


def test_numbers_can_be_strings(workspace: Sandbox, capfd: Captured) -> None:
    worth = {"eth_value": HUGE, "usd_value": None}
    workspace.fail(Fault.json({"portfolio_value": worth, "token_quantity": 1}, status=200))
    run(["get", "/accounts/101/nft-portfolio", "--numbers-as-strings"])
    (portfolio,) = records(capfd.readouterr().out)
    assert portfolio["portfolio_value"] == {"eth_value": str(HUGE), "usd_value": None}


# Arguments


def test_a_path_needs_no_slash_in_front(workspace: Sandbox, capfd: Captured) -> None:
    assert run(["get", "accounts/103"]) == Exit.ALL


def test_a_filter_is_sent_under_its_contract_name(workspace: Sandbox, capfd: Captured) -> None:
    assert run(["get", "/accounts", "status=ACTIVE"]) == Exit.ALL
    assert sent(workspace, "status") == ["ACTIVE"]


def test_a_key_that_is_repeated_is_an_array(workspace: Sandbox, capfd: Captured) -> None:
    run(["get", "/accounts", "entity=7", "entity=8"])
    assert sent(workspace, "entity") == ["7", "8"]


def test_a_value_may_hold_an_equals_sign(workspace: Sandbox, capfd: Captured) -> None:
    run(["get", "/accounts", "name=a=b"])
    assert sent(workspace, "name") == ["a=b"]


def test_a_time_without_an_offset_is_local(workspace: Sandbox, capfd: Captured) -> None:
    run(["get", "/accounts", "created_after=2021-03-02"])
    (text,) = sent(workspace, "created_after")
    assert datetime.fromisoformat(text) == datetime(2021, 3, 2).astimezone()


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (["/accounts", "colour=red"], "there is no colour here: there are account_label, "),
        (["/accounts", "consistency=fast"], "there is no consistency here"),
        (["/accounts/101", "id=7"], "there is no id here: this path takes no key=value"),
        (["/accounts", "status=ASLEEP"], "status must be one of ACTIVATION_ABORTED, ACTIVE, "),
        (["/accounts", "group=x"], "group must be an integer, got 'x'"),
        (["/accounts", "entity=7", "entity=x"], "entity must be an integer, got 'x'"),
        (["/accounts", "created_after=7"], "created_after must be an ISO date-time, got '7'"),
        (["/accounts", "created_after=0001-01-01"], "created_after must be an ISO date-time"),
        (["/accounts", "id=1", "id=2"], "id takes one value, got 2"),
        (["/accounts", "id"], "'id' is not key=value"),
        (["/accounts", "=7"], "'=7' is not key=value"),
        (["/accounts", "page=0"], "page number must be an integer of 1 or more"),
        (["/accounts", "page_size=all"], "page_size must be an integer or max, got 'all'"),
        (["/transactions", "min_amount=x"], "min_amount"),
        (["/accounts/101/address/0"], "type= is missing: it takes one of change, receive"),
        (["/accounts/101/sync", "synchronous=1"], "synchronous must be true or false, got '1'"),
        (["/ethereum/accounts/1/stakes/x/rewards", "end_date=1"], "end_date must be an ISO date,"),
        (["/transactions/7/reject"], "/transactions/7/reject takes POST only"),
        (["/auth/token"], "/auth/token takes POST only"),
        (["/accounts/101/balnces"], "the closest are /accounts/{account_id}/balances, "),
        (["/accounts/balances"], "account_id must be an integer of 0 or more, below 2**63, got '"),
        (["/accounts/-1"], "account_id must be an integer of 0 or more, below 2**63, got '-1'"),
        (["/accounts/" + "9" * 20], "account_id must be an integer of 0 or more, below 2**63"),
        (["/accounts/" + "9" * 5000], "account_id must be an integer of 0 or more, below 2**63"),
        (["/accounts/7/address/x"], "index must be an integer of 0 or more, below 2**63, got 'x'"),
        (["/accounts/7/all"], "the API has no /accounts/7/all: the closest are /accounts/"),
        (["/users", "--output", "u.tsv"], "u.tsv would not hold what it is called: call it .csv"),
        (["/users", "--plain"], "--plain is for --format csv"),
        (["/users", "--currency", "cardano"], "--currency is for --sandbox: say currency= to"),
        (["/accounts/{account_id}"], "put yours for {account_id}, as in /accounts/101"),
        (["/accounts/{id}/address/{index}"], "for {id} and {index}, as in /accounts/101/address"),
        (["/accounts?status=ACTIVE"], "give what follows the ? of /accounts?status=ACTIVE as"),
        (["/"], "name a path, such as /accounts, /transactions or /requests: get alone lists"),
        ([""], "name a path, such as /accounts, /transactions or /requests: get alone lists"),
    ],
)
def test_wrong_usage_is_2_before_any_request(
    tokens: list[str], message: str, workspace: Sandbox, capfd: Captured
) -> None:
    assert run(["get", *tokens]) == Exit.USAGE
    assert message in one_line(capfd)
    assert not workspace.requests


GETS = [each for each in operations() if each.method == "GET"]


@pytest.mark.parametrize("operation", GETS, ids=str)
async def test_every_get_takes_all_that_its_call_takes(operation: Operation) -> None:
    path = re.sub(r"\{\w+(:s)?\}", "7", operation.path)
    ledger = calls.client()
    method = bound(ledger, str(operation.name), find(path)[1])
    taken = {key: each.type for key, each in keywords(method).items() if key not in calls.OPTIONS}
    tokens = [f"{key}={_text(type_)}" for key, type_ in taken.items()]
    request = (await calls.sent(Get(path, tokens)._call, ledger)).request
    sent = parse_qs(request.query).keys() - {"page", "page_size"}
    assert (request.path, sent) == (path, set(taken))


def _text(type_: Any) -> object:
    texts = {bool: "true", date: "2025-01-31", datetime: "2025-01-31", int: "7", str: "7"}
    kind = next(kinds_of(type_))
    if get_origin(kind) is Iterable:
        return _text(get_args(kind)[0])
    return texts.get(kind) or get_args(kind)[0]


def test_without_a_path_every_path_is_listed(capfd: Captured) -> None:
    assert run(["get"]) == Exit.ALL
    listed = capfd.readouterr().out.splitlines()
    assert len(listed) == len(GETS)
    assert {"/accounts", "/api_users/{name}"} <= set(listed)


def test_an_error_of_the_api_is_1_in_one_line(workspace: Sandbox, capfd: Captured) -> None:
    assert run(["get", "/accounts/999"]) == Exit.FAILED
    assert "GET /accounts/999: 404" in one_line(capfd)


@pytest.mark.parametrize("tokens", [["/accounts"], ["/accounts", "page=1"]])
def test_an_error_of_a_listing_is_1_in_one_line(
    tokens: list[str], workspace: Sandbox, capfd: Captured
) -> None:
    workspace.fail(Fault.status(403), times=inf)
    assert run(["get", *tokens]) == Exit.FAILED
    assert "403" in one_line(capfd)


def test_help_has_examples_that_are_understood(capfd: Captured) -> None:
    assert run(["get", "--help"]) == Exit.ALL
    assert "ledger-async get /accounts/101/balances" in capfd.readouterr().out


def test_the_sandbox_is_read_without_credentials(capfd: Captured) -> None:
    assert run(["get", "/accounts/101", "--sandbox"]) == Exit.ALL
    assert records(capfd.readouterr().out)[0]["id"] == 101


def test_the_sandbox_has_accounts_in_the_currencies_that_are_named(capfd: Captured) -> None:
    there = ["--sandbox", "--currency", "cardano", "--currency", "tezos"]
    assert run(["get", "/tezos/accounts/142/stakes", *there]) == Exit.ALL
    assert records(capfd.readouterr().out)
