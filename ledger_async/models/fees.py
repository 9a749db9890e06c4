"""Estimates of what a transaction will cost at most."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from .fields import open_union

__all__ = [
    "BitcoinFeesFields",
    "BitcoinTransactionFeeEstimation",
    "CardanoTransactionFeeEstimation",
    "EthereumEIP1559FeesFields",
    "EthereumFees",
    "EthereumFeesFields",
    "EthereumTransactionFeeEstimation",
    "PolkadotTransactionFeeEstimation",
    "RippleTransactionFeeEstimation",
    "SolanaTransactionFeeEstimation",
    "StellarTransactionFeeEstimation",
    "TezosFeesFields",
    "TezosTransactionFeeEstimation",
]


class BitcoinFeesFields(Struct, frozen=True, rename={"utxo_limit": "UTXO_limit"}):
    """TODO."""

    utxo_limit: int
    fees_per_byte: Decimal


class BitcoinTransactionFeeEstimation(Struct, frozen=True):
    """TODO."""

    coin_fields: BitcoinFeesFields
    max_fees: str


class EthereumFeesFields(Struct, frozen=True):
    """TODO."""

    gas_limit: int
    gas_price: int


class EthereumEIP1559FeesFields(Struct, frozen=True):
    """TODO."""

    gas_limit: int
    priority_fees: int


if TYPE_CHECKING:
    EthereumFees: TypeAlias = EthereumEIP1559FeesFields | EthereumFeesFields | Mapping[str, object]
else:
    EthereumFees = open_union(
        {"gas_price": EthereumFeesFields, "priority_fees": EthereumEIP1559FeesFields}
    )


class EthereumTransactionFeeEstimation(Struct, frozen=True):
    """TODO."""

    coin_fields: EthereumFees
    max_fees: str


class TezosFeesFields(Struct, frozen=True):
    """TODO."""

    gas_limit: int
    storage_limit: int


class TezosTransactionFeeEstimation(Struct, frozen=True):
    """TODO."""

    coin_fields: TezosFeesFields
    max_fees: str


class PolkadotTransactionFeeEstimation(Struct, frozen=True):
    """TODO."""

    max_fees: str
    coin_fields: Mapping[str, object] | None = None


class StellarTransactionFeeEstimation(Struct, frozen=True):
    """TODO."""

    max_fees: str
    coin_fields: Mapping[str, object] | None = None


class RippleTransactionFeeEstimation(Struct, frozen=True):
    """TODO."""

    max_fees: str
    coin_fields: Mapping[str, object] | None = None


class SolanaTransactionFeeEstimation(Struct, frozen=True):
    """TODO."""

    max_fees: str
    coin_fields: Mapping[str, object] | None = None


class CardanoTransactionFeeEstimation(Struct, frozen=True):
    """TODO."""

    max_fees: str
    coin_fields: Mapping[str, object] | None = None
