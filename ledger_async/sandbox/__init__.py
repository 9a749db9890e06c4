"""A Ledger Enterprise workspace on a loopback port: real HTTP, seeded data, faults on cue.

async with Sandbox({101: 250}, rate_limit=20) as sandbox:
    sandbox.fail(Fault.status(503), times=2)
    async with LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user) ...

It answers every operation of the API: `currencies={201: "cardano"}` puts accounts on other chains,
and what is requested, approved and rejected changes what is read afterwards.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._faults import Fault
    from ._journal import SeenRequest
    from ._limit import RateLimit
    from ._server import Sandbox

__all__ = ["Fault", "RateLimit", "Sandbox", "SeenRequest"]

_HOMES = {
    "Fault": "_faults",
    "RateLimit": "_limit",
    "Sandbox": "_server",
    "SeenRequest": "_journal",
}


def __getattr__(name: str) -> object:
    # pytest imports this package in every run to find the plugin: the server waits for first use.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
