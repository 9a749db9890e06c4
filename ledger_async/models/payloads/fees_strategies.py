"""How the fees of a transaction are worked out."""

from ledger_async.models.values import Speed

from .payload import Payload

__all__ = [
    "BitcoinFeesStrategy",
    "BitcoinFeesStrategyData",
    "EthereumEIP1559FeesStrategyData",
    "EthereumFeesStrategy",
    "EthereumFeesStrategyData",
    "GenericFeesStrategy",
    "GenericFeesStrategyData",
]


class GenericFeesStrategyData(Payload, frozen=True, kw_only=True):
    """TODO."""

    speed: Speed


class GenericFeesStrategy(Payload, frozen=True, kw_only=True, tag_field="type", tag="SPEED"):
    """TODO."""

    data: GenericFeesStrategyData


class BitcoinFeesStrategyData(Payload, frozen=True, kw_only=True):
    """TODO."""

    fees_per_byte: str


class BitcoinFeesStrategy(Payload, frozen=True, kw_only=True, tag_field="type", tag="CUSTOM"):
    """TODO."""

    data: BitcoinFeesStrategyData


class EthereumFeesStrategyData(Payload, frozen=True, kw_only=True):
    """TODO."""

    gas_limit: str
    gas_price: str


class EthereumEIP1559FeesStrategyData(Payload, frozen=True, kw_only=True):
    """TODO."""

    gas_limit: str
    priority_fees: str


class EthereumFeesStrategy(Payload, frozen=True, kw_only=True, tag_field="type", tag="CUSTOM"):
    """TODO."""

    data: EthereumFeesStrategyData | EthereumEIP1559FeesStrategyData
