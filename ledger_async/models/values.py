"""Values that filters and payloads take; in answers they are open strings: new ones may come."""

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

AddressType: TypeAlias = Literal["change", "receive"]

ApprovalType: TypeAlias = Literal["ABORT", "APPROVE"]

BitcoinCurrency: TypeAlias = Literal["bitcoin", "bitcoin_testnet"]

ChainalysisRisk: TypeAlias = Literal["High", "Low", "Medium", "Severe"]

CurrencyFamily: TypeAlias = Literal[
    "bitcoin",
    "cardano",
    "cosmos",
    "ethereum",
    "fiat",
    "near",
    "polkadot",
    "polygon",
    "ripple",
    "solana",
    "stellar",
    "tezos",
    "tron",
]

CurrencyType: TypeAlias = Literal["CRYPTO", "FIAT"]

DRepDelegation: TypeAlias = Literal["drep_always_abstain", "drep_always_no_confidence"]

ExposureType: TypeAlias = Literal["DIRECT", "INDIRECT"]

FilterCondition: TypeAlias = Literal["ALL", "ANY"]

GovernanceStatus: TypeAlias = Literal["ACTIVE", "PENDING", "REJECTED", "REVOKED"]

InteractionType: TypeAlias = Literal["APPROVAL", "STAKE", "SWAP", "UNKNOWN", "UNWRAP", "WRAP"]

MessageType: TypeAlias = Literal["EIP-191", "EIP-712"]

MessageTypeFilter: TypeAlias = Literal["EIP191", "EIP712"]

Order: TypeAlias = Literal["asc", "desc"]

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

PolkadotCurrency: TypeAlias = Literal["polkadot", "westend"]

PolkadotPayee: TypeAlias = Literal["Staked", "Stash"]

ReadOnlyKeyStatus: TypeAlias = Literal[
    "ABORTED", "ACTIVE", "PENDING_APPROVAL", "PENDING_SECRET", "REVOKED", "SUSPENDED"
]

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

Risk: TypeAlias = Literal["HIGH", "LOW", "MEDIUM"]

SigningStatus: TypeAlias = Literal[
    "ABORTED", "APPROVED", "PENDING_APPROVAL", "PENDING_CREATE_IN_HSM", "SIGNED"
]

SolanaCurrency: TypeAlias = Literal["solana", "solana_devnet", "solana_testnet"]

SolanaStakeState: TypeAlias = Literal[
    "activated", "activating", "deactivated", "deactivating", "deleted", "not_sync", "pending"
]

Speed: TypeAlias = Literal["FAST", "NORMAL", "SLOW"]

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

TezosStakeState: TypeAlias = Literal["activating", "active", "inactive", "syncing"]

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

TransactionSpeed: TypeAlias = Literal["CUSTOM", "FAST", "NORMAL", "SLOW"]

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

UserRole: TypeAlias = Literal["ADMIN", "ADMIN_SYSTEM", "OPERATOR", "SHARED_OWNER", "WRAPPING_KEYS"]

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

UtxoPickingStrategy: TypeAlias = Literal["DEEP_OUTPUTS_FIRST", "MERGE_OUTPUTS", "OPTIMIZE_SIZE"]

VaultRequestStatus: TypeAlias = Literal[
    "ABORTED",
    "ACTIVE",
    "APPROVED",
    "BLOCKED",
    "EXPIRED",
    "PENDING_APPROVAL",
    "PENDING_FIRST_APPROVAL",
    "PENDING_REGISTRATION",
    "SIGNED",
    "SUBMITTED",
]

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
