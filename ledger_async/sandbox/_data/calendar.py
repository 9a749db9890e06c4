"""The days of seeded objects: later ids are later moments, so that listings keep one order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

FOUNDED = datetime(2021, 3, 1, 9, tzinfo=UTC)  # the first account; one more comes each day
_PREPARED = datetime(2021, 2, 1, 9, tzinfo=UTC)
LIFETIME = timedelta(days=30)  # of a request


def prepared(number: int) -> datetime:
    """Return when the `number`-th thing that accounts rest on was set up."""
    return _PREPARED + timedelta(hours=number)


def on_day(index: int, hour: int, second: int = 0) -> datetime:
    """Return a moment of the day that the `index`-th account was created on."""
    return FOUNDED + timedelta(days=index, hours=hour, seconds=second)


def text(moment: datetime) -> str:
    """Return a moment as ISO 8601, for fields that are plain strings."""
    return moment.isoformat().replace("+00:00", "Z")
