"""Options that more than one command takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from ledger_async import AccountFilters

from .formats import Format

Consistency = Literal["exact", "fast"]

Flag = Annotated[bool, Parameter(show_default=False)]

FormatOption = Annotated[
    Format | None,
    Parameter(
        name="--format",
        help="By default table on a terminal, csv for a FILE so called, ndjson otherwise.",
    ),
]
NumbersOption = Annotated[
    Flag, Parameter(help="NDJSON whose numbers are strings, for readers that would round them.")
]
PlainOption = Annotated[
    Flag, Parameter(help="CSV without the apostrophes that spreadsheets need, for programs.")
]
OutputOption = Annotated[
    Path | None,
    Parameter(
        help="File to write, touched only once complete: all but what failed. - is stdout.",
        metavar="FILE",
        allow_leading_hyphen=True,
    ),
]
ConsistencyOption = Annotated[
    Consistency,
    Parameter(
        help="Prove that nothing was missed, or only drop repeats, for a request less at most."
    ),
]
SandboxOption = Annotated[
    Flag, Parameter(help="Read a made-up workspace, which takes no credentials.")
]

VerboseOption = Annotated[
    Flag,
    Parameter(help="Say each request, pause and failure on stderr, in place of the progress."),
]
NoProgressOption = Annotated[Flag, Parameter(help="Draw no progress on a terminal.")]


class Filters(AccountFilters, total=False):
    """The filters of `GET /accounts`, explained.

    Parameters
    ----------
    account_label
        Only with one of these labels.
    account_type
        Only of this type.
    created_after
        Only younger ones; local time unless it has an offset.
    created_before
        Only older ones; local time unless it has an offset.
    currency
        Only in this currency, such as ethereum.
    entity
        Only of one of these entities.
    group
        Only where this group approves.
    id
        Only this one.
    name
        Only of this name.
    order
        Newest first (desc) unless told otherwise.
    order_by
        Field to sort by.
    parent
        Only children of this account.
    status
        Only in this state.
    user
        Only where this user approves.

    """


FilterOptions = Annotated[Filters | None, Parameter(name="*")]


def with_offsets(filters: Filters) -> Filters:
    """The same filters, in which a time that was given without an offset is local."""
    filters = filters.copy()
    if (after := filters.get("created_after")) is not None:
        filters["created_after"] = after.astimezone()
    if (before := filters.get("created_before")) is not None:
        filters["created_before"] = before.astimezone()
    return filters
