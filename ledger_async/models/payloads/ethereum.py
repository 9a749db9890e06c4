"""Transactions on Ethereum and other EVM chains, to be created."""

from collections.abc import Mapping, Sequence

from ledger_async.models.currency_names import EvmCurrency

from .fees_strategies import EthereumFeesStrategy, GenericFeesStrategy
from .payload import Payload

__all__ = [
    "EthereumDeployContractTransactionCreationData",
    "EthereumExecuteContractTransactionCreationData",
    "EthereumSCDTransactionData",
    "EthereumSCITransactionData",
    "EthereumSendTransactionCreationData",
    "EthereumSendTransactionData",
    "SCIData",
]


class EthereumSendTransactionData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    amount: str
    currency: EvmCurrency
    max_fees: str
    recipient: str
    contract_address: str | None = None


class EthereumSendTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="ETHEREUM_LIKE_SEND"
):
    """TODO."""

    account_id: int
    fees_strategy: EthereumFeesStrategy | GenericFeesStrategy
    transaction_data: EthereumSendTransactionData


class SCIData(Payload, frozen=True, kw_only=True):
    """TODO."""

    abi: Sequence[Mapping[str, object]] | None = None
    function_arguments: Mapping[str, object] | None = None
    function_name: str | None = None


class EthereumSCITransactionData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    amount: str
    currency: EvmCurrency
    max_fees: str
    recipient: str
    contract_data: SCIData | str | None = None
    encoded_contract_data: str | None = None


class EthereumExecuteContractTransactionCreationData(
    Payload,
    frozen=True,
    kw_only=True,
    tag_field="transaction_type",
    tag="ETHEREUM_LIKE_EXECUTE_CONTRACT",
):
    """TODO."""

    account_id: int
    fees_strategy: EthereumFeesStrategy | GenericFeesStrategy
    transaction_data: EthereumSCITransactionData


class EthereumSCDTransactionData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    currency: EvmCurrency
    encoded_contract_bytecode: str
    max_fees: str
    amount: str | None = None


class EthereumDeployContractTransactionCreationData(
    Payload,
    frozen=True,
    kw_only=True,
    tag_field="transaction_type",
    tag="ETHEREUM_LIKE_DEPLOY_CONTRACT",
):
    """TODO."""

    account_id: int
    fees_strategy: EthereumFeesStrategy | GenericFeesStrategy
    transaction_data: EthereumSCDTransactionData
