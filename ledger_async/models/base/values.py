"""The values that the contract knows, by what they are of.

Filters and payloads take no others; in answers they are open strings, since new ones may come.
"""

from typing import Literal, TypeAlias

__all__ = [
    "AccountRuleType",
    "AccountStatus",
    "AccountType",
    "AddressType",
    "ApprovalType",
    "BitcoinCurrency",
    "ChainalysisRisk",
    "CurrencyFamily",
    "CurrencyType",
    "DRepDelegation",
    "ExposureType",
    "FilterCondition",
    "GovernanceStatus",
    "InteractionType",
    "MessageType",
    "MessageTypeFilter",
    "Order",
    "PledgeState",
    "PolkadotCurrency",
    "PolkadotPayee",
    "ReadOnlyKeyRole",
    "ReadOnlyKeyStatus",
    "RequestStatus",
    "RequestType",
    "Risk",
    "SigningStatus",
    "SolanaCurrency",
    "SolanaStakeState",
    "Speed",
    "StakeStatus",
    "TargetType",
    "TezosStakeState",
    "TransactionFamily",
    "TransactionSpeed",
    "TransactionStatus",
    "TransactionType",
    "UserRole",
    "UserStatus",
    "UtxoPickingStrategy",
    "VaultRequestStatus",
    "VaultTargetRequestStatus",
]

AccountRuleType: TypeAlias = Literal[
    "MULTI_AUTHORIZATIONS",
    "SMART_CONTRACT_INTERACTION",
    "THRESHOLD",
    "TRANSACTION_FILTER",
    "WHITELIST",
]
"""Kinds of rules of an account."""

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
"""States of an account."""

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
"""The family of what an account holds: a chain, or a kind of token."""

AddressType: TypeAlias = Literal["change", "receive"]
"""Uses of an address: to receive, or to take change."""

ApprovalType: TypeAlias = Literal["ABORT", "APPROVE"]
"""Answers to a request."""

BitcoinCurrency: TypeAlias = Literal["bitcoin", "bitcoin_testnet"]
"""Currencies that are sent as on Bitcoin."""

ChainalysisRisk: TypeAlias = Literal["High", "Low", "Medium", "Severe"]
"""Ratings of Chainalysis."""

CurrencyType: TypeAlias = Literal["CRYPTO", "FIAT"]
"""Kinds of currencies."""

DRepDelegation: TypeAlias = Literal["drep_always_abstain", "drep_always_no_confidence"]
"""Votes of a stake on Cardano that no DRep casts."""

ExposureType: TypeAlias = Literal["DIRECT", "INDIRECT"]
"""Ways in which a transaction is exposed to what raised an alert."""

FilterCondition: TypeAlias = Literal["ALL", "ANY"]
"""Ways to combine the filters of a rule: a transaction must pass all, or any."""

GovernanceStatus: TypeAlias = Literal["ACTIVE", "PENDING", "REJECTED", "REVOKED"]
"""States of a group, a whitelist or an entity."""

InteractionType: TypeAlias = Literal["APPROVAL", "STAKE", "SWAP", "UNKNOWN", "UNWRAP", "WRAP"]
"""Kinds of contract calls that transactions can be filtered by."""

MessageType: TypeAlias = Literal["EIP-191", "EIP-712"]
"""Standards by which messages are signed."""

MessageTypeFilter: TypeAlias = Literal["EIP191", "EIP712"]
"""The same standards, as the filter of messages spells them."""

Order: TypeAlias = Literal["asc", "desc"]
"""Directions of a listing."""

PledgeState: TypeAlias = Literal[
    "ASSIGNED_TO_SETTLEMENT",
    "OUTBOUND_TRANSACTION_CONFIRMED",
    "OUTBOUND_TRANSACTION_FAILED",
    "PLEDGE_APPROVED",
    "PLEDGE_CONSUMED",
    "PLEDGE_INCREMENT_PENDING_APPROVAL",
    "PLEDGE_READY",
    "PLEDGE_REJECTED",
    "RECOVERING_FROM_FAILURE",
    "REPLEDGE_APPROVED",
    "REPLEDGE_PENDING_APPROVAL",
    "REPLEDGE_REJECTED",
    "UNPLEDGE_APPROVED",
    "UNPLEDGE_PENDING_APPROVAL",
    "UNPLEDGE_REJECTED",
]
"""States of a pledge."""

