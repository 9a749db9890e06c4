"""Requests in the sandbox: made, challenged, approved to their quorum, rejected."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sandbox_workspace import FAMILIES, Answer, Calls, calling, workspace

from ledger_async.sandbox import Sandbox

KEY = ec.generate_private_key(ec.SECP256R1())
SPEED = {"type": "SPEED", "data": {"speed": "FAST"}}


def sending(account: int = 204, **data: Any) -> dict[str, Any]:
    common = {"account_name": "a", "amount": "5", "max_fees": "9", "recipient": "0xab"}
    return {
        "type": "CREATE_TRANSACTION",
        "note": {"title": "Rent", "content": "May"},
        "data": {
            "account_id": account,
            "fees_strategy": SPEED,
            "transaction_type": "ETHEREUM_LIKE_SEND",
            "transaction_data": common | {"currency": "ethereum"} | data,
        },
    }


def greeting(account: int = 204) -> dict[str, Any]:
    data = {"account_name": "a", "raw_message": "hello"}
    return {
        "type": "CREATE_MESSAGE_SIGNING",
        "data": {"account_id": account, "message_type": "EIP-191", "message_data": data},
    }


def increment(amount: str = "30") -> dict[str, Any]:
    details = {"account_name": "a", "amount": amount, "currency": "ethereum", "exchange_name": "e"}
    return {
        "type": "CREATE_PLEDGE_INCREMENT",
        "data": {"pledge_subaccount_id": 9001, "pledge_data": details},
    }


def unpledge() -> dict[str, Any]:
    details = {"account_name": "a", "currency": "ethereum", "exchange_name": "e"}
    return {
        "type": "CREATE_FORCED_UNPLEDGE",
        "data": {"pledge_subaccount_id": 9001, "forced_unpledge_data": details},
    }


def guarded(sandbox: Sandbox, account: int = 204) -> Sandbox:
    """Let an account ask for two of three users, and then for user 7."""
    steps = [{"quorum": 2, "users": [3, 4, 5]}, {"quorum": 1, "users": [7]}]
    rule = {"id": 1, "type": "MULTI_AUTHORIZATIONS", "data": steps}
    rule_set = {"id": 1, "index": 0, "name": "Rule 1", "rules": [rule]}
    sandbox.set_account(account, governance_rules=[rule_set])
    return sandbox


def signing() -> Sandbox:
    """A sandbox that checks signatures."""
    sandbox = guarded(workspace())
    spelled = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    sandbox.operator_public_key = spelled.decode()
    return sandbox


def signed(payload: str, key: ec.EllipticCurvePrivateKey = KEY) -> dict[str, str]:
    return {"jws": jwt.PyJWS().encode(payload.encode(), key, algorithm="ES256")}


async def challenge(calls: Calls, request: int, kind: str = "challenge") -> str:
    text: str = (await calls.ok(f"/requests/{request}/{kind}"))["challenge"]
    return text


async def approve(calls: Calls, request: int) -> Answer:
    path = f"/requests/{request}/approve"
    return await calls.post(path, signed(await challenge(calls, request)))


async def made(calls: Calls, body: dict[str, Any]) -> Any:
    answer = await calls.post("/requests", body)
    assert answer.status == 200, answer
    return answer.json


async def approved(calls: Calls, body: dict[str, Any]) -> Any:
    request = await made(calls, body)
    while request["status"] == "PENDING_APPROVAL":
        answer = await approve(calls, request["id"])
        assert answer.status == 200, answer
        request = answer.json
    return request


async def test_a_transaction_is_created_as_it_is_asked_for_and_waits() -> None:
    async with calling(guarded(workspace())) as calls:
        request = await made(calls, sending())
        transaction = await calls.ok(f"/transactions/{request['target_id']}")
        newest = (await calls.get("/transactions", page_size=1)).nodes
    assert (request["status"], request["target_type"]) == ("PENDING_APPROVAL", "TRANSACTION")
    assert newest == [transaction]
    assert (transaction["status"], transaction["last_request"]) == (
        "PENDING_APPROVAL",
        request["id"],
    )
    asked = ("account_id", "amount", "max_fees", "recipient", "speed", "type")
    assert [transaction[name] for name in asked] == [204, "5", "9", "0xab", "FAST", "SEND"]
    assert transaction["notes"] == [{"title": "Rent", "content": "May"}]
    assert transaction["tx_hash"] is None


async def test_a_challenge_tells_a_person_what_would_be_signed() -> None:
    async with calling(workspace()) as calls:
        request = await made(calls, sending())
        told = json.loads(await challenge(calls, request["id"]))
        whole = await calls.ok(f"/requests/{request['id']}")
    assert told["properties"]["Type"] == "CREATE_TRANSACTION"
    inner = json.loads(urlsafe_b64decode(told["challenge"] + "=="))
    assert inner["request_id"] == request["id"]
    assert whole["challenge"] == told


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            sending(),
            {
                "Currency": "ethereum",
                "Transaction type": "SEND",
                "Amount": "5 wei",
                "Recipient": "0xab",
                "Fees at most": "9 wei",
                "Speed": "FAST",
            },
        ),
        (greeting(), {"Message": "hello", "Message type": "EIP-191"}),
        (increment(), {"Pledged in addition": "30 wei", "Exchange": "Southern Exchange"}),
        (unpledge(), {"Exchange": "Southern Exchange"}),
    ],
)
async def test_a_challenge_says_what_is_going_to_happen(
    body: dict[str, Any], said: dict[str, str]
) -> None:
    async with calling(workspace(seed=1)) as calls:
        request = await made(calls, body)
        told = json.loads(await challenge(calls, request["id"]))["properties"]
    assert told.items() >= said.items()
    assert re.fullmatch(r".+ \((101|204)\)", told["Account"])


async def test_every_request_of_a_workspace_has_a_challenge_that_describes_it() -> None:
    async with calling(workspace()) as calls:
        for request in await calls.everything("/requests"):
            told = json.loads(await challenge(calls, request["id"]))["properties"]
            assert {"Account", "Name"} & told.keys()


async def approvers(calls: Calls, request: int) -> list[int]:
    """The users who have approved, in their order."""
    status = await calls.ok(f"/requests/{request}/governance-status")
    return [each["user"]["id"] for step in status["governance_steps"] for each in step["approvals"]]


async def test_the_api_user_approves_first_where_it_may() -> None:
    sandbox = workspace()
    steps = [{"quorum": 2, "users": [3, 4, 8]}]
    rule = {"id": 1, "type": "MULTI_AUTHORIZATIONS", "data": steps}
    sandbox.set_account(
        204, governance_rules=[{"id": 1, "index": 0, "name": "Rule 1", "rules": [rule]}]
    )
    async with calling(sandbox) as calls:
        key = (await made(calls, sending()))["id"]
        for _ in range(2):
            await approve(calls, key)
        assert await approvers(calls, key) == [8, 3]


async def test_the_challenge_to_reject_is_another() -> None:
    async with calling(workspace()) as calls:
        key = (await made(calls, sending()))["id"]
        assert await challenge(calls, key) != await challenge(calls, key, "challenge/reject")


async def test_approvals_are_collected_step_by_step_to_the_quorum() -> None:
    async with calling(signing()) as calls:
        request = await made(calls, sending())
        seen = []
        for _ in range(3):
            answer = await approve(calls, request["id"])
            status = await calls.ok(f"/requests/{request['id']}/governance-status")
            collected = [len(step["approvals"]) for step in status["governance_steps"]]
            seen.append((answer.json["status"], collected, status["is_complete"]))
        transaction = await calls.ok(f"/transactions/{request['target_id']}")
    assert seen == [
        ("PENDING_APPROVAL", [1, 0], False),
        ("PENDING_APPROVAL", [2, 0], False),
        ("APPROVED", [2, 1], True),
    ]
    assert transaction["status"] == "SUBMITTED"
    assert transaction["tx_hash"].startswith("0x")
    assert transaction["broadcast_on"] is not None


@pytest.mark.parametrize(
    "forge",
    [
        lambda text: signed(text, ec.generate_private_key(ec.SECP256R1())),
        lambda text: signed(f"{text} "),
        lambda text: {"jws": signed(text)["jws"][:-6] + "AAAAAA"},
        lambda text: {"jws": "no.jws"},
        lambda text: {"jws": "a.b.c"},
        lambda text: {"jws": f"{flat({'alg': 'none'})}.{flat(text)}."},
        lambda text: {"jws": f"{flat({'alg': 'HS256'})}.{flat(text)}.aaaa"},
        lambda text: {},
    ],
)
async def test_what_is_not_signed_by_the_operator_is_refused(forge: Any) -> None:
    async with calling(signing()) as calls:
        key = (await made(calls, sending()))["id"]
        body = forge(await challenge(calls, key))
        answer = await calls.post(f"/requests/{key}/approve", body)
        assert answer.status == 400
        assert answer.json.keys() == {"message", "name", "status_code"}
        assert (await calls.ok(f"/requests/{key}"))["status"] == "PENDING_APPROVAL"


def flat(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


async def test_the_challenge_to_reject_approves_nothing() -> None:
    async with calling(signing()) as calls:
        key = (await made(calls, sending()))["id"]
        body = signed(await challenge(calls, key, "challenge/reject"))
        assert (await calls.post(f"/requests/{key}/approve", body)).status == 400


async def test_without_a_public_key_only_the_challenge_is_checked() -> None:
    stranger = ec.generate_private_key(ec.SECP256R1())
    async with calling(guarded(workspace())) as calls:
        key = (await made(calls, sending()))["id"]
        body = signed(await challenge(calls, key), stranger)
        assert (await calls.post(f"/requests/{key}/approve", body)).status == 200


@pytest.mark.parametrize("with_signature", [False, True])
async def test_a_rejection_ends_the_request_and_its_transaction(*, with_signature: bool) -> None:
    async with calling(signing()) as calls:
        request = await made(calls, sending())
        path = f"/requests/{request['id']}/reject"
        text = await challenge(calls, request["id"], "challenge/reject")
        answer = await calls.post(path, signed(text) if with_signature else None)
        assert (answer.status, answer.json["status"]) == (200, "ABORTED")
        assert (await calls.ok(f"/requests/{request['id']}"))["status"] == "REJECTED"
        assert (await calls.ok(f"/transactions/{request['target_id']}"))["status"] == "REJECTED"


async def test_a_request_that_is_settled_takes_no_more_answers() -> None:
    async with calling(workspace()) as calls:
        key = (await made(calls, sending()))["id"]
        await calls.post(f"/requests/{key}/reject")
        assert (await approve(calls, key)).status == 400
        assert (await calls.post(f"/requests/{key}/reject")).status == 400


async def test_a_transaction_can_be_rejected_once() -> None:
    async with calling(workspace()) as calls:
        request = await made(calls, sending())
        path = f"/transactions/{request['target_id']}/reject"
        answer = await calls.post(path)
        assert (answer.status, answer.json["status"]) == (200, "REJECTED")
        assert (await calls.ok(f"/requests/{request['id']}"))["status"] == "REJECTED"
        assert (await calls.post(path)).status == 400


async def test_an_approved_message_is_signed() -> None:
    async with calling(workspace()) as calls:
        request = await approved(calls, greeting())
        message = await calls.ok(f"/messages/{request['target_id']}")
    assert request["type"] == "MESSAGE_SIGNING"
    assert (message["status"], message["data"]) == ("SIGNED", "hello")
    assert message["signature"].startswith("30")


async def test_a_rejected_message_is_aborted() -> None:
    async with calling(workspace()) as calls:
        request = await made(calls, greeting())
        await calls.post(f"/requests/{request['id']}/reject")
        message = await calls.ok(f"/messages/{request['target_id']}")
    assert (message["status"], message["signature"]) == ("ABORTED", None)


async def test_an_increment_is_pending_and_then_part_of_the_pledge() -> None:
    async with calling(workspace()) as calls:
        before = await calls.ok("/pledges/1")
        await made(calls, increment())
        asked = await calls.ok("/pledges/1")
        await approved(calls, increment())
        after = await calls.ok("/pledges/1")
    assert (asked["state"], asked["pending"]) == ("PLEDGE_INCREMENT_PENDING_APPROVAL", 30)
    assert (after["state"], after["pending"]) == ("PLEDGE_APPROVED", 0)
    assert after["amount"] == before["amount"] + 30


async def test_a_forced_unpledge_takes_all_of_a_pledge() -> None:
    async with calling(workspace()) as calls:
        await approved(calls, unpledge())
        pledge = await calls.ok("/pledges/1")
    assert (pledge["state"], pledge["amount"]) == ("UNPLEDGE_APPROVED", 0)


@pytest.mark.parametrize(
    ("body", "state"),
    [(increment(), "PLEDGE_REJECTED"), (unpledge(), "UNPLEDGE_REJECTED")],
)
async def test_a_pledge_stays_what_it_was_when_a_change_is_rejected(
    body: dict[str, Any], state: str
) -> None:
    async with calling(workspace()) as calls:
        before = await calls.ok("/pledges/1")
        request = await made(calls, body)
        await calls.post(f"/requests/{request['id']}/reject")
        assert await calls.ok("/pledges/1") == before | {"state": state}


SEEDED = {
    "DIGESTS": ("digests", "SIGNED", "ABORTED"),
    "MESSAGE": ("messages", "SIGNED", "ABORTED"),
    "TRANSACTION": ("transactions", "SUBMITTED", "REJECTED"),
    "WHITELIST": ("whitelists", "ACTIVE", "REJECTED"),
}


async def pending(calls: Calls, target_type: str) -> Any:
    query = {"target_type": target_type, "status": "PENDING_APPROVAL"}
    return (await calls.everything("/requests", query))[0]


@pytest.mark.parametrize("target_type", SEEDED)
async def test_requests_that_were_there_from_the_start_can_be_approved(target_type: str) -> None:
    kind, done, _ = SEEDED[target_type]
    async with calling(workspace()) as calls:
        request = await pending(calls, target_type)
        while (await calls.ok(f"/requests/{request['id']}"))["status"] == "PENDING_APPROVAL":
            assert (await approve(calls, request["id"])).status == 200
        assert (await calls.ok(f"/{kind}/{request['target_id']}"))["status"] == done


@pytest.mark.parametrize("target_type", SEEDED)
async def test_requests_that_were_there_from_the_start_can_be_rejected(target_type: str) -> None:
    kind, _, dropped = SEEDED[target_type]
    async with calling(workspace()) as calls:
        request = await pending(calls, target_type)
        await calls.post(f"/requests/{request['id']}/reject")
        assert (await calls.ok(f"/{kind}/{request['target_id']}"))["status"] == dropped


async def test_signed_digests_hold_their_signatures() -> None:
    async with calling(workspace()) as calls:
        request = await pending(calls, "DIGESTS")
        before = await calls.ok(f"/digests/{request['target_id']}")
        while (await approve(calls, request["id"])).json.get("status") == "PENDING_APPROVAL":
            pass
        after = await calls.ok(f"/digests/{request['target_id']}")
    parts = [
        {name: each[name] for name in ("derivation_path", "digest")}
        for each in after["digests_data"]
    ]
    assert parts == before["digests_data"]
    assert all(each["signature"]["r"].isdecimal() for each in after["digests_data"])


async def test_a_quorum_that_nobody_can_meet_keeps_a_request_waiting() -> None:
    sandbox = workspace()
    rule = {"id": 1, "type": "MULTI_AUTHORIZATIONS", "data": [{"quorum": 2, "group": 99}]}
    rule_set = {"id": 1, "index": 0, "name": "Rule 1", "rules": [rule]}
    sandbox.set_account(204, governance_rules=[rule_set])
    async with calling(sandbox) as calls:
        assert await calls.everything("/requests")
        request = await made(calls, sending())
        assert (await approve(calls, request["id"])).status == 400


async def test_an_account_without_rules_leaves_it_to_the_operator() -> None:
    sandbox = workspace()
    sandbox.set_account(204, governance_rules=[])
    async with calling(sandbox) as calls:
        request = await made(calls, sending())
        assert (await approve(calls, request["id"])).json["status"] == "APPROVED"


def without(body: dict[str, Any], *path: str) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(body))
    part = copy
    for name in path[:-1]:
        part = part[name]
    del part[path[-1]]
    return copy


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "$.type"),
        (sending() | {"type": "CREATE_WEALTH"}, "$.type"),
        (without(sending(), "data"), "$.data"),
        (without(sending(), "data", "transaction_type"), "$.data.transaction_type"),
        (without(sending(), "data", "fees_strategy", "type"), "$.data.fees_strategy.type"),
        (without(sending(), "data", "transaction_data", "amount"), "transaction_data.amount"),
        (sending(amount=5), "amount"),
        (sending(amount="abc"), "amount"),
        (sending(amount="-5"), "amount"),
        (sending(amount=""), "amount"),
        (sending(amount="1.5"), "amount"),
        (sending(max_fees="abc"), "max_fees"),
        (sending(currency="dogecoin"), "currency"),
        (sending(currency="base"), "whose currency is ethereum"),
        (sending(account=7), "no account 7"),
        (sending(account=201), "whose currency is bitcoin"),
        (greeting(account=7), "no account 7"),
        (greeting(account=201), "signs no messages"),
        (increment(amount="much"), "amount"),
        (increment(amount="-5"), "amount"),
        (increment(amount=""), "amount"),
        (without(unpledge(), "data", "pledge_subaccount_id"), "pledge_subaccount_id"),
        ([], "`object`"),
    ],
)
async def test_a_body_that_does_not_fit_is_refused_by_name(body: Any, named: str) -> None:
    async with calling(workspace()) as calls:
        before = await calls.everything("/requests")
        answer = await calls.post("/requests", body)
        assert (answer.status, answer.json["name"]) == (400, "BadRequest")
        assert named in answer.json["message"]
        assert await calls.everything("/requests") == before


CREATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "bitcoin": ("BITCOIN_LIKE_SEND", {}),
    "cardano": ("CARDANO_LIKE_SEND", {}),
    "ethereum": ("ETHEREUM_LIKE_SEND", {}),
    "polkadot": ("POLKADOT_LIKE_SEND", {}),
    "polygon": ("ETHEREUM_LIKE_EXECUTE_CONTRACT", {"contract_data": "0x"}),
    "ripple": ("RIPPLE_LIKE_SEND", {"tag": 7}),
    "solana": ("SOLANA_LIKE_SEND", {}),
    "stellar": ("STELLAR_LIKE_SEND", {"memo": {"MEMO_TEXT": "hi"}}),
    "tezos": ("TEZOS_LIKE_SEND", {}),
    "tron": ("TRON_LIKE_SEND", {}),
}


@pytest.mark.parametrize("family", CREATIONS)
async def test_fees_are_estimated_and_transactions_made_on_every_family(family: str) -> None:
    account = next(key for key, name in FAMILIES.items() if name == family)
    type_, more = CREATIONS[family]
    body = sending(account, currency=family, **more)
    body["data"]["transaction_type"] = type_
    async with calling(workspace()) as calls:
        slow, fast = [await fees(calls, body, speed) for speed in ("SLOW", "FAST")]
        request = await made(calls, body)
        transaction = await calls.ok(f"/transactions/{request['target_id']}")
    assert slow > 0
    assert slow < fast or family in {"polkadot", "solana"}
    assert (transaction["currency"], transaction["currency_family"]) == (family, family)


CUSTOM = {"type": "CUSTOM", "data": {"gas_limit": "7", "gas_price": "8"}}


@pytest.mark.parametrize(
    ("family", "more", "strategy", "said"),
    [
        ("ripple", {"tag": 7}, SPEED, {"destination_tag": 7}),
        (
            "stellar",
            {"memo": {"MEMO_ID": 2**63}},
            SPEED,
            {"memo": {"MEMO_ID": 2**63, "type": "MEMO_ID"}},
        ),
        ("ethereum", {}, CUSTOM, {"gas_limit": "7", "gas_price": "8"}),
    ],
)
async def test_a_transaction_says_what_its_creator_said_for_its_chain(
    family: str, more: Any, strategy: Any, said: dict[str, Any]
) -> None:
    account = next(key for key, name in FAMILIES.items() if name == family)
    body = sending(account, currency=family, **more)
    type_ = f"{family.upper()}_LIKE_SEND"
    body["data"] |= {"transaction_type": type_, "fees_strategy": strategy}
    async with calling(workspace()) as calls:
        request = await made(calls, body)
        transaction = await calls.ok(f"/transactions/{request['target_id']}")
    assert transaction["coin_fields"].items() >= said.items()


async def fees(calls: Calls, body: dict[str, Any], speed: str) -> int:
    body["data"]["fees_strategy"] = {"type": "SPEED", "data": {"speed": speed}}
    answer = await calls.post("/transactions/estimate-fees", body)
    assert answer.status == 200, answer
    return int(answer.json["max_fees"])
