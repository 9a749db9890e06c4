"""What rate-limit headers say, in every form that a server may choose."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_async._protocol.rate_limit_headers import Quota, quota, reset_in, retry_after

# Thursday, 1 January 2026, as Unix time and as HTTP writes it.
NOW = 1767225600.0
DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
DAY = 86400

NAMES = ("Retry-After", "Date", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")

# Whatever looks enough like a date to get past the first glance of a parser.
DATES = st.from_regex(
    r"([A-Z][a-z]{2}, )?[0-9]{1,25}[ -](Jan|Feb|Nov)[ -][0-9]{1,25}"
    r" [0-9]{1,25}(:[0-9]{1,25}){1,2}( (GMT|EST|[+-][0-9]{1,25}))?",
    fullmatch=True,
)
NUMBERS = st.from_regex(r"\s?[+-]?\d{0,40}([.,]\d{0,40})?([eE][+-]?\d{1,3})?\s?", fullmatch=True)
ODDITIES = st.sampled_from(["nan", "inf", "-inf", "1_0", "0x10", "٣", "²", "\x00", "\udcff", "1 0"])
CLOCK = st.floats(0, 1e10)
VALUES = st.one_of(st.text(), DATES, NUMBERS, ODDITIES)


def http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


# Retry-After


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("30", 30.0),
        ("0.25", 0.25),
        ("007", 7.0),
        ("  30\t", 30.0),
        ("999999999999999", 999999999999999.0),
    ],
)
def test_retry_after_may_be_a_number_of_seconds(value: str, seconds: float) -> None:
    assert retry_after({"Retry-After": value}, NOW) == seconds


@pytest.mark.parametrize(
    "value",
    ["", " ", "-1", "+1", "nan", "inf", "1e3", "1_0", "1,5", ".5", "5.", "٣", "²", "soon", "0x1"],
)
def test_retry_after_that_is_no_number_and_no_date_says_nothing(value: str) -> None:
    assert retry_after({"Retry-After": value}, NOW) is None


def test_no_retry_after_says_nothing() -> None:
    assert retry_after({"Date": DATE}, NOW) is None


def test_a_date_is_measured_against_the_response_that_brought_it() -> None:
    headers = {"Date": DATE, "Retry-After": "Thu, 01 Jan 2026 00:01:30 GMT"}
    assert retry_after(headers, now=0.0) == 90.0


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="zones cannot be set here")
def test_a_date_without_a_zone_is_in_utc_wherever_the_client_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    headers = {"Retry-After": "Thu, 01 Jan 2026 00:01:30 -0000"}
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Pacific/Kiritimati")
        time.tzset()
        waits = retry_after(headers, datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    time.tzset()
    assert waits == 90


@pytest.mark.parametrize("date", [{}, {"Date": ""}, {"Date": "today"}])
def test_a_date_is_measured_against_now_where_the_response_has_none(date: dict[str, str]) -> None:
    headers = {**date, "Retry-After": "Thu, 01 Jan 2026 00:01:30 GMT"}
    assert retry_after(headers, NOW + 30) == 60.0


def test_a_date_that_is_over_asks_for_no_wait() -> None:
    assert retry_after({"Date": DATE, "Retry-After": "Wed, 31 Dec 2025 23:59:59 GMT"}, NOW) == 0.0


@pytest.mark.parametrize(
    "value",
    [
        "Thu, 01 Jan 2026 00:00:05 -0000",
        "Thu, 01 Jan 2026 02:00:05 +0200",
        "Thursday, 01-Jan-26 00:00:05 GMT",
        "Thu Jan  1 00:00:05 2026",
    ],
)
def test_a_date_may_come_in_older_forms(value: str) -> None:
    assert retry_after({"Date": DATE, "Retry-After": value}, NOW) == 5.0


@pytest.mark.parametrize(
    "value",
    [
        "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
        "Sun, 99999999999999999999 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 99999999999999999999:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 +99999999999999999999",
        "Sun, 30 Feb 2026 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:61:61 GMT",
    ],
)
@pytest.mark.parametrize("name", ["Retry-After", "Date"])
def test_a_date_that_no_calendar_has_says_nothing(name: str, value: str) -> None:
    assert retry_after({"Retry-After": DATE, name: value}, NOW) in {None, 0.0}


@given(
    sent=st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    seconds=st.integers(0, DAY),
    offset=st.integers(-14, 14),
    now=CLOCK,
)
def test_neither_clock_has_to_be_right_for_a_date(
    sent: datetime, seconds: int, offset: int, now: float
) -> None:
    until = (sent + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=offset)))
    headers = {"Date": http_date(sent), "Retry-After": format_datetime(until)}
    assert retry_after(headers, now) == seconds


# X-RateLimit-Reset


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("12", 12.0),
        ("0.5", 0.5),
        ("999999999", 999999999.0),
        ("1767225612", 12.0),
        ("1767225612.25", 12.25),
        ("1767225612000", 12.0),
        ("1767225612000000", 12.0),
        ("1767225600", 0.0),
        ("1000000000", 0.0),
    ],
)
def test_reset_may_be_a_wait_or_unix_time_in_seconds_or_less(value: str, seconds: float) -> None:
    headers = {"Date": DATE, "X-RateLimit-Reset": value}
    assert reset_in(headers, now=0.0) == pytest.approx(seconds)


def test_a_unix_time_is_measured_against_now_where_the_response_has_no_date() -> None:
    assert reset_in({"X-RateLimit-Reset": "1767225612"}, NOW + 2) == 10.0


@given(wait=st.integers(0, DAY), sent=st.integers(10**9, 4 * 10**9), now=CLOCK)
def test_every_unit_of_reset_means_the_same(wait: int, sent: int, now: float) -> None:
    date = {"Date": http_date(datetime.fromtimestamp(sent, UTC))}
    until = sent + wait
    forms = (str(wait), str(until), f"{until}000", f"{until}000000", f"{until}000000000")
    found = [reset_in({**date, "X-RateLimit-Reset": form}, now) for form in forms]
    assert found == pytest.approx([wait] * len(forms), abs=1e-3)


AWAY = {"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}, {"Date": "Wed, 01 Jan 2200 00:00:00 GMT"}


@pytest.mark.parametrize("date", AWAY, ids=["long ago", "far ahead"])
def test_a_point_in_time_is_measured_by_our_clock_where_the_date_makes_no_sense_of_it(
    date: dict[str, str],
) -> None:
    assert reset_in({**date, "X-RateLimit-Reset": "1767225612"}, NOW) == 12.0
    assert retry_after({**date, "Retry-After": "Thu, 01 Jan 2026 00:00:12 GMT"}, NOW) == 12.0


def test_a_point_in_time_of_which_no_clock_makes_sense_is_told_as_it_is() -> None:
    headers = {"Date": DATE, "X-RateLimit-Reset": "4102444800"}
    assert reset_in(headers, NOW + 5) == 4102444800 - NOW


# Quota


def test_a_quota_is_what_remains_and_until_when() -> None:
    headers = {"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "12"}
    assert quota(headers, NOW) == Quota(3, 12.0)


@pytest.mark.parametrize(("value", "limit"), [("100", 100), ("many", None), ("-1", None)])
def test_a_quota_may_say_what_a_whole_window_allows(value: str, limit: int | None) -> None:
    headers = {"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "12", "X-RateLimit-Limit": value}
    assert quota(headers, NOW) == Quota(3, 12.0, limit)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-RateLimit-Remaining": "3"},
        {"X-RateLimit-Reset": "12"},
        {"X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "12"},
        {"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "-12"},
        {"X-RateLimit-Remaining": "many", "X-RateLimit-Reset": "12"},
        {"X-RateLimit-Remaining": "9" * 400, "X-RateLimit-Reset": "12"},
    ],
)
def test_half_a_quota_is_none(headers: dict[str, str]) -> None:
    assert quota(headers, NOW) is None


# Anything at all


def sane(seconds: float | None) -> bool:
    return seconds is None or (math.isfinite(seconds) and seconds >= 0)


@given(value=DATES, name=st.sampled_from(["Retry-After", "Date"]), now=CLOCK)
def test_nothing_that_looks_like_a_date_raises(value: str, name: str, now: float) -> None:
    assert sane(retry_after({"Retry-After": DATE, name: value}, now))


@given(headers=st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, VALUES)), now=CLOCK)
def test_no_header_text_raises_or_gives_a_wait_that_is_none(
    headers: dict[str, str], now: float
) -> None:
    assert sane(retry_after(headers, now))
    assert sane(reset_in(headers, now))
    stated = quota(headers, now)
    assert stated is None or (stated.remaining >= 0 and sane(stated.resets_in))
