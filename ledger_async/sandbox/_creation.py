"""What a transaction creation says, whatever its chain: amounts, recipient, type, fees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ledger_async.models.payloads.bitcoin import BitcoinSendTransactionCreationData
from ledger_async.models.payloads.ethereum import (
    EthereumDeployContractTransactionCreationData,
    EthereumExecuteContractTransactionCreationData,
    EthereumSendTransactionCreationData,
)

if TYPE_CHECKING:
    from ledger_async.models.payloads.creation import TransactionCreation

    from ._chains import Chain

_EVM = (
    EthereumDeployContractTransactionCreationData,
    EthereumExecuteContractTransactionCreationData,
    EthereumSendTransactionCreationData,
)


def tag(creation: TransactionCreation) -> str:
    """Return the creation's `transaction_type`."""
    return str(creation.__struct_config__.tag)


def suits(creation: TransactionCreation, chain: Chain) -> bool:
    """Say whether the account's chain knows such a transaction, in the currency that is named."""
    evm = chain.family.fields == "EthereumAndEvm"
    match creation:
        case BitcoinSendTransactionCreationData():
            fits = chain.is_utxo
        case _ if isinstance(creation, _EVM):
            fits = evm
        case _:
            fits = tag(creation).lower().startswith(f"{chain.family.name}_like")
    return fits and creation.transaction_data.currency == chain.name


def transaction_type(creation: TransactionCreation) -> str:
    """Return the type of the transaction, such as `SEND`."""
    return tag(creation).partition("_LIKE_")[2]


def fields(creation: TransactionCreation) -> dict[str, Any]:
    """Return what the transaction takes over from its creation."""
    data = creation.transaction_data
    strategy = getattr(creation, "fees_strategy", None)
    speed = getattr(getattr(strategy, "data", None), "speed", None)
    given = msgspec.structs.asdict(data)
    return {
        "amount": given.get("amount") or "0",
        "max_fees": given.get("max_fees") or given.get("max_priority_fee"),
        "recipient": given.get("recipient"),
        "speed": speed or (None if strategy is None else "CUSTOM"),
    }
