"""The fields that transactions of one chain have beyond the common ones."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, TypeAlias

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import open_union
from ledger_async.models.base.values import UtxoPickingStrategy

from .polkadot_fields import PolkadotFields1

__all__ = [
    "BitcoinFields",
    "CardanoCoinFields",
    "DefaultFields",
    "EthereumAndEvmFieldsEip1559",
    "EthereumAndEvmFieldsLegacy",
    "EthereumContractDeploymentFields",
    "EthereumSmartContractFields",
    "RippleFields",
    "SolanaCreateSPLTokenAccountFields",
    "SolanaFields",
    "SolanaParameters",
    "SolanaSendSPLTokenFields",
    "SolanaStakeActionFields",
    "SolanaStakeMergeFields",
    "StellarFields",
    "StellarMemo",
    "StellarMemoHash",
    "StellarMemoId",
    "StellarMemoReturn",
    "StellarMemoText",
    "TezosFields1",
    "TransactionFields",
]


class BitcoinFields(Struct, Described, frozen=True):
    """The fields of a transaction on Bitcoin: `fees_per_byte` in satoshi."""

    type: str
    fees_per_byte: str | None = None
    utxo_picking_strategy: Annotated[str, UtxoPickingStrategy] | None = None


class CardanoCoinFields(Struct, Described, frozen=True):
    """Says no more than that a transaction is on Cardano."""

    type: str


class EthereumContractDeploymentFields(Struct, Described, frozen=True):
    """The compiled bytecode of a contract that is deployed."""

    creation_bytecode: str | None = None


class EthereumSmartContractFields(Struct, Described, frozen=True):
    """A call of a contract: `contract_data` as it is encoded by the ABI.

    `contract_name` is that on Etherscan, `dapp` that of a DApp of Ledger Enterprise. The function
    and its arguments go by the names of the ABI. `smart_contract_interaction_type` is Ledger's own
    word for the kind of call, such as a swap.
    """

    contract_data: str
    contract_name: str | None = None
    dapp: str | None = None
    function_arguments: Mapping[str, object] | None = None
    function_name: str | None = None
    smart_contract_interaction_type: str | None = None


class EthereumAndEvmFieldsLegacy(Struct, Described, frozen=True):
    """The fields of a legacy transaction on an EVM chain, in wei."""

    gas_limit: str
    gas_price: str
    contract_deployment: EthereumContractDeploymentFields | None = None
    contract_interaction: EthereumSmartContractFields | None = None
    type: str = "EthereumAndEvm"


class EthereumAndEvmFieldsEip1559(Struct, Described, frozen=True):
    """The fields of a transaction on an EVM chain, in wei.

    `priority_fees` is the most that is paid for each gas.
    """

    gas_limit: str
    priority_fees: str
    contract_deployment: EthereumContractDeploymentFields | None = None
    contract_interaction: EthereumSmartContractFields | None = None
    type: str = "EthereumAndEvm"


class RippleFields(Struct, Described, frozen=True):
    """The fields of a transaction on Ripple."""

    type: str
    destination_tag: int | None = None


class SolanaStakeActionFields(Struct, Described, frozen=True):
    """The stake account that a transaction acts on."""

    stake_account: str


class SolanaStakeMergeFields(Struct, Described, frozen=True):
    """The stake account that is merged, and the one that it is merged into."""

    merge_dst_account: str
    merge_src_account: str


class SolanaSendSPLTokenFields(Struct, Described, frozen=True):
    """The mint address of the token that a transaction is about."""

    token_mint: str


SolanaCreateSPLTokenAccountFields = SolanaSendSPLTokenFields
"""The same fields: `Transaction.type` tells them apart."""


if TYPE_CHECKING:
    SolanaParameters: TypeAlias = (
        SolanaSendSPLTokenFields
        | SolanaStakeActionFields
        | SolanaStakeMergeFields
        | Mapping[str, object]
    )
else:
    SolanaParameters = open_union(
        {
            "stake_account": SolanaStakeActionFields,
            "merge_src_account": SolanaStakeMergeFields,
            "token_mint": SolanaSendSPLTokenFields,
        }
    )


class SolanaFields(Struct, Described, frozen=True):
    """The fields of a transaction on Solana, by its type."""

    type: str
    tx_parameters: SolanaParameters | None = None


class StellarMemoHash(Struct, Described, frozen=True, rename={"memo_hash": "MEMO_HASH"}):
    """A memo that is a hash, in hexadecimal."""

    memo_hash: str
    type: str = "MEMO_HASH"


class StellarMemoId(Struct, Described, frozen=True, rename={"memo_id": "MEMO_ID"}):
    """A memo that is an unsigned integer of 64 bits."""

    memo_id: int
    type: str = "MEMO_ID"


class StellarMemoReturn(Struct, Described, frozen=True, rename={"memo_return": "MEMO_RETURN"}):
    """A memo that is the hash of the transaction being refunded, in hexadecimal."""

    memo_return: str
    type: str = "MEMO_RETURN"


class StellarMemoText(Struct, Described, frozen=True, rename={"memo_text": "MEMO_TEXT"}):
    """A memo that is a text of up to 28 bytes."""

    memo_text: str
    type: str = "MEMO_TEXT"


if TYPE_CHECKING:
    StellarMemo: TypeAlias = (
        StellarMemoHash | StellarMemoId | StellarMemoReturn | StellarMemoText | Mapping[str, object]
    )
else:
    StellarMemo = open_union(
        {
            "MEMO_HASH": StellarMemoHash,
            "MEMO_ID": StellarMemoId,
            "MEMO_RETURN": StellarMemoReturn,
            "MEMO_TEXT": StellarMemoText,
        }
    )


class StellarFields(Struct, Described, frozen=True):
    """The fields of a transaction on Stellar."""

    type: str
    memo: StellarMemo | None = None


class TezosFields1(Struct, Described, frozen=True):
    """The fields of a transaction on Tezos."""

    type: str
    gas_limit: str | None = None
    storage_limit: str | None = None


class DefaultFields(Struct, Described, frozen=True):
    """Says no more than the `type` of a transaction's chain."""

    type: str


if TYPE_CHECKING:
    TransactionFields: TypeAlias = (
        BitcoinFields
        | CardanoCoinFields
        | DefaultFields
        | EthereumAndEvmFieldsEip1559
        | EthereumAndEvmFieldsLegacy
        | PolkadotFields1
        | RippleFields
        | SolanaFields
        | StellarFields
        | TezosFields1
        | Mapping[str, object]
    )
else:
    _EVM_KINDS = {
        "gas_price": EthereumAndEvmFieldsLegacy,
        "priority_fees": EthereumAndEvmFieldsEip1559,
    }
    TransactionFields = open_union(
        _EVM_KINDS,  # their tag has a default, so that it may be missing
        tag="type",
        tagged={
            "Bitcoin": BitcoinFields,
            "Cardano": CardanoCoinFields,
            "EthereumAndEvm": open_union(_EVM_KINDS),
            "Polkadot": PolkadotFields1,
            "Ripple": RippleFields,
            "Solana": SolanaFields,
            "Stellar": StellarFields,
            "Tezos": TezosFields1,
        },
        bare=DefaultFields,
    )
