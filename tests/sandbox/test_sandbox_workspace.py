"""The sandbox's data: one workspace whose sections agree, made from a seed, changed by calls."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from decimal import Decimal
from typing import Any

import pytest
from sandbox_workspace import FAMILIES, Calls, calling, workspace

from ledger_async.errors import ConfigurationError
from ledger_async.sandbox import Sandbox

ACCOUNT = {name: key for key, name in FAMILIES.items()}
LISTINGS = (
    "digests",
    "entities",
    "groups",
    "labels",
    "messages",
    "pledges",
    "requests",
    "transactions",
    "users",
    "whitelists",
)
TARGETS = {
    "ACCOUNT": "accounts",
    "DIGESTS": "digests",
    "ENTITY": "entities",
    "GROUP": "groups",
    "MESSAGE": "messages",
    "TRANSACTION": "transactions",
    "USER": "users",
    "WHITELIST": "whitelists",
}


async def ids(calls: Calls, kind: str) -> set[int]:
    return {each["id"] for each in await calls.everything(f"/{kind}")}


# One workspace


async def test_the_same_seed_gives_the_same_objects_and_another_seed_others() -> None:
    async def everything(seed: int) -> list[Any]:
        async with calling(workspace(seed=seed)) as calls:
            return [await calls.everything(f"/{kind}") for kind in LISTINGS]

    one, again, other = await everything(1), await everything(1), await everything(2)
    assert one == again
    different = [kind for kind, a, b in zip(LISTINGS, one, other, strict=True) if a != b]
    assert set(LISTINGS) - set(different) <= {"entities"}


@pytest.mark.parametrize("kind", ["digests", "messages", "transactions", "users", "whitelists"])
async def test_the_last_request_of_an_object_is_about_it(kind: str) -> None:
    async with calling(workspace()) as calls:
        for each in await calls.everything(f"/{kind}"):
            if each["last_request"] is not None:
                request = await calls.ok(f"/requests/{each['last_request']}")
                assert (TARGETS[request["target_type"]], request["target_id"]) == (kind, each["id"])


async def test_the_target_of_every_request_exists_and_agrees_on_the_outcome() -> None:
    async with calling(workspace()) as calls:
        for request in await calls.everything("/requests"):
            target = await calls.ok(f"/{TARGETS[request['target_type']]}/{request['target_id']}")
            pending = target["status"] in {"PENDING", "PENDING_APPROVAL"}
            assert pending == (request["status"] == "PENDING_APPROVAL")
            dropped = target["status"] in {"ABORTED", "REJECTED"}
            assert dropped == (request["status"] == "REJECTED")


async def test_an_approved_request_has_every_approval_that_its_steps_ask_for() -> None:
    async with calling(workspace()) as calls:
        for request in await calls.everything("/requests", {"status": "APPROVED"}):
            status = await calls.ok(f"/requests/{request['id']}/governance-status")
            for step in status["governance_steps"]:
                given = {each["user"]["id"] for each in step["approvals"]}
                assert len(given) == step["quorum"]
                assert given <= {each["id"] for each in step["approvers"]}


async def test_people_and_labels_that_are_named_exist() -> None:
    async with calling(workspace()) as calls:
        users, labels = await ids(calls, "users"), await ids(calls, "labels")
        for kind in ("accounts", "transactions"):
            for each in await calls.everything(f"/{kind}"):
                assert each["created_by"] in users
                assert {label["id"] for label in each["labels"]} <= labels
        for group in await calls.everything("/groups"):
            assert set(group["members"]) <= users


async def test_the_rules_of_accounts_name_what_exists() -> None:
    async with calling(workspace()) as calls:
        known = {kind: await ids(calls, kind) for kind in ("groups", "users", "whitelists")}
        for account in await calls.everything("/accounts"):
            for rule in account["governance_rules"][0]["rules"]:
                for entry in rule["data"]:
                    assert entry.get("group", 1) in known["groups"]
                    assert set(entry.get("users", ())) <= known["users"]
                    assert entry.get("whitelist", 1) in known["whitelists"]


async def test_an_entity_s_users_are_operators_of_its_accounts() -> None:
    async with calling(workspace()) as calls:
        for entity in await calls.everything("/entities"):
            users = (await calls.ok(f"/entities/{entity['id']}/users"))["users"]
            operators = {
                user["id"]
                for account in entity["accounts"]
                for user in await calls.everything("/users", {"account": account})
            }
            assert {user["id"] for user in users} == operators
            assert {user["role"] for user in users} <= {"OPERATOR"}


async def test_an_account_s_labels_and_tokens_are_those_that_it_shows() -> None:
    async with calling(workspace()) as calls:
        for account in await calls.everything("/accounts"):
            path = f"/accounts/{account['id']}"
            assert await calls.ok(f"{path}/labels") == account["labels"]
            assert await calls.ok(f"{path}/tokens") == account["token_accounts"]


async def test_a_transaction_s_history_is_its_request() -> None:
    async with calling(workspace()) as calls:
        for each in (await calls.everything("/transactions"))[:12]:
            history = (await calls.ok(f"/transactions/{each['id']}/history"))["history"]
            requests = [result["id"] for results in history for result in results]
            assert requests == [each["last_request"]] * (each["last_request"] is not None)


def test_a_million_accounts_cost_nothing_up_front() -> None:
    sandbox = Sandbox(dict.fromkeys(range(1, 1_000_001), 1_000_000))
    assert sandbox._workspace._accounts == {}


async def test_one_transaction_of_a_million_accounts_is_found_by_its_id() -> None:
    async with calling(Sandbox(dict.fromkeys(range(1, 1_000_001), 0))) as calls:
        assert (await calls.ok("/transactions/6000000"))["account_id"] == 1_000_000
        assert len(calls.sandbox._workspace._accounts) == 1


async def test_a_workspace_without_accounts_still_answers() -> None:
    async with calling(Sandbox({})) as calls:
        for kind in LISTINGS:
            await calls.everything(f"/{kind}")
        assert await calls.everything("/settlements") == []


@pytest.mark.parametrize("currencies", [{101: "Dollar"}, {101: "shells"}])
def test_a_currency_that_no_account_can_have_is_refused(currencies: dict[int, str]) -> None:
    with pytest.raises(ConfigurationError):
        Sandbox({101: 1}, currencies=currencies)


@pytest.mark.parametrize(("account", "whole"), [(201, 10), (204, 400), (202, 2_000_000)])
async def test_an_account_holds_what_an_account_may_hold(account: int, whole: int) -> None:
    async with calling(workspace()) as calls:
        held = await calls.ok(f"/accounts/{account}")
        unit = (await calls.ok(f"/currencies/{FAMILIES[account]}"))["units"][-1]
        sent = await calls.everything("/transactions", {"account": account})
    most = 1.001 * whole * 10 ** unit["magnitude"]
    assert most / 10_000 < int(held["balance"]) < most
    assert all(int(each["amount"]) < most / 100 for each in sent)
    assert all(int(each["fees"] or 0) < most / 1_000_000 for each in sent)


# Accounts by chain


async def test_a_currency_decides_what_an_account_looks_like() -> None:
    async with calling(workspace()) as calls:
        cardano = await calls.ok(f"/accounts/{ACCOUNT['cardano']}")
        currency = await calls.ok(f"/accounts/{ACCOUNT['cardano']}/currency")
        for key, name in FAMILIES.items():
            account = await calls.ok(f"/accounts/{key}")
            assert account["currency"] == name
            if account["address"]:
                valid = await calls.ok(f"/currencies/{name}/{account['address']}")
                assert valid == {"is_valid": True}
    assert (cardano["type"], cardano["derivation_path"]) == ("Cardano", "1852'/1815'/2'/0/0")
    assert [unit["code"] for unit in currency["fees_units"]] == ["lovelace", "ADA"]


@pytest.mark.parametrize(
    ("family", "field"),
    [("bitcoin", "mempool_in"), ("solana", "delegated"), ("ethereum", "available")],
)
async def test_balances_have_the_shape_of_the_chain(family: str, field: str) -> None:
    async with calling(workspace()) as calls:
        assert field in await calls.ok(f"/accounts/{ACCOUNT[family]}/balances")


async def test_a_balance_history_has_an_entry_for_every_day() -> None:
    span = {"start": "2024-02-27T23:00:00Z", "end": "2024-03-01T01:00:00Z"}
    async with calling(workspace()) as calls:
        history = await calls.ok(f"/accounts/{ACCOUNT['bitcoin']}/balances/history", **span)
        again = await calls.ok(f"/accounts/{ACCOUNT['bitcoin']}/balances/history", **span)
        assert len((await calls.ok("/accounts/101/balances/history"))["balances"]) == 8
    days = ["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01"]
    assert [entry["date"] for entry in history["balances"]] == days
    assert history == again


async def test_a_currency_without_a_balance_history_says_so() -> None:
    async with calling(workspace()) as calls:
        answer = await calls.get(f"/accounts/{ACCOUNT['polkadot']}/balances/history")
    assert (answer.status, answer.json["status_code"]) == (501, 501)


async def test_an_address_comes_as_a_token_that_names_it() -> None:
    async with calling(workspace()) as calls:
        account = await calls.ok(f"/accounts/{ACCOUNT['tezos']}")
        token = await calls.ok(f"/accounts/{ACCOUNT['tezos']}/address")
        assert (await calls.get(f"/accounts/{ACCOUNT['bitcoin']}/address")).status == 404
    header, payload = (json.loads(urlsafe_b64decode(f"{part}==")) for part in token.split(".")[:2])
    assert header == {"alg": "ES256", "typ": "JWT"}
    assert payload == {
        "address": account["address"],
        "derivation_path": account["derivation_path"],
        "blockchain_name": "tezos",
    }


async def test_an_account_of_outputs_has_an_address_for_every_index() -> None:
    path = f"/accounts/{ACCOUNT['bitcoin']}"
    async with calling(workspace()) as calls:
        unused = (await calls.ok(f"{path}/addresses"))["addresses"]
        assert [each["derivation_path"][-4:] for each in unused] == ["/0/5", "/0/6", "/0/7"]
        assert await calls.ok(f"{path}/addresses/5") == unused[0]
        assert (await calls.get(f"{path}/addresses/6")).status == 404
        tokens = {await calls.ok(f"{path}/address/5", type=kind) for kind in ("change", "receive")}
        assert len(tokens) == 2
        assert (await calls.get(f"{path}/address/5")).status == 400


async def test_a_sync_is_counted_and_answers_the_account() -> None:
    async with calling(workspace()) as calls:
        account = await calls.ok("/accounts/101")
        assert await calls.ok("/accounts/101/sync", synchronous="true") == account
        assert calls.sandbox.syncs(101) == 1


# Staking


@pytest.mark.parametrize("family", ["cardano", "solana", "tezos", "ethereum"])
async def test_only_accounts_of_the_chain_have_stakes(family: str) -> None:
    async with calling(workspace()) as calls:
        for key, name in FAMILIES.items():
            answer = await calls.ok(f"/{family}/accounts/{key}/stakes")
            found = answer if isinstance(answer, list) else answer["edges"]
            assert bool(found) == (name == family)
        assert (await calls.get(f"/{family}/accounts/7/stakes")).status == 404


async def test_a_stake_holds_ids_or_whole_objects() -> None:
    path = f"/solana/accounts/{ACCOUNT['solana']}/stakes"
    async with calling(workspace()) as calls:
        light, whole = [
            (await calls.get(path, light=light)).nodes[0] for light in ("true", "false")
        ]
        assert whole["creation_tx"] == await calls.ok(f"/transactions/{light['creation_tx']}")
        assert whole["created_by"] == await calls.ok(f"/users/{light['created_by']}")
    assert whole["last_request"]["id"] == light["last_request"]


@pytest.mark.parametrize("family", ["cardano", "solana"])
async def test_rewards_add_up(family: str) -> None:
    path = f"/{family}/accounts/{ACCOUNT[family]}"
    async with calling(workspace()) as calls:
        stakes = (await calls.get(f"{path}/stakes")).nodes
        parts = [await calls.ok(f"{path}/stakes/{each['stake_uid']}/rewards") for each in stakes]
        rewards = await calls.ok(f"{path}/rewards")
        (periodic,) = await calls.ok(f"{path}/periodic-rewards")
        assert (await calls.get(f"{path}/stakes/nothing/rewards")).status == 404
    total = sum(int(each["amount"]) for each in rewards)
    assert sum(int(each["amount"]) for part in parts for each in part) == total
    assert int(periodic["total"]) == total
    assert int(periodic["last7"]) <= int(periodic["last30"]) <= total


async def test_tezos_rewards_are_bounded_by_cycles() -> None:
    path = f"/tezos/accounts/{ACCOUNT['tezos']}/rewards"
    async with calling(workspace()) as calls:
        found = await calls.ok(path, start_cycle=501, end_cycle=503)
    assert [each["info"]["cycle"] for each in found] == [503, 502, 501]


async def test_ethereum_rewards_are_bounded_by_dates() -> None:
    path = f"/ethereum/accounts/{ACCOUNT['ethereum']}"
    async with calling(workspace()) as calls:
        uid = (await calls.ok(f"{path}/stakes"))[0]["uid"]
        rewards = f"{path}/stakes/{uid}/rewards"
        days = [each["created_on"][:10] for each in await calls.ok(rewards)]
        span = {"start_date": days[4], "end_date": days[2]}
        bounded = [each["created_on"][:10] for each in await calls.ok(rewards, **span)]
    assert bounded == days[2:5]


# Reference data


async def test_tokens_are_those_of_currencies_that_exist() -> None:
    async with calling(workspace()) as calls:
        names = {each["name"] for each in (await calls.ok("/currencies"))["currencies"]}
        for token in (await calls.ok("/currencies/tokens"))["tokens"]:
            assert token["parent_currency"] in names
            path = f"/currencies/{token['parent_currency']}/tokens/{token['contract_address']}"
            assert await calls.ok(path) == token
        assert (await calls.get("/currencies/ethereum/tokens/0x1")).status == 404
        assert (await calls.get("/currencies/shells")).status == 404


async def test_an_address_of_another_chain_is_not_valid() -> None:
    async with calling(workspace()) as calls:
        address = (await calls.ok(f"/accounts/{ACCOUNT['tezos']}"))["address"]
        assert await calls.ok(f"/currencies/ethereum/{address}") == {"is_valid": False}


async def test_compliance_knows_every_kind_of_address() -> None:
    async with calling(workspace()) as calls:
        addresses = [f"0x{number:040x}" for number in range(40)]
        risks = [await calls.ok(f"/compliance/address-risk/{each}") for each in addresses]
        again = await calls.ok(f"/compliance/address-risk/{addresses[0]}")
        sanctions = [await calls.ok(f"/compliance/sanctions/{each}") for each in addresses]
    assert {each["risk"] for each in risks} == {"LOW", "MEDIUM", "HIGH"}
    assert again == risks[0]
    assert {each["has_sanctions"] for each in sanctions} == {True, False}
    values = [
        exposure["value"] for each in risks for exposure in each["provider_details"]["exposures"]
    ]
    assert any(isinstance(value, Decimal) for value in values)


# Change


async def test_transactions_come_in_at_the_head_and_go_again() -> None:
    sandbox = workspace()
    async with calling(sandbox) as calls:
        before = await calls.everything("/transactions")
        new = sandbox.add_transactions(101, 2)
        found = await calls.everything("/transactions")
        assert [each["id"] for each in found[:2]] == new
        assert found[2:] == before
        sandbox.remove_object("transactions", new[0])
        sandbox.remove_object("transactions", before[3]["id"])
        left = [each["id"] for each in await calls.everything("/transactions")]
        assert (await calls.get(f"/transactions/{new[0]}")).status == 404
    gone = {new[0], before[3]["id"]}
    assert left == [each["id"] for each in found if each["id"] not in gone]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("transactions", {"status": "DROPPED"}),
        ("requests", {"status": "EXPIRED"}),
        ("users", {"username": "new"}),
    ],
)
async def test_a_test_can_change_an_object(kind: Any, fields: dict[str, Any]) -> None:
    sandbox = workspace()
    sandbox.set_object(kind, 3, **fields)
    assert next(each for each in sandbox.objects(kind) if each.id == 3)
    async with calling(sandbox) as calls:
        assert (await calls.ok(f"/{kind}/3")).items() >= fields.items()


async def test_notifications_are_what_was_configured() -> None:
    path = "/notifications/configuration"
    body = {"all": {"webhook": {"url": "https://hooks.example", "secret": "s"}}}
    async with calling(workspace()) as calls:
        assert (await calls.get(path)).status == 404
        assert await calls.put(path, body) == (200, body)
        assert await calls.ok(path) == body
        insecure = {"all": {"webhook": {"url": "http://hooks.example", "secret": "s"}}}
        assert (await calls.put(path, insecure)).status == 400
        assert (await calls.put(path, {})).status == 400


async def test_an_api_user_is_created_and_registered() -> None:
    async with calling(workspace()) as calls:
        known = (await calls.ok("/api_users"))["api_users"]
        user = (await calls.post("/api_users", {"name": "new_one"})).json
        assert await calls.ok("/api_users/new_one") == user
        assert (await calls.ok("/api_users"))["api_users"] == [*known, user]
        url_id = calls.sandbox.registration_url_id
        assert await calls.post(f"/api_users/new_one/register/{url_id}") == (200, user)
        for path in ("new_one/register/nothing", f"nobody/register/{url_id}"):
            assert (await calls.post(f"/api_users/{path}")).status == 404
        for name in ("new_one", "a name", "x" * 21, ""):
            assert (await calls.post("/api_users", {"name": name})).status == 400
        assert (await calls.get("/api_users/nobody")).status == 404


@pytest.mark.parametrize("path", ["/auth/token", "/auth/token/refresh", "/api_users"])
@pytest.mark.parametrize("body", [{"api_key_id": 5, "api_key_secret": 5}, {"name": 5}, [], None])
async def test_a_body_of_the_wrong_types_is_refused(path: str, body: Any) -> None:
    async with calling(workspace()) as calls:
        assert (await calls.post(path, body)).status == 400


# Settlements

UUID = "8c1d2c3e-0000-4000-8000-000000000001"


async def test_settlements_are_listed_by_their_pledges() -> None:
    async with calling(workspace()) as calls:
        pledges = await calls.everything("/settlements")
        sources = [(await calls.ok(f"/settlements/{key}"))["from_pledge_id"] for key in (2, 1)]
    assert [each["id"] for each in pledges] == sources


async def test_a_settlement_is_cancelled_only_if_its_transaction_was_not_broadcast() -> None:
    async with calling(workspace()) as calls:
        answer = await calls.post("/settlements/1/cancel")
        assert (answer.status, answer.json["state"]) == (200, "CANCELLED")
        assert (await calls.post("/settlements/1/cancel")).status == 400
        assert (await calls.post("/settlements/2/cancel")).status == 400
        assert (await calls.post("/settlements/9/cancel")).status == 404


async def test_a_settlement_is_recovered_only_while_its_transaction_is_submitted() -> None:
    strategy = {"type": "SPEED", "data": {"speed": "FAST"}}
    body = {"fee_strategy": strategy, "max_fee": "99"}
    async with calling(workspace()) as calls:
        before = await calls.ok("/settlements/2")
        answer = await calls.post("/settlements/2/recover", body)
        assert answer.status == 200
        sent = answer.json["outbound_transaction"]
        assert sent["transaction_hash"] != before["outbound_transaction"]["transaction_hash"]
        transaction = await calls.ok(f"/transactions/{sent['transaction_id']}")
        assert (transaction["max_fees"], transaction["tx_hash"]) == ("99", sent["transaction_hash"])
        assert (await calls.post("/settlements/1/recover", body)).status == 400
        assert (await calls.post("/settlements/2/recover", {})).status == 400


async def settling(calls: Calls) -> dict[str, Any]:
    """What to send for a settlement of the third pledge that does all it can."""
    pledge = await calls.ok("/pledges/3")
    account = await calls.ok(f"/accounts/{pledge['account_id']}")
    repledge = {
        "account_name": "a",
        "amount": "1",
        "currency": "bitcoin",
        "exchange_name": "e",
        "pledge_subaccount_id": 9004,
    }
    intent = {
        "account_id": account["id"],
        "transaction_type": "BITCOIN_LIKE_SEND",
        "fees_strategy": {"type": "CUSTOM", "data": {"fees_per_byte": "3"}},
        "transaction_data": {
            "account_name": account["name"],
            "amount": "5",
            "currency": "bitcoin",
            "max_fees": "9",
            "recipient": "bc1q",
        },
    }
    return {
        "id": UUID,
        "from_pledge_id": pledge["id"],
        "meta": {"reference": 1},
        "outbound_transaction_intent": intent,
        "repledge_intent": repledge,
    }


@pytest.mark.parametrize("part", ["outbound_transaction_intent", "repledge_intent"])
async def test_a_settlement_that_is_refused_changes_nothing(part: str) -> None:
    async with calling(workspace()) as calls:
        body = await settling(calls)
        body[part] |= {"account_id": 7, "pledge_subaccount_id": 7}
        listings = ("requests", "transactions", "pledges")
        before = [await calls.everything(f"/{kind}") for kind in listings]
        assert (await calls.post("/settlements", body)).status == 400
        assert [await calls.everything(f"/{kind}") for kind in listings] == before


async def test_a_settlement_sends_and_repledges() -> None:
    async with calling(workspace()) as calls:
        body = await settling(calls)
        answer = await calls.post("/settlements", body)
        assert answer.status == 200, answer
        made = answer.json
        assert await calls.ok(f"/settlements/{UUID}") == made
        sent = await calls.ok(f"/transactions/{made['outbound_transaction']['transaction_id']}")
        assert (sent["amount"], sent["status"]) == ("5", "PENDING_APPROVAL")
        assert sent["last_request"] == made["outbound_transaction"]["request_id"]
        request = await calls.ok(f"/requests/{made['repledge']['request_id']}")
        assert (request["type"], request["target_id"]) == ("CREATE_REPLEDGE", 9004)
        await calls.post(f"/requests/{request['id']}/reject")
        assert (await calls.ok("/pledges/4"))["state"] == "REPLEDGE_REJECTED"
        assert (await calls.ok("/pledges/3"))["state"] == "ASSIGNED_TO_SETTLEMENT"
        assert (await calls.post("/settlements", body)).status == 400
        unknown = body | {"id": UUID.replace("8c", "9c"), "from_pledge_id": UUID}
        assert (await calls.post("/settlements", unknown)).status == 400
