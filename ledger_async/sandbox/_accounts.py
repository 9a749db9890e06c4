"""Accounts: what they look like, and how a search picks them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ._seeded import address, seeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ._query import AccountSearch

_FOUNDED = datetime(2021, 3, 1, 9, tzinfo=UTC)
_PURPOSES = ("hot wallet", "cold storage", "treasury", "minting", "market making")
_CURRENCIES = ("ethereum", "polygon", "arbitrum", "base", "optimism")
_LABELS = ("NFT", "VIP", "AUDITED", "SPAM")
_COLORS = ("#4523FE", "#23FE45", "#FEC923", "#FE4523")
_PEOPLE = 8


@dataclass(slots=True)
class Account:
    """An account as the API shows it, and the entity it belongs to, which the API does not."""

    body: dict[str, Any]
    entity: int

    @classmethod
    def of(cls, seed: int, account_id: int, index: int) -> Account:
        """Return the account with this id, the `index`-th of the workspace by age."""
        noise = seeded(seed, account_id)
        currency = _CURRENCIES[noise[0] % len(_CURRENCIES)]
        available, pending = int.from_bytes(noise[1:10], "big"), noise[10] % 4 * 10**15
        body = {
            "id": account_id,
            "name": f"{_PURPOSES[noise[11] % len(_PURPOSES)]} {account_id}",
            "index": index,
            "currency": currency,
            "type": "Polygon" if currency == "polygon" else "Ethereum",
            "status": "ACTIVE",
            "address": address(noise[20:]),
            "contract_address": None,
            "derivation_path": f"44'/60'/{index}'/0/0",
            "xpub": None,
            "parent": None,
            "balance": str(available + pending),
            "available_balance": str(available),
            "pending_balance": str(pending),
            "coin_fields": _coin_fields(currency),
            "created_by": 1 + noise[12] % _PEOPLE,
            "created_on": _FOUNDED + timedelta(days=index, seconds=noise[13]),
            "last_request": index + 1 if noise[14] % 2 else None,
            "governance_rules": [_rule_set(account_id, noise)],
            "labels": [_label(noise[15] % len(_LABELS))] if noise[16] % 2 else [],
            "token_accounts": [_usdc(account_id, noise)] if currency == "ethereum" else [],
            "tradelink_data": None,
        }
        return cls(body, entity=1 + noise[17] % 3)


def _coin_fields(currency: str) -> dict[str, Any]:
    if currency == "polygon":
        staking = dict.fromkeys(
            ("total_rewards", "total_staking", "total_unbonded", "total_unbonding"), "0"
        )
        return {"type": "Polygon", "staking": staking}
    return {"type": "EthereumAndEvm", "staking": None}


def _rule_set(account_id: int, noise: bytes) -> dict[str, Any]:
    users = sorted({1 + noise[40] % _PEOPLE, 1 + noise[41] % _PEOPLE})
    steps = [{"group": 1 + noise[42] % 4, "quorum": 1}, {"quorum": 1, "users": users}]
    ceiling = [{"currency_type": "CRYPTO", "min": 0, "max": 10**21}]
    return {
        "id": account_id,
        "index": 0,
        "name": "Rule 1",
        "rules": [
            {"id": 1, "type": "THRESHOLD", "data": ceiling},
            {"id": 2, "type": "MULTI_AUTHORIZATIONS", "data": steps},
        ],
    }


def _label(index: int) -> dict[str, Any]:
    info = {"color": _COLORS[index], "description": f"Marked as {_LABELS[index]}"}
    return {"id": index + 1, "name": _LABELS[index], "info": info}


def _usdc(account_id: int, noise: bytes) -> dict[str, Any]:
    return {
        "account_name": f"USDC of {account_id}",
        "associated_token_account": "",
        "available": int.from_bytes(noise[50:54], "big"),
        "contract_address": "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
        "creation_transaction_hash": f"0x{noise[:32].hex()}",
        "parent_id": account_id,
        "pending": 0,
        "status": "ACTIVE",
        "ticker": "USDC",
    }


def search(accounts: Iterable[Account], query: AccountSearch) -> list[dict[str, Any]]:
    """Return the accounts that pass every filter of the query, in its order."""
    wanted = {name: value for name in _FILTERS if (value := getattr(query, name)) is not None}
    found = [
        account.body
        for account in accounts
        if all(_FILTERS[name](account, value) for name, value in wanted.items())
    ]
    found.sort(key=lambda body: (body[query.order_by], body["id"]), reverse=query.order == "desc")
    return found


def _is(field: str) -> Callable[[Account, Any], bool]:
    return lambda account, value: account.body[field] == value


def _has_label(account: Account, ids: list[str]) -> bool:
    return any(str(label["id"]) in ids for label in account.body["labels"])


def _has_currency(account: Account, wanted: str) -> bool:
    """Compare with a currency's name, or with `name:contract` for a token."""
    currency, _, contract = wanted.partition(":")
    own = account.body["contract_address"] or ""
    return account.body["currency"] == currency and contract.lower() in {"", own.lower()}


def _approvers(account: Account) -> list[dict[str, Any]]:
    """Return the steps of every approval that the account's rules ask for."""
    return [
        step
        for rule_set in account.body["governance_rules"]
        for rule in rule_set["rules"]
        if rule["type"] == "MULTI_AUTHORIZATIONS"
        for step in rule["data"]
    ]


_FILTERS: dict[str, Callable[[Account, Any], bool]] = {
    "account_label": _has_label,
    "account_type": _is("type"),
    "created_after": lambda account, moment: account.body["created_on"] > moment,
    "created_before": lambda account, moment: account.body["created_on"] < moment,
    "currency": _has_currency,
    "entity": lambda account, ids: account.entity in ids,
    "group": lambda account, group: any(step.get("group") == group for step in _approvers(account)),
    "id": _is("id"),
    "name": _is("name"),
    "parent": _is("parent"),
    "status": _is("status"),
    "user": lambda account, user: any(
        user in step.get("users", ()) for step in _approvers(account)
    ),
}
