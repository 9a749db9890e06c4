"""The statements of a run on one table, of which each takes all accounts of a write at once.

Their parameters are `run`, the `writer` to whom staged parts belong, the accounts as `ids`, and
those accounts as `replacing` whose rows that did not come are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger_async.mirror._sql import names
from ledger_async.mirror._sql.names import listed, quoted
from ledger_async.mirror._sql.proofs import IS_PROVEN, last_proof
from ledger_async.mirror.table import Table

INCOMING = "mirror_incoming"
"""A table of each connection's own, for rows whose accounts end with this write.

It is temporary, so that these rows are logged once, when they are merged.
"""

# PostgreSQL passes at most 100 arguments to a function, and each column takes two.
_IN_OBJECT = 50

_ACCOUNTS, _PARTS, _RUNS = map(quoted, (names.ACCOUNTS, names.PARTS, names.RUNS))


class Statements:
    """The statements for one table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._name = quoted(table.name)
        self._staging = quoted(names.staging_of(table.name))
        self._columns = [each.name for each in table.columns]
        self._data = [name for name in self._columns if name not in table.key]

    def incoming(self) -> str:
        """Make the table of this connection's own."""
        like = f"CREATE TEMPORARY TABLE {INCOMING} (LIKE {self._staging})"
        return f"{like} ON COMMIT DELETE ROWS"

    def empty_incoming(self) -> str:
        """Make room in it before the transaction ends."""
        return f"DELETE FROM {INCOMING}"

    def copy_incoming(self) -> str:
        """Take in rows that are merged at once."""
        return f"COPY {INCOMING} ({listed(self._columns)}) FROM STDIN"

    def copy_staged(self) -> str:
        """Take in rows that wait for their account's end."""
        columns = listed((names.WRITER, names.PART, names.POSITION, *self._columns))
        return f"COPY {self._staging} ({columns}) FROM STDIN"

    def finished(self) -> str:
        """Those of the accounts that are proven."""
        return f"SELECT account_id FROM {_ACCOUNTS} WHERE {self._lines()} AND {IS_PROVEN}"

    def staged(self) -> str:
        """The accounts that have parts, with the number of parts, and the age of the first."""
        return (
            "SELECT account_id, count(*), extract(epoch FROM now() - min(written_at))::float8 "
            f"FROM {_PARTS} WHERE run_id = %(run)s AND section = {self._section()} "
            "AND writer = %(writer)s GROUP BY account_id"
        )

    def parts(self) -> str:
        """The number of parts that these accounts have."""
        return (
            f"SELECT account_id, count(*) FROM {_PARTS} WHERE {self._own_parts()} "
            "GROUP BY account_id"
        )

    def staged_rows(self) -> str:
        """The number of rows that these accounts have in their parts."""
        if not self._table.by_account:
            return f"SELECT NULL::bigint, count(*) FROM {self._staging} WHERE {self._own_staged()}"
        return (
            f"SELECT account_id, count(*) FROM {self._staging} WHERE {self._own_staged()} "
            "GROUP BY account_id"
        )

    def checkpoints(self) -> str:
        """The parts of an account in their order, from the one numbered `start` on."""
        return (
            f"SELECT part, checkpoint FROM {_PARTS} WHERE {self._own_parts()} "
            "AND part >= %(start)s AND part < %(stop)s ORDER BY part"
        )

    def identities(self) -> str:
        """The identities of the rows of these parts, in their order."""
        part, position = quoted(names.PART), quoted(names.POSITION)
        return (
            f"SELECT {part}, {listed(self._table.identity)} FROM {self._staging} "
            f"WHERE {self._own_staged()} AND {part} >= %(start)s AND {part} < %(stop)s "
            f"ORDER BY {part}, {position}"
        )

    def add_parts(self) -> str:
        """Note that these parts are staged."""
        return (
            f"INSERT INTO {_PARTS} "
            "(run_id, section, writer, account_id, part, checkpoint, written_at) "
            f"SELECT %(run)s, {self._section()}, %(writer)s, *, now() "
            "FROM unnest(%(accounts)s::bigint[], %(parts)s::bigint[], %(checkpoints)s::text[])"
        )

    def drop(self) -> list[str]:
        """Forget what the writer staged of the accounts."""
        return [
            f"DELETE FROM {self._staging} WHERE {self._own_staged()}",
            f"DELETE FROM {_PARTS} WHERE {self._own_parts()}",
        ]

    def drop_all(self) -> list[str]:
        """Forget all that is staged, by whatever run and writer."""
        return [
            f"TRUNCATE {self._staging}",
            f"DELETE FROM {_PARTS} WHERE section = {self._section()}",
        ]

    def add_lines(self) -> list[str]:
        """Write the line of each account, in the place of an earlier one."""
        old = f"DELETE FROM {_ACCOUNTS} WHERE {self._lines()}"
        new = (
            f"INSERT INTO {_ACCOUNTS} (run_id, section, account_id, status, nodes, finished_at) "
            f"SELECT %(run)s, {self._section()}, *, now() "
            "FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(nodes)s::bigint[])"
        )
        return [old, new]

    def sizes(self) -> str:
        """The rows of these accounts that the last finished run has read."""
        of_last = (
            f"SELECT run_id FROM {_RUNS} WHERE section = {self._section()} "
            "AND finished_at IS NOT NULL ORDER BY started_at DESC, run_id DESC LIMIT 1"
        )
        return (
            f"SELECT account_id, nodes FROM {_ACCOUNTS} WHERE run_id = ({of_last}) "
            f"AND section = {self._section()} AND account_id = ANY(%(ids)s::bigint[]) "
            "AND status <> 'failed'"
        )

    def newest(self, column: str) -> str:
        """The latest time in a column, of rows that came by the last proof."""
        return (
            f"SELECT max({quoted(column)}) FROM {self._name} "
            f"WHERE {quoted(names.FIRST_SEEN)} <= ({last_proof(self._section())})"
        )

    def unsettled(self, column: str) -> str:
        """The ids of rows that have none of the values `final` in a column."""
        return (
            f"SELECT id FROM {self._name} WHERE {quoted(names.GONE)} IS NULL "
            f"AND ({quoted(column)} = ANY(%(final)s::text[])) IS NOT TRUE ORDER BY id"
        )

    def merge(self, *, staged: bool, replaces: bool) -> str:
        """Merge the incoming rows, and the `staged` ones of these accounts, into the table.

        Returns how many were added, changed and gone. A row that is as it was is not touched.
        """
        key = self._table.key
        source = self._staged_and_incoming() if staged else self._incoming_alone()
        # Without accounts that it replaces, a listing of new rows costs no look at all the old.
        join = "FULL" if replaces else "LEFT"
        same = " AND ".join(f"i.{quoted(each)} = t.{quoted(each)}" for each in key)
        is_new, is_old = (f"{alias}.{quoted(key[0])} IS NOT NULL" for alias in "it")
        times = listed((names.FIRST_SEEN, names.CHANGED))
        put = ", ".join(f"{quoted(each)} = excluded.{quoted(each)}" for each in self._data)
        return f"""
            WITH differing AS MATERIALIZED (
                SELECT {_renamed("i", "new", self._columns)}, {_renamed("t", "old", self._columns)},
                    CASE
                        WHEN NOT ({is_new}) THEN 'gone'
                        WHEN {is_old} AND t.gone_at IS NULL THEN 'changed'
                        ELSE 'added'
                    END AS kind
                FROM ({source}) i
                {join} JOIN (SELECT * FROM {self._name} WHERE {self._own()}) t ON {same}
                WHERE CASE
                    WHEN NOT ({is_new}) THEN t.gone_at IS NULL AND {self._is_replaced("t")}
                    ELSE NOT ({is_old}) OR t.gone_at IS NOT NULL OR {self._differs()}
                END
            ), told AS (
                INSERT INTO {quoted(names.changes_of(self._table.name))}
                    (run_id, changed_at, {listed(map(names.key_in_changes, key))}, kind,
                    before, after)
                SELECT %(run)s, now(), {_either(key)}, kind,
                    CASE kind
                        WHEN 'gone' THEN {_object("old", self._columns)}
                        WHEN 'changed' THEN {_changed("old", self._data)}
                    END,
                    CASE kind
                        WHEN 'added' THEN {_object("new", self._columns)}
                        WHEN 'changed' THEN {_changed("new", self._data)}
                    END
                FROM differing
            ), put AS (
                INSERT INTO {self._name} ({listed(self._columns)}, {times})
                SELECT {_of("new", self._columns)}, now(), now() FROM differing
                WHERE kind <> 'gone'
                ON CONFLICT ({listed(key)}) DO UPDATE
                SET {put}{put and ","} changed_at = excluded.changed_at, gone_at = NULL
            ), gone AS (
                UPDATE {self._name} t SET changed_at = now(), gone_at = now()
                FROM differing WHERE kind = 'gone' AND {self._is_gone()}
            )
            SELECT count(*) FILTER (WHERE kind = 'added'),
                count(*) FILTER (WHERE kind = 'changed'),
                count(*) FILTER (WHERE kind = 'gone')
            FROM differing
            """

    def _section(self) -> str:
        return _literal(self._table.name)

    def _lines(self) -> str:
        """The lines of the accounts in the tables of all sections."""
        of_run = f"run_id = %(run)s AND section = {self._section()}"
        account = "account_id = ANY(%(ids)s)" if self._table.by_account else "account_id IS NULL"
        return f"{of_run} AND {account}"

    def _own_parts(self) -> str:
        """The writer's lines of parts of the accounts."""
        return f"{self._lines()} AND writer = %(writer)s"

    def _own_staged(self) -> str:
        """The rows of those parts."""
        return f"{self._own()} AND {quoted(names.WRITER)} = %(writer)s"

    def _own(self) -> str:
        """The rows of the accounts; those of a listing of the workspace are all one's."""
        return "account_id = ANY(%(ids)s)" if self._table.by_account else "TRUE"

    def _is_replaced(self, alias: str) -> str:
        if self._table.by_account:
            return f"{alias}.account_id = ANY(%(replacing)s::bigint[])"
        return "cardinality(%(replacing)s::bigint[]) > 0"

    def _is_gone(self) -> str:
        pairs = ((quoted(each), quoted(f"old {each}")) for each in self._table.key)
        return " AND ".join(f"t.{own} = differing.{old}" for own, old in pairs)

    def _differs(self) -> str:
        if not self._data:
            return "FALSE"
        return f"({listed(self._data, 'i')}) IS DISTINCT FROM ({listed(self._data, 't')})"

    def _incoming_alone(self) -> str:
        return f"SELECT {listed(self._columns)} FROM {INCOMING}"

    def _staged_and_incoming(self) -> str:
        """Of rows that came again, the latest; the incoming ones came last, and have no part."""
        order = (quoted(names.PART), quoted(names.POSITION))
        columns = f"{', '.join(order)}, {listed(self._columns)}"
        return (
            f"SELECT DISTINCT ON ({listed(self._table.key)}) {listed(self._columns)} FROM ("
            f"SELECT {columns} FROM {INCOMING} "
            f"UNION ALL SELECT {columns} FROM {self._staging} WHERE {self._is_staged()}"
            f") ordered ORDER BY {listed(self._table.key)}, "
            + ", ".join(f"{each} DESC NULLS FIRST" for each in order)
        )

    def _is_staged(self) -> str:
        own = f"{quoted(names.WRITER)} = %(writer)s"
        if self._table.by_account:
            return f"{own} AND account_id = ANY(%(staged)s::bigint[])"
        return f"{own} AND cardinality(%(staged)s::bigint[]) > 0"


