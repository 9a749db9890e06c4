"""Values that list filters take; in answers they are plain `str`, since new ones may come."""

from typing import Literal, TypeAlias

__all__ = ["AccountStatus", "AccountType", "Order"]

AccountStatus: TypeAlias = Literal[
    "ACTIVATION_ABORTED",
    "ACTIVE",
    "APPROVED",
    "HSM_COIN_UPDATED",
    "PENDING",
    "PENDING_ACTIVATION",
    "PENDING_CREATE_IN_HSM",
    "PENDING_VIEW_ONLY",
    "REJECTED",
    "VIEW_ONLY",
]

AccountType: TypeAlias = Literal[
    "Bep20",
    "Bitcoin",
    "Cardano",
    "Cosmos",
    "Erc20",
    "Ethereum",
    "Generic",
    "Near",
    "Polkadot",
    "Polygon",
    "Ripple",
    "Solana",
    "Stellar",
    "Tezos",
    "Trc20",
    "Tron",
]

Order: TypeAlias = Literal["asc", "desc"]
