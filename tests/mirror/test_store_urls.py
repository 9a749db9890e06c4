"""The URLs of `stores` and their `paths`, good and bad."""

from __future__ import annotations

import os
import re
import traceback
from pathlib import Path
from typing import Any

import pytest

from ledger_async import ConfigurationError
from ledger_async.mirror import ParquetStore, SqliteStore, store_at
from ledger_async.mirror.conformance import ITEMS, item, items

KNOWN = "a store is sqlite:FILE, postgresql://USER@HOST/DATABASE or parquet:DIRECTORY"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("sqlite:ledger.db", "SqliteStore"),
        ("parquet:ledger", "ParquetStore"),
        ("postgresql://db/ledger", "PostgresStore"),
        ("postgres://me:a%40b@db/ledger?application_name=a", "PostgresStore"),
    ],
)
def test_a_url_names_a_kind_of_store(
    url: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert type(store_at(url)).__name__ == kind
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    "url", ["mysql://u:secret@db/ledger", "SQLITE:x", "ledger.db", "host=db password=a:b", ""]
)
def test_another_url_is_refused_with_those_that_there_are(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        store_at(url)
    assert str(refused.value) == KNOWN


def test_no_password_stays_in_the_frames_of_a_refusal() -> None:
    with pytest.raises(ConfigurationError) as refused:
        store_at("mysql://u:secret@db/ledger")
    *_, (frame, _line) = traceback.walk_tb(refused.value.__traceback__)
    assert frame.f_code.co_name == "store_at"
    assert "secret" not in repr(frame.f_locals)


@pytest.mark.parametrize(
    "password",
    [
        "a@s3cret",
        "s3cret/b",
        "12/s3cret",
        "a@b/s3cret@d",
        "s3cret?b@s3cret",
        "a#b@s3cret",
        "s3cret\0b",
        "s3cret\ud800",
    ],
)
def test_a_password_that_could_be_taken_for_a_host_is_refused_unseen(password: str) -> None:
    url = f"postgresql://me:{password}@db/ledger?application_name=a@b"
    with pytest.raises(ConfigurationError, match="dsn") as refused:
        store_at(url)
    assert refused.value.__context__ is None
    _test, *frames = traceback.walk_tb(refused.value.__traceback__)
    local = [{**frame.f_locals, "self": None} for frame, _line in frames]
    assert "s3cret" not in repr([refused.value, *local])


def test_a_password_with_a_question_mark_is_one() -> None:
    store = store_at("postgresql://me:p?q#r@db/ledger")
    assert repr(store) == "PostgresStore('host=db dbname=ledger', schema=None)"


@pytest.mark.parametrize("kind", ["sqlite", "parquet"])
def test_a_tilde_is_the_home_directory(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert str(tmp_path / "led") in repr(store_at(f"{kind}:~/led"))


@pytest.mark.parametrize("kind", ["sqlite", "parquet"])
def test_a_home_directory_that_nobody_knows_is_refused(kind: str) -> None:
    with pytest.raises(ConfigurationError, match="home directory"):
        store_at(f"{kind}:~no-such-user/led")


@pytest.mark.parametrize("class_", [SqliteStore, ParquetStore])
@pytest.mark.parametrize("path", ["", "a\0b", "\ud800", b"led", 7, None])
def test_what_no_path_can_be_is_refused(class_: Any, path: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"(path|directory) must"):
        class_(path)


@pytest.mark.real_time
@pytest.mark.parametrize("class_", [SqliteStore, ParquetStore])
@pytest.mark.parametrize("name", ["circle/led", "n" * 300, f"{'n' * 300}/led", "closed/inner/led"])
async def test_a_path_that_the_system_refuses_is_told_of(
    class_: Any, name: str, tmp_path: Path
) -> None:
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "closed").mkdir(mode=0)
    if os.access(tmp_path / "closed", os.X_OK) and name.startswith("closed"):
        pytest.skip("nothing is closed to this user")
    with pytest.raises(ConfigurationError, match=re.escape(f"{tmp_path / name}")):
        async with class_(tmp_path / name) as store:
            await store.begin(ITEMS)


@pytest.mark.real_time
@pytest.mark.parametrize("kind", ["sqlite", "parquet"])
async def test_a_store_stays_where_it_is_when_the_working_directory_changes(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = store_at(f"{kind}:s3:led")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    for _ in range(2):
        async with made as store:
            run = await store.begin(ITEMS)
            await run.write([items(1, item())])
            assert (await run.finish()).rows == 1
            await run.aclose()
    assert not [*(tmp_path / "elsewhere").iterdir()]


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:",
        "sqlite://",
        "sqlite:///ledger.db",
        "sqlite:file://ledger.db",
        "parquet://lake",
        "parquet:s3://lake",
        "parquet:file:///lake",
    ],
)
def test_a_file_is_a_path_and_no_host(url: str) -> None:
    with pytest.raises(ConfigurationError, match="takes a path, as in"):
        store_at(url)


@pytest.mark.parametrize("url", ["sqlite:ledger.db", "parquet:ledger"])
def test_only_postgresql_has_schemas(url: str) -> None:
    with pytest.raises(ConfigurationError, match="schema is for PostgreSQL"):
        store_at(url, schema="ledger")
