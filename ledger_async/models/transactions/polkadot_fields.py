"""The fields that transactions on Polkadot have beyond the common ones."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import open_union

__all__ = [
    "PolkadotAddProxyFields",
    "PolkadotAnonymousProxyFields",
    "PolkadotBondFields",
    "PolkadotCommonFields",
    "PolkadotFields1",
    "PolkadotKillAnonymousFields",
    "PolkadotParameters",
    "PolkadotSetControllerFields",
    "PolkadotSetPayeeFields",
]


class _Sent(Struct, Described, frozen=True, kw_only=True):
    is_proxy: bool | None = None
    real: str | None = None


class PolkadotBondFields(_Sent, frozen=True):
    """A bond, controlled by `controller`; rewards go to `payee`."""

    controller: str
    payee: str
    type: str = "Bond"


class PolkadotSetControllerFields(_Sent, frozen=True):
    """Another controller of a stake."""

    controller: str
    type: str = "SetController"


class PolkadotSetPayeeFields(_Sent, frozen=True):
    """Another destination of rewards."""

    payee: str
    type: str = "SetPayee"


class PolkadotAddProxyFields(_Sent, frozen=True):
    """A proxy that is added or removed; `kind` is `Staking`."""

    kind: str
    proxy: str
    type: str = "AddProxy/RemoveProxy"


class PolkadotKillAnonymousFields(_Sent, frozen=True):
    """An anonymous proxy that is given up, by the extrinsic that created it.

    `height` is its block, `ext_index` its place there; `index` is 0 unless that created several.
    """

    ext_index: int
    height: int
    index: int
    kind: str
    type: str = "KillAnonymous"


class PolkadotAnonymousProxyFields(_Sent, frozen=True):
    """An anonymous proxy that is created, with its address once there is one."""

    kind: str
    anonymousproxy_address: str | None = None
    type: str = "Anonymous"


class PolkadotCommonFields(_Sent, frozen=True):
    """A transaction that has no parameters of its own."""


if TYPE_CHECKING:
    PolkadotParameters: TypeAlias = (
        PolkadotAddProxyFields
        | PolkadotAnonymousProxyFields
        | PolkadotBondFields
        | PolkadotCommonFields
        | PolkadotKillAnonymousFields
        | PolkadotSetControllerFields
        | PolkadotSetPayeeFields
        | Mapping[str, object]
    )
else:
    PolkadotParameters = open_union(
        tag="type",
        tagged={
            "AddProxy": PolkadotAddProxyFields,
            "AddProxy/RemoveProxy": PolkadotAddProxyFields,
            "Anonymous": PolkadotAnonymousProxyFields,
            "Bond": PolkadotBondFields,
            "KillAnonymous": PolkadotKillAnonymousFields,
            "RemoveProxy": PolkadotAddProxyFields,
            "SetController": PolkadotSetControllerFields,
            "SetPayee": PolkadotSetPayeeFields,
        },
        # The tag has a default, so that it may be missing.
        keyed={
            "proxy": PolkadotAddProxyFields,
            "height": PolkadotKillAnonymousFields,
            "kind": PolkadotAnonymousProxyFields,
            "controller": open_union(
                {"payee": PolkadotBondFields, "controller": PolkadotSetControllerFields}
            ),
            "payee": PolkadotSetPayeeFields,
            "is_proxy": PolkadotCommonFields,
            "real": PolkadotCommonFields,
        },
    )


class PolkadotFields1(Struct, Described, frozen=True):
    """The fields of a transaction on Polkadot, by its type."""

    tx_parameters: PolkadotParameters
    type: str
