"""Query strings, written as the API reads them."""

from __future__ import annotations

import enum
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_async.errors import ConfigurationError
from ledger_async.wire import Request, Response, encode_query

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
SCALARS = st.integers() | st.text(st.characters(exclude_categories=["Cs"]))


class Colour(str, enum.Enum):  # noqa: UP042 - what many programs have
    RED = "red"


class Size(enum.IntEnum):
    LARGE = 5


@given(st.dictionaries(NAMES, SCALARS | st.lists(SCALARS, min_size=1) | st.none()))
def test_a_query_reads_back_as_what_was_meant(parameters: dict[str, object]) -> None:
    meant: list[tuple[str, str]] = []
    for name, value in parameters.items():
        values = value if isinstance(value, list) else [] if value is None else [value]
        meant += [(name, str(each)) for each in values]
    assert parse_qsl(encode_query(parameters), keep_blank_values=True) == meant


@given(st.dictionaries(NAMES, SCALARS))
def test_a_query_is_plain_ascii_without_separators_of_its_own(
    parameters: dict[str, object],
) -> None:
    query = encode_query(parameters)
    assert query.isascii()
    assert query.isprintable()
    assert not set(query) & set(" #\"<>'")
    assert query.count("=") == len(parameters)


@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        ({}, ""),
        ({"status": None}, ""),
        ({"page": 1, "page_size": -1}, "page=1&page_size=-1"),
        ({"id": 10**30}, f"id={10**30}"),
        ({"label": ["a", "b"]}, "label=a&label=b"),
        ({"label": (each for each in "ab")}, "label=a&label=b"),
        ({"name": "a&b=c d/é"}, "name=a%26b%3Dc+d%2F%C3%A9"),
        ({"name": ""}, "name="),
        ({"size": Size.LARGE}, "size=5"),
    ],
)
def test_parameters_become_a_query(parameters: dict[str, object], query: str) -> None:
    assert encode_query(parameters) == query


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05+00:00"),
        (
            datetime(2026, 1, 2, 3, 4, 5, 678, timezone(timedelta(hours=2))),
            "2026-01-02T03:04:05.000678+02:00",
        ),
    ],
)
def test_a_moment_keeps_its_offset(moment: datetime, text: str) -> None:
    assert parse_qsl(encode_query({"created_after": moment})) == [("created_after", text)]


def test_a_moment_without_an_offset_is_refused() -> None:
    naive = datetime(2026, 1, 2)  # noqa: DTZ001 - the mistake
    with pytest.raises(ConfigurationError, match="created_after"):
        encode_query({"created_after": naive})


def test_a_string_of_an_enum_is_sent_as_its_value() -> None:
    assert encode_query({"colour": Colour.RED}) == "colour=red"


@pytest.mark.parametrize(
    "value",
    [True, 1.5, Decimal(1), object(), [None], [["nested"]], {"a": 1}, b"bytes", 10**5000],
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_cannot_be_sent_is_refused_by_name(value: object) -> None:
    with pytest.raises(ConfigurationError, match="label"):
        encode_query({"label": value})


@pytest.mark.parametrize("nothing", [[], (), set(), iter([])])
def test_no_values_at_all_are_refused_by_name(nothing: object) -> None:
    # Sent as nothing, a filter that no account can match would match every account.
    with pytest.raises(ConfigurationError, match="label"):
        encode_query({"label": nothing})


def test_text_that_is_no_unicode_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="label"):
        encode_query({"label": "\ud800"})


def test_a_request_is_a_get_without_a_body_unless_it_says_otherwise() -> None:
    request = Request(path="/accounts")
    assert (request.method, request.query, request.body) == ("GET", "", None)


def test_what_a_request_holds_is_not_shown() -> None:
    request = Request(method="POST", path="/auth/token", query="a=b", body=b"s3cret")
    assert repr(request) == "Request(POST /auth/token)"


def test_what_an_answer_holds_is_not_shown() -> None:
    assert repr(Response(200, {"Set-Cookie": "s3cret"}, b"s3cret")) == "Response(200, 6 bytes)"
