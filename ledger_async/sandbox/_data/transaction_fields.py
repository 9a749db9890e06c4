"""Seeded fields of transactions beyond the common ones, by chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger_async.models.transactions.polkadot_fields import (
    PolkadotBondFields,
    PolkadotCommonFields,
    PolkadotFields1,
)
from ledger_async.models.transactions.transaction_fields import (
    BitcoinFields,
    CardanoCoinFields,
    DefaultFields,
    EthereumAndEvmFieldsEip1559,
    EthereumAndEvmFieldsLegacy,
    EthereumSmartContractFields,
    RippleFields,
    SolanaFields,
    SolanaStakeActionFields,
    StellarFields,
    StellarMemo,
    StellarMemoHash,
    StellarMemoId,
    StellarMemoReturn,
    StellarMemoText,
    TezosFields1,
    TransactionFields,
)
from ledger_async.models.transactions.transactions import CardanoTxMetadata, SolanaTxMetadata

from .seeded import number, pick

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .chains import Chain

_PICKING = ("DEEP_OUTPUTS_FIRST", "MERGE_OUTPUTS", "OPTIMIZE_SIZE")
_SPECIAL = {
    "cardano": "STAKING_DELEGATE",
    "ethereum": "EXECUTE_CONTRACT",
    "polkadot": "BOND",
    "polygon": "EXECUTE_CONTRACT",
    "solana": "STAKE_CREATE_DELEGATE",
    "tezos": "DELEGATE",
}


def special_type(chain: Chain) -> str:
    """Return what accounts on the chain do besides sending and receiving."""
    return _SPECIAL.get(chain.family.name, "SEND")


def coin_fields(chain: Chain, type_: str, noise: bytes) -> TransactionFields:
    """Return the chain's own part of a transaction."""
    own = _OWN.get(chain.family.fields)
    return own(chain, type_, noise) if own else DefaultFields(type=chain.family.fields)


def metadata(chain: Chain, type_: str, noise: bytes) -> CardanoTxMetadata | SolanaTxMetadata | None:
    """Return what the workspace keeps about a staking transaction."""
    if type_ == "STAKING_DELEGATE":
        return CardanoTxMetadata(amount=number(noise, 30, 4))
    if type_.startswith("STAKE"):
        return SolanaTxMetadata(stake_pubkey=chain.address(noise[9:]))
    return None


def _bitcoin(_chain: Chain, _type: str, noise: bytes) -> BitcoinFields:
    return BitcoinFields(
        type="Bitcoin",
        fees_per_byte=str(1 + noise[30] % 60),
        utxo_picking_strategy=pick(noise[31], _PICKING),
    )


def _cardano(_chain: Chain, _type: str, _noise: bytes) -> CardanoCoinFields:
    return CardanoCoinFields(type="Cardano")


def _polkadot(chain: Chain, type_: str, noise: bytes) -> PolkadotFields1:
    bond = PolkadotBondFields(controller=chain.address(noise), payee="Stash")
    common = PolkadotCommonFields(is_proxy=False)
    return PolkadotFields1(tx_parameters=bond if type_ == "BOND" else common, type="Polkadot")


def _ripple(_chain: Chain, _type: str, noise: bytes) -> RippleFields:
    return RippleFields(
        type="Ripple", destination_tag=number(noise, 30, 3) if noise[29] % 2 else None
    )


def _solana(chain: Chain, type_: str, noise: bytes) -> SolanaFields:
    stake = SolanaStakeActionFields(stake_account=chain.address(noise[9:]))
    return SolanaFields(type="Solana", tx_parameters=stake if type_.startswith("STAKE") else None)


def _stellar(_chain: Chain, _type: str, noise: bytes) -> StellarFields:
    return StellarFields(type="Stellar", memo=_memo(noise))


def _tezos(_chain: Chain, _type: str, _noise: bytes) -> TezosFields1:
    return TezosFields1(type="Tezos", gas_limit="10600", storage_limit="300")


def _evm(
    _chain: Chain, type_: str, noise: bytes
) -> EthereumAndEvmFieldsEip1559 | EthereumAndEvmFieldsLegacy:
    called = type_ == "EXECUTE_CONTRACT"
    call = EthereumSmartContractFields(
        contract_data=f"0xa9059cbb{noise.hex()}",
        contract_name="Router",
        dapp=None,
        function_arguments={"amount": number(noise, 30, 4), "to": f"0x{noise[:20].hex()}"},
        function_name="swap",
        smart_contract_interaction_type="SWAP",
    )
    gas_limit = "180000" if called else "21000"
    interaction = call if called else None
    if noise[28] % 2:
        return EthereumAndEvmFieldsLegacy(
            gas_limit=gas_limit,
            gas_price=str((1 + noise[29]) * 10**9),
            contract_interaction=interaction,
        )
    return EthereumAndEvmFieldsEip1559(
        gas_limit=gas_limit,
        priority_fees=str((1 + noise[29]) * 10**8),
        contract_interaction=interaction,
    )


def _memo(noise: bytes) -> StellarMemo | None:
    match noise[29] % 5:
        case 0:
            return StellarMemoText(memo_text=f"invoice {noise[30]}")
        case 1:
            return StellarMemoId(memo_id=2**63 + number(noise, 30, 7))
        case 2:
            return StellarMemoHash(memo_hash=noise[:32].hex())
        case 3:
            return StellarMemoReturn(memo_return=noise[:32].hex())
        case _:
            return None


_OWN: Mapping[str, Callable[[Chain, str, bytes], TransactionFields]] = {
    "Bitcoin": _bitcoin,
    "Cardano": _cardano,
    "EthereumAndEvm": _evm,
    "Polkadot": _polkadot,
    "Ripple": _ripple,
    "Solana": _solana,
    "Stellar": _stellar,
    "Tezos": _tezos,
}
