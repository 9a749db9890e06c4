"""Payments through a LAM, as an operator of the sandbox makes them."""

from __future__ import annotations

from typing import Any

from ledger_async import LedgerClient
from ledger_async.models import LamApproval, LamTransaction


async def payment(ledger: LedgerClient, payer: int = 101, **given: Any) -> LamTransaction:
    account = await ledger.accounts.get(payer)
    known: dict[str, Any] = {
        "account_name": account.name,
        "amount": "5000",
        "max_fees": "2100",
        "recipient": f"0x{'aB' * 20}",
        "speed": "NORMAL",
    }
    return LamTransaction(**known | given)


def approval(payment: LamTransaction, **given: Any) -> LamApproval:
    known = {name: getattr(payment, name) for name in LamApproval.__struct_fields__}
    return LamApproval(**known | given)
