"""Prints a query over a mirrored SQLite file, and its rows."""  # noqa: INP001 - a script

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing

from rich import box
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

QUERY = """\
SELECT json_extract(metadata, '$.tokenName') AS collection,
       count(*) AS nfts,
       count(DISTINCT account_id) AS accounts
FROM nfts
WHERE gone_at IS NULL AND metadata IS NOT NULL
GROUP BY collection
ORDER BY nfts DESC
LIMIT 5;"""


def main(path: str) -> None:
    """Ask for the largest collections in the file at `path`."""
    console = Console()
    console.print(Syntax(QUERY, "sql", theme="ansi_dark", background_color="default"))
    with closing(sqlite3.connect(path)) as database:
        found = database.execute(QUERY)
        table = Table(box=box.SIMPLE_HEAD)
        for name, *_ in found.description:
            table.add_column(name, justify="left" if name == "collection" else "right")
        for collection, *counts in found:
            table.add_row(collection, *(f"{count:,}" for count in counts))
    console.print(table)
    console.print(f"{path} stays, for queries of your own.")


if __name__ == "__main__":
    main(sys.argv[1])
