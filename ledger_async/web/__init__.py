"""Streams as what web applications answer with: bytes, for any framework's streaming response."""

from __future__ import annotations

from .first_chunk import begun
from .lines import ndjson
from .sent_events import events

__all__ = ["begun", "events", "ndjson"]
