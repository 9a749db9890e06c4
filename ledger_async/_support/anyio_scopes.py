"""The anyio scopes around the caller, looked at only where there can be any.

anyio loads its backend with the first scope. That takes long enough to hold up an event loop, so
that nothing here loads it.
"""

from __future__ import annotations

import math
import sys
from contextlib import AbstractContextManager, nullcontext

import anyio

_BACKEND = "anyio._backends._asyncio"


def deadline() -> float:
    """The time at which they cancel the caller; infinite if they do not, or did so already."""
    if _BACKEND not in sys.modules:
        return math.inf
    found = anyio.current_effective_deadline()
    return found if found > -math.inf else math.inf


def shield() -> AbstractContextManager[object]:
    """Keep their cancellations out of a block."""
    return anyio.CancelScope(shield=True) if _BACKEND in sys.modules else nullcontext()
