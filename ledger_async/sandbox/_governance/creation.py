"""The parts of a transaction creation on any chain: amounts, recipient, type, fees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ledger_async.models.transactions.transaction_fields import (
    BitcoinFields,
    EthereumAndEvmFieldsEip1559,
    EthereumAndEvmFieldsLegacy,
    RippleFields,
    StellarFields,
    StellarMemoHash,
    StellarMemoId,
    StellarMemoReturn,
    StellarMemoText,
    TransactionFields,
)

if TYPE_CHECKING:
    from ledger_async.models.payloads.creation import TransactionCreation
    from ledger_async.sandbox._data.chains import Chain

_MEMOS = {
    "memo_hash": StellarMemoHash,
    "memo_id": StellarMemoId,
    "memo_return": StellarMemoReturn,
    "memo_text": StellarMemoText,
}
# Chains of several families take transactions of one kind.
_PREFIXES = {"polygon": "ETHEREUM"}


def tag(creation: TransactionCreation) -> str:
    """Return the creation's `transaction_type`."""
    return str(creation.__struct_config__.tag)


def suits(creation: TransactionCreation, chain: Chain) -> bool:
    """Say whether the account's chain knows such a transaction, in the currency that is named."""
    family = chain.family.name
    prefix = _PREFIXES.get(family, family.upper())
    return (
        tag(creation).startswith(f"{prefix}_LIKE_")
        and creation.transaction_data.currency == chain.name
    )


def transaction_type(creation: TransactionCreation) -> str:
    """Return the type of the transaction, such as `SEND`."""
    return tag(creation).partition("_LIKE_")[2]


def speed(creation: TransactionCreation) -> str | None:
    """Return the speed that is asked for: `CUSTOM` where fees are given instead."""
    strategy = getattr(creation, "fees_strategy", None)
    return strategy and getattr(strategy.data, "speed", "CUSTOM")


def fields(creation: TransactionCreation, chain: Chain) -> dict[str, Any]:
    """Return what the transaction takes over from its creation."""
    given = msgspec.structs.asdict(creation.transaction_data)
    taken = {
        "amount": given.get("amount") or "0",
        "max_fees": given.get("max_fees") or given.get("max_priority_fee"),
        "recipient": given.get("recipient"),
        "speed": speed(creation),
    }
    own = _coin_fields(creation, chain, given)
    return taken if own is None else taken | {"coin_fields": own}


def _coin_fields(
    creation: TransactionCreation, chain: Chain, given: dict[str, Any]
) -> TransactionFields | None:
    """Return the chain's own part, where the creator has a say in it."""
    if chain.family.name == "ripple":
        return RippleFields(type="Ripple", destination_tag=given["tag"])
    if chain.family.name == "stellar":
        return StellarFields(type="Stellar", memo=_memo(given["memo"]))
    return _fees(creation) if speed(creation) == "CUSTOM" else None


def _memo(given: msgspec.Struct | None) -> Any:
    if given is None:
        return None
    ((name, value),) = msgspec.structs.asdict(given).items()
    return _MEMOS[name](**{name: value})


def _fees(creation: TransactionCreation) -> TransactionFields:
    given = msgspec.structs.asdict(creation.fees_strategy.data)  # type: ignore[union-attr]
    if "fees_per_byte" in given:
        return BitcoinFields(type="Bitcoin", **given)
    if "gas_price" in given:
        return EthereumAndEvmFieldsLegacy(**given)
    return EthereumAndEvmFieldsEip1559(**given)
