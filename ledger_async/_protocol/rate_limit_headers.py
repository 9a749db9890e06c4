"""Read the rate-limit headers of a response, in seconds from the moment it was sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache

import msgspec

# A reset of more than this many seconds can only be a point in Unix time (9 September 2001), and
# one of more than these in thousandths of a second, or in thousandths of those.
_UNIX_TIME_FROM = 1e9
_UNIX_THOUSANDTHS_FROM = 1e12

# If a point in time lies farther back, or farther off, the clock it is measured by is in doubt.
_LONGEST_OVER = 60.0
_LONGEST_WAIT = 86400.0

# float() would also take "nan", "1_0", "-3" and digits of other scripts.
_is_number = re.compile(r"[0-9]{1,19}(?:\.[0-9]{1,9})?", re.ASCII).fullmatch


class Quota(msgspec.Struct, frozen=True):
    """So many requests `remaining` until the server's window starts again, in `resets_in` seconds.

    `limit` is how many the server then allows, where it says so.
    """

    remaining: int
    resets_in: float
    limit: int | None = None


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait as `Retry-After` asks (a number or an HTTP date), `None` if it does not.

    A date is measured against the response's own `Date`, so that neither clock has to be right.
    `now` (Unix seconds) stands in where there is no `Date`, or where the date makes sense by `now`
    alone.
    """
    value = headers.get("Retry-After")
    if value is None:
        return None
    seconds = _number(value)
    if seconds is not None:
        return seconds
    until = _http_date(value)
    return None if until is None else _wait_until(until, headers, now)


def reset_in(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until `X-RateLimit-Reset`: a wait, or a Unix time, measured as `retry_after` is."""
    seconds = _number(headers.get("X-RateLimit-Reset", ""))
    if seconds is None or seconds < _UNIX_TIME_FROM:
        return seconds
    while seconds >= _UNIX_THOUSANDTHS_FROM:
        seconds /= 1000
    return _wait_until(seconds, headers, now)


def quota(headers: Mapping[str, str], now: float) -> Quota | None:
    """The quota that a response states, `None` unless it says how many until when."""
    told = headers.get("X-RateLimit-Remaining")
    if told is None:
        return None
    remaining, reset = _number(told), reset_in(headers, now)
    if remaining is None or reset is None:
        return None
    return Quota(int(remaining), reset, _limit(headers.get("X-RateLimit-Limit", "")))


@lru_cache(maxsize=16)  # it is the same in answer after answer
def _limit(text: str) -> int | None:
    limit = _number(text)
    return None if limit is None else int(limit)


def _number(text: str) -> float | None:
    text = text.strip()
    return float(text) if _is_number(text) else None


def _http_date(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _wait_until(moment: float, headers: Mapping[str, str], now: float) -> float:
    date = _http_date(headers.get("Date", ""))
    wait = moment - (now if date is None else date)
    if not _makes_sense(wait) and _makes_sense(moment - now):
        wait = moment - now
    return max(0.0, wait)


def _makes_sense(wait: float) -> bool:
    return -_LONGEST_OVER <= wait <= _LONGEST_WAIT
