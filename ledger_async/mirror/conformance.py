"""Tests of whatever is to keep mirrors, for the authors of stores of their own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from ledger_async import (
    ConfigurationError,
    LedgerError,
    RowRefusedError,
    StoreError,
    StoreLockedError,
)

from .store import RUN_LIFE, AccountEnd, Differences, Mode, Part, Run, Staged, Store
from .table import Column, Table

F = TypeVar("F", bound=Callable[..., Any])

Row = Mapping[str, Any]

ITEMS = Table(
    "items",
    (
        Column("account_id", "id"),
        Column("contract_address", "text"),
        Column("token_id", "text"),
        Column("amount", "integer"),
        Column("price", "decimal"),
        Column("name", "text"),
        Column("is_spam", "boolean"),
        Column("minted_at", "timestamp"),
        Column("properties", "json"),
    ),
    key=("account_id", "contract_address", "token_id"),
    by_account=True,
)
"""A table of which each account has rows."""

ENTRIES = Table(
    "entries",
    (
        Column("id", "id"),
        Column("status", "text"),
        Column("created_at", "timestamp"),
        Column("account_id", "id"),
    ),
    key=("id",),
    by_account=False,
)
"""A table of the whole workspace, which has a column named as the account of others."""

EXACT = AccountEnd("exact", replaces=True)
PARTIAL = AccountEnd("exact", replaces=False)
REPAIRED = AccountEnd("repaired", replaces=True)
UNVERIFIED = AccountEnd("unverified", replaces=False)
FAILED = AccountEnd("failed", replaces=False)
FORGOTTEN = AccountEnd("failed", replaces=True)

_LARGEST = 2**256 - 1
_TIME = datetime(2026, 11, 28, 23, 59, 59, 123456, tzinfo=UTC)


def needs(*features: str) -> Callable[[F], F]:
    """Leave a test out of classes of which one of these attributes is false."""

    def mark(test: F) -> F:
        test.__dict__["needs"] = features
        return test

    return mark


def item(token_id: object = 1, **cells: Any) -> Row:
    """A row of `ITEMS`, whose other columns have a value each."""
    return {
        "contract_address": "0xabc",
        "token_id": str(token_id),
        "amount": 1,
        "price": Decimal("1.10"),
        "name": "a name",
        "is_spam": False,
        "minted_at": _TIME,
        "properties": '{"a":[1]}',
        **cells,
    }


def entry(id_: int, status: str | None = "OPEN", **cells: Any) -> Row:
    """A row of `ENTRIES`."""
    return {"id": id_, "status": status, "created_at": _TIME, "account_id": 7, **cells}


def items(
    account_id: int,
    *rows: Row,
    end: AccountEnd | None = EXACT,
    checkpoint: bytes | None = None,
    table: Table = ITEMS,
) -> Part:
    """A part of an account: without `end` it is staged."""
    full = [{"account_id": account_id, **row} for row in rows]
    cells = [[row[column.name] for row in full] for column in table.columns]
    return Part(account_id, cells, checkpoint, end)


def entries(*rows: Row, end: AccountEnd | None = EXACT) -> Part:
    """A part of the workspace's listing."""
    cells = [[row[column.name] for row in rows] for column in ENTRIES.columns]
    return Part(None, cells, None, end)


