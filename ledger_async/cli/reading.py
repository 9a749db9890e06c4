"""From a stream to the output: a display meanwhile, and at the end what came and what did not."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from rich.console import RenderableType

from ledger_async import Account, LedgerClient, NodeStream, PageSize

from . import failures, tables
from .display import Meter, drawn
from .formats import ACCOUNTS, NFTS, Kind
from .options import Consistency, Filters
from .output import Output
from .tables import Reports
from .text import counted, say

# Nodes that a table has a row for: other formats are for more.
_SHOWN = 1000


async def read_nfts(
    ledger: LedgerClient,
    out: Output,
    account_ids: Sequence[int],
    *,
    page_size: PageSize,
    consistency: Consistency,
) -> bool:
    """Write the NFTs of these accounts, or of all if there are no ids; false if some failed.

    Raises `LedgerError` if all of them failed.
    """
    listing = None if account_ids else ledger.accounts.stream()
    stream = ledger.nfts.stream_accounts(
        account_ids if listing is None else ids_of(listing),
        page_size=page_size,
        consistency=consistency,
        on_error="skip",
    )
    meter = Meter("NFT", stream, listing)
    async with stream:
        with drawn(meter, on=_may_draw(out)):
            if out.format == "table":
                few = await _few_of(stream, _SHOWN if len(account_ids) == 1 else 0)
            else:
                await out.write_nodes(stream, NFTS)
                few = []
    errors = _errors(stream.reports)
    failures.raise_if_all(errors, of=len(stream.reports))
    if len(account_ids) == 1:
        table = tables.nfts(few, others=stream.progress.nodes - len(few))
    else:
        table = tables.nfts_by_account(stream.reports)
    await _sum_up(out, meter, table)
    if listing is not None:
        warn_of_gaps("account", listing.reports)
    warn_of_gaps("NFT", stream.reports)
    return not failures.told(errors)


async def _few_of(stream: NodeStream[Any], most: int) -> list[Any]:
    """Read all of a stream, and give its first nodes."""
    few: list[Any] = []
    async for batch in stream.batches():
        few += batch.nodes[: most - len(few)]
    return few


async def read_accounts(
    ledger: LedgerClient, out: Output, filters: Filters, *, consistency: Consistency
) -> None:
    """Write the accounts that match."""
    found: list[Account] = []
    async with ledger.accounts.stream(consistency=consistency, **filters) as stream:
        meter = Meter("account", stream)
        with drawn(meter, on=_may_draw(out)):
            if out.format == "table":
                async for batch in stream.batches():
                    found += batch.nodes
            else:
                await out.write_nodes(stream, ACCOUNTS)
    await _sum_up(out, meter, tables.accounts(found))
    warn_of_gaps("account", stream.reports)


async def read_nodes(stream: NodeStream[Any], out: Output, kind: Kind) -> None:
    """Write every node of a listing, whatever its kind."""
    async with stream:
        meter = Meter("node", stream)
        with drawn(meter, on=_may_draw(out)):
            if out.format == "table":
                few = await _few_of(stream, _SHOWN)
            else:
                await out.write_nodes(stream, kind)
                few = []
    await _sum_up(out, meter, tables.nodes(few, kind, others=stream.progress.nodes - len(few)))
    warn_of_gaps("node", stream.reports)


async def ids_of(listing: NodeStream[Account]) -> AsyncGenerator[int, None]:
    """The id of each account, as the stream of them is read."""
    async with listing:
        async for account in listing:
            yield account.id


def _may_draw(out: Output) -> bool:
    """True if a display is wanted, reaches a terminal, and no lines of data would run into it."""
    lines_run_into_it = out.is_terminal and out.format != "table"
    return out.draws and sys.stderr.isatty() and not lines_run_into_it


async def _sum_up(out: Output, meter: Meter, table: RenderableType) -> None:
    if out.format == "table":
        await out.show(table, meter.summary())
    elif sys.stderr.isatty():
        say(meter.summary())


def warn_of_gaps(noun: str, reports: Reports) -> None:
    """Say how many listings are not proven, if any."""
    unproven = [each for each in reports.values() if each.status == "unverified" and not each.error]
    if unproven:
        listings = counted(len(unproven), "listing")
        say(f"warning: {listings} of {noun}s unverified: some may be missing")


def _errors(reports: Reports) -> failures.Errors:
    return {id_: report.error for id_, report in reports.items() if report.error is not None}
