"""The tables that people read; what a server says in them is text and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Literal, NamedTuple

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from ledger_async import Account, AccountReport, LedgerError, Listing
from ledger_async.mirror import MirrorOutcome

from .text import printable

Reports = Mapping[int | None, AccountReport]

_UNBOUNDED = 10_000  # columns of a terminal


class _Column(NamedTuple):
    header: str
    tell: Callable[[Account], str]
    justify: Literal["left", "right"] = "left"


# The API tells amounts in the base unit of the currency, and which one that is elsewhere.
_ACCOUNT_COLUMNS = (
    _Column("Account", lambda each: str(each.id), "right"),
    _Column("Name", lambda each: each.name),
    _Column("Type", lambda each: each.type),
    _Column("Status", lambda each: each.status),
    _Column("Balance\nin base units", lambda each: each.balance, "right"),
    _Column("Currency", lambda each: each.currency),
)

_COLORS = {"failed": "red", "unverified": "yellow"}


def nfts_by_account(reports: Reports) -> Table:
    """A row for each account in the order they were begun, and the totals below."""
    each = reports.values()
    statuses = Counter(map(_status, each))
    table = Table(box=box.SIMPLE_HEAD, show_footer=True)
    for header, total in (
        ("Account", len(reports)),
        ("NFTs", sum(report.nodes for report in each)),
        ("Pages", sum(report.pages for report in each)),
        ("Duplicates\ndropped", sum(report.duplicates_dropped for report in each)),
    ):
        table.add_column(header, f"{total:,}", justify="right")
    table.add_column("Status", ", ".join(f"{n:,} {status}" for status, n in statuses.items()))
    for account_id, report in reports.items():
        counts = (report.nodes, report.pages, report.duplicates_dropped)
        status = _status(report)
        table.add_row(
            str(account_id),
            *(f"{count:,}" for count in counts),
            Text(status, _COLORS.get(status, "green")),
        )
    return table


def failures(errors: Mapping[int | None, LedgerError]) -> Table:
    """A row for each account that failed, and why."""
    table = Table("Account", "Error", box=box.SIMPLE_HEAD)
    for account_id, error in errors.items():
        table.add_row("all" if account_id is None else str(account_id), _text(str(error)))
    return table


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


class Accounts:
    """A row for each account, with as many columns as fit without breaking a word."""

    def __init__(self, found: Iterable[Account]) -> None:
        self._found = tuple(found)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        unbounded = options.update(width=_UNBOUNDED)
        for left_out in ((), ("Type",), ("Type", "Status")):
            table = self._table(left_out)
            if Measurement.get(console, unbounded, table).minimum <= options.max_width:
                break
        yield table

    def _table(self, left_out: Collection[str]) -> Table:
        columns = [each for each in _ACCOUNT_COLUMNS if each.header not in left_out]
        table = Table(box=box.SIMPLE_HEAD)
        for each in columns:
            folds = each.header == "Name"
            table.add_column(each.header, justify=each.justify, no_wrap=not folds, overflow="fold")
        for account in self._found:
            table.add_row(*(_text(each.tell(account)) for each in columns))
        return table


def _status(report: AccountReport) -> str:
    return report.status if report.error is None else "failed"


def _text(said: str) -> Text:
    # Not a plain string, in which rich would look for markup.
    return Text(printable(said))
