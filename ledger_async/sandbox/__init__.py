"""A Ledger Enterprise workspace on a loopback port: real HTTP, seeded data, faults on cue.

async with Sandbox({101: 250}, rate_limit=20) as sandbox:
    sandbox.fail(Fault.status(503), times=2)
    async with LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user) ...

It answers every operation of the API: `currencies={201: "cardano"}` puts accounts on other chains,
and what is requested, approved and rejected changes what is read afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger_async._support import lazy

if TYPE_CHECKING:
    from ._http.faults import Fault
    from ._http.journal import SeenRequest
    from ._http.limit import RateLimit
    from .sandbox import Sandbox

__all__ = ["Fault", "RateLimit", "Sandbox", "SeenRequest"]

# pytest imports this package in every run to find the plugin: the server waits for first use.
__getattr__, __dir__ = lazy.exports(
    __name__,
    {
        "Fault": "._http.faults",
        "RateLimit": "._http.limit",
        "Sandbox": ".sandbox",
        "SeenRequest": "._http.journal",
    },
)
