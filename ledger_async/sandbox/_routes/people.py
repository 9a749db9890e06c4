"""Users, groups, entities, labels and whitelists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ledger_async.models.base.values import GovernanceStatus, UserRole, UserStatus
from ledger_async.models.workspace.organization import Entity, Users
from ledger_async.sandbox._governance.relations import (
    approvers,
    entity,
    entity_users,
    members,
)
from ledger_async.sandbox._http.query import Search

from .history import history
from .route import Asked, PageOf, Route, get
from .search import contains, found, shares

if TYPE_CHECKING:
    from ledger_async.models.governance.whitelists import Whitelist
    from ledger_async.sandbox._data.workspace import Workspace

_OrderBy = Literal["created_on", "id", "name", "status"]


class UserSearch(Search, frozen=True, kw_only=True):
    """The parameters of `GET /users`."""

    account: int | None = None
    group: int | None = None
    order_by: Literal["created_on", "id", "role", "status", "username"] = "created_on"
    role: UserRole | None = None
    status: UserStatus | None = None
    username: str | None = None


class GroupSearch(Search, frozen=True, kw_only=True):
    """The parameters of `GET /groups`."""

    description: str | None = None
    members: list[int] | None = None
    name: str | None = None
    order_by: _OrderBy = "created_on"
    status: list[GovernanceStatus] | None = None


class EntitySearch(Search, frozen=True, kw_only=True):
    """The parameters of `GET /entities`."""

    account: list[int] | None = None
    name: str | None = None
    order_by: _OrderBy = "created_on"
    status: list[GovernanceStatus] | None = None


class LabelSearch(Search, frozen=True, kw_only=True):
    """The parameters of `GET /labels`."""

    name: str | None = None
    order_by: Literal["created_on", "id", "name"] = "created_on"


class WhitelistSearch(Search, frozen=True, kw_only=True):
    """The parameters of `GET /whitelists`."""

    account: list[int] | None = None
    address: str | None = None
    description: str | None = None
    name: str | None = None
    order_by: _OrderBy = "created_on"
    status: list[GovernanceStatus] | None = None


def _users(workspace: Workspace, asked: Asked) -> PageOf:
    query = asked.search(UserSearch)
    special = {
        "account": lambda user, key: user.id in _approvers(workspace, key),
        "group": lambda user, key: user.id in members(workspace, key),
    }
    return PageOf(found(workspace.users.newest_first(), query, special), query)


def _approvers(workspace: Workspace, account_id: int) -> set[int | None]:
    known = workspace.knows(account_id)
    return approvers(workspace, workspace.account(account_id)) if known else set()


def _groups(workspace: Workspace, asked: Asked) -> PageOf:
    query = asked.search(GroupSearch)
    special = {"description": contains("description"), "members": shares("members")}
    return PageOf(found(workspace.groups.newest_first(), query, special), query)


def _entities(workspace: Workspace, asked: Asked) -> PageOf:
    query = asked.search(EntitySearch)
    entities = [entity(workspace, key) for key, _ in workspace.entities.items()]
    return PageOf(found(entities, query, {"account": shares("accounts")}), query)


def _labels(workspace: Workspace, asked: Asked) -> PageOf:
    query = asked.search(LabelSearch)
    return PageOf(found(workspace.labels.newest_first(), query), query)


def _whitelists(workspace: Workspace, asked: Asked) -> PageOf:
    query = asked.search(WhitelistSearch)
    special = {
        "account": lambda each, keys: any(_refers(workspace, key, each) for key in keys),
        "address": lambda each, address: any(one.address == address for one in each.addresses),
        "description": contains("description"),
    }
    return PageOf(found(workspace.whitelists.newest_first(), query, special), query)


def _refers(workspace: Workspace, account_id: int, whitelist: Whitelist) -> bool:
    """Say whether the rules of an account name this whitelist."""
    rules = workspace.account(account_id).rules("WHITELIST") if workspace.knows(account_id) else ()
    return any(entry["whitelist"] == whitelist.id for entry in rules)


def _entity(workspace: Workspace, asked: Asked) -> Entity:
    return entity(workspace, asked.id("entity_id"))


def _entity_users(workspace: Workspace, asked: Asked) -> Users:
    return Users(users=tuple(entity_users(workspace, asked.id("entity_id"))))


def _user(workspace: Workspace, asked: Asked) -> Any:
    return workspace.users[asked.id("user_id")]


def _group(workspace: Workspace, asked: Asked) -> Any:
    return workspace.groups[asked.id("group_id")]


def _label(workspace: Workspace, asked: Asked) -> Any:
    return workspace.labels[asked.id("label_id")]


def _whitelist(workspace: Workspace, asked: Asked) -> Any:
    return workspace.whitelists[asked.id("whitelist_id")]


ROUTES: tuple[Route, ...] = (
    get("/users", _users),
    get("/users/{user_id}", _user),
    history("/users/{user_id}", _user),
    get("/groups", _groups),
    get("/groups/{group_id}", _group),
    history("/groups/{group_id}", _group),
    get("/entities", _entities),
    get("/entities/{entity_id}", _entity),
    history("/entities/{entity_id}", _entity),
    get("/entities/{entity_id}/users", _entity_users),
    get("/labels", _labels),
    get("/labels/{label_id}", _label),
    get("/whitelists", _whitelists),
    get("/whitelists/{whitelist_id}", _whitelist),
    history("/whitelists/{whitelist_id}", _whitelist),
)
