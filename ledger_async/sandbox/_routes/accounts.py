"""Accounts, and what hangs on each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ledger_async.models.base.values import AccountStatus, AccountType
from ledger_async.models.currencies import AccountCurrency, CurrencyUnit
from ledger_async.sandbox._data.chains import TOKENS
from ledger_async.sandbox._governance.relations import approvers
from ledger_async.sandbox._http.query import Search

from .history import history
from .route import Asked, PageOf, Route, get
from .search import found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ledger_async.sandbox._data.accounts import Account
    from ledger_async.sandbox._data.workspace import Workspace

    from .search import Predicate


class ChildSearch(Search, frozen=True, kw_only=True):
    """The parameters of `GET /accounts/{parent_account_id}/erc20-children-accounts`."""

    entity: list[int] | None = None
    group: int | None = None
    order_by: Literal["created_on", "currency", "id", "index", "name", "status", "type"] = (
        "created_on"
    )
    status: AccountStatus | None = None
    user: int | None = None


class AccountSearch(ChildSearch, frozen=True, kw_only=True):
    """The parameters of `GET /accounts`."""

    account_label: list[str] | None = None
    account_type: AccountType | None = None
    currency: str | None = None
    name: str | None = None
    parent: int | None = None


def _accounts(workspace: Workspace, asked: Asked) -> PageOf:
    return _search(workspace, workspace.accounts(), asked.search(AccountSearch))


def _children(workspace: Workspace, asked: Asked) -> PageOf:
    parent = workspace.account(asked.id("parent_account_id")).id
    children = (each for each in workspace.accounts() if each.body["parent"] == parent)
    return _search(workspace, children, asked.search(ChildSearch))


def _search(workspace: Workspace, accounts: Iterable[Account], query: Search) -> PageOf:
    picked = found(accounts, query, _predicates(workspace), read=_field)
    return PageOf(picked, query, _shown)


def _shown(account: Account) -> dict[str, Any]:
    return account.body


def _field(account: Account, name: str) -> Any:
    return account.body[name]


def _has_label(account: Account, ids: list[str]) -> bool:
    return any(str(label["id"]) in ids for label in account.body["labels"])


def _has_currency(account: Account, wanted: str) -> bool:
    """Compare with a currency's name, or with `name:contract` for a token."""
    currency, _, contract = wanted.partition(":")
    return account.body["currency"] == currency and (
        not contract or has_contract(account, contract)
    )


def has_contract(account: Account, contract: str) -> bool:
    """Say whether the account holds the token of this contract."""
    own = account.body["contract_address"] or ""
    return bool(own.lower() == contract.lower())


def _predicates(workspace: Workspace) -> Mapping[str, Predicate]:
    return {
        "account_label": _has_label,
        "account_type": lambda account, type_: bool(account.body["type"] == type_),
        "currency": _has_currency,
        "entity": lambda account, ids: account.entity in ids,
        "group": lambda account, group: any(step.get("group") == group for step in account.steps()),
        "user": lambda account, user: user in approvers(workspace, account),
    }


def _account(workspace: Workspace, asked: Asked) -> Account:
    return workspace.account(asked.id("account_id"))


def _body(workspace: Workspace, asked: Asked) -> object:
    return _account(workspace, asked).body


def _labels(workspace: Workspace, asked: Asked) -> object:
    return _account(workspace, asked).body["labels"]


def _tokens(workspace: Workspace, asked: Asked) -> object:
    return _account(workspace, asked).body["token_accounts"]


def _sync(workspace: Workspace, asked: Asked) -> object:
    account = _account(workspace, asked)
    workspace.syncs[account.id] += 1
    return account.body


def _currency(workspace: Workspace, asked: Asked) -> object:
    account = _account(workspace, asked)
    units = account.chain.units
    return AccountCurrency(amount_units=_token_units(account) or units, fees_units=units)


def _token_units(account: Account) -> tuple[CurrencyUnit, ...]:
    contract = account.body["contract_address"]
    return next((each.units for each in TOKENS if each.contract_address == contract), ())


_ACCOUNT = "/accounts/{account_id}"

ROUTES: tuple[Route, ...] = (
    get("/accounts", _accounts),
    get(_ACCOUNT, _body),
    get(f"{_ACCOUNT}/currency", _currency),
    history(_ACCOUNT, _account),
    get(f"{_ACCOUNT}/labels", _labels),
    get(f"{_ACCOUNT}/sync", _sync),
    get(f"{_ACCOUNT}/tokens", _tokens),
    get("/accounts/{parent_account_id}/erc20-children-accounts", _children),
)
