"""Estimates of what a transaction will cost at most."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import FiniteDecimal, open_union, union_by

__all__ = [
    "BitcoinFeesFields",
    "BitcoinTransactionFeeEstimation",
    "CardanoTransactionFeeEstimation",
    "EthereumEIP1559FeesFields",
    "EthereumFees",
    "EthereumFeesFields",
    "EthereumTransactionFeeEstimation",
    "FeeEstimation",
    "PolkadotTransactionFeeEstimation",
    "RippleTransactionFeeEstimation",
    "SolanaTransactionFeeEstimation",
    "StellarTransactionFeeEstimation",
    "TezosFeesFields",
    "TezosTransactionFeeEstimation",
]


class BitcoinFeesFields(Struct, Described, frozen=True, rename={"utxo_limit": "UTXO_limit"}):
    """The basis of fees on Bitcoin."""

    utxo_limit: int
    fees_per_byte: FiniteDecimal


class BitcoinTransactionFeeEstimation(Struct, Described, frozen=True):
    """The most that a transaction on Bitcoin will cost, in satoshi."""

    coin_fields: BitcoinFeesFields
    max_fees: str


class EthereumFeesFields(Struct, Described, frozen=True):
    """The basis of the fees of a legacy transaction: `gas_price` in wei."""

    gas_limit: int
    gas_price: int


class EthereumEIP1559FeesFields(Struct, Described, frozen=True):
    """The basis of fees: `priority_fees` in wei for each gas."""

    gas_limit: int
    priority_fees: int


if TYPE_CHECKING:
    EthereumFees: TypeAlias = EthereumEIP1559FeesFields | EthereumFeesFields | Mapping[str, object]
else:
    EthereumFees = open_union(
        {"gas_price": EthereumFeesFields, "priority_fees": EthereumEIP1559FeesFields}
    )


class EthereumTransactionFeeEstimation(Struct, Described, frozen=True):
    """The most that a transaction on an EVM chain will cost, in wei."""

    coin_fields: EthereumFees
    max_fees: str


class TezosFeesFields(Struct, Described, frozen=True):
    """The basis of fees on Tezos."""

    gas_limit: int
    storage_limit: int


class TezosTransactionFeeEstimation(Struct, Described, frozen=True):
    """The most that a transaction on Tezos will cost, in mutez."""

    coin_fields: TezosFeesFields
    max_fees: str


class _Estimation(Struct, Described, frozen=True):
    max_fees: str
    coin_fields: Mapping[str, object] | None = None


class PolkadotTransactionFeeEstimation(_Estimation, frozen=True):
    """The most that a transaction on Polkadot will cost, in planck."""


class StellarTransactionFeeEstimation(_Estimation, frozen=True):
    """The most that a transaction on Stellar will cost, in stroops."""


class RippleTransactionFeeEstimation(_Estimation, frozen=True):
    """The most that a transaction on Ripple will cost, in drops."""


class SolanaTransactionFeeEstimation(_Estimation, frozen=True):
    """The most that a transaction on Solana will cost, in lamport.

    `coin_fields` may hold `recommended_max_priority_fees`, to choose from.
    """


class CardanoTransactionFeeEstimation(_Estimation, frozen=True):
    """The most that a transaction on Cardano will cost, in lovelace."""


_BY_FAMILY = {
    "BITCOIN": BitcoinTransactionFeeEstimation,
    "CARDANO": CardanoTransactionFeeEstimation,
    "ETHEREUM": EthereumTransactionFeeEstimation,
    "POLKADOT": PolkadotTransactionFeeEstimation,
    "RIPPLE": RippleTransactionFeeEstimation,
    "SOLANA": SolanaTransactionFeeEstimation,
    "STELLAR": StellarTransactionFeeEstimation,
    "TEZOS": TezosTransactionFeeEstimation,
}

# By a field that only the estimates of this family have.
_BY_COIN_FIELD = {
    "UTXO_limit": BitcoinTransactionFeeEstimation,
    "gas_price": EthereumTransactionFeeEstimation,
    "priority_fees": EthereumTransactionFeeEstimation,
    "storage_limit": TezosTransactionFeeEstimation,
}


def _kind_of(estimation: object) -> type:
    fields = estimation.get("coin_fields") if isinstance(estimation, dict) else None
    if not isinstance(fields, dict):
        return dict
    return next((kind for name, kind in _BY_COIN_FIELD.items() if name in fields), dict)


if TYPE_CHECKING:
    FeeEstimation: TypeAlias = (
        BitcoinTransactionFeeEstimation
        | CardanoTransactionFeeEstimation
        | EthereumTransactionFeeEstimation
        | PolkadotTransactionFeeEstimation
        | RippleTransactionFeeEstimation
        | SolanaTransactionFeeEstimation
        | StellarTransactionFeeEstimation
        | TezosTransactionFeeEstimation
        | Mapping[str, object]
    )
else:
    FeeEstimation = union_by(_kind_of, dict, *_BY_FAMILY.values())
"""The estimate of any family; that of a family without a struct is a mapping.

Most families' look the same, so JSON alone is read as a mapping, too, unless its shape tells.
"""


def fee_estimation_of(transaction_type: str) -> type[Any]:
    """The struct that estimates of this `transaction_type`, such as `TEZOS_LIKE_SEND`, decode to.

    Of a family that has no struct the shape tells, as far as it can.
    """
    by_shape: type[Any] = FeeEstimation  # type: ignore[assignment] # a type while this runs
    return _BY_FAMILY.get(transaction_type.partition("_LIKE_")[0], by_shape)
