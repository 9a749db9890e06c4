"""Pledges and settlements: of the first accounts of the workspace only."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from ledger_async.models.governance.pledges import (
    OutboundTransaction,
    Pledge,
    Settlement,
    TradelinkAssetManager,
    TradelinkCustodian,
    TradelinkExchange,
)

from .people import GROUPS, WHITELISTS
from .seeded import pick, seeded

if TYPE_CHECKING:
    from ledger_async.models.transactions.transactions import Transaction

    from .accounts import Account

PLEDGING = 4  # accounts with pledges
EACH = 2  # pledges of each
SETTLED = 2  # pledges in a settlement
_SUBACCOUNTS = 9000
_STATES = ("PLEDGE_READY", "PLEDGE_APPROVED", "UNPLEDGE_APPROVED", "PLEDGE_REJECTED")
_EXCHANGES = ("Northern Exchange", "Southern Exchange")


def subaccount(key: int) -> int:
    """Return the id of a pledge's account."""
    return _SUBACCOUNTS + key


def number_of(subaccount_id: int) -> int:
    """Return the serial number of the pledge with this account."""
    return subaccount_id - _SUBACCOUNTS


def identifier(seed: int, kind: str, key: int) -> str:
    """Return the UUID of a pledge or settlement."""
    return str(UUID(bytes=seeded(seed, kind, key)[:16], version=4))


def pledge(seed: int, key: int, account: Account) -> Pledge:
    """Return the pledge with this serial number."""
    noise = seeded(seed, "pledge", key)
    exchange = noise[0] % len(_EXCHANGES)
    manager = noise[1] % 2
    return Pledge(
        account_id=account.id,
        amount=account.chain.amount(noise[2:], parts=10),
        asset_manager=TradelinkAssetManager(
            approver_group_id=pick(noise[12], GROUPS),
            code=f"AM{manager + 1}",
            id=str(20 + manager),
            name=f"Asset manager {manager + 1}",
            role="ASSET_MANAGER",
            whitelist_id=pick(noise[13], WHITELISTS),
        ),
        custodian=TradelinkCustodian(code="CU1", id="30", name="Custodian", role="CUSTODIAN"),
        exchange=TradelinkExchange(
            approver_group_id=pick(noise[14], GROUPS),
            code=f"EX{exchange + 1}",
            id=str(10 + exchange),
            name=_EXCHANGES[exchange],
            role="EXCHANGE",
            whitelist_id=pick(noise[15], WHITELISTS),
        ),
        id=identifier(seed, "pledge", key),
        pending=0,
        pledge_subaccount_id=subaccount(key),
        state="ASSIGNED_TO_SETTLEMENT" if key <= SETTLED else pick(key, _STATES),
    )


def settlement(seed: int, key: int, source: Pledge, sent: Transaction) -> Settlement:
    """Return a settlement that sends a transaction out of a pledge."""
    return Settlement(
        from_pledge_id=source.id,
        id=identifier(seed, "settlement", key),
        meta={"reference": f"sandbox-{key}"},
        state=sent.status,
        outbound_transaction=outbound(sent),
    )


def outbound(sent: Transaction) -> OutboundTransaction:
    """Return what a settlement says of its transaction."""
    return OutboundTransaction(
        request_id=sent.last_request or 0,
        transaction_id=sent.id,
        transaction_hash=sent.tx_hash,
    )
