"""The lines of accounts that are proven."""

from __future__ import annotations

from ledger_async.mirror.store import PROVEN

from .names import ACCOUNTS, RUNS, quoted

_STATUSES = ", ".join(f"'{each}'" for each in sorted(PROVEN))

IS_PROVEN = f"status IN ({_STATUSES})"
"""True for the line of an account that the run is done with."""


def last_proof(section: str) -> str:
    """The time when the listing of the workspace last had a proven end; NULL if it had none.

    `section` stands for the name of the table. Its runs are few; the lines of all tables are many,
    and found by the run.
    """
    return (
        f"SELECT max(a.finished_at) FROM {quoted(RUNS)} r CROSS JOIN {quoted(ACCOUNTS)} a "
        "WHERE a.run_id = r.run_id AND a.section = r.section AND a.account_id IS NULL "
        f"AND r.section = {section} AND a.{IS_PROVEN}"
    )
