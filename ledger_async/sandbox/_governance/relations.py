"""Relations between objects of different sections: members, approvers, accounts of an entity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from ledger_async.sandbox._data.requests import Steps, steps

if TYPE_CHECKING:
    from ledger_async.models.workspace.organization import Entity, User
    from ledger_async.sandbox._data.accounts import Account
    from ledger_async.sandbox._data.workspace import Workspace


def members(workspace: Workspace, group: int) -> tuple[int, ...]:
    """Return the users in a group, none if there is no such group."""
    if group not in workspace.groups:
        return ()
    return tuple(user for user in workspace.groups[group].members if user is not None)


def governance(workspace: Workspace, account: Account) -> Steps:
    """Return the steps that a request of this account goes through."""
    return steps(account.steps(), lambda group: members(workspace, group))


def approvers(workspace: Workspace, account: Account) -> set[int | None]:
    """Return the users that approve for an account, by themselves or in a group."""
    return {user.id for step in governance(workspace, account) for user in step.approvers}


def entity(workspace: Workspace, key: int) -> Entity:
    """Return an entity with the accounts that it has now."""
    own = tuple(account.id for account in workspace.accounts() if account.entity == key)
    return replace(workspace.entities[key], accounts=own)


def entity_users(workspace: Workspace, key: int) -> list[User]:
    """Return the operators of the accounts of an entity."""
    own = set[int | None]()
    for account_id in entity(workspace, key).accounts:
        own |= approvers(workspace, workspace.account(account_id))
    people = workspace.users.newest_first()
    return [user for user in people if user.id in own and user.role == "OPERATOR"]
