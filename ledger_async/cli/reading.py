"""From a stream to the output: a display meanwhile, and at the end what came and what did not."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from rich.console import Console, RenderableType

from ledger_async import Account, LedgerClient, LedgerError, NodeStream, PageSize

from . import tables
from .display import Meter, drawn
from .formats import ACCOUNTS, NFTS, NODES
from .options import Filters
from .output import Output
from .tables import Reports
from .text import counted, say


async def read_nfts(
    ledger: LedgerClient, out: Output, account_ids: Sequence[int], *, page_size: PageSize
) -> bool:
    """Write the NFTs of these accounts, or of all if there are no ids; false if some failed.

    Raises `LedgerError` if all of them failed.
    """
    listing = None if account_ids else ledger.accounts.stream()
    stream = ledger.nfts.stream_accounts(
        account_ids if listing is None else _ids(listing), page_size=page_size, on_error="skip"
    )
    meter = Meter("NFT", stream, listing)
    async with stream:
        with drawn(meter, on=_may_draw(out)):
            if out.format == "table":
                async for _ in stream.batches():
                    pass
            else:
                await out.write_nodes(stream, NFTS)
    _raise_if_all_failed(stream.reports)
    await _sum_up(out, meter, tables.nfts_by_account(stream.reports))
    if listing is not None:
        _warn_of_gaps("account", listing.reports)
    _warn_of_gaps("NFT", stream.reports)
    return not _tell_failures(stream.reports)


async def read_accounts(ledger: LedgerClient, out: Output, filters: Filters) -> None:
    """Write the accounts that match."""
    found: list[Account] = []
    async with ledger.accounts.stream(**filters) as stream:
        meter = Meter("account", stream)
        with drawn(meter, on=_may_draw(out)):
            if out.format == "table":
                async for batch in stream.batches():
                    found += batch.nodes
            else:
                await out.write_nodes(stream, ACCOUNTS)
    await _sum_up(out, meter, tables.Accounts(found))
    _warn_of_gaps("account", stream.reports)


async def read_nodes(stream: NodeStream[Any], out: Output) -> None:
    """Write every node of a listing, whatever its kind."""
    async with stream:
        meter = Meter("node", stream)
        with drawn(meter, on=_may_draw(out)):
            await out.write_nodes(stream, NODES)
    if sys.stderr.isatty():
        say(meter.summary())
    _warn_of_gaps("node", stream.reports)


async def _ids(listing: NodeStream[Account]) -> AsyncGenerator[int, None]:
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


def _warn_of_gaps(noun: str, reports: Reports) -> None:
    unproven = [each for each in reports.values() if each.status == "unverified" and not each.error]
    if unproven:
        listings = counted(len(unproven), "listing")
        say(f"warning: {listings} of {noun}s unverified: some may be missing")


def _raise_if_all_failed(reports: Reports) -> None:
    """Raise if nothing came at all, so that no empty file replaces a full one."""
    errors = [report.error for report in reports.values() if report.error is not None]
    if not errors or len(errors) < len(reports):
        return
    if len({error.message for error in errors}) == 1:
        raise errors[0]
    _tell_failures(reports)
    raise LedgerError("no account could be read")


def _tell_failures(reports: Reports) -> bool:
    """Print which accounts failed and why; false if none did."""
    failed = any(report.error is not None for report in reports.values())
    if failed:
        Console(stderr=True).print(tables.failures(reports))
    return failed
