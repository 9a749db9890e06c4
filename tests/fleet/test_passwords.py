"""Passwords of URLs, which stay on this machine."""

from __future__ import annotations

import pickle

import pytest
from cryptography.fernet import InvalidToken
from distributed.security import Security

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


@pytest.fixture(scope="module")
def certificate() -> Security:
    """That of a cluster of this machine, which its workers have as well."""
    made: Security = Security.temporary()
    return made


@pytest.fixture
def safe(certificate: Security) -> Safe:
    return Safe(certificate)


@pytest.mark.parametrize("url", URLS)
def test_a_worker_of_this_machine_gets_the_url_back(
    safe: Safe, certificate: Security, url: str
) -> None:
    sent = pickle.dumps(safe.blanked("store", Hidden(url), remedy=""))
    worker = Safe(pickle.loads(pickle.dumps(certificate)))
    assert worker.whole(pickle.loads(sent)).reveal() == url


@pytest.mark.parametrize("url", URLS)
def test_what_is_sent_has_no_password(safe: Safe, url: str) -> None:
    blanked = safe.blanked("store", Hidden(url), remedy="")
    assert b"cret" not in pickle.dumps(blanked)
    assert "cret" not in repr(blanked)


def test_no_other_cluster_can_read_what_is_sent(safe: Safe) -> None:
    blanked = safe.blanked("store", Hidden(URLS[0]), remedy="")
    with pytest.raises(InvalidToken):
        Safe(Security.temporary()).whole(blanked)


@pytest.mark.parametrize("url", ["postgresql://me@db/ledger", "parquet:ledger", "redis://store:1"])
def test_a_url_without_a_password_is_sent_as_it_is(safe: Safe, url: str) -> None:
    assert safe.blanked("store", Hidden(url), remedy="") == Blanked(url)


@pytest.mark.parametrize("url", URLS)
def test_a_password_for_other_machines_is_refused_with_a_remedy(url: str) -> None:
    safe = Safe(None)
    complaint = r"store has a password.*: set PGPASSWORD"
    with pytest.raises(ConfigurationError, match=complaint) as error:
        safe.blanked("store", Hidden(url), remedy="set PGPASSWORD")
    assert "cret" not in str(error.value)
