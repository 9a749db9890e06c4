"""The turns that a shared limit gives: pyrate-limiter's GCRA, by the clock of the store's server.

GCRA keeps one number, the time at which all that was admitted will have been paid for. Whoever is
admitted within the burst may start at once. A fleet reserves ahead besides: the burst is as much
larger as may be reserved, and whoever is admitted by that waits for the moment that it stands for.
So processes get their turns in the order in which they asked, and none has to ask twice.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from ledger_async import ConfigurationError

try:
    from pyrate_limiter import GCRA, Rate
except ImportError:
    raise ConfigurationError("a fleet needs an extra: pip install 'ledger_async[fleet]'") from None

# The part of the plan's rate that is admitted: windows of the API and clocks do not quite agree.
ADMITTED = 0.985

# So many may start at once, after a while in which fewer did.
BURST = 2

# What is reserved is lost if whoever reserved it dies: no more than so many seconds of the rate.
_SECONDS_AHEAD = 5.0
_LEAST_AHEAD = 16

# A reservation that was refused is asked for again after so many seconds, or less.
_LONGEST_NAP = 1.0

_GCRA = GCRA()

# Milliseconds: long enough for rates of a few an hour to come out right in whole numbers.
_INTERVAL = 1_000_000_000

# The arguments are those of the script within, but for the time, which the server knows best. The
# reply to whoever is admitted is how long to wait, in microseconds.
RESERVE = f"""
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local ARGV = {{math.floor(now / 1000), unpack(ARGV)}}
local function step()
{_GCRA.redis_script()}
end
local reply = step()
if reply[1] < 0 then
    reply[2] = redis.call('HGET', KEYS[1], 'tat1') - {BURST} * ARGV[5] - now
end
return reply
"""

# Whoever comes within so many microseconds has to wait for their end.
HOLD = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local known = tonumber(redis.call('HGET', KEYS[1], 'tat1') or 0)
local tat = math.max(known, now + ARGV[1])
redis.call('HSET', KEYS[1], 'tat1', string.format('%.0f', tat))
redis.call('PEXPIRE', KEYS[1], math.ceil((tat - now) / 1000) + 1000)
return 1
"""


class Turn(NamedTuple):
    """Seconds to wait, and then to start if it `is_granted`, else to ask again."""

    wait: float
    is_granted: bool


def admitted(per_second: float) -> Rate:
    """The part of a plan's rate that is admitted, and the burst up to which it is reserved."""
    ahead = max(_LEAST_AHEAD, math.ceil(per_second * _SECONDS_AHEAD))
    limit = max(1, round(per_second * ADMITTED * _INTERVAL / 1000))
    return Rate(limit, _INTERVAL, burst=BURST + ahead)


def arguments(rate: Rate) -> list[int | float]:
    """The arguments of `RESERVE` for one request; they are kept until all of it is paid for."""
    kept = math.ceil(2 * rate.burst * rate.interval / rate.limit)
    return [1, kept, 1, *_GCRA.redis_args([rate])]


def turn(reply: list[int]) -> Turn:
    """The turn that a reply of `RESERVE` stands for."""
    failing, wait = reply
    if failing < 0:
        return Turn(max(0.0, wait / 1e6), is_granted=True)
    return Turn(min(wait / 1e3, _LONGEST_NAP), is_granted=False)