def _renamed(alias: str, side: str, columns: Iterable[str]) -> str:
    return ", ".join(f"{alias}.{quoted(each)} AS {quoted(f'{side} {each}')}" for each in columns)


def _of(side: str, columns: Iterable[str]) -> str:
    return listed(f"{side} {each}" for each in columns)


def _either(columns: Iterable[str]) -> str:
    """The columns of a key, which a row that is gone has from before."""
    return ", ".join(f"coalesce({_of('new', [each])}, {_of('old', [each])})" for each in columns)


def _object(side: str, columns: Sequence[str]) -> str:
    """These columns as an object of JSON."""
    some = (columns[at : at + _IN_OBJECT] for at in range(0, len(columns), _IN_OBJECT))
    return " || ".join(f"jsonb_build_object({_members(side, each)})" for each in some)


def _members(side: str, columns: Iterable[str]) -> str:
    return ", ".join(f"{_literal(each)}, {quoted(f'{side} {each}')}" for each in columns)


def _changed(side: str, columns: Iterable[str]) -> str:
    """Those of the columns that differ, as an object of JSON."""
    each = (
        f"CASE WHEN {_of('new', [name])} IS DISTINCT FROM {_of('old', [name])} "
        f"THEN jsonb_build_object({_members(side, [name])}) ELSE '{{}}' END"
        for name in columns
    )
    return " || ".join(each) or "'{}'::jsonb"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
