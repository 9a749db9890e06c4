"""Query strings, written as the API reads them."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias, TypedDict
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from ledger_async._protocol.query import encode_query, types_of
from ledger_async.errors import ConfigurationError

HUGE = 10**5000  # Python refuses to write it out
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
SCALARS = st.integers() | st.text(st.characters(exclude_categories=["Cs"]))


Scalar: TypeAlias = int | str


class Filters(TypedDict, total=False):
    """What an endpoint may take."""

    account: Iterable[int] | None
    created_after: datetime | None
    day: date | None
    deep: bool | None
    id: int | None
    label: Iterable[str] | None
    max_amount: Annotated[str, Meta(pattern=r"^[0-9]+\Z")] | None
    name: str | None
    order: Literal["asc", "desc"] | None
    size: int | None
    status: Iterable[Literal["ACTIVE", "PENDING"]] | None


def encode(parameters: Mapping[str, object]) -> str:
    return encode_query(parameters, types_of(Filters))


def complaint(parameters: Mapping[str, object]) -> str:
    with pytest.raises(ConfigurationError) as caught:
        encode(parameters)
    return str(caught.value)


class Colour(str, enum.Enum):  # noqa: UP042 - what many programs have
    RED = "red"


class Size(enum.IntEnum):
    LARGE = 5


class State(enum.StrEnum):
    ACTIVE = "ACTIVE"


class Direction(str, enum.Enum):  # noqa: UP042 - what many programs have
    UP = "asc"


class Number:
    """As some libraries have them."""

    def __index__(self) -> int:
        return 6


class Moment(datetime):
    """As some libraries have them."""


class Nowhere(tzinfo):
    """A time zone that knows no offset."""

    def utcoffset(self, _moment: datetime | None, /) -> None:
        return None

    dst = tzname = utcoffset


class Never(datetime):
    """As libraries have a moment that is missing."""

    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        return "NaT"


class Rows:
    """What counts, but is no number, such as an array of numpy."""

    def __index__(self) -> int:
        raise TypeError("only integer scalar arrays can be converted to a scalar index")


PARIS = timezone(timedelta(minutes=9, seconds=21))  # as it was in 1900


@given(st.dictionaries(NAMES, SCALARS | st.lists(SCALARS, min_size=1) | st.none()))
def test_a_query_reads_back_as_what_was_meant(parameters: dict[str, object]) -> None:
    meant: list[tuple[str, str]] = []
    for name, value in parameters.items():
        values = value if isinstance(value, list) else [] if value is None else [value]
        meant += [(name, str(each)) for each in values]
    types = {
        name: Iterable[Scalar] if isinstance(value, list) else Scalar
        for name, value in parameters.items()
    }
    assert parse_qsl(encode_query(parameters, types), keep_blank_values=True) == meant


@given(st.dictionaries(NAMES, SCALARS))
def test_a_query_is_plain_ascii_without_separators_of_its_own(
    parameters: dict[str, object],
) -> None:
    query = encode_query(parameters, dict.fromkeys(parameters, Scalar))
    assert query.isascii()
    assert query.isprintable()
    assert not set(query) & set(" #\"<>'")
    assert query.count("=") == len(parameters)


@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        ({}, ""),
        ({"status": None}, ""),
        ({"id": 10**30, "size": -1}, f"id={10**30}&size=-1"),
        ({"label": ["a", "b"]}, "label=a&label=b"),
        ({"label": ("a", "b")}, "label=a&label=b"),
        ({"label": {"a"}}, "label=a"),
        ({"label": {"a": 1}.keys()}, "label=a"),
        ({"label": (each for each in "ab")}, "label=a&label=b"),
        ({"account": range(1, 3)}, "account=1&account=2"),
        ({"name": "a&b=c d/é"}, "name=a%26b%3Dc+d%2F%C3%A9"),
        ({"name": ""}, "name="),
        ({"deep": True}, "deep=true"),
        ({"deep": False}, "deep=false"),
        ({"day": date(2026, 1, 2)}, "day=2026-01-02"),
        ({"max_amount": "12"}, "max_amount=12"),
    ],
)
def test_parameters_become_a_query(parameters: dict[str, object], query: str) -> None:
    assert encode(parameters) == query


@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        ({"size": Size.LARGE}, "size=5"),
        ({"name": Colour.RED}, "name=red"),
        ({"order": Direction.UP}, "order=asc"),
        ({"status": [State.ACTIVE]}, "status=ACTIVE"),
        ({"account": [Size.LARGE]}, "account=5"),
        ({"account": [Number()], "id": Number()}, "account=6&id=6"),
    ],
)
def test_what_stands_for_a_value_is_sent_as_it(parameters: dict[str, object], query: str) -> None:
    assert encode(parameters) == query


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05+00:00"),
        (
            datetime(2026, 1, 2, 3, 4, 5, 678, timezone(timedelta(hours=2))),
            "2026-01-02T03:04:05.000678+02:00",
        ),
        (Moment(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        # RFC 3339 has no such offsets.
        (datetime(1900, 1, 2, tzinfo=PARIS), "1900-01-01T23:50:39+00:00"),
        (Moment(1900, 1, 2, tzinfo=PARIS), "1900-01-01T23:50:39+00:00"),
        (
            datetime(2026, 1, 2, tzinfo=timezone(timedelta(microseconds=1))),
            "2026-01-01T23:59:59.999999+00:00",
        ),
    ],
    ids=["utc", "offset", "subclass", "odd offset", "odd subclass", "tiny offset"],
)
def test_a_moment_keeps_its_offset(moment: datetime, text: str) -> None:
    assert parse_qsl(encode({"created_after": moment})) == [("created_after", text)]


@pytest.mark.parametrize("zone", [None, Nowhere()])
def test_a_moment_without_an_offset_is_refused(zone: tzinfo | None) -> None:
    naive = datetime(2026, 1, 2, tzinfo=zone)
    assert complaint({"created_after": naive}) == (
        "created_after must be an aware datetime, got one without a time zone"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", True),
        ("id", 1.5),
        ("id", "1"),
        ("id", Decimal(1)),
        ("id", [1]),
        ("id", 2**256),
        ("label", "text"),
        ("label", 1),
        ("label", [None]),
        ("label", [["nested"]]),
        ("label", {"a": 1}),
        ("label", b"bytes"),
        ("label", object()),
        ("account", ["1"]),
        ("account", [True]),
        ("account", [1, 10**5000]),
        ("name", b"bytes"),
        ("name", 1),
        ("deep", 1),
        ("deep", "true"),
        ("day", datetime(2026, 1, 2, tzinfo=UTC)),
        ("day", "2026-01-02"),
        ("created_after", date(2026, 1, 2)),
        ("created_after", "2026-01-02T00:00:00Z"),
        ("order", "up"),
        ("order", ["asc"]),
        ("status", ["SLEEPING"]),
        ("max_amount", "1.5 ETH"),
        ("created_after", Never(2026, 1, 2, tzinfo=UTC)),
        ("created_after", datetime(1, 1, 1, tzinfo=PARIS)),
        ("id", Rows()),
    ],
)
def test_a_value_that_cannot_be_sent_is_refused_by_name(name: str, value: object) -> None:
    assert name in complaint({name: value})


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"id": "1"}, "id must be an integer, got str"),
        ({"id": [1]}, "id must be an integer, got list"),
        ({"account": ["a"]}, "each account must be an integer, got str"),
        ({"account": 7}, "account takes a list of values, got 7"),
        ({"status": "ACTIVE"}, "status takes a list of values, got 'ACTIVE'"),
        ({"status": ["active"]}, "each status must be one of ACTIVE, PENDING"),
        ({"order": "up"}, "order must be one of asc, desc"),
        ({"order": ["asc"]}, "order must be a single string, got list: one of asc, desc"),
        ({"deep": 1}, "deep must be True or False, got int"),
        ({"day": datetime(2026, 1, 2, tzinfo=UTC)}, "day must be a date, got datetime"),
        ({"created_after": date(2026, 1, 2)}, "created_after must be a datetime, got date"),
        ({"max_amount": 5}, "max_amount must be a string, got int"),
        ({"label": []}, "label is empty: leave it out, or give None"),
        ({"account": HUGE}, "account takes a list of values, got int too large to show"),
        (
            {"created_after": Never(2026, 1, 2, tzinfo=UTC)},
            "created_after must be a datetime, got Never, which has no ISO form",
        ),
        (
            {"created_after": datetime(1, 1, 1, tzinfo=PARIS)},
            "created_after is out of range in UTC",
        ),
    ],
)
def test_a_refusal_says_what_is_wanted(parameters: dict[str, object], said: str) -> None:
    assert complaint(parameters) == said


@pytest.mark.parametrize("value", [HUGE, [HUGE], [[HUGE]]], ids=["huge", "listed", "nested"])
@pytest.mark.parametrize("name", Filters.__annotations__)
def test_an_integer_too_large_to_write_out_is_refused_by_name(name: str, value: object) -> None:
    assert name in complaint({name: value})


def test_an_unknown_parameter_is_refused_with_those_that_are_known() -> None:
    assert complaint({"colour": "red"}) == (
        "there is no filter colour; those that there are: account, created_after, day, deep, id, "
        "label, max_amount, name, order, size, status"
    )


@pytest.mark.parametrize("nothing", [[], (), set(), iter([])])
def test_no_values_at_all_are_refused_by_name(nothing: object) -> None:
    # Sent as nothing, a filter that no account can match would match every account.
    assert "label" in complaint({"label": nothing})


@pytest.mark.parametrize("parameters", [{"name": "\ud800"}, {"label": ["a", "\udfff"]}])
def test_text_that_is_no_unicode_is_refused_by_name(parameters: dict[str, object]) -> None:
    assert [*parameters][0] in complaint(parameters)  # noqa: RUF015 - the only one
