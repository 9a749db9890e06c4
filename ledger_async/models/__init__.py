"""What the API answers with and takes, as frozen structs.

Of answers, unknown fields are ignored and unknown kinds kept. Modules are loaded one after the
other until the name that is asked for is found; whoever imports one itself loads no other for it.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .account import *  # noqa: F403
    from .account_rules import *  # noqa: F403
    from .addresses import *  # noqa: F403
    from .api_users import *  # noqa: F403
    from .balances import *  # noqa: F403
    from .cardano import *  # noqa: F403
    from .coin_fields import *  # noqa: F403
    from .compliance import *  # noqa: F403
    from .confidential import *  # noqa: F403
    from .currencies import *  # noqa: F403
    from .currency_names import *  # noqa: F403
    from .digests import *  # noqa: F403
    from .error import *  # noqa: F403
    from .ethereum import *  # noqa: F403
    from .fees import *  # noqa: F403
    from .history import *  # noqa: F403
    from .labels import *  # noqa: F403
    from .messages import *  # noqa: F403
    from .nft import *  # noqa: F403
    from .notifications import *  # noqa: F403
    from .organization import *  # noqa: F403
    from .paging import *  # noqa: F403
    from .payloads.bitcoin import *  # noqa: F403
    from .payloads.cardano import *  # noqa: F403
    from .payloads.creation import *  # noqa: F403
    from .payloads.ethereum import *  # noqa: F403
    from .payloads.fees_strategies import *  # noqa: F403
    from .payloads.lam import *  # noqa: F403
    from .payloads.payload import *  # noqa: F403
    from .payloads.polkadot import *  # noqa: F403
    from .payloads.requests import *  # noqa: F403
    from .payloads.ripple import *  # noqa: F403
    from .payloads.settlements import *  # noqa: F403
    from .payloads.solana import *  # noqa: F403
    from .payloads.stellar import *  # noqa: F403
    from .payloads.tezos import *  # noqa: F403
    from .payloads.tokens import *  # noqa: F403
    from .payloads.tron import *  # noqa: F403
    from .pledges import *  # noqa: F403
    from .polkadot_fields import *  # noqa: F403
    from .requests import *  # noqa: F403
    from .solana import *  # noqa: F403
    from .stakes import *  # noqa: F403
    from .tezos import *  # noqa: F403
    from .tokens import *  # noqa: F403
    from .transaction_fields import *  # noqa: F403
    from .transactions import *  # noqa: F403
    from .values import *  # noqa: F403
    from .whitelists import *  # noqa: F403

_MODULES = (
    "account",
    "account_rules",
    "addresses",
    "api_users",
    "balances",
    "cardano",
    "coin_fields",
    "compliance",
    "confidential",
    "currencies",
    "currency_names",
    "digests",
    "error",
    "ethereum",
    "fees",
    "history",
    "labels",
    "messages",
    "nft",
    "notifications",
    "organization",
    "paging",
    "payloads.bitcoin",
    "payloads.cardano",
    "payloads.creation",
    "payloads.ethereum",
    "payloads.fees_strategies",
    "payloads.lam",
    "payloads.payload",
    "payloads.polkadot",
    "payloads.requests",
    "payloads.ripple",
    "payloads.settlements",
    "payloads.solana",
    "payloads.stellar",
    "payloads.tezos",
    "payloads.tokens",
    "payloads.tron",
    "pledges",
    "polkadot_fields",
    "requests",
    "solana",
    "stakes",
    "tezos",
    "tokens",
    "transaction_fields",
    "transactions",
    "values",
    "whitelists",
)


def __getattr__(name: str) -> object:
    if name == "__all__":
        return __dir__()
    if name in {"fields", "payloads", *_MODULES}:
        return _loaded(name)
    for module in () if name.startswith("_") else map(_loaded, _MODULES):
        if name in module.__all__:
            globals()[name] = value = getattr(module, name)  # found first from now on
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(name for module in map(_loaded, _MODULES) for name in module.__all__)


def _loaded(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")
