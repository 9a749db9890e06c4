"""Streams as what web applications answer with: bytes, for any framework's streaming response."""

from __future__ import annotations

from .lines import ndjson
from .sent_events import events

__all__ = ["events", "ndjson"]
