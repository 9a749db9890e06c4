"""Accounts: what they look like, and who approves for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from ledger_async.models.accounts.account import Account as Shown
from ledger_async.models.accounts.account_rules import (
    AccountMultiauthRule,
    AccountMultiauthRuleExternalGroupEntry,
    AccountMultiauthRuleInternalGroupEntry,
    AccountRule,
    AccountRuleSet,
    AccountThresholdRule,
    AccountThresholdRuleEntry,
    AccountWhitelistRule,
    AccountWhitelistRuleEntry,
)

from .account_fields import coin_fields, token_accounts
from .calendar import on_day
from .chains import Chain
from .people import ENTITIES, GROUPS, LABELS, OPERATORS, WHITELISTS, lite_label
from .seeded import pick, seeded

_PURPOSES = ("hot wallet", "cold storage", "treasury", "minting", "market making")


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the API shows it, its chain, and its entity, which the API does not show."""

    id: int
    index: int
    chain: Chain
    body: dict[str, Any]
    entity: int

    @classmethod
    def of(cls, seed: int, account_id: int, index: int, chain: Chain, request: int) -> Account:
        """Return the account with this id, the `index`-th of the workspace by age."""
        noise = seeded(seed, account_id)
        shown = _shown(account_id, index, chain, request, noise)
        body = msgspec.to_builtins(shown, builtin_types=(datetime,))
        return cls(account_id, index, chain, body, pick(noise[17], ENTITIES))

    @property
    def name(self) -> str:
        """Its name as it is shown now."""
        return str(self.body["name"])

    @property
    def address(self) -> str:
        """Its address as it is shown now, or an empty text."""
        return self.body["address"] or ""

    @property
    def last_request(self) -> int | None:
        """The id of the request that it came from."""
        last: int | None = self.body["last_request"]
        return last

    def rules(self, kind: str) -> list[dict[str, Any]]:
        """Return the entries of all its governance rules of this kind."""
        return [
            entry
            for rule_set in self.body["governance_rules"]
            for rule in rule_set["rules"]
            if rule["type"] == kind
            for entry in rule["data"]
        ]

    def steps(self) -> list[dict[str, Any]]:
        """Return the approval steps that its rules ask for."""
        return self.rules("MULTI_AUTHORIZATIONS")


def _shown(account_id: int, index: int, chain: Chain, request: int, noise: bytes) -> Shown:
    available = chain.amount(noise[1:])
    pending = chain.amount(noise[20:], parts=1000) if noise[10] % 4 else 0
    return Shown(
        id=account_id,
        name=f"{pick(noise[11], _PURPOSES)} {account_id}",
        index=index,
        currency=chain.name,
        type=chain.family.account_type,
        status="ACTIVE",
        address=None if chain.is_utxo else chain.address(noise[20:] + noise),
        derivation_path=chain.path(index),
        xpub=f"xpub{noise.hex()}" if chain.is_utxo else None,
        balance=str(available + pending),
        available_balance=str(available),
        pending_balance=str(pending),
        coin_fields=coin_fields(chain, index, noise),
        created_by=pick(noise[12], OPERATORS),
        created_on=on_day(index, 0, noise[13]),
        last_request=request,
        governance_rules=(_rule_set(account_id, noise),),
        labels=(lite_label(pick(noise[15], LABELS)),) if noise[16] % 2 else (),
        token_accounts=token_accounts(chain, account_id, noise),
    )


def _rule_set(account_id: int, noise: bytes) -> AccountRuleSet:
    users = tuple(sorted({pick(noise[40], OPERATORS), pick(noise[41], OPERATORS)}))
    ceiling = AccountThresholdRuleEntry(currency_type="CRYPTO", min=0, max=10**21)
    steps = (
        AccountMultiauthRuleExternalGroupEntry(group=pick(noise[42], GROUPS), quorum=1),
        AccountMultiauthRuleInternalGroupEntry(quorum=len(users), users=users),
    )
    rules: tuple[AccountRule, ...] = (
        AccountThresholdRule(data=(ceiling,), id=1, type="THRESHOLD"),
        AccountMultiauthRule(data=steps, id=2, type="MULTI_AUTHORIZATIONS"),
    )
    if noise[43] % 2:
        listed = AccountWhitelistRuleEntry(whitelist=pick(noise[44], WHITELISTS))
        rules += (AccountWhitelistRule(data=(listed,), id=3, type="WHITELIST"),)
    return AccountRuleSet(id=account_id, index=0, name="Rule 1", rules=rules)
