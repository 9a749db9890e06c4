"""Checks of arguments: what passes comes back, and an error names what does not."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from ledger_async._support import checks
from ledger_async.errors import ConfigurationError


class Four:
    """An integer of another library."""

    def __index__(self) -> int:
        return 4


@pytest.mark.parametrize(("value", "number"), [(1, 1), (2**63 - 1, 2**63 - 1), (Four(), 4)])
def test_a_count_is_an_integer_of_any_library(value: Any, number: int) -> None:
    assert checks.count("page", value) == number


@pytest.mark.parametrize(
    "value", [0, -1, 2**63, True, "1", 1.0, None, pytest.param(10**5000, id="huge")]
)
def test_what_is_no_count_is_refused_by_name(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="page must be an integer of 1 or more"):
        checks.count("page", value)


def test_zero_is_an_identifier_and_no_count() -> None:
    assert checks.identifier("account_id", 0) == 0


@pytest.mark.parametrize("value", [-1, float("inf"), float("nan"), True, "1", 10**400])
def test_what_is_no_time_is_refused_by_name(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="timeout must be a number of seconds"):
        checks.seconds("timeout", value)


def test_a_type_is_checked_without_a_conversion() -> None:
    checks.typed("status", "ACTIVE", Literal["ACTIVE", "PENDING"] | None)
    with pytest.raises(ConfigurationError, match="status must be one of ACTIVE, PENDING"):
        checks.typed("status", "SLEEPING", Literal["ACTIVE", "PENDING"])


async def handle(error: object) -> None:
    raise AssertionError(error)


@pytest.mark.parametrize("value", ["ignore", None, handle])
def test_a_handler_is_a_word_or_a_plain_function(value: object) -> None:
    checks.handler("on_error", print)
    with pytest.raises(ConfigurationError, match='on_error must be "raise", "skip"'):
        checks.handler("on_error", value)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (10**5000, "int too large to show"),
        ([1, -(10**5000)], "[1, int too large to show]"),
        (2**63, "9223372036854775808"),
    ],
    ids=["huge", "listed", "large"],
)
def test_an_integer_is_shown_as_far_as_python_writes_it_out(value: object, written: str) -> None:
    assert checks.shown(value) == written
