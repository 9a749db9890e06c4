"""What a `fleet` refuses before it asks anybody for anything."""

from __future__ import annotations

from typing import Any

import pytest

from ledger_async import ConfigurationError, FleetError, LedgerClient
from ledger_async.fleet import Fleet, RedisLimiter

pytestmark = pytest.mark.real_time


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"workers": 0}, "workers must be an integer of 1 or more"),
        ({"scheduler": 8786}, "scheduler must be a string"),
        ({"limiter": object()}, "limiter must be a RedisLimiter"),
        ({"client": "LedgerClient"}, "client must be a function"),
    ],
)
def test_a_wrong_argument_of_a_fleet_is_named(arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        Fleet(**arguments)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"listing": "nft"}, "there is no listing 'nft': there are"),
        ({"account_ids": None}, "nfts needs account_ids"),
        ({"listing": "transactions"}, "transactions takes no account_ids"),
        ({"store": "sqlite:ledger.db"}, "SQLite is for one process"),
        ({"store": "mysql://db"}, "a store is sqlite:FILE"),
        ({"on_invalid": print}, "no function is sent"),
        ({"mode": "half"}, "mode must be one of"),
    ],
)
async def test_a_wrong_argument_of_a_mirror_is_named(
    arguments: dict[str, Any], complaint: str
) -> None:
    given = {"listing": "nfts", "account_ids": [1], "store": "parquet:ledger"} | arguments
    with pytest.raises(ConfigurationError, match=complaint):
        await Fleet().mirror(**given)


async def test_a_fleet_that_is_not_open_says_how_to_open_it() -> None:
    with pytest.raises(ConfigurationError, match="use it with async with"):
        await Fleet().mirror("nfts", [1], store="parquet:ledger")


async def test_a_function_that_is_none_of_async_def_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="function must be one with async def"):
        Fleet().map(lambda _, __: None, [1])  # type: ignore[arg-type, return-value] # that is it


@pytest.mark.parametrize("address", ["scheduler:nowhere", "tcp://127.0.0.1:1"])
async def test_no_scheduler_is_one_sentence(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger_async.fleet._dask.cluster._PATIENCE", 0.2)
    with pytest.raises((ConfigurationError, FleetError), match="scheduler") as error:
        async with Fleet(address):
            pass
    assert "\n" not in str(error.value)


def refusing(**_: object) -> LedgerClient:
    raise ConfigurationError("no key here")


async def test_workers_that_cannot_make_their_client_are_told_before_any_request() -> None:
    with pytest.raises(ConfigurationError, match=r"the worker at .* has no client: no key here"):
        async with Fleet(workers=1, client=refusing):
            pass


def test_a_limiter_shows_no_password_to_whoever_makes_another_one() -> None:
    limiter = RedisLimiter("redis://:s3cret@store:6379/0", key="k", rate=5)
    assert "s3cret" not in repr(limiter.settings)
