"""Estimates of what a transaction costs at most, by the family of its chain."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from ledger_async.models.transactions.fees import (
    BitcoinFeesFields,
    BitcoinTransactionFeeEstimation,
    CardanoTransactionFeeEstimation,
    EthereumEIP1559FeesFields,
    EthereumTransactionFeeEstimation,
    PolkadotTransactionFeeEstimation,
    RippleTransactionFeeEstimation,
    SolanaTransactionFeeEstimation,
    StellarTransactionFeeEstimation,
    TezosFeesFields,
    TezosTransactionFeeEstimation,
)

from .seeded import seeded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .chains import Chain

Estimation: TypeAlias = (
    BitcoinTransactionFeeEstimation
    | CardanoTransactionFeeEstimation
    | EthereumTransactionFeeEstimation
    | PolkadotTransactionFeeEstimation
    | RippleTransactionFeeEstimation
    | SolanaTransactionFeeEstimation
    | StellarTransactionFeeEstimation
    | TezosTransactionFeeEstimation
)
_PLAIN: Mapping[str, Callable[..., Estimation]] = {
    "cardano": CardanoTransactionFeeEstimation,
    "polkadot": PolkadotTransactionFeeEstimation,
    "ripple": RippleTransactionFeeEstimation,
    "solana": SolanaTransactionFeeEstimation,
    "stellar": StellarTransactionFeeEstimation,
}
_SPEEDS = {"SLOW": 1, "NORMAL": 2, "FAST": 4}
_BYTES = 226  # of a transaction with one input and two outputs


def estimate(seed: int, chain: Chain, speed: str | None, *, sends: bool = True) -> Estimation:
    """Return an estimate that grows with the speed, and is larger where a contract is called."""
    price = _SPEEDS.get(speed or "", _SPEEDS["NORMAL"]) * (
        10 + seeded(seed, "fees", chain.name)[0] % 40
    )
    match chain.family.name:
        case "bitcoin":
            fields = BitcoinFeesFields(utxo_limit=100, fees_per_byte=Decimal(price))
            return BitcoinTransactionFeeEstimation(coin_fields=fields, max_fees=str(price * _BYTES))
        case "tezos":
            return TezosTransactionFeeEstimation(
                coin_fields=TezosFeesFields(gas_limit=10_600, storage_limit=300),
                max_fees=str(price * 100),
            )
        case name if name in _PLAIN:
            return _PLAIN[name](max_fees=str(price * 100))
        case _:
            gas = 21_000 if sends else 180_000
            wei = EthereumEIP1559FeesFields(gas_limit=gas, priority_fees=price * 10**8)
            return EthereumTransactionFeeEstimation(
                coin_fields=wei, max_fees=str(gas * price * 10**9)
            )
