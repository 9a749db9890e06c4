"""What a transaction says beyond the common fields, by its chain."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, TypeAlias

from msgspec import Struct

from .fields import open_union
from .polkadot_fields import PolkadotFields1
from .values import UtxoPickingStrategy

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


class BitcoinFields(Struct, frozen=True):
    """TODO."""

    type: str
    fees_per_byte: str | None = None
    utxo_picking_strategy: Annotated[str, UtxoPickingStrategy] | None = None


class CardanoCoinFields(Struct, frozen=True):
    """TODO."""

    type: str


class EthereumContractDeploymentFields(Struct, frozen=True):
    """TODO."""

    creation_bytecode: str | None = None


class EthereumSmartContractFields(Struct, frozen=True):
    """TODO."""

    contract_data: str
    contract_name: str | None = None
    dapp: str | None = None
    function_arguments: Mapping[str, object] | None = None
    function_name: str | None = None
    smart_contract_interaction_type: str | None = None


class EthereumAndEvmFieldsLegacy(Struct, frozen=True):
    """TODO."""

    gas_limit: str
    gas_price: str
    contract_deployment: EthereumContractDeploymentFields | None = None
    contract_interaction: EthereumSmartContractFields | None = None
    type: str = "EthereumAndEvm"


class EthereumAndEvmFieldsEip1559(Struct, frozen=True):
    """TODO."""

    gas_limit: str
    priority_fees: str
    contract_deployment: EthereumContractDeploymentFields | None = None
    contract_interaction: EthereumSmartContractFields | None = None
    type: str = "EthereumAndEvm"


class RippleFields(Struct, frozen=True):
    """TODO."""

    type: str
    destination_tag: int | None = None


class SolanaStakeActionFields(Struct, frozen=True):
    """TODO."""

    stake_account: str


class SolanaStakeMergeFields(Struct, frozen=True):
    """TODO."""

    merge_dst_account: str
    merge_src_account: str


class SolanaSendSPLTokenFields(Struct, frozen=True):
    """TODO."""

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


class SolanaFields(Struct, frozen=True):
    """TODO."""

    type: str
    tx_parameters: SolanaParameters | None = None


class StellarMemoHash(Struct, frozen=True, rename={"memo_hash": "MEMO_HASH"}):
    """TODO."""

    memo_hash: str
    type: str = "MEMO_HASH"


class StellarMemoId(Struct, frozen=True, rename={"memo_id": "MEMO_ID"}):
    """TODO."""

    memo_id: int
    type: str = "MEMO_ID"


class StellarMemoReturn(Struct, frozen=True, rename={"memo_return": "MEMO_RETURN"}):
    """TODO."""

    memo_return: str
    type: str = "MEMO_RETURN"


class StellarMemoText(Struct, frozen=True, rename={"memo_text": "MEMO_TEXT"}):
    """TODO."""

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


class StellarFields(Struct, frozen=True):
    """TODO."""

    type: str
    memo: StellarMemo | None = None


class TezosFields1(Struct, frozen=True):
    """TODO."""

    type: str
    gas_limit: str | None = None
    storage_limit: str | None = None


class DefaultFields(Struct, frozen=True):
    """TODO."""

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
