"""Passwords of URLs, which stay on this machine."""

from __future__ import annotations

import pickle
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger_async import ConfigurationError
from ledger_async._support.secrets import Hidden
from ledger_async.fleet._dask.passwords import Blanked, Safe

URLS = [
    "postgresql://me:s3cret@db.example:5432/ledger",
    "postgresql://me:s3%40cret@one,two:5433/ledger?sslmode=require",
    "postgresql:///ledger?host=/tmp&user=me&password=s3cret",
    "postgresql://me@db/ledger?sslpassword=s3cret&password=s3cret2",
    "redis://:s3cret@store:6379/0",
]


@pytest.fixture
def safe() -> Iterator[Safe]:
    safe = Safe(is_local=True)
    yield safe
    safe.close()


@pytest.mark.parametrize("url", URLS)
def test_a_worker_of_this_machine_gets_the_url_back(safe: Safe, url: str) -> None:
    sent = pickle.dumps(safe.blanked("store", Hidden(url), remedy=""))
    blanked: Blanked = pickle.loads(sent)
    assert blanked.whole().reveal() == url


@pytest.mark.parametrize("url", URLS)
def test_what_is_sent_has_no_password(safe: Safe, url: str) -> None:
    blanked = safe.blanked("store", Hidden(url), remedy="")
    assert b"cret" not in pickle.dumps(blanked)
    assert "cret" not in repr(blanked)


@pytest.mark.parametrize("url", ["postgresql://me@db/ledger", "parquet:ledger", "redis://store:1"])
def test_a_url_without_a_password_is_sent_as_it_is(safe: Safe, url: str) -> None:
    assert safe.blanked("store", Hidden(url), remedy="") == Blanked(url)


def test_the_file_is_for_this_user_alone_and_goes_with_the_safe(safe: Safe) -> None:
    blanked = safe.blanked("store", Hidden(URLS[0]), remedy="")
    assert blanked.passwords is not None
    path = Path(blanked.passwords)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    safe.close()
    assert not path.exists()


@pytest.mark.parametrize("url", URLS)
def test_a_password_for_other_machines_is_refused_with_a_remedy(url: str) -> None:
    safe = Safe(is_local=False)
    complaint = r"store has a password.*: set PGPASSWORD"
    with pytest.raises(ConfigurationError, match=complaint) as error:
        safe.blanked("store", Hidden(url), remedy="set PGPASSWORD")
    assert "cret" not in str(error.value)