PolkadotCurrency: TypeAlias = Literal["polkadot", "westend"]
"""Currencies that are sent and staked as on Polkadot."""

PolkadotPayee: TypeAlias = Literal["Staked", "Stash"]
"""Destinations of the rewards of a stake on Polkadot."""

ReadOnlyKeyRole: TypeAlias = Literal["READ_ONLY_API_KEY"]
"""The role of a read-only API key, which is listed as a user."""

ReadOnlyKeyStatus: TypeAlias = Literal[
    "ABORTED", "ACTIVE", "PENDING_APPROVAL", "PENDING_SECRET", "REVOKED", "SUSPENDED"
]
"""States of a read-only API key."""

RequestStatus: TypeAlias = Literal[
    "ACTIVE",
    "APPROVED",
    "BLOCKED",
    "EXPIRED",
    "PENDING_APPROVAL",
    "PENDING_FIRST_APPROVAL",
    "PENDING_REGISTRATION",
    "REJECTED",
    "SIGNED",
    "SUBMITTED",
]
"""States of a request."""

RequestType: TypeAlias = Literal[
    "ACTIVATE",
    "CREATE_ACCOUNT",
    "CREATE_ADMIN",
    "CREATE_ADMIN_GROUP",
    "CREATE_API_USER",
    "CREATE_API_USER_ACCESS",
    "CREATE_DAPPS_CONFIG",
    "CREATE_ENTITY",
    "CREATE_FORCED_UNPLEDGE",
    "CREATE_GROUP",
    "CREATE_OPERATOR",
    "CREATE_PLEDGE_INCREMENT",
    "CREATE_POLICY",
    "CREATE_REPLEDGE",
    "CREATE_TRADELINK",
    "CREATE_TRADELINK_ASSET_MANAGER",
    "CREATE_TRADELINK_EXCHANGE",
    "CREATE_TRANSACTION",
    "CREATE_WHITELIST",
    "EDIT_ACCOUNT",
    "EDIT_ADMIN_GROUP",
    "EDIT_DAPPS_CONFIG",
    "EDIT_ENTITY",
    "EDIT_GROUP",
    "EDIT_POLICY",
    "EDIT_WHITELIST",
    "MESSAGE_SIGNING",
    "MIGRATE_ACCOUNT",
    "MIGRATE_ADMIN",
    "MIGRATE_GROUP",
    "MIGRATE_OPERATOR",
    "MIGRATE_WHITELIST",
    "REVOKE_ENTITY",
    "REVOKE_GROUP",
    "REVOKE_USER",
    "SIGN_DIGESTS",
    "UPDATE_QUORUM",
]
"""Kinds of requests."""

Risk: TypeAlias = Literal["HIGH", "LOW", "MEDIUM"]
"""Ratings of Ledger."""

SigningStatus: TypeAlias = Literal[
    "ABORTED", "APPROVED", "PENDING_APPROVAL", "PENDING_CREATE_IN_HSM", "SIGNED"
]
"""States of a message, or of digests."""

SolanaCurrency: TypeAlias = Literal["solana", "solana_devnet", "solana_testnet"]
"""Currencies that are sent as on Solana."""

SolanaStakeState: TypeAlias = Literal[
    "activated", "activating", "deactivated", "deactivating", "deleted", "not_sync", "pending"
]
"""States of a stake on Solana, by its chain."""

Speed: TypeAlias = Literal["FAST", "NORMAL", "SLOW"]
"""Speeds that a transaction can be given."""

StakeStatus: TypeAlias = Literal[
    "ABORTED",
    "ACTIVATING",
    "ACTIVE",
    "DEACTIVATED",
    "DEACTIVATING",
    "DELETED",
    "PENDING",
    "UNKNOWN",
]
"""States of a stake, by the workspace."""

TargetType: TypeAlias = Literal[
    "ACCOUNT",
    "ADMIN_GROUP",
    "DIGESTS",
    "ENTITY",
    "FORCED_UNPLEDGE",
    "GROUP",
    "MESSAGE",
    "PLEDGE_INCREMENT",
    "POLICY",
    "REPLEDGE",
    "TRADELINK",
    "TRADELINK_ASSET_MANAGER",
    "TRADELINK_EXCHANGE",
    "TRANSACTION",
    "USER",
    "WHITELIST",
]
"""Kinds of objects that requests are about."""

