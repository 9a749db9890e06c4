"""Fleets: more than one process, more than one machine, and one limit that all of them keep.

Needs the extra `fleet`: `pip install 'ledger_async[fleet]'`.
"""

from typing import TYPE_CHECKING

from ledger_async._support import lazy

if TYPE_CHECKING:
    from .fleet import Fleet
    from .mapping import AccountValue, FleetResults
    from .redis_limiter import RedisLimiter

__all__ = ["AccountValue", "Fleet", "FleetResults", "RedisLimiter"]

# Each needs libraries of its own.
__getattr__, __dir__ = lazy.exports(
    __name__,
    {
        "AccountValue": ".mapping",
        "Fleet": ".fleet",
        "FleetResults": ".mapping",
        "RedisLimiter": ".redis_limiter",
    },
)
