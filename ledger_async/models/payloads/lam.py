"""Transactions that a LAM creates and approves for its API user.

The API's reference lists them and its contract does not: which fields of a chain can be sent is
not known for sure. Where it is, a struct has them; a mapping is taken for all.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from ledger_async.models.base.fields import union_by
from ledger_async.models.base.payload import Payload
from ledger_async.models.base.values import TransactionSpeed, UtxoPickingStrategy
from ledger_async.models.governance.messages import TransactionOrMessageNote

from .stellar import StellarMemo1

__all__ = [
    "LamApproval",
    "LamBitcoinFields",
    "LamCoinFields",
    "LamEthereumFields",
    "LamFeesRequest",
    "LamPolkadotFields",
    "LamRippleFields",
    "LamSolanaStakeActionFields",
    "LamSolanaStakeMergeFields",
    "LamStellarFields",
    "LamTezosFields",
    "LamTransaction",
]


class _CoinFields(Payload, frozen=True, kw_only=True):
    def __eq__(self, other: object) -> bool:
        # What is sent names no chain: it comes back as a mapping, and approves the same.
        if isinstance(other, _CoinFields):
            other = other._sent()
        return self._sent() == other if isinstance(other, Mapping) else NotImplemented

    def __hash__(self) -> int:
        return hash(msgspec.json.encode(self, order="sorted"))

    def _sent(self) -> object:
        return msgspec.to_builtins(self, builtin_types=(Decimal,))


class LamBitcoinFields(_CoinFields, frozen=True, kw_only=True):
    """A transaction on Bitcoin: a fee rate of one's own, in satoshi, and which UTXOs it spends."""

    fees_per_byte: str | None = None
    utxo_picking_strategy: UtxoPickingStrategy | None = None


class LamEthereumFields(_CoinFields, frozen=True, kw_only=True):
    """A transaction on an EVM chain: gas of one's own, in wei, and what it has a contract do.

    A legacy transaction has a `gas_price`, another `priority_fees`. `contract_interaction` and
    `contract_deployment` are as answers have them, such as `{"contract_data": "0x…"}`.
    """

    contract_deployment: Mapping[str, object] | None = None
    contract_interaction: Mapping[str, object] | None = None
    gas_limit: str | None = None
    gas_price: str | None = None
    priority_fees: str | None = None


class LamPolkadotFields(_CoinFields, frozen=True, kw_only=True):
    """A transaction on Polkadot: its parameters as answers have them, such as those of a bond."""

    tx_parameters: Mapping[str, object]


class LamRippleFields(_CoinFields, frozen=True, kw_only=True):
    """A transaction on Ripple."""

    destination_tag: int


class LamSolanaStakeActionFields(_CoinFields, frozen=True, kw_only=True):
    """A transaction on Solana that acts on a stake account."""

    stake_account: str


class LamSolanaStakeMergeFields(_CoinFields, frozen=True, kw_only=True):
    """The stake account that is merged, and the one that it is merged into."""

    merge_dst_account: str
    merge_src_account: str


class LamStellarFields(_CoinFields, frozen=True, kw_only=True):
    """A transaction on Stellar."""

    memo: StellarMemo1


class LamTezosFields(_CoinFields, frozen=True, kw_only=True):
    """A transaction on Tezos, with limits of one's own."""

    gas_limit: str | None = None
    storage_limit: str | None = None


if TYPE_CHECKING:
    LamCoinFields: TypeAlias = (
        LamBitcoinFields
        | LamEthereumFields
        | LamPolkadotFields
        | LamRippleFields
        | LamSolanaStakeActionFields
        | LamSolanaStakeMergeFields
        | LamStellarFields
        | LamTezosFields
        | Mapping[str, object]
    )
else:
    LamCoinFields = union_by(
        lambda _: dict,
        dict,
        LamBitcoinFields,
        LamEthereumFields,
        LamPolkadotFields,
        LamRippleFields,
        LamSolanaStakeActionFields,
        LamSolanaStakeMergeFields,
        LamStellarFields,
        LamTezosFields,
    )
"""The fields of a transaction on one chain; any other chain's, and any other field's, is a
mapping, as is what comes back. It equals the struct that it was sent as, as do two structs that
send the same.
"""


class _Checked(Payload, frozen=True, kw_only=True):
    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_new()  # no answer holds one: `replace` makes a new one, too


class LamFeesRequest(_Checked, frozen=True, kw_only=True):
    """A transaction without the most that it may cost: `transactions.fees` sends it."""

    account_name: str
    recipient: str
    speed: TransactionSpeed
    account_id: int | None = None
    amount: str | None = None
    coin_fields: LamCoinFields | None = None
    note: TransactionOrMessageNote | None = None


class LamTransaction(LamFeesRequest, frozen=True, kw_only=True):
    """A transaction for a LAM to create, from the account of this name; amounts in base units.

    `amount` is `"0"` where a contract is called. `max_fees` is the most that it may cost: `"0"`
    where it is not known yet, since `transactions.fees` does not send it. Solana and Polkadot
    ignore it. The `speed` `CUSTOM` goes with fees in the `coin_fields`.
    """

    max_fees: str


class LamApproval(_Checked, frozen=True, kw_only=True):
    """An approval: exactly the values that a transaction was created with.

    Approving is a signature. Write these from your own record of the payment, and never from what
    the API answers: whoever can change its answers, such as those of
    `transactions.stream(status=["PENDING_APPROVAL"])`, would have you sign a payment of theirs.
    The reference of the API warns of that. `transactions.approve_if` compares the two.
    """

    account_name: str
    recipient: str
    amount: str | None = None
    coin_fields: LamCoinFields | None = None
    max_fees: str | None = None
