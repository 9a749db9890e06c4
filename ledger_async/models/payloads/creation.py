"""Every transaction that can be created."""

from typing import TypeAlias

from .bitcoin import BitcoinSendTransactionCreationData
from .cardano import CardanoSendTransactionCreationData
from .ethereum import (
    EthereumDeployContractTransactionCreationData,
    EthereumExecuteContractTransactionCreationData,
    EthereumSendTransactionCreationData,
)
from .polkadot import (
    PolkadotBondExtraTransactionCreationData,
    PolkadotChillTransactionCreationData,
    PolkadotRebondTransactionCreationData,
    PolkadotSendTransactionCreationData,
    PolkadotSetPayeeTransactionCreationData,
    PolkadotUnbondTransactionCreationData,
    PolkadotWithdrawTransactionCreationData,
)
from .ripple import RippleSendTransactionCreationData
from .solana import (
    SolanaCreateAssociatedTokenAccountCreationData,
    SolanaSendSplTokenTransactionCreationData,
    SolanaSendTransactionCreationData,
)
from .stellar import StellarSendTransactionCreationData
from .tezos import TezosSendTransactionCreationData
from .tron import TronSendTransactionCreationData

__all__ = ["TransactionCreation"]

TransactionCreation: TypeAlias = (
    BitcoinSendTransactionCreationData
    | CardanoSendTransactionCreationData
    | EthereumDeployContractTransactionCreationData
    | EthereumExecuteContractTransactionCreationData
    | EthereumSendTransactionCreationData
    | PolkadotBondExtraTransactionCreationData
    | PolkadotChillTransactionCreationData
    | PolkadotRebondTransactionCreationData
    | PolkadotSendTransactionCreationData
    | PolkadotSetPayeeTransactionCreationData
    | PolkadotUnbondTransactionCreationData
    | PolkadotWithdrawTransactionCreationData
    | RippleSendTransactionCreationData
    | SolanaCreateAssociatedTokenAccountCreationData
    | SolanaSendSplTokenTransactionCreationData
    | SolanaSendTransactionCreationData
    | StellarSendTransactionCreationData
    | TezosSendTransactionCreationData
    | TronSendTransactionCreationData
)
