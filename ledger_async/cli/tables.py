"""The tables that people read; what a server says in them is text and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from rich import box
from rich.table import Table
from rich.text import Text

from ledger_async import Account, AccountReport
from ledger_async.cli.text import printable

Reports = Mapping[int | None, AccountReport]

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


def failures(reports: Reports) -> Table:
    """A row for each account that failed, and why."""
    table = Table("Account", "Error", box=box.SIMPLE_HEAD)
    for account_id, report in reports.items():
        if report.error is not None:
            table.add_row(str(account_id), _text(str(report.error)))
    return table


def accounts(found: Iterable[Account]) -> Table:
    """A row for each account; where it is narrow, names are folded before any number is."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Account", justify="right", no_wrap=True, overflow="fold")
    for header in ("Name", "Type", "Status", "Currency"):
        table.add_column(header, overflow="fold")
    table.add_column("Balance", justify="right", no_wrap=True, overflow="fold")
    for each in found:
        told = (each.name, each.type, each.status, each.currency, each.balance)
        table.add_row(str(each.id), *map(_text, told))
    return table


def _status(report: AccountReport) -> str:
    return report.status if report.error is None else "failed"


def _text(said: str) -> Text:
    # Not a plain string, in which rich would look for markup.
    return Text(printable(said))