TezosStakeState: TypeAlias = Literal["activating", "active", "inactive", "syncing"]
"""States of a stake on Tezos, by its chain."""

TransactionFamily: TypeAlias = Literal[
    "bitcoin",
    "cardano",
    "cosmos",
    "ethereum",
    "near",
    "polkadot",
    "polygon",
    "ripple",
    "solana",
    "stellar",
    "tezos",
    "tron",
]
"""Families of the currencies that transactions are in."""

CurrencyFamily: TypeAlias = Literal[TransactionFamily, "fiat"]
"""Families of currencies."""

TransactionSpeed: TypeAlias = Literal["CUSTOM", Speed]
"""Speeds that a transaction was given; `CUSTOM` is by fees of one's own."""

TransactionStatus: TypeAlias = Literal[
    "APPROVED",
    "CONFIRMED",
    "DROPPED",
    "FAILED",
    "FAILED_TO_BROADCAST",
    "FAILED_TO_CRAFT",
    "FAILED_TO_SIGN",
    "PENDING_APPROVAL",
    "PENDING_CREATE_IN_HSM",
    "REJECTED",
    "REPLACED",
    "SIGNED",
    "SUBMITTED",
]
"""States of a transaction."""

TransactionType: TypeAlias = Literal[
    "ADDPROXY",
    "ANONYMOUSPROXY",
    "BOND",
    "BONDEXTRA",
    "CHILL",
    "CREATE_SPL_TOKEN_ACCOUNT",
    "DELEGATE",
    "DELEGATE_VOTE_TO_DREP",
    "DEPLOY_CONTRACT",
    "EXECUTE_CONTRACT",
    "KILLANONYMOUS",
    "PROXY",
    "REBOND",
    "RECEIVE",
    "RECEIVE_SPL_TOKEN_CHECKED",
    "RECEIVE_SPL_TOKEN_CHECKED_FUNDED",
    "REMOVEPROXY",
    "REVEAL",
    "REWARD",
    "SEND",
    "SEND_SPL_TOKEN_CHECKED",
    "SEND_SPL_TOKEN_CHECKED_FUNDED",
    "SETCONTROLLER",
    "SETPAYEE",
    "STAKE",
    "STAKE_CREATE_DELEGATE",
    "STAKE_DEACTIVATE",
    "STAKE_DELEGATE",
    "STAKE_MERGE",
    "STAKE_SPLIT",
    "STAKE_SPLIT_DEACTIVATE",
    "STAKE_WITHDRAW",
    "STAKING_DELEGATE",
    "STAKING_DEREGISTER",
    "STAKING_REGISTER",
    "STAKING_WITHDRAW",
    "UNBOND",
    "UNDELEGATE",
    "UNKNOWN",
    "WITHDRAWUNBONDED",
]
"""Kinds of transactions, by their effect."""

UserRole: TypeAlias = Literal["ADMIN", "ADMIN_SYSTEM", "OPERATOR", "SHARED_OWNER", "WRAPPING_KEYS"]
"""Roles of a user."""

UserStatus: TypeAlias = Literal[
    "ACCESS_SUSPENDED",
    "ACTIVE",
    "APPROVED",
    "PENDING_APPROVAL",
    "PENDING_REGISTRATION",
    "PENDING_REVOCATION",
    "REJECTED",
    "REVOKED",
]
"""States of a user."""

UtxoPickingStrategy: TypeAlias = Literal["DEEP_OUTPUTS_FIRST", "MERGE_OUTPUTS", "OPTIMIZE_SIZE"]
"""Ways to choose the UTXOs that a transaction spends."""

VaultTargetRequestStatus: TypeAlias = Literal[
    "ABORTED",
    "ACTIVE",
    "APPROVED",
    "BLOCKED",
    "EXPIRED",
    "PENDING_APPROVAL",
    "PENDING_REGISTRATION",
    "SIGNED",
    "SUBMITTED",
]
"""States of a request, as its governance sees it."""

VaultRequestStatus: TypeAlias = Literal[VaultTargetRequestStatus, "PENDING_FIRST_APPROVAL"]
"""States of a request, as those see it who create, approve or reject it."""
