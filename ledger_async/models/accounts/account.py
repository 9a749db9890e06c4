"""Accounts and what hangs on them."""

from typing import Annotated

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import Timestamp
from ledger_async.models.base.values import AccountStatus, AccountType
from ledger_async.models.currency_names import CurrencyName
from ledger_async.models.workspace.labels import LiteLabel

from .account_rules import AccountRuleSet
from .coin_fields import CoinFields, LightTokenAccount

__all__ = ["Account", "TradelinkState", "VaultLightTokenAccount"]


class TradelinkState(Struct, Described, frozen=True):
    """The Tradelink side of an account: the repledge balance still pending over all its pledges."""

    total_repledge: str


class Account(Struct, Described, frozen=True):
    """An account of the workspace; balances are decimal strings in the currency's base unit.

    `address` and `xpub` are for information: an address to share comes from the addresses endpoint.
    """

    available_balance: str
    balance: str
    created_by: int
    created_on: Timestamp
    currency: Annotated[str, CurrencyName]
    governance_rules: tuple[AccountRuleSet, ...]
    id: int
    index: int
    name: str
    pending_balance: str
    status: Annotated[str, AccountStatus]
    type: Annotated[str, AccountType]
    address: str | None = None
    coin_fields: CoinFields | None = None
    contract_address: str | None = None
    derivation_path: str | None = None
    labels: tuple[LiteLabel, ...] = ()
    last_request: int | None = None
    parent: int | None = None
    token_accounts: tuple[LightTokenAccount, ...] = ()
    tradelink_data: TradelinkState | None = None
    xpub: str | None = None


class VaultLightTokenAccount(LightTokenAccount, frozen=True):
    """A token account in brief, where the token accounts of an account are asked for."""
