"""The tables that people read; what a server says in them is text and nothing else."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from ledger_async import NFT, Account, AccountReport, LedgerError, Listing
from ledger_async.mirror import MirrorOutcome

from .fitting import Column, Fitting, Row
from .formats import Kind, value_at
from .text import bare, counted, printable

Reports = Mapping[int | None, AccountReport]

_UNBOUNDED = 10_000  # columns of a terminal

# The API tells amounts in the base unit of the currency, and which one that is elsewhere.
_ACCOUNT_COLUMNS = (
    Column("Account", "right"),
    Column("Name", wraps=True),
    Column("Type", spared=2),
    Column("Status", spared=1),
    Column("Balance\nin base units", "right"),
    Column("Currency"),
)

_NFT_COLUMNS = (
    Column("Token", breaks=16),
    Column("Name", wraps=True),
    Column("Contract", spared=3, breaks=21),
    Column("Type", spared=2),
    Column("Owned", "right"),
    Column("Price", "right", spared=1),
)

_COUNT_COLUMNS = (
    Column("Account", "right"),
    Column("NFTs", "right"),
    Column("Pages", "right", spared=1),
    Column("Duplicates\ndropped", "right", spared=2),
    Column("Status", wraps=True),
)

# Fields of any node that people look at first.
_FIRST = ("id", "name", "type", "status", "currency", "balance", "amount", "created_on")

_FAILURE_COLUMNS = (Column("Account"), Column("Error", wraps=True))

_COLORS = {"failed": "red", "unverified": "yellow"}


def nfts(found: Sequence[NFT], *, others: int) -> Fitting:
    """A row for each NFT that was found; so many `others` were left out."""
    return Fitting(
        _NFT_COLUMNS,
        [Row([*map(_text, _nft(each))]) for each in found],
        left=lambda left: (
            f"… and {counted(left, 'NFT')} more (all of them: --format csv or ndjson)"
        ),
        others=others,
    )


def nodes(found: Sequence[Any], kind: Kind, *, others: int = 0) -> Fitting:
    """A row for each node that was found, of the fields that are plain and not all empty."""
    records = [kind.record(None, each) for each in found]
    cells = {
        name: [value_at(each, [name]) for each in records]
        for name in sorted(kind.columns, key=_first)
        if not any(isinstance(each.get(name), list | tuple | Mapping) for each in records)
    }
    shown = {
        name: [bare(each) for each in values]
        for name, values in cells.items()
        if any(each is not None for each in values)
    }
    columns = [
        Column(name, spared=max(0, index - 2), wraps=any(" " in each for each in texts))
        for index, (name, texts) in enumerate(shown.items())
    ]
    rows = [Row([*map(_text, texts)]) for texts in zip(*shown.values(), strict=True)]
    return Fitting(
        columns or [Column(name) for name in kind.columns[:3]],
        rows,
        left=lambda left: f"… and {left:,} more (all of them: --format csv or ndjson)",
        others=others,
    )


def _first(name: str) -> int:
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)


def fields(node: object) -> Fitting:
    """A row for each field."""
    record = Kind(()).record(None, node)
    rows = [Row([_text(name), _text(bare(value_at(record, [name])))]) for name in record]
    return Fitting((Column("Field"), Column("Value", wraps=True, breaks=16)), rows)


def nfts_by_account(reports: Reports) -> Fitting:
    """A row for each account in the order they were begun, and the totals below.

    Where a terminal has no room for all, those that are not proven are shown, and the largest.
    """
    each = reports.values()
    statuses = Counter(map(_status, each))
    totals = (
        f"{len(reports):,}",
        f"{sum(report.nodes for report in each):,}",
        f"{sum(report.pages for report in each):,}",
        f"{sum(report.duplicates_dropped for report in each):,}",
        ", ".join(f"{n:,} {status}" for status, n in statuses.items()),
    )
    return Fitting(
        _COUNT_COLUMNS,
        [_counts(account_id, report) for account_id, report in reports.items()],
        totals=totals,
        left=lambda left: (
            f"… and {counted(left, 'account')} more (all of them: --format table | less)"
        ),
    )


def accounts(found: Iterable[Account]) -> Fitting:
    """A row for each account."""
    return Fitting(_ACCOUNT_COLUMNS, [Row([*map(_text, _account(each))]) for each in found])


def failures(errors: Mapping[int | None, LedgerError]) -> Fitting:
    """A row for each account that failed, and why."""
    rows = [
        Row([_text("all" if account_id is None else str(account_id)), _text(str(error))])
        for account_id, error in errors.items()
    ]
    return Fitting(_FAILURE_COLUMNS, rows)


class Mirrored:
    """The differences that a mirror of a listing has made: a row, or lines where it is too wide."""

    def __init__(self, listing: Listing, outcome: MirrorOutcome) -> None:
        counts = {
            "Rows": outcome.rows,
            "Added": outcome.added,
            "Changed": outcome.changed,
            "Gone": outcome.gone,
            "Failed": len(outcome.failed),
        }
        if listing.by_account:
            counts = {"Accounts": outcome.accounts, **counts}
        self._name = listing.name
        self._counts = {header: f"{count:,}" for header, count in counts.items()}

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        row, unbounded = self._row(), options.update(width=_UNBOUNDED)
        fits = Measurement.get(console, unbounded, row).maximum <= options.max_width
        yield row if fits else self._lines()

    def _row(self) -> Table:
        table = Table("Table", box=box.SIMPLE_HEAD)
        for header in self._counts:
            table.add_column(header, justify="right")
        table.add_row(self._name, *self._counts.values())
        return table

    def _lines(self) -> Table:
        table = Table("Table", box=box.SIMPLE_HEAD)
        table.add_column(self._name, justify="right")
        for each in self._counts.items():
            table.add_row(*each)
        return table


def _account(account: Account) -> Iterable[str]:
    return (
        str(account.id),
        account.name,
        account.type,
        account.status,
        account.balance,
        account.currency,
    )


def _nft(nft: NFT) -> Iterable[str]:
    metadata, price = nft.metadata, nft.price
    return (
        nft.token_id,
        (metadata and (metadata.nft_name or metadata.token_name)) or "",
        nft.contract_address,
        nft.token_type,
        f"{nft.value:,}",
        f"{price.value:,f} {price.ticker}" if price else "",
    )


def _counts(account_id: int | None, report: AccountReport) -> Row:
    status = _status(report)
    counts = (report.nodes, report.pages, report.duplicates_dropped)
    cells = [Text(str(account_id)), *(Text(f"{count:,}") for count in counts)]
    rank = report.nodes if status in {"exact", "repaired"} else sys.maxsize
    return Row([*cells, Text(status, _COLORS.get(status, "green"))], rank)


def _status(report: AccountReport) -> str:
    return report.status if report.error is None else "failed"


def _text(said: str) -> Text:
    # Not a plain string, in which rich would look for markup.
    return Text(printable(said))
