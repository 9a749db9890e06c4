"""Redis or Valkey, asked for turns and told of rates; whatever goes wrong is a `StoreError`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from ledger_async import ConfigurationError, StoreError
from ledger_async._support.secrets import Hidden

from .admission import HOLD, RESERVE, Turn, admitted, arguments, turn
from .told_rate import Told

try:
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff
    from redis.commands.core import AsyncScript
    from redis.exceptions import RedisError
except ImportError:
    raise ConfigurationError("a fleet needs an extra: pip install 'ledger_async[fleet]'") from None

# Seconds for an answer; and for one that came while the event loop was held up, to be noticed.
_PATIENCE = 0.25
_GRACE = 0.05

# Milliseconds for which a rate is kept that nobody tells any more, at the least.
_KEPT = 10_000

# Of the same limit, the longest window counts: who told a shorter one has not heard its beginning.
_SHARE = """
local known = redis.call('HMGET', KEYS[1], 'limit', 'seconds')
local limit, seconds = ARGV[1], ARGV[2]
if limit and (known[1] ~= limit or tonumber(known[2]) <= tonumber(seconds)) then
    redis.call('HSET', KEYS[1], 'limit', limit, 'seconds', seconds)
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    return {limit, seconds}
end
return known
"""


class LimitStore:
    """The limit of this `key` in the database at this URL, whose password nobody gets to see."""

    def __init__(self, url: str, key: str) -> None:
        redis = _connected(url)
        if redis is None:
            raise ConfigurationError("url must look like redis://:password@host:port/0")
        self.place = _place(url)
        self._key, self._told_key = f"{{{key}}}:limit", f"{{{key}}}:told"
        self._redis = Hidden(redis)
        self._reserve = Hidden(redis.register_script(RESERVE))
        self._hold = Hidden(redis.register_script(HOLD))
        self._share = Hidden(redis.register_script(_SHARE))

    async def reserve(self, per_second: float) -> Turn:
        """The next turn at the plan's rate."""
        args = arguments(admitted(per_second))
        return turn(await self._reply(self._reserve, self._key, args))

    async def share(self, told: Told | None) -> Told | None:
        """Tell what was heard, if anything was, and hear what the others did."""
        args = [] if told is None else [*told, _kept(told)]
        return _read(await self._reply(self._share, self._told_key, args))

    async def hold(self, seconds: float) -> None:
        """Let nobody start for so long."""
        await self._reply(self._hold, self._key, [round(seconds * 1e6)])

    async def aclose(self) -> None:
        """Close the connections; a store that is gone cannot keep anybody from that."""
        with suppress(RedisError, OSError, RuntimeError):
            await self._redis.reveal().aclose()

    async def _reply(self, script: Hidden[AsyncScript], key: str, args: Sequence[float]) -> Any:
        # No frame holds what knows the password: neither the client, nor what comes of it.
        asking = asyncio.ensure_future(script.reveal()(keys=[key], args=args))
        try:
            for patience in (_PATIENCE, _GRACE):
                await asyncio.wait([asking], timeout=patience)
        finally:
            asking.cancel()
        failure = self._failure(asking)
        if failure is None:
            return asking.result()
        del asking
        raise failure

    def _failure(self, asking: asyncio.Future[Any]) -> StoreError | None:
        if not asking.done():
            return StoreError(f"the store at {self.place} does not answer within {_PATIENCE} s")
        error = asking.exception()
        if error is None:
            return None
        why = str(error) if isinstance(error, RedisError | OSError) else ""
        return StoreError(f"the store at {self.place} fails: {type(error).__name__}: {why}")


def _connected(url: str) -> Redis | None:
    """The client of a URL that is one; whatever is said of another may quote the password."""
    try:
        return Redis.from_url(re.sub("^valkey", "redis", url), retry=Retry(NoBackoff(), 0))
    except Exception:  # noqa: BLE001 - of whatever kind, it is the URL
        return None


def _place(url: str) -> str:
    """The host and port of a URL, or its path, for messages."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname or parts.path}{port}"


def _kept(told: Told) -> int:
    return max(_KEPT, round(4000 * told.seconds))


def _read(reply: Sequence[bytes | None]) -> Told | None:
    limit, seconds = reply
    return None if limit is None or seconds is None else Told(int(limit), float(seconds))
