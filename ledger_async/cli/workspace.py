"""The workspace to read: the one that the environment names, or a sandbox."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from random import Random

from ledger_async import LedgerClient
from ledger_async.sandbox import RateLimit, Sandbox

ACCOUNTS, NFTS = 40, 25_000

# Some 300 requests in all: enough for a few waits, and over in ten seconds.
_RATE_LIMIT = RateLimit(80, seconds=2.0)


@asynccontextmanager
async def client(*, sandbox: bool, concurrency: int = 16) -> AsyncIterator[LedgerClient]:
    """A client for the workspace that the environment names, or for a sandbox made for it."""
    if not sandbox:
        async with LedgerClient(max_concurrency=concurrency) as ledger:
            yield ledger
        return
    async with (
        Sandbox(uneven(), rate_limit=_RATE_LIMIT, latency=0.05, record=False) as made,
        LedgerClient(
            made.url, api_key=made.api_key, api_user=made.api_user, max_concurrency=concurrency
        ) as ledger,
    ):
        yield ledger


def uneven(accounts: int = ACCOUNTS, nfts: int = NFTS, seed: int = 0) -> Mapping[int, int]:
    """Account ids, and so many `nfts` shared out among them: much to one, little to most."""
    weights = [rank**-1.5 for rank in range(1, accounts + 1)]
    total = sum(weights)
    sizes = [int(nfts * weight / total) for weight in weights]
    sizes[0] += nfts - sum(sizes)
    Random(seed).shuffle(sizes)  # noqa: S311 - reproducible on purpose
    return dict(enumerate(sizes, start=101))


def exports(made: Sandbox) -> str:
    """Shell lines that set what a client of this sandbox needs."""
    settings = {
        "LEDGER_BASE_URL": made.url,
        "LEDGER_API_KEY": made.api_key,
        "LEDGER_API_USER": made.api_user,
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items())
