"""Mirrors into directories of Parquet files: what readers find, and what is refused.

The modules of `_parquet` are tested through their store, `arrow` by what it gives.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio.from_thread
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from ledger_async import (
    AccountReport,
    Batch,
    ConfigurationError,
    LedgerClient,
    RowRefusedError,
    StoreError,
    StoreLockedError,
    json,
)
from ledger_async.json import decode
from ledger_async.mirror import ParquetStore, arrow_schema, mirror, to_arrow
from ledger_async.mirror._parquet import journal
from ledger_async.mirror._parquet.columns import fits, fitted
from ledger_async.mirror._parquet.folder import Folder
from ledger_async.mirror._parquet.journal import Head, Journal, Place
from ledger_async.mirror._parquet.run import ParquetRun
from ledger_async.mirror._parquet.snapshot import Complete, SnapshotWriter
from ledger_async.mirror.conformance import FAILED, ITEMS, UNVERIFIED, item, items
from ledger_async.mirror.store import AccountEnd, Part
from ledger_async.mirror.table import Rows
from ledger_async.models import NFT

pytestmark = pytest.mark.real_time

LARGEST = 2**256 - 1
PRICE = "0.123456789012345678901234567890"
NODE = decode(
    f"""{{"contract_address": "0xAb", "token_id": "{LARGEST}", "token_type": "ERC-1155",
    "value": {LARGEST}, "price": {{"ticker": "ETH", "value": {PRICE}}},
    "metadata": {{"media": "", "medias": {{"big": {{"uri": "u"}}}}, "tokenId": "1",
    "tokenName": "\\ud83d\\ude00 a\\u0000b", "links": {{"a": null}},
    "properties": [{{"key": "k", "value": "v"}}]}}}}""",
    type=NFT,
)
BARE = NFT("0xcd", "2", "ERC-721", 1)


def paths(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern))


def process(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


async def kept(store: ParquetStore, ledger: LedgerClient, *nodes: NFT) -> None:
    rows = Rows(ledger.nfts.listing)
    run = await store.begin(rows.table)
    await run.write([Part(7, rows.of(7, nodes), end=AccountEnd("exact", replaces=True))])
    await run.finish()
    await run.aclose()


async def test_a_run_leaves_every_node_in_files(ledger: LedgerClient, tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    outcome = await mirror(ledger.nfts, [101, 102, 103], store=store)
    assert (outcome.accounts, outcome.rows, outcome.added) == (3, 257, 257)
    outcome = await mirror(ledger.nfts, [101, 103], store=store)
    assert (outcome.rows, outcome.added, outcome.changed, outcome.gone) == (257, 0, 0, 0)


async def test_duckdb_reads_every_digit(ledger: LedgerClient, tmp_path: Path) -> None:
    await kept(ParquetStore(tmp_path), ledger, NODE, BARE)
    found = duckdb.sql(
        f"""SELECT value, price.value, metadata.tokenName, metadata.properties[1].value,
        metadata.links, account_id FROM read_parquet('{tmp_path}/nfts/run=*/part-*.parquet',
        hive_partitioning = true) WHERE run = (SELECT max(run) FROM read_parquet(
        '{tmp_path}/nfts/run=*/part-*.parquet', hive_partitioning = true))
        ORDER BY length(token_id) DESC"""
    )
    rows = found.fetchall() if found is not None else []
    assert rows[0] == (str(LARGEST), PRICE, "😀 a\0b", "v", '{"a":null}', 7)
    assert rows[1] == ("1", None, None, None, None, 7)


async def test_polars_and_pandas_read_every_digit(ledger: LedgerClient, tmp_path: Path) -> None:
    await kept(ParquetStore(tmp_path), ledger, NODE, BARE)
    (run,) = paths(tmp_path, "nfts/run=*")
    polars: list[dict[str, Any]] = pl.read_parquet(run / "part-*.parquet").to_dicts()
    pandas: list[dict[str, Any]] = pd.read_parquet(run).to_dict("records")
    for row, bare in (polars, pandas):
        assert row["value"] == str(LARGEST)
        assert row["price"]["value"] == PRICE
        assert row["metadata"]["tokenName"] == "😀 a\0b"
        assert list(row["metadata"]["properties"]) == [{"key": "k", "value": "v"}]
        assert (bare["price"], bare["metadata"]) == (None, None)


def test_a_batch_is_a_table_under_the_schema_of_its_struct() -> None:
    table = to_arrow(Batch(7, [NODE, BARE]))
    assert table.column_names == ["account_id", *arrow_schema(NFT).names]
    assert table.drop_columns("account_id").schema == arrow_schema(NFT)
    assert table["price"].to_pylist()[0]["value"] == PRICE
    assert to_arrow(Batch(None, [BARE])).schema == arrow_schema(NFT)


def test_nulls_stand_where_they_were_in_structs_and_lists() -> None:
    full = NODE.metadata
    assert full is not None
    empty = replace(full, properties=(), token_name="")
    nodes = [BARE, NODE, replace(BARE, metadata=empty), BARE, replace(NODE, price=None)]
    found = to_arrow(Batch(None, nodes))
    found.validate(full=True)
    assert [each and each["tokenName"] for each in found["metadata"].to_pylist()] == [
        None,
        full.token_name,
        "",
        None,
        full.token_name,
    ]
    pair = [{"key": "k", "value": "v"}]
    lists = [each and each["properties"] for each in found["metadata"].to_pylist()]
    assert lists == [None, pair, [], None, pair]
    assert [each is None for each in found["price"].to_pylist()] == [True, False, True, True, True]


def test_a_schema_is_made_once() -> None:
    assert arrow_schema(NFT) is arrow_schema(NFT)


def test_a_batch_without_nodes_needs_their_struct() -> None:
    batch: Batch[NFT] = Batch(7, [], AccountReport())
    assert to_arrow(batch, NFT).num_rows == 0
    with pytest.raises(ConfigurationError, match="NFT"):
        to_arrow(batch)


def test_decimals_are_written_out() -> None:
    node = decode(
        '{"contract_address":"0x","token_id":"1","token_type":"x","value":1,'
        '"price":{"ticker":"ETH","value":1.5e-9}}',
        type=NFT,
    )
    (price,) = to_arrow(Batch(None, [node]))["price"].to_pylist()
    assert Decimal(price["value"]) == Decimal("1.5e-9")
    assert "E" not in price["value"]


def test_older_rows_have_nulls_where_fields_are_new() -> None:
    old = pa.table({"a": [[{"x": 1}], None, []]})
    wider = pa.list_(pa.struct([("y", pa.string()), ("x", pa.int64())]))
    schema = pa.schema([("b", pa.int64()), ("a", wider)])
    assert fits(old.schema.field("a").type, wider)
    assert fitted(old.slice(0, 3), schema).to_pylist() == [
        {"b": None, "a": [{"y": None, "x": 1}]},
        {"b": None, "a": None},
        {"b": None, "a": []},
    ]
    assert fitted(old.slice(1, 2), schema)["a"].to_pylist() == [None, []]


async def test_a_run_that_goes_on_is_not_shown(tmp_path: Path) -> None:
    run = await ParquetStore(tmp_path).begin(ITEMS)
    await run.write([items(1, item(1))])
    assert not paths(tmp_path, "items/run=*")
    await run.aclose()


async def test_accounts_that_are_not_in_the_list_or_not_proven_are_carried_over(
    tmp_path: Path,
) -> None:
    for parts in (
        [items(1, item(1)), items(2, item(1)), items(3, item(1))],
        [items(1, item(2), end=UNVERIFIED), items(2, end=FAILED)],
    ):
        run = await ParquetStore(tmp_path, keep=1).begin(ITEMS)
        await run.write(parts)
        await run.finish()
        await run.aclose()
    (folder,) = paths(tmp_path, "items/run=*")
    complete = decode((folder / "_complete.json").read_bytes())
    found = pq.read_table(folder / "part-00000.parquet", partitioning=None)
    rows = list(zip(*(found[name].to_pylist() for name in ("account_id", "token_id")), strict=True))
    assert rows == [(1, "2"), (1, "1"), (2, "1"), (3, "1")]
    assert complete["not_proven"] == [1, 2]
    assert [each["carried"] for each in complete["accounts"]] == [1, 1, 1]


async def test_a_journal_that_was_cut_off_is_read_as_far_as_it_is_whole(tmp_path: Path) -> None:
    run = await ParquetStore(tmp_path).begin(ITEMS)
    await run.write([items(1, item(1))])
    await run.write([items(2, item(1))])
    await run.aclose()
    (journal,) = paths(tmp_path, "items/_run=*/*.journal")
    os.truncate(journal, journal.stat().st_size - 1)
    resumed = await ParquetStore(tmp_path).begin(ITEMS)
    assert resumed.resumed
    assert await resumed.finished([1, 2]) == {1}
    await resumed.aclose()


async def test_the_lock_of_a_killed_process_is_dropped_and_says_who_held_it(tmp_path: Path) -> None:
    code = f"""if True:
        import asyncio
        from ledger_async.mirror import ParquetStore
        from ledger_async.mirror.conformance import ITEMS, item, items
        async def main():
            run = await ParquetStore({str(tmp_path)!r}).begin(ITEMS)
            await run.write([items(1, item(1))])
            print(run.id, flush=True)
            await asyncio.sleep(600)
        asyncio.run(main())"""
    with process(code) as other:
        assert other.stdout is not None
        run_id = other.stdout.readline().strip()
        with pytest.raises(StoreLockedError, match=f"process {other.pid} on "):
            await ParquetStore(tmp_path, _patience=0).begin(ITEMS)
        other.send_signal(signal.SIGKILL)
    run = await ParquetStore(tmp_path).begin(ITEMS)
    assert (run.id, await run.finished([1])) == (run_id, {1})
    await run.aclose()


async def test_a_run_that_was_complete_when_it_was_killed_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await ParquetStore(tmp_path).begin(ITEMS)
    await run.write([items(1, item(1))])
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "publish", lambda *_: (tmp_path / "missing").stat())
        with pytest.raises(StoreError, match="missing"):
            await run.finish()
    await run.aclose()
    later = await ParquetStore(tmp_path).begin(ITEMS)
    assert (later.id != run.id, later.resumed) == (True, False)
    (found,) = paths(tmp_path, "items/run=*")
    assert found.name == f"run={run.id}"
    assert not paths(found, "*.journal")
    await later.aclose()


async def shared(path: Path) -> tuple[ParquetRun, ParquetRun]:
    """A run of one account, and a worker that has joined it and written another one."""
    store = ParquetStore(path)
    run = await store.begin(ITEMS)
    await run.write([items(1, item(1))])
    joined = await store.begin(ITEMS, join=run.id)
    await joined.write([items(2, item(1))])
    return run, joined


async def test_what_a_worker_writes_while_the_run_is_finished_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, joined = await shared(tmp_path)
    finish = SnapshotWriter.finish

    def disturbed(writer: SnapshotWriter, complete: Complete) -> None:
        with pytest.raises(StoreError, match="finished"):
            anyio.from_thread.run(joined.write, [items(3, item(1))])
        finish(writer, complete)

    monkeypatch.setattr(SnapshotWriter, "finish", disturbed)
    total = await run.finish()
    assert (total.accounts, total.rows) == (2, 2)
    await joined.aclose()
    await run.aclose()


async def test_a_record_that_the_end_of_the_run_may_have_missed_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, joined = await shared(tmp_path)
    append = Journal.append

    def late(journal: Journal, head: Head, rows: Any, digests: bytes) -> Place:
        place = append(journal, head, rows, digests)
        Folder(tmp_path / "items", None).close(run.id)
        return place

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", late)
        with pytest.raises(StoreError, match="finished"):
            await joined.write([items(3, item(1))])
    await joined.aclose()
    await run.finish()
    assert [
        each.name for each in paths(tmp_path, "items/run=*/*") if each.suffix != ".parquet"
    ] == [
        "_complete.json",
        "_digests",
    ]
    await run.aclose()


async def test_a_worker_goes_on_where_the_end_of_the_run_was_not_reached(tmp_path: Path) -> None:
    run, joined = await shared(tmp_path)
    Folder(tmp_path / "items", None).close(run.id)
    await run.aclose()
    with pytest.raises(ConfigurationError, match=run.id):
        await ParquetStore(tmp_path).begin(ITEMS, join=run.id)
    resumed = await ParquetStore(tmp_path).begin(ITEMS)
    await joined.write([items(3, item(1))])
    await joined.aclose()
    assert (await resumed.finish()).accounts == 3
    await resumed.aclose()


async def test_the_end_of_a_run_opens_a_journal_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await ParquetStore(tmp_path).begin(ITEMS)
    for first in (0, 50):
        await run.write([items(first + each, item(1)) for each in range(50)])
    opened, open_ = [], Path.open

    def counted(path: Path, *args: Any, **options: Any) -> Any:
        opened.append(path.suffix)
        return open_(path, *args, **options)

    monkeypatch.setattr(Path, "open", counted)
    assert (await run.finish()).accounts == 100
    assert opened.count(".journal") == 1
    await run.aclose()


async def test_nothing_is_read_twice_by_whoever_joins_a_run_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ParquetStore(tmp_path) as store, ParquetStore(tmp_path) as other:
        run = await store.begin(ITEMS)
        await run.write([items(1, item())])
        scan, read = journal.scan, list[int | None]()

        def counted(path: Path, start: int) -> Iterator[tuple[Head, Place, int]]:
            for record in scan(path, start):
                read.extend(each.account_id for each in record[0].entries)
                yield record

        monkeypatch.setattr(journal, "scan", counted)
        for account_id in range(2, 5):
            joined = await other.begin(ITEMS, join=run.id)
            assert list(await joined.finished([1, account_id])) == [1]
            await joined.write([items(account_id, item())])
            await joined.aclose()
        assert read == [1]
        await run.finish()
        await run.aclose()


async def test_many_small_accounts_and_large_ones_keep_their_rows_together(tmp_path: Path) -> None:
    run = await ParquetStore(tmp_path).begin(ITEMS)
    sizes = {each: 250 if each % 50 == 0 else each % 4 for each in range(1, 201)}
    await run.write([items(each, *map(item, range(size))) for each, size in sizes.items()])
    await run.finish()
    await run.aclose()
    (part,) = paths(tmp_path, "items/run=*/part-*.parquet")
    found = pq.ParquetFile(part).read()
    expected = [(each, str(at)) for each, size in sizes.items() for at in range(size)]
    columns = (found[name].to_pylist() for name in ("account_id", "token_id"))
    assert list(zip(*columns, strict=True)) == expected


async def test_a_text_that_is_not_unicode_is_refused_and_the_run_goes_on(tmp_path: Path) -> None:
    run = await ParquetStore(tmp_path).begin(ITEMS)
    with pytest.raises(RowRefusedError, match="name: a text is not Unicode"):
        await run.write([items(1, item(1)), items(2, item(2, name="\ud800"))])
    await run.write([items(1, item(1))])
    assert (await run.finish()).rows == 1
    await run.aclose()


async def test_a_full_disk_is_an_error_and_the_run_goes_on_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await ParquetStore(tmp_path).begin(ITEMS)
    await run.write([items(1, item(1))])

    def fill(journal: Journal, data: bytes) -> None:
        journal._file.write(data[:100])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(journal.path))

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "_write", fill)
        with pytest.raises(StoreError, match="No space left"):
            await run.write([items(2, item(1))])
    await run.write([items(3, item(1))])
    assert await run.finished([1, 2, 3]) == {1, 3}
    assert (await run.finish()).rows == 2
    await run.aclose()


async def snapshot(path: Path) -> Path:
    """A snapshot of one row, which a mirror has left."""
    run = await ParquetStore(path).begin(ITEMS)
    await run.write([items(1, item())])
    await run.finish()
    await run.aclose()
    return path / "items" / f"run={run.id}"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("_complete.json", b"{}"),
        ("_complete.json", b"\xff"),
        ("part-00000.parquet", b"PAR1 garbage PAR1"),
        ("part-00000.parquet", None),
        ("_digests", b"short"),
        ("_digests", None),
    ],
)
async def test_a_snapshot_that_is_damaged_is_named(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    file = await snapshot(tmp_path) / name
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=f"{file.parent} is not a mirror's"):
        await ParquetStore(tmp_path).begin(ITEMS)


async def test_a_snapshot_without_files_is_named(tmp_path: Path) -> None:
    complete = await snapshot(tmp_path) / "_complete.json"
    complete.write_bytes(json.encode({**decode(complete.read_bytes()), "parts": {}}))
    with pytest.raises(ConfigurationError, match=f"{complete.parent} is not a mirror's"):
        await ParquetStore(tmp_path).begin(ITEMS)


async def test_a_snapshot_of_another_name_is_not_taken_for_the_last_one(tmp_path: Path) -> None:
    made = await snapshot(tmp_path)
    other = made.rename(made.with_name("run=zzz"))
    with pytest.raises(ConfigurationError, match=f"{other} is not a mirror's"):
        await ParquetStore(tmp_path).begin(ITEMS)


async def test_a_run_whose_beginning_is_unreadable_is_named(tmp_path: Path) -> None:
    run = await ParquetStore(tmp_path).begin(ITEMS)
    await run.aclose()
    begun = tmp_path / "items" / f"_run={run.id}" / "_begun.json"
    begun.write_bytes(b"{")
    with pytest.raises(ConfigurationError, match=f"{begun} is not a mirror's"):
        await ParquetStore(tmp_path).begin(ITEMS)
    run = await ParquetStore(tmp_path).begin(ITEMS, resume=False)
    await run.aclose()


@pytest.mark.parametrize("foreign", ["items/notes.txt", "items/run=1/data.parquet"])
async def test_a_directory_of_something_else_is_refused(tmp_path: Path, foreign: str) -> None:
    (tmp_path / foreign).parent.mkdir(parents=True)
    (tmp_path / foreign).write_text("")
    with pytest.raises(ConfigurationError, match="choose another directory"):
        await ParquetStore(tmp_path).begin(ITEMS)


@pytest.mark.parametrize("place", ["file", "file/deeper", "file/deeper/still"])
async def test_a_file_is_no_directory(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=f"{place}/items is no directory"):
        await ParquetStore(tmp_path / place).begin(ITEMS)


async def test_the_incremental_mode_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="snapshots"):
        await ParquetStore(tmp_path).begin(ITEMS, mode="incremental")


@pytest.mark.parametrize("module", ["ParquetStore", "arrow_schema", "to_arrow"])
def test_without_pyarrow_the_extra_is_named(module: str) -> None:
    code = f"import sys; sys.modules['pyarrow'] = None; from ledger_async.mirror import {module}"
    done = subprocess.run(  # noqa: PLW1510
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert "ConfigurationError" in done.stderr
    assert "pip install 'ledger_async[arrow]'" in done.stderr
