"""An event loop on which waiting takes no time, and sockets still work."""

from __future__ import annotations

import asyncio
import selectors

# How long a real answer may take before a waiting loop jumps ahead. On loopback the peer is a
# task of the same loop, whose bytes are there at once; this leaves room for a helper thread, and
# more of it before a jump that could end in somebody's timeout.
_GRACE = 0.001
_GRACE_OF_LONG_JUMPS = 0.01
_LONG = 5.0


class _JumpingSelector(selectors.DefaultSelector):
    """Looks for events as always; where there are none, time jumps to the next timer."""

    def __init__(self, *, patient: bool) -> None:
        super().__init__()
        self.jumped = 0.0
        self._patient = patient

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        grace = _GRACE if timeout < _LONG else _GRACE_OF_LONG_JUMPS
        events = super().select(min(timeout, grace) if self._patient else 0)
        if not events:
            self.jumped += timeout
        return events


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Its clock moves by the waits it skips, and by nothing else.

    Where no sockets are used it need not be `patient`: hours then run in milliseconds.
    """

    def __init__(self, *, patient: bool = True) -> None:
        self._jumping = _JumpingSelector(patient=patient)
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.jumped
