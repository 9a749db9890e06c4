"""The governance rules of an account."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, TypeAlias

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import open_union
from ledger_async.models.base.values import AccountRuleType, FilterCondition

__all__ = [
    "AccountMultiauthRule",
    "AccountMultiauthRuleEntry",
    "AccountMultiauthRuleExternalGroupEntry",
    "AccountMultiauthRuleInternalGroupEntry",
    "AccountRule",
    "AccountRuleSet",
    "AccountSmartContractInteractionRule",
    "AccountSmartContractInteractionRuleEntry",
    "AccountThresholdRule",
    "AccountThresholdRuleEntry",
    "AccountTransactionFilterRule",
    "AccountTransactionFilterRuleEntry",
    "AccountWhitelistRule",
    "AccountWhitelistRuleEntry",
]


class AccountMultiauthRuleExternalGroupEntry(Struct, Described, frozen=True):
    """An approval step by `quorum` members of the group with this id."""

    group: int
    quorum: int


class AccountMultiauthRuleInternalGroupEntry(Struct, Described, frozen=True):
    """An approval step by `quorum` of these users; an id that the caller may not see is `None`."""

    quorum: int
    users: tuple[int | None, ...]


if TYPE_CHECKING:
    AccountMultiauthRuleEntry: TypeAlias = (
        AccountMultiauthRuleExternalGroupEntry
        | AccountMultiauthRuleInternalGroupEntry
        | Mapping[str, object]
    )
else:
    AccountMultiauthRuleEntry = open_union(
        {
            "group": AccountMultiauthRuleExternalGroupEntry,
            "users": AccountMultiauthRuleInternalGroupEntry,
        }
    )


class AccountMultiauthRule(Struct, Described, frozen=True):
    """The approvals that a transaction needs, step by step."""

    data: tuple[AccountMultiauthRuleEntry | None, ...]
    id: int
    type: Annotated[str, AccountRuleType]


class AccountSmartContractInteractionRuleEntry(Struct, Described, frozen=True):
    """A permission to call smart contracts, or its denial."""

    enabled: bool


class AccountSmartContractInteractionRule(Struct, Described, frozen=True):
    """Allows or forbids calls of smart contracts."""

    data: tuple[AccountSmartContractInteractionRuleEntry, ...]
    id: int
    type: Annotated[str, AccountRuleType]


class AccountThresholdRuleEntry(Struct, Described, frozen=True):
    """The amounts that a rule set is for; no `max` means no upper bound."""

    currency_type: str
    min: int
    max: int | None = None


class AccountThresholdRule(Struct, Described, frozen=True):
    """Applies a rule set to transactions of certain amounts."""

    data: tuple[AccountThresholdRuleEntry, ...]
    id: int
    type: Annotated[str, AccountRuleType]


class AccountTransactionFilterRuleEntry(Struct, Described, frozen=True):
    """A condition (`ALL` or `ANY` of the filters) on transactions."""

    condition: Annotated[str, FilterCondition] | None = None
    filters: Mapping[str, tuple[str, ...] | str] | None = None
    preset: str | None = None


class AccountTransactionFilterRule(Struct, Described, frozen=True):
    """Applies a rule set to transactions that pass the filters."""

    data: tuple[AccountTransactionFilterRuleEntry, ...]
    id: int
    type: Annotated[str, AccountRuleType]


class AccountWhitelistRuleEntry(Struct, Described, frozen=True):
    """The id of a whitelist."""

    whitelist: int


class AccountWhitelistRule(Struct, Described, frozen=True):
    """Applies a rule set to recipients on these whitelists."""

    data: tuple[AccountWhitelistRuleEntry, ...]
    id: int
    type: Annotated[str, AccountRuleType]


if TYPE_CHECKING:
    AccountRule: TypeAlias = (
        AccountMultiauthRule
        | AccountSmartContractInteractionRule
        | AccountThresholdRule
        | AccountTransactionFilterRule
        | AccountWhitelistRule
        | Mapping[str, object]
    )
else:
    AccountRule = open_union(
        tag="type",
        tagged={
            "MULTI_AUTHORIZATIONS": AccountMultiauthRule,
            "SMART_CONTRACT_INTERACTION": AccountSmartContractInteractionRule,
            "THRESHOLD": AccountThresholdRule,
            "TRANSACTION_FILTER": AccountTransactionFilterRule,
            "WHITELIST": AccountWhitelistRule,
        },
    )


class AccountRuleSet(Struct, Described, frozen=True):
    """Rules that apply together."""

    id: int
    index: int
    name: str
    rules: tuple[AccountRule, ...]
