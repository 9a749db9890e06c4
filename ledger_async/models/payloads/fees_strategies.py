"""Strategies by which the fees of a transaction are worked out."""

from typing import TYPE_CHECKING, TypeAlias

from ledger_async.models.base.fields import keyed_union
from ledger_async.models.base.payload import Payload
from ledger_async.models.base.values import Speed

__all__ = [
    "BitcoinFeesStrategy",
    "BitcoinFeesStrategyData",
    "EthereumEIP1559FeesStrategyData",
    "EthereumFeesStrategy",
    "EthereumFeesStrategyData",
    "EthereumGas",
    "GenericFeesStrategy",
    "GenericFeesStrategyData",
]


class GenericFeesStrategyData(Payload, frozen=True, kw_only=True):
    """The speed that a transaction should go at."""

    speed: Speed


class GenericFeesStrategy(Payload, frozen=True, kw_only=True, tag_field="type", tag="SPEED"):
    """Fees by how fast a transaction should go."""

    data: GenericFeesStrategyData


class BitcoinFeesStrategyData(Payload, frozen=True, kw_only=True):
    """A fee rate of one's own: a string, in satoshi."""

    fees_per_byte: str


class BitcoinFeesStrategy(Payload, frozen=True, kw_only=True, tag_field="type", tag="CUSTOM"):
    """Fees on Bitcoin by a rate of one's own."""

    data: BitcoinFeesStrategyData


class EthereumFeesStrategyData(Payload, frozen=True, kw_only=True):
    """Gas of one's own in a legacy transaction: `gas_price` is in wei."""

    gas_limit: str
    gas_price: str


class EthereumEIP1559FeesStrategyData(Payload, frozen=True, kw_only=True):
    """Gas of one's own: `priority_fees`, in wei, is the most for each gas."""

    gas_limit: str
    priority_fees: str


if TYPE_CHECKING:
    EthereumGas: TypeAlias = EthereumFeesStrategyData | EthereumEIP1559FeesStrategyData
else:
    EthereumGas = keyed_union(
        {"gas_price": EthereumFeesStrategyData, "priority_fees": EthereumEIP1559FeesStrategyData}
    )
"""Gas of one's own: of a legacy transaction or of another."""


class EthereumFeesStrategy(Payload, frozen=True, kw_only=True, tag_field="type", tag="CUSTOM"):
    """Fees on an EVM chain by gas of one's own."""

    data: EthereumGas
