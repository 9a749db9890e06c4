"""The request behind each object that went through governance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger_async.sandbox._data import ids, people
from ledger_async.sandbox._data.requests import PENDING, Governed, request, settled, steps

from .relations import governance

if TYPE_CHECKING:
    from ledger_async.sandbox._data.workspace import Workspace

_TYPES = {
    "ACCOUNT": "CREATE_ACCOUNT",
    "DIGESTS": "SIGN_DIGESTS",
    "ENTITY": "CREATE_ENTITY",
    "GROUP": "CREATE_GROUP",
    "MESSAGE": "MESSAGE_SIGNING",
    "TRANSACTION": "CREATE_TRANSACTION",
    "USER": "CREATE_OPERATOR",
    "WHITELIST": "CREATE_WHITELIST",
}
_OUTCOMES = {
    "ABORTED": "REJECTED",
    "PENDING": PENDING,
    "PENDING_APPROVAL": PENDING,
    "REJECTED": "REJECTED",
}
_ADMINS = [{"quorum": 1, "users": [key for key in people.USERS if key not in people.OPERATORS]}]


def seeded_request(workspace: Workspace, key: int) -> Governed | None:
    """Return one of the requests that the workspace begins with."""
    if key in people.REQUESTS:
        return _about_people(workspace, key)
    return _about_an_account(workspace, key)


def _about_people(workspace: Workspace, key: int) -> Governed:
    targets: dict[str, Any] = {
        "USER": workspace.users,
        "GROUP": workspace.groups,
        "ENTITY": workspace.entities,
        "WHITELIST": workspace.whitelists,
    }
    kind = next(kind for kind in reversed(targets) if key >= people.request_of(kind, 1))
    target = targets[kind][key - people.request_of(kind, 1) + 1]
    asked = request(
        key,
        _TYPES[kind],
        (kind, target.id),
        created_by=target.created_by,
        created_on=target.created_on,
    )
    return settled(Governed(asked, steps(_ADMINS, lambda _: ())), _outcome(target.status))


def _about_an_account(workspace: Workspace, key: int) -> Governed | None:
    index, kind, place = ids.target_of(key)
    account = workspace.account_at(index)
    if kind == "ACCOUNT":
        target_id, body = account.id, account.body
        created_by, created_on, status = body["created_by"], body["created_on"], body["status"]
    elif kind == "MESSAGE" and not account.chain.signs_messages:
        return None
    else:
        target = _target(workspace, kind, index, place)
        target_id, status = target.id, target.status
        created_by, created_on = target.created_by, target.created_on
    asked = request(
        key, _TYPES[kind], (kind, target_id), created_by=created_by, created_on=created_on
    )
    return settled(Governed(asked, governance(workspace, account)), _outcome(status))


def _target(workspace: Workspace, kind: str, index: int, place: int) -> Any:
    match kind:
        case "TRANSACTION":
            return workspace.transactions[ids.TRANSACTIONS.key(index, place)]
        case "MESSAGE":
            return workspace.messages[ids.MESSAGES.key(index, place)]
        case _:
            return workspace.digests[ids.DIGESTS.key(index, place)]


def _outcome(status: str) -> str:
    return _OUTCOMES.get(status, "APPROVED")
