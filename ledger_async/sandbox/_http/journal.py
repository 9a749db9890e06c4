"""A record of what a sandbox has seen: its requests, and how many were under way at once."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from .query import whole

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator, Mapping


@dataclass(slots=True)
class SeenRequest:
    """One request as the sandbox saw it, without its headers, which hold secrets.

    `account_id`, `page` and `page_size` are as asked for, `None` where the request names none.
    `time` is the event loop's at arrival, in seconds. `status` is what was answered: `None`
    until then, and for ever if the connection was closed without an answer.
    """

    method: str
    path: str
    query: Mapping[str, str]
    account_id: int | None
    page: int | None
    page_size: int | None
    time: float
    status: int | None = None

    @classmethod
    def of(cls, request: web.Request, now: float) -> SeenRequest:
        """Return the record of a request that arrives now."""
        query = request.query
        return cls(
            method=request.method,
            path=request.path,
            query=query,
            account_id=whole(request.match_info.get("account_id")),
            page=whole(query.get("page")),
            page_size=whole(query.get("page_size")),
            time=now,
        )


SEEN = web.RequestKey("seen", SeenRequest)


@dataclass(slots=True)
class Journal:
    """The counts of a sandbox; with `record=False` it keeps the counts and no requests."""

    record: bool
    requests: list[SeenRequest] = field(default_factory=list)
    under_way: set[asyncio.Task[None]] = field(default_factory=set)
    peak_in_flight: int = 0
    refusals: int = 0

    @contextmanager
    def watch(self, request: web.Request, now: float) -> Iterator[SeenRequest]:
        """Record a request, and count it as under way until the block is left."""
        request[SEEN] = seen = SeenRequest.of(request, now)
        if self.record:
            self.requests.append(seen)
        self.under_way.add(request.task)
        self.peak_in_flight = max(self.peak_in_flight, len(self.under_way))
        try:
            yield seen
        finally:
            self.under_way.discard(request.task)
