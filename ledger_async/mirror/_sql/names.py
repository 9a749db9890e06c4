"""The names that a mirror gives to its own tables and columns."""

from __future__ import annotations

from collections.abc import Iterable

RUNS = "mirror_runs"
ACCOUNTS = "mirror_accounts"
PARTS = "mirror_parts"

FIRST_SEEN, CHANGED, GONE = "first_seen_at", "changed_at", "gone_at"

# Of staged rows. No field of the API begins like this.
WRITER, PART, POSITION = "_writer", "_part", "_position"

_OF_CHANGES = {"id", "run_id", CHANGED, "kind", "before", "after"}


def quoted(name: str) -> str:
    """The name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def listed(names: Iterable[str], prefix: str = "") -> str:
    """The names as SQL lists them, perhaps each as a column of the table of this alias."""
    dotted = prefix and f"{prefix}."
    return ", ".join(dotted + quoted(name) for name in names)


def staging_of(table: str) -> str:
    """The table that holds rows of accounts that were not read to their end yet."""
    return f"{table}_staging"


def changes_of(table: str) -> str:
    """The table that holds a row for each difference."""
    return f"{table}_changes"


def current_of(table: str) -> str:
    """The view on the rows that are not gone."""
    return f"{table}_current"


def key_in_changes(column: str) -> str:
    """The name of a key's column in the table of changes, some of which has names of its own."""
    return f"key_{column}" if column in _OF_CHANGES else column
