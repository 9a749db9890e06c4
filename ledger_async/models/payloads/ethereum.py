"""Transactions on Ethereum and other EVM chains, to be created."""

from collections.abc import Mapping, Sequence

from ledger_async.models.base.payload import Payload
from ledger_async.models.currency_names import EvmCurrency

from .fees_strategies import EthereumFeesStrategy, GenericFeesStrategy

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
    """A transfer on an EVM chain; `max_fees`, in wei, is `"0"` for an estimate.

    `amount` is in wei, or in the base unit of the ERC-20 token at `contract_address`.
    """

    account_name: str
    amount: str
    currency: EvmCurrency
    max_fees: str
    recipient: str
    contract_address: str | None = None


class EthereumSendTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="ETHEREUM_LIKE_SEND"
):
    """A transfer on an EVM chain from the account `account_id`."""

    account_id: int
    fees_strategy: EthereumFeesStrategy | GenericFeesStrategy
    transaction_data: EthereumSendTransactionData


class SCIData(Payload, frozen=True, kw_only=True):
    """A call of a contract: the arguments by their names in the `abi`, a JSON array."""

    abi: Sequence[Mapping[str, object]] | None = None
    function_arguments: Mapping[str, object] | None = None
    function_name: str | None = None


class EthereumSCITransactionData(Payload, frozen=True, kw_only=True):
    """A call of the contract at `recipient`, in wei.

    `max_fees` is `"0"` for an estimate. `encoded_contract_data` is deprecated: use `contract_data`,
    which takes encoded data too.
    """

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
    """A call of a contract from the account `account_id`."""

    account_id: int
    fees_strategy: EthereumFeesStrategy | GenericFeesStrategy
    transaction_data: EthereumSCITransactionData


class EthereumSCDTransactionData(Payload, frozen=True, kw_only=True):
    """A contract to deploy, by its bytecode; amounts in wei.

    `max_fees` is `"0"` for an estimate.
    """

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
    """A contract to deploy from the account `account_id`."""

    account_id: int
    fees_strategy: EthereumFeesStrategy | GenericFeesStrategy
    transaction_data: EthereumSCDTransactionData