class StoreConformance:
    """Inherit this class, give it your store, and pytest runs its tests against it.

    Each test is a coroutine, for which pytest needs a plugin such as pytest-asyncio, and works on
    a place of its own::

        class TestMyStore(StoreConformance):
            @pytest.fixture(autouse=True)
            def _place(self, tmp_path):
                self.place = tmp_path / "mirror"

            def store(self):
                return MyStore(self.place)

            async def rows(self, table):
                return [dict(row) for row in await read_all(self.place, table)]

    A store that waits long for a lock makes the tests of locks as long. Attributes of the class
    say what the store does not do.
    """

    differences: ClassVar[bool] = True
    """The store counts rows that were added, changed, or marked as gone."""

    marks: ClassVar[bool] = True
    """Rows have `first_seen_at`, `changed_at` and `gone_at`; else, those that are gone vanish."""

    changes: ClassVar[bool] = True
    """The store keeps a row for each difference, which `recorded` reads."""

    incremental: ClassVar[bool] = True
    """The store takes `mode="incremental"`, and knows what is newest and what is unsettled."""

    ages: ClassVar[bool] = True
    """The tests can make runs older, by `age`."""

    nul: ClassVar[str | None] = "\0"
    """The text that comes back for U+0000, `None` if that raises `RowRefusedError`."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in dir(cls):
            features = getattr(getattr(cls, name), "needs", ())
            if not all(getattr(cls, feature) for feature in features):
                setattr(cls, name, None)  # which pytest does not collect

    def store(self) -> Store:
        """A store at the place of this test, not entered yet; another one each time."""
        raise NotImplementedError

    async def rows(self, table: str) -> Sequence[Row]:
        """All rows of a table by the names of columns, once a run is finished; none if none.

        Cells are those of `ledger_async.mirror.Table`: `int`, `Decimal`, `str`, `bool`, an aware
        `datetime`, and JSON as text.
        """
        raise NotImplementedError

    async def recorded(self, table: str) -> Sequence[Row]:
        """The differences in their order: `kind`, and as text of JSON `before` and `after`."""
        raise NotImplementedError

    async def age(self, table: str, by: timedelta) -> None:
        """Make older whatever the store has noted of the table's runs, while none of them is held.

        That is when each began, staged a part, and wrote a line.
        """
        raise NotImplementedError

    # Rows, as they were written

    async def test_every_value_comes_back_as_it_was_written(self) -> None:
        row = item(
            2**256 - 1,
            amount=_LARGEST,
            price=Decimal("-0.000000000000000000000000000000000000000001"),
            name='😀 "quoted" \\ \n\t\u2028 é',
            is_spam=True,
            properties=f'{{"😀":[{_LARGEST},null,"\\u0000"]}}'
            if self.nul == "\0"
            else '{"😀":[1]}',
        )
        await self._mirror(ITEMS, items(1, row))
        (found,) = await self._current(ITEMS)
        assert _neutral(found) == _neutral({"account_id": 1, **row})

    async def test_large_decimals_and_negative_integers_keep_every_digit(self) -> None:
        row = item(amount=-_LARGEST, price=Decimal(f"{_LARGEST}.{'123456789' * 2}"))
        await self._mirror(ITEMS, items(1, row))
        (found,) = await self._current(ITEMS)
        assert (found["amount"], found["price"]) == (row["amount"], row["price"])

    async def test_null_cells_come_back_as_null(self) -> None:
        nulls = dict.fromkeys([each.name for each in ITEMS.columns if each.name not in ITEMS.key])
        await self._mirror(ITEMS, items(1, item(**nulls)))
        (found,) = await self._current(ITEMS)
        assert {name: found[name] for name in nulls} == nulls

    async def test_empty_texts_are_not_null(self) -> None:
        await self._mirror(ITEMS, items(1, item(name="")))
        (found,) = await self._current(ITEMS)
        assert found["name"] == ""

    async def test_nul_comes_back_as_the_store_says_or_is_refused(self) -> None:
        part = items(1, item(name="a\0b"))
        if self.nul is None:
            async with self._running(ITEMS) as run:
                await _raises(RowRefusedError, run.write([part]))
            return
        await self._mirror(ITEMS, part)
        (found,) = await self._current(ITEMS)
        assert found["name"] == f"a{self.nul}b"

    async def test_keys_that_hold_nul_stay_apart(self) -> None:
        if self.nul is None:
            return
        keys = ["\0", "\u2400", "\0\0", "\u2400\u2400", "\u241b", "\u241b\0", "\u241b\u2400"]
        async with self._running(ITEMS) as run:
            await run.write([items(1, *map(item, keys), end=None)])
        async with self._running(ITEMS) as resumed:
            (staged,) = await resumed.staged()
            ((identities, _),) = [each async for each in _parts(resumed, staged)]
            assert identities == [("0xabc", each) for each in keys]
            await resumed.write([items(1)])
            await resumed.finish()
        done = await self._mirror(ITEMS, items(1, *map(item, keys)))
        assert _counted(done) == (0, 0, 0)
        assert len(await self._tokens()) == len(keys)

    async def test_an_id_that_does_not_fit_is_refused_by_name_or_comes_back(self) -> None:
        async with self._running(ENTRIES) as run:
            error = await _error_of(run.write([entries(entry(1, account_id=2**64))]))
            if error is not None:
                assert isinstance(error, RowRefusedError)
                assert "account_id" in str(error)
                assert str(2**64) in str(error)
                await run.write([entries(entry(1))])
            await run.finish()
        (found,) = await self._current(ENTRIES)
        assert found["account_id"] in {7, 2**64}

    async def test_a_value_that_is_refused_spoils_its_own_write_alone(self) -> None:
        values = {
            "name": "\ud800",
            "price": Decimal("1e200000"),
            "properties": '{"a":1e200000}',
            "account_id": 2**64,
        }
        async with self._running(ITEMS) as run:
            for good, (column, value) in enumerate(values.items()):
                await run.write([items(good, item("staged"), end=None)])
                spoiled = items(good + 100, item(**{column: value}))
                error = await _error_of(run.write([items(good, item("end")), spoiled]))
                if error is not None:
                    assert isinstance(error, RowRefusedError)
                    assert column in str(error)
                    assert not await run.finished([good, good + 100])
                    assert [each.account_id for each in await run.staged()] == [good]
                    await run.write([items(good, item("end"))])
            await run.finish()
        tokens = {(each, name) for each in range(len(values)) for name in ("staged", "end")}
        assert tokens <= await self._tokens()

    async def test_many_accounts_are_written_at_once(self) -> None:
        parts = [items(each, *map(item, range(each % 7))) for each in range(1, 101)]
        done = await self._mirror(ITEMS, *parts)
        assert (done.accounts, done.rows) == (100, sum(map(len, parts)))
        assert len(await self._current(ITEMS)) == done.rows

    # Differences

    async def test_a_second_run_finds_a_table_as_it_was(self) -> None:
        await self._mirror(ITEMS, items(1, item(1), item(2)))
        done = await self._mirror(ITEMS, items(1, item(2), item(1)))
        assert (done.accounts, done.rows, *_counted(done)) == (1, 2, 0, 0, 0)
        assert await self._tokens() == {(1, "1"), (1, "2")}

    async def test_a_row_changes_in_any_of_its_columns(self) -> None:
        others = {
            "amount": 2,
            "price": Decimal(2),
            "name": None,
            "is_spam": True,
            "minted_at": _TIME.replace(year=2027),
            "properties": '{"a":[2]}',
        }
        await self._mirror(ITEMS, items(1, *map(item, others)))
        changed = [item(name, **{name: other}) for name, other in others.items()]
        done = await self._mirror(ITEMS, items(1, *changed))
        assert not self.differences or _counted(done) == (0, len(others), 0)
        found = {row["token_id"]: row for row in await self._current(ITEMS)}
        assert {name: _neutral(found[name])[name] for name in others} == _neutral(others)

    async def test_a_row_that_did_not_come_is_gone(self) -> None:
        await self._mirror(ITEMS, items(1, item(1), item(2)), items(2, item(1)))
        done = await self._mirror(ITEMS, items(1, item(2)))
        assert not self.differences or _counted(done) == (0, 0, 1)
        assert await self._tokens() == {(1, "2"), (2, "1")}

    async def test_a_row_that_is_gone_goes_once(self) -> None:
        for rows in ([item(1), item(2)], [item(2)], [item(2)]):
            done = await self._mirror(ITEMS, items(1, *rows))
        assert _counted(done) == (0, 0, 0)
        assert await self._tokens() == {(1, "2")}

    async def test_a_row_that_comes_back_is_added_again(self) -> None:
        for rows in ([item(1), item(2)], [item(2)], [item(1), item(2)]):
            done = await self._mirror(ITEMS, items(1, *rows))
        assert not self.differences or _counted(done) == (1, 0, 0)
        assert await self._tokens() == {(1, "1"), (1, "2")}

    async def test_an_account_that_is_empty_now_holds_nothing_more(self) -> None:
        await self._mirror(ITEMS, items(1, item(1)), items(2, item(1)))
        done = await self._mirror(ITEMS, items(1), items(2, item(1)))
        assert (done.accounts, done.rows) == (2, 1)
        assert await self._tokens() == {(2, "1")}

    async def test_an_account_that_is_not_proven_loses_no_row(self) -> None:
        await self._mirror(ITEMS, items(1, item(1), item(2)))
        done = await self._mirror(ITEMS, items(1, item(2), item(3), end=UNVERIFIED))
        assert done.accounts == 1
        assert await self._tokens() == {(1, "1"), (1, "2"), (1, "3")}

    async def test_an_account_that_failed_stays_as_it_was(self) -> None:
        await self._mirror(ITEMS, items(1, item(1)))
        done = await self._mirror(ITEMS, items(1, item(2), end=FAILED))
        assert done == Differences()
        assert await self._tokens() == {(1, "1")}

    async def test_an_account_that_is_to_be_forgotten_holds_nothing_more(self) -> None:
        await self._mirror(ITEMS, items(1, item(1)), items(2, item(1)))
        done = await self._mirror(ITEMS, items(1, item(2), end=FORGOTTEN))
        assert (done.accounts, done.rows) == (0, 0)
        assert not self.differences or _counted(done) == (0, 0, 1)
        assert await self._tokens() == {(2, "1")}

    async def test_the_last_of_two_rows_with_one_key_counts(self) -> None:
        await self._mirror(ITEMS, items(1, item(1, name="old"), item(1, name="new")))
        (found,) = await self._current(ITEMS)
        assert found["name"] == "new"

    async def test_a_listing_of_the_workspace_is_one_account(self) -> None:
        await self._mirror(ENTRIES, entries(entry(1), entry(2)))
        done = await self._mirror(ENTRIES, entries(entry(2, "DONE"), entry(3)))
        assert not self.differences or _counted(done) == (1, 1, 1)
        found = {row["id"]: row["status"] for row in await self._current(ENTRIES)}
        assert found == {2: "DONE", 3: "OPEN"}

    @needs("marks")
    async def test_an_unchanged_row_is_not_marked_as_changed(self) -> None:
        await self._mirror(ITEMS, items(1, item(1), item(2)))
        before = {row["token_id"]: row for row in await self.rows(ITEMS.name)}
        await self._mirror(ITEMS, items(1, item(1), item(2, name="another")))
        after = {row["token_id"]: row for row in await self.rows(ITEMS.name)}
        assert after["1"] == before["1"]
        assert after["2"]["changed_at"] > before["2"]["changed_at"]
        assert after["2"]["first_seen_at"] == before["2"]["first_seen_at"]

    @needs("marks")
    async def test_a_row_remembers_when_it_was_first_seen_over_its_absence(self) -> None:
        await self._mirror(ITEMS, items(1, item(1)))
        (first,) = await self.rows(ITEMS.name)
        assert (first["changed_at"], first["gone_at"]) == (first["first_seen_at"], None)
        await self._mirror(ITEMS, items(1))
        (gone,) = await self.rows(ITEMS.name)
        assert gone["changed_at"] == gone["gone_at"] > first["changed_at"]
        await self._mirror(ITEMS, items(1, item(1)))
        (back,) = await self.rows(ITEMS.name)
        assert (back["gone_at"], back["first_seen_at"]) == (None, first["first_seen_at"])
        assert back["changed_at"] > gone["changed_at"]

    @needs("changes")
    async def test_each_difference_is_recorded_with_what_was_and_what_is(self) -> None:
        first, second = item(1, amount=_LARGEST), item(2, is_spam=None)
        await self._mirror(ITEMS, items(1, first, second))
        await self._mirror(ITEMS, items(1, {**first, "amount": None, "is_spam": True}))
        added = sorted(await self._documents("added"), key=lambda each: str(each[1]["token_id"]))
        assert [before for before, _ in added] == [None, None]
        assert [each["token_id"] for _, each in added] == ["1", "2"]
        assert added[0][1].keys() == {each.name for each in ITEMS.columns}
        assert added[0][1]["amount"] == _LARGEST
        assert added[0][1]["properties"] == {"a": [1]}
        assert await self._documents("changed") == [
            ({"amount": _LARGEST, "is_spam": False}, {"amount": None, "is_spam": True})
        ]
        ((before, after),) = await self._documents("gone")
        assert (before["token_id"], before["is_spam"], after) == ("2", None, None)

    @needs("changes")
    async def test_nothing_is_recorded_where_nothing_changed(self) -> None:
        await self._mirror(ITEMS, items(1, item(1)))
        await self._mirror(ITEMS, items(1, item(1)), items(2, end=FAILED))
        assert len(await self.recorded(ITEMS.name)) == 1

    # Runs, and how they go on

    async def test_a_finished_account_is_not_written_again(self) -> None:
        async with self._running(ITEMS) as run:
            await run.write([items(1, item(1))])
            again = await run.write([items(1, item(2)), items(1, item(3))])
            assert again == Differences()
            assert await run.finished([1, 2]) in ({1}, [1])
            await run.finish()
        assert await self._tokens() == {(1, "1")}

    async def test_an_account_that_failed_is_written_when_it_is_tried_again(self) -> None:
        async with self._running(ITEMS) as run:
            await run.write([items(1, end=FAILED)])
            assert not await run.finished([1])
            await run.write([items(1, item(1))])
            assert list(await run.finished([1])) == [1]
            assert (await run.finish()).accounts == 1
        assert await self._tokens() == {(1, "1")}

    async def test_an_account_that_is_not_proven_is_tried_again(self) -> None:
        await self._mirror(ITEMS, items(1, item(1)))
        async with self._running(ITEMS) as run:
            await run.write([items(1, item(2), item(3), end=UNVERIFIED)])
            assert not await run.finished([1])
        async with self._running(ITEMS) as resumed:
            assert (resumed.id, list(await resumed.finished([1]))) == (run.id, [])
            await resumed.write([items(1, item(3), item(4), end=REPAIRED)])
            assert list(await resumed.finished([1])) == [1]
            assert await resumed.write([items(1, item(5))]) == Differences()
            total = await resumed.finish()
        assert (total.accounts, total.rows) == (1, 4)
        assert await self._tokens() == {(1, "3"), (1, "4")}

    async def test_what_came_without_a_proof_stays_if_the_next_try_fails(self) -> None:
        async with self._running(ITEMS) as run:
            await run.write([items(1, item(1), end=UNVERIFIED)])
            await run.write([items(1, item(2), end=None)])
            await run.write([items(1, end=FAILED)])
            assert not await run.finished([1])
            await run.write([items(1, item(3), end=UNVERIFIED)])
            await run.finish()
        assert await self._tokens() == {(1, "1"), (1, "3")}

    async def test_an_account_can_end_twice_in_one_write(self) -> None:
        async with self._running(ITEMS) as run:
            await run.write([items(1, item(1), end=None)])
            await run.write(
                [
                    items(1, item(2), end=UNVERIFIED),
                    items(1, item(3), end=None),
                    items(1, item(4)),
                    items(1, item(5)),
                ]
            )
            total = await run.finish()
        assert (total.accounts, total.rows) == (1, 4)
        assert await self._tokens() == {(1, "3"), (1, "4")}

    async def test_the_first_end_in_one_write_counts_unless_it_failed(self) -> None:
        async with self._running(ITEMS) as run:
            done = await run.write(
                [
                    items(1, item(1)),
                    items(2, end=FAILED),
                    items(1, item(2)),
                    items(2, item(2)),
                ]
            )
            assert (done.accounts, done.rows) == (2, 2)
            await run.finish()
        assert await self._tokens() == {(1, "1"), (2, "2")}

    async def test_staged_parts_are_merged_with_the_end_of_their_account(self) -> None:
        async with self._running(ITEMS) as run:
            await run.write([items(1, item(1, name="old"), end=None)])
            await run.write([items(1, item(2), end=None), items(2, item(1), end=None)])
            done = await run.write([items(1, item(1), item(3))])
            assert done.accounts == 1
            assert [each.account_id for each in await run.staged()] == [2]
            await run.finish()
        assert await self._tokens() == {(1, "1"), (1, "2"), (1, "3")}
        assert {row["name"] for row in await self._current(ITEMS)} == {"a name"}

    async def test_a_part_is_staged_before_the_end_in_the_same_write(self) -> None:
        async with self._running(ITEMS) as run:
            await run.write([items(1, item(1), end=None), items(1, item(2))])
            assert not await run.staged()
            await run.finish()
        assert await self._tokens() == {(1, "1"), (1, "2")}

    async def test_what_was_staged_of_an_account_that_failed_is_not_kept(self) -> None:
        async with self._running(ITEMS) as run:
            await run.write([items(1, item(1), end=None)])
            await run.write([items(1, item(2), end=FAILED)])
            assert not await run.staged()
            await run.write([items(1, item(3))])
            await run.finish()
        assert await self._tokens() == {(1, "3")}

    async def test_another_process_goes_on_behind_the_parts_that_were_staged(self) -> None:
        async with self._running(ITEMS) as run:
            await run.write([items(1, item(2), item(1), end=None, checkpoint=b'{"end":2}')])
            await run.write([items(1, end=None), items(1, item(3), end=None)])
            await run.write([items(2, item(1))])
        async with self._running(ITEMS) as resumed:
            assert (resumed.id, resumed.resumed) == (run.id, True)
            (staged,) = await resumed.staged()
            assert (staged.account_id, staged.parts) == (1, 3)
            assert 0 <= staged.age < 600
            assert [each async for each in _parts(resumed, staged)] == [
                ([("0xabc", "2"), ("0xabc", "1")], b'{"end":2}'),
                ([], None),
                ([("0xabc", "3")], None),
            ]
            assert list(await resumed.finished([1, 2])) == [2]
            await resumed.write([items(1, item(4))])
            total = await resumed.finish()
        assert (total.accounts, total.rows) == (2, 5)
        assert await self._tokens() == {(1, each) for each in "1234"} | {(2, "1")}

    async def test_staged_rows_of_the_workspace_are_found_again(self) -> None:
        async with self._running(ENTRIES) as run:
            await run.write([entries(entry(2), entry(1), end=None)])
        async with self._running(ENTRIES) as resumed:
            (staged,) = await resumed.staged()
            assert [each async for each in _parts(resumed, staged)] == [([(2,), (1,)], None)]
            await resumed.write([entries(entry(3))])
            assert list(await resumed.finished([None])) == [None]
            await resumed.finish()
        assert {row["id"] for row in await self._current(ENTRIES)} == {1, 2, 3}

    async def test_dropped_parts_are_forgotten(self) -> None:
        async with self._running(ITEMS) as run:
            await run.write([items(each, item(1), end=None) for each in (1, 2)])
            await run.drop([1, 3])
            assert [each.account_id for each in await run.staged()] == [2]
            assert not await run.staged_parts(1, 0)
            await run.write([items(1, item(2)), items(2)])
            await run.finish()
        assert await self._tokens() == {(1, "2"), (2, "1")}

    async def test_rows_that_are_only_staged_are_not_shown(self) -> None:
        await self._mirror(ITEMS, items(1, item(1)))
        async with self._running(ITEMS) as run:
            await run.write([items(1, item(2), end=None), items(2, item(1), end=None)])
            await run.finish()
        assert await self._tokens() == {(1, "1")}

    async def test_a_finished_run_is_not_resumed_and_leaves_nothing_staged(self) -> None:
        async with self._running(ITEMS) as run:
            await run.write([items(1, item(1)), items(2, item(1), end=None)])
            await run.finish()
        async with self._running(ITEMS) as other:
            assert (other.id != run.id, other.resumed) == (True, False)
            assert not await other.staged()
            assert not await other.finished([1])

    async def test_a_run_that_is_not_to_be_resumed_is_superseded(self) -> None:
        async with self._running(ITEMS) as run:
            await run.write([items(1, item(1)), items(2, item(1), end=None)])
        async with self._running(ITEMS, resume=False) as other:
            assert (other.id != run.id, other.resumed) == (True, False)
            assert not await other.staged()
            assert not await other.finished([1])
            await other.write([items(1, item(1)), items(2, item(2))])
            done = await other.finish()
        assert (done.accounts, done.rows) == (2, 2)
        assert await self._tokens() == {(1, "1"), (2, "2")}

    @needs("incremental")
    async def test_a_run_of_another_mode_is_not_resumed(self) -> None:
        async with self._running(ENTRIES) as run:
            await run.write([entries(entry(1), end=None)])
        async with self._running(ENTRIES, mode="incremental") as other:
            assert (other.id != run.id, other.resumed) == (True, False)
            assert not await other.staged()

    @needs("ages")
    async def test_a_run_is_gone_on_with_until_long_after_its_last_write(self) -> None:
        almost = RUN_LIFE - timedelta(hours=1)
        async with self._running(ITEMS) as run:
            pass
        for part in (items(1, item(1)), items(2, item(1), end=None)):
            await self.age(ITEMS.name, almost)
            async with self._running(ITEMS) as resumed:
                assert (resumed.id, resumed.resumed) == (run.id, True)
                await resumed.write([part])
        await self.age(ITEMS.name, almost)
        async with self._running(ITEMS) as resumed:
            assert resumed.id == run.id
        await self.age(ITEMS.name, timedelta(hours=1))
        async with self._running(ITEMS) as other:
            assert (other.id != run.id, other.resumed) == (True, False)
            assert not await other.staged()
            assert not await other.finished([1])

    @needs("ages")
    async def test_a_run_that_wrote_nothing_is_not_gone_on_with_long_after_its_start(self) -> None:
        async with self._running(ITEMS) as run:
            pass
        await self.age(ITEMS.name, RUN_LIFE)
        async with self._running(ITEMS) as other:
            assert (other.id != run.id, other.resumed) == (True, False)

    @needs("ages")
    async def test_what_is_staged_is_as_old_as_its_first_part(self) -> None:
        async with self._running(ITEMS) as run:
            await run.write([items(1, item(1), end=None)])
        await self.age(ITEMS.name, timedelta(hours=1))
        async with self._running(ITEMS) as resumed:
            await resumed.write([items(1, item(2), end=None), items(2, item(1), end=None)])
            ages = {each.account_id: each.age for each in await resumed.staged()}
        assert 3600 <= ages[1] < 4200
        assert 0 <= ages[2] < 600

    async def test_totals_are_those_of_all_processes(self) -> None:
        async with self._running(ITEMS) as run:
            await run.write([items(1, item(1), item(2))])
        async with self._running(ITEMS) as resumed:
            await resumed.write([items(2, item(1)), items(3, end=FAILED)])
            total = await resumed.finish()
        assert (total.accounts, total.rows) == (2, 3)
        assert not self.differences or total.added == 3

    async def test_the_sizes_of_accounts_are_those_of_the_last_finished_run(self) -> None:
        async with self._running(ITEMS) as run:
            await run.write([items(1, item(1), end=None), items(3, item(1)), items(4, item(1))])
            await run.write([items(1, item(2), item(3)), items(2)])
            assert await run.sizes([1, 2, 3]) == {}
            await run.finish()
        async with self._running(ITEMS) as later:
            await later.write([items(1, item(1)), items(2, item(1)), items(3, end=FAILED)])
            assert await later.sizes([1, 2, 3]) == {1: 3, 2: 0, 3: 1}
            await later.write([items(5, item(7), item(8), end=UNVERIFIED)])
            await later.finish()
        async with self._running(ITEMS) as last:
            assert await last.sizes([1, 2, 3, 4, 5]) == {1: 1, 2: 1, 5: 2}
            assert await last.sizes([]) == {}

    async def test_whoever_joins_a_run_knows_the_sizes_of_accounts(self) -> None:
        await self._mirror(ITEMS, items(1, item(1)), items(2))
        async with self._running(ITEMS) as run, self.store() as store:
            joined = await store.begin(ITEMS, join=run.id)
            assert await joined.sizes([1, 2, 3]) == {1: 1, 2: 0}
            await joined.aclose()

    async def test_a_listing_of_the_workspace_has_no_sizes_of_accounts(self) -> None:
        await self._mirror(ENTRIES, entries(entry(1)))
        async with self._running(ENTRIES) as run:
            assert await run.sizes([7]) == {}

    # Locks, and who else writes

    async def test_a_table_is_held_until_its_run_lets_go(self) -> None:
        async with self._running(ITEMS) as run, self.store() as other:
            await _raises(StoreLockedError, other.begin(ITEMS))
            await run.aclose()
            later = await other.begin(ITEMS)
            await later.aclose()

    async def test_a_table_is_held_against_the_same_store_too(self) -> None:
        async with self.store() as store:
            run = await store.begin(ITEMS)
            await _raises(StoreLockedError, store.begin(ITEMS))
            await run.write([items(1, item(1))])
            await run.aclose()
            later = await store.begin(ITEMS)
            assert later.id == run.id
            await later.aclose()

    async def test_two_tables_are_written_at_once(self) -> None:
        async with self.store() as store:
            first, second = await store.begin(ITEMS), await store.begin(ENTRIES)
            async with asyncio.TaskGroup() as group:
                for each in range(10):
                    group.create_task(first.write([items(each, item(each))]))
                group.create_task(second.write([entries(entry(1))]))
            assert (await first.finish()).accounts == 10
            assert (await second.finish()).accounts == 1
            await first.aclose()
            await second.aclose()
        assert len(await self._current(ITEMS)) == 10
        assert len(await self._current(ENTRIES)) == 1

    async def test_a_worker_joins_a_run_that_another_process_holds(self) -> None:
        async with self._running(ITEMS) as run, self.store() as store:
            joined = await store.begin(ITEMS, join=run.id)
            assert (joined.id, joined.resumed) == (run.id, True)
            await run.write([items(1, item(1))])
            assert list(await joined.finished([1])) == [1]
            await joined.write([items(1, item(2)), items(2, item(1))])
            await joined.aclose()
            await _raises(StoreLockedError, store.begin(ITEMS))
            assert (await run.finish()).accounts == 2
        assert await self._tokens() == {(1, "1"), (2, "1")}

    async def test_nobody_sees_drops_or_merges_what_another_staged(self) -> None:
        async with self._running(ITEMS) as run, self.store() as store:
            await run.write([items(1, item("holder"), end=None, checkpoint=b"{}")])
            joined = [await store.begin(ITEMS, join=run.id) for _ in range(2)]
            for number, worker in enumerate(joined):
                assert not await worker.staged()
                assert not await worker.staged_parts(1, 0)
                await worker.write([items(1, item(f"worker {number}"), end=None)])
            await joined[0].drop([1])
            assert not await joined[0].staged()
            for other, name in ((run, "holder"), (joined[1], "worker 1")):
                assert [(each.account_id, each.parts) for each in await other.staged()] == [(1, 1)]
                (part,) = await other.staged_parts(1, 0)
                assert [tuple(each) for each in part.identities] == [("0xabc", name)]
            await joined[0].write([items(1, item("end"))])
            assert [each.account_id for each in await run.staged()] == [1]
            for worker in joined:
                await worker.aclose()
            assert (await run.finish()).rows == 1
        assert await self._tokens() == {(1, "end")}

    async def test_nobody_sees_what_another_staged_of_the_workspace(self) -> None:
        async with self._running(ENTRIES) as run, self.store() as store:
            await run.write([entries(entry(1), end=None)])
            joined = await store.begin(ENTRIES, join=run.id)
            assert not await joined.staged()
            await joined.write([entries(entry(2), end=None)])
            await joined.drop([None])
            await joined.write([entries(entry(3), end=None)])
            await run.write([entries(entry(4))])
            assert [each.parts for each in await joined.staged()] == [1]
            assert await joined.write([entries(entry(5))]) == Differences()
            assert not await joined.staged()
            await joined.aclose()
            assert (await run.finish()).rows == 2
        assert {row["id"] for row in await self._current(ENTRIES)} == {1, 4}

    async def test_an_account_that_another_finished_leaves_nothing_staged(self) -> None:
        async with self._running(ITEMS) as run, self.store() as store:
            joined = await store.begin(ITEMS, join=run.id)
            await joined.write([items(1, item(1), end=None)])
            await run.write([items(1, item(2))])
            assert await joined.write([items(1, item(3))]) == Differences()
            assert not await joined.staged()
            await joined.aclose()
            await run.finish()
        assert await self._tokens() == {(1, "2")}

    async def test_a_worker_goes_on_under_the_next_holder(self) -> None:
        async with self.store() as store:
            async with self._running(ITEMS) as run:
                await run.write([items(2, item("holder"), end=None)])
                joined = await store.begin(ITEMS, join=run.id)
                await joined.write([items(1, item("worker"), end=None)])
            async with self._running(ITEMS) as resumed:
                assert [each.account_id for each in await resumed.staged()] == [2]
                await resumed.drop([1])
                await joined.write([items(1, item("end"))])
                await joined.aclose()
                await resumed.write([items(2)])
                await resumed.finish()
        assert await self._tokens() == {(1, "worker"), (1, "end"), (2, "holder")}

    async def test_what_workers_staged_is_gone_with_the_run(self) -> None:
        async with self.store() as store:
            async with self._running(ITEMS) as run:
                joined = await store.begin(ITEMS, join=run.id)
                await joined.write([items(1, item(1), end=None)])
                await run.finish()
            assert not await joined.staged()
            await joined.aclose()
        await self._mirror(ITEMS, items(1, item(2)))
        assert await self._tokens() == {(1, "2")}

    async def test_a_run_that_is_unknown_or_finished_is_not_joined(self) -> None:
        async with self._running(ITEMS) as run, self.store() as store:
            await _raises(ConfigurationError, store.begin(ITEMS, join="20200101T000000-000000"))
            await run.finish()
            await _raises(ConfigurationError, store.begin(ITEMS, join=run.id))

    async def test_a_worker_that_hung_does_not_write_into_a_later_run(self) -> None:
        async with self.store() as store:
            async with self._running(ITEMS) as run:
                joined = await store.begin(ITEMS, join=run.id)
            async with self._running(ITEMS, resume=False) as later:
                await _raises(StoreError, joined.write([items(1, item(1))]))
                await later.write([items(1, item(2))])
                await later.finish()
            await _raises(StoreError, joined.write([items(2, item(1))]))
            await joined.aclose()
        assert await self._tokens() == {(1, "2")}

    async def test_a_write_that_is_cancelled_is_whole_or_nothing(self) -> None:
        parts = [items(each, *map(item, range(20))) for each in range(1, 11)]
        async with self._running(ITEMS) as run:
            for turns in range(8):
                writing = asyncio.ensure_future(run.write(parts))
                for _ in range(turns):
                    await asyncio.sleep(0)
                writing.cancel()
                await asyncio.wait([writing])
            done = len(await run.finished(range(1, 11)))
            assert done in {0, 10}
            await run.write(parts)
            total = await run.finish()
        assert (total.accounts, total.rows) == (10, 200)
        assert len(await self._current(ITEMS)) == 200

    # Shapes

    async def test_a_column_that_is_new_is_added(self) -> None:
        fewer = Table(ITEMS.name, ITEMS.columns[:-1], ITEMS.key, by_account=True)
        await self._mirror(fewer, items(1, item(1), table=fewer), items(2, item(1), table=fewer))
        await self._mirror(ITEMS, items(1, item(1)))
        found = {row["account_id"]: row["properties"] for row in await self._current(ITEMS)}
        assert found[2] is None
        assert json.loads(found[1]) == {"a": [1]}

    async def test_a_table_of_another_shape_is_refused(self) -> None:
        await self._mirror(ITEMS, items(1, item(1)))
        columns = [Column(each.name, "boolean") for each in ITEMS.columns if each.name == "name"]
        others = [each for each in ITEMS.columns if each.name != "name"]
        other = Table(ITEMS.name, (*others, *columns), ITEMS.key, by_account=True)
        async with self.store() as store:
            await _raises(ConfigurationError, store.begin(other))
        assert await self._tokens() == {(1, "1")}

    # The increments

    @needs("incremental")
    async def test_the_newest_time_of_a_column_is_known(self) -> None:
        async with self._running(ENTRIES, mode="incremental") as run:
            assert await run.newest("created_at") is None
            later = _TIME.replace(microsecond=123457)
            nothing = entry(3, created_at=None)
            await run.write([entries(entry(1, created_at=later), entry(2), nothing)])
            assert await run.newest("created_at") == later
            await run.finish()

    @needs("incremental")
    async def test_rows_of_a_run_that_was_not_proven_are_not_the_newest(self) -> None:
        later = [_TIME.replace(year=2027 + each) for each in range(3)]
        await self._increment(entry(1), end=UNVERIFIED)
        assert await self._newest() is None
        await self._increment(entry(1), entry(2, created_at=later[0]))
        assert await self._newest() == later[0]
        await self._increment(entry(3, created_at=later[1]), end=UNVERIFIED)
        await self._increment(end=FAILED)
        assert await self._newest() == later[0]
        await self._increment(entry(4, created_at=later[2]), end=REPAIRED)
        assert await self._newest() == later[2]

    @needs("incremental")
    async def test_rows_without_a_final_status_are_unsettled_unless_they_are_gone(self) -> None:
        await self._mirror(ENTRIES, entries(entry(1), entry(2), entry(3, "DONE"), entry(4, None)))
        await self._mirror(ENTRIES, entries(entry(1), entry(3, "DONE"), entry(4, None)))
        async with self._running(ENTRIES, mode="incremental") as run:
            assert sorted(await run.unsettled("status", {"DONE", "FAILED"})) == [1, 4]
            assert sorted(await run.unsettled("status", [])) == [1, 3, 4]

    # What the tests are made of

    @asynccontextmanager
    async def _running(
        self, table: Table, *, mode: Mode = "full", resume: bool = True
    ) -> AsyncIterator[Run]:
        async with self.store() as store:
            run = await store.begin(table, mode=mode, resume=resume)
            try:
                yield run
            finally:
                await run.aclose()

    async def _mirror(self, table: Table, *parts: Part) -> Differences:
        async with self._running(table) as run:
            written = await run.write(parts)
            total = await run.finish()
        assert total == written
        return total

    async def _increment(self, *rows: Row, end: AccountEnd = PARTIAL) -> None:
        async with self._running(ENTRIES, mode="incremental") as run:
            await run.write([entries(*rows, end=end)])
            await run.finish()

    async def _newest(self) -> datetime | None:
        async with self._running(ENTRIES, mode="incremental", resume=False) as run:
            return await run.newest("created_at")

    async def _current(self, table: Table) -> list[Row]:
        return [row for row in await self.rows(table.name) if row.get("gone_at") is None]

    async def _tokens(self) -> set[tuple[int, str]]:
        rows = await self._current(ITEMS)
        keys = {(row["account_id"], row["token_id"]) for row in rows}
        assert len(keys) == len(rows)
        return keys

    async def _documents(self, kind: str) -> list[tuple[Any, Any]]:
        rows = await self.recorded(ITEMS.name)
        return [
            (_parsed(row["before"]), _parsed(row["after"])) for row in rows if row["kind"] == kind
        ]


async def _parts(run: Run, staged: Staged) -> AsyncIterator[tuple[Any, ...]]:
    start = 0
    while found := await run.staged_parts(staged.account_id, start):
        for part in found:
            yield [tuple(each) for each in part.identities], part.checkpoint
        start += len(found)


async def _error_of(call: Awaitable[object]) -> LedgerError | None:
    try:
        await call
    except LedgerError as error:
        return error
    return None


async def _raises(kind: type[LedgerError], call: Awaitable[object]) -> None:
    error = await _error_of(call)
    assert isinstance(error, kind)


def _counted(done: Differences) -> tuple[int, int, int]:
    return done.added, done.changed, done.gone


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text, parse_float=Decimal)


def _neutral(row: Row) -> Row:
    """A row without a store's own columns, whose documents are compared by their meaning."""
    names = [each.name for each in ITEMS.columns if each.name in row]
    return {name: _parsed(row[name]) if name == "properties" else row[name] for name in names}
