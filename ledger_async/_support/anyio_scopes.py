"""What anyio's scopes around the caller say, asked only where there can be any.

Its backend is loaded with the first scope, and takes long enough to hold up an event loop.
"""

from __future__ import annotations

import math
import sys
from contextlib import AbstractContextManager, nullcontext

import anyio

_BACKEND = "anyio._backends._asyncio"


def deadline() -> float:
    """When they will cancel the caller; infinite where they will not, or have done so already."""
    if _BACKEND not in sys.modules:
        return math.inf
    found = anyio.current_effective_deadline()
    return found if found > -math.inf else math.inf


def shield() -> AbstractContextManager[object]:
    """Keeps their cancellations out of a block."""
    return anyio.CancelScope(shield=True) if _BACKEND in sys.modules else nullcontext()
