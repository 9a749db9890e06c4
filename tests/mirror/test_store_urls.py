"""The URLs of `stores`, good and bad."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from ledger_async import ConfigurationError
from ledger_async.mirror import store_at

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


@pytest.mark.parametrize("url", ["sqlite:", "sqlite://", "sqlite:///ledger.db", "parquet://lake"])
def test_a_file_is_a_path_and_no_host(url: str) -> None:
    with pytest.raises(ConfigurationError, match="takes a path, as in"):
        store_at(url)


@pytest.mark.parametrize("url", ["sqlite:ledger.db", "parquet:ledger"])
def test_only_postgresql_has_schemas(url: str) -> None:
    with pytest.raises(ConfigurationError, match="schema is for PostgreSQL"):
        store_at(url, schema="ledger")
