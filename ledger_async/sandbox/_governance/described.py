"""The effect of an approval, as the challenge of a request tells it to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger_async.sandbox._data.tradelink import number_of

if TYPE_CHECKING:
    from ledger_async.models.governance.requests import Request
    from ledger_async.sandbox._data.accounts import Account
    from ledger_async.sandbox._data.workspace import Workspace

_PLEDGES = {"FORCED_UNPLEDGE", "PLEDGE_INCREMENT", "REPLEDGE"}


def described(workspace: Workspace, request: Request) -> dict[str, str]:
    """Return the properties of what a request is about; amounts have their unit."""
    target = request.target_id
    match request.target_type:
        case "ACCOUNT":
            return _account(workspace.account(target))
        case "TRANSACTION":
            return _transaction(workspace, workspace.transactions[target])
        case "MESSAGE":
            message = workspace.messages[target]
            own = {"Message type": message.message_type, "Message": message.data}
            return _account(workspace.account(message.account_id)) | own
        case "DIGESTS":
            digests = workspace.digests[target]
            listed = ", ".join(str(getattr(each, "digest", each)) for each in digests.digests_data)
            return _account(workspace.account(digests.account_id)) | {"Digests": listed}
        case kind if kind in _PLEDGES:
            return _pledge(workspace, target)
        case kind:
            known = workspace.target(kind, target)
            return {"Name": getattr(known, "name", None) or known.username}


def _account(account: Account) -> dict[str, str]:
    return {"Account": f"{account.name} ({account.id})", "Currency": account.chain.name}


def _transaction(workspace: Workspace, sent: Any) -> dict[str, str]:
    account = workspace.account(sent.account_id)
    unit = account.chain.units[0].code
    own = {
        "Transaction type": sent.type,
        "Amount": f"{sent.amount} {unit}",
        "Recipient": sent.recipient,
        "Fees at most": sent.max_fees and f"{sent.max_fees} {unit}",
        "Speed": sent.speed,
    }
    return _account(account) | {name: text for name, text in own.items() if text}


def _pledge(workspace: Workspace, subaccount: int) -> dict[str, str]:
    pledge = workspace.pledges[number_of(subaccount)]
    account = workspace.account(pledge.account_id)
    unit = account.chain.units[0].code
    own = {"Pledged": f"{pledge.amount} {unit}", "Exchange": pledge.exchange.name}
    more = {"Pledged in addition": f"{pledge.pending} {unit}"} if pledge.pending else {}
    return _account(account) | own | more
