"""dlt: the stream as a resource, merged by the key that NFTs have."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import dlt  # type: ignore[import-not-found, unused-ignore] # a peer, not always there
from work import Work

from loaders.streamed import dicts

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")

_KEY = ["account_id", "contract_address", "token_id"]


async def load(work: Work, place: str, disposition: Any = "merge") -> int:
    """Run a pipeline over everything."""
    rows = 0

    async def nfts() -> AsyncIterator[list[dict[str, Any]]]:
        nonlocal rows
        async for some in dicts(work):
            rows += len(some)
            yield some

    resource = dlt.resource(
        nfts, name="nfts", write_disposition=disposition, primary_key=_KEY, max_table_nesting=0
    )
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "ledger",
            pipelines_dir=folder,
            # dlt wants a host, although that of a socket is in the query.
            destination=dlt.destinations.postgres(place.replace("@/", "@localhost/")),
            dataset_name="ledger",
        )
        await asyncio.to_thread(pipeline.run, resource)
    return rows
