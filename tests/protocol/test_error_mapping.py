"""The error that an answer stands for."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_async._protocol.error_mapping import error_of
from ledger_async._protocol.messages import Response
from ledger_async.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    LedgerError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RedirectRefusedError,
    ServerError,
)

HTML = b"<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1>"
DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


def answer(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> LedgerError:
    error = error_of(Response(status, headers or {}, body))
    assert error is not None
    return error


def redirect(location: str, status: int = 302) -> LedgerError:
    return answer(status, headers={"Location": location})


# Status


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206, 299])
def test_a_2xx_is_no_error(status: int) -> None:
    assert error_of(Response(status, {}, b"")) is None


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (408, ApiError),
        (409, ApiError),
        (418, ApiError),
        (420, RateLimitError),
        (429, RateLimitError),
        (499, ApiError),
        (500, ServerError),
        (501, ServerError),
        (503, ServerError),
        (599, ServerError),
        (300, RedirectRefusedError),
        (304, RedirectRefusedError),
        (308, RedirectRefusedError),
        (101, ProtocolError),
        (600, ProtocolError),
        (999, ProtocolError),
    ],
)
def test_each_status_has_its_error(status: int, cls: type[LedgerError]) -> None:
    error = answer(status)
    assert (type(error), error.status) == (cls, status)


# Words


@pytest.mark.parametrize(
    "body",
    [
        b'{"message": "no account 9", "name": "NotFound", "status_code": 404}',
        b'{"code": 404, "message": "no account 9"}',
        b'{"code": "not_found", "message": "no account 9", "trace": ["added", "later"]}',
    ],
)
def test_both_error_bodies_are_understood(body: bytes) -> None:
    assert answer(404, body).message == "404 no account 9"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        HTML,
        b'{"message": "cut o',
        b'{"message": null}',
        b'{"message": 5}',
        b'{"message": ""}',
        b'{"message": " \\n "}',
        b'["message"]',
        b"null",
        b'"message"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"other": ' + b"[" * 100_000,
        b'{"other": "JSON"}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_without_words_leaves_those_of_the_status(body: bytes) -> None:
    assert answer(502, body).message == "502 bad gateway"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (420, "420 rate limit exceeded"),
        (429, "429 too many requests"),
        (499, "499 failed"),
        (599, "599 failed"),
    ],
)
def test_a_status_without_a_phrase_still_has_words(status: int, message: str) -> None:
    assert answer(status).message == message


def test_a_long_message_is_cut() -> None:
    body = json.dumps({"message": "no " * 1000}).encode()
    assert len(answer(404, body).message) <= 210


def test_control_characters_do_not_reach_a_terminal() -> None:
    body = json.dumps({"message": "gone\x1b[2J\nfake log line\u202e"}).encode()
    assert answer(404, body).message == "404 gone [2J fake log line"


# Rate limit


@pytest.mark.parametrize("status", [420, 429])
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "Thu, 01 Jan 2026 00:00:07 GMT", "Date": DATE}, 7.0),
        ({"X-RateLimit-Reset": "9"}, 9.0),
        ({"X-RateLimit-Reset": "1767225609", "Date": DATE}, 9.0),
        ({"Retry-After": "7", "X-RateLimit-Reset": "9"}, 7.0),
        ({"Retry-After": "0", "X-RateLimit-Reset": "9"}, 0.0),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "9"}, 9.0),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "later"}, None),
    ],
)
def test_a_throttle_says_when_to_come_back(
    status: int, headers: dict[str, str], seconds: float | None
) -> None:
    assert answer(status, headers=headers).retry_after == seconds


def test_the_reset_of_a_quota_says_nothing_about_other_errors() -> None:
    assert answer(404, headers={"X-RateLimit-Reset": "9"}).retry_after is None


def test_an_overloaded_server_says_when_to_come_back() -> None:
    assert answer(503, headers={"Retry-After": "7"}).retry_after == 7.0


# Redirects


def test_a_redirect_names_the_origin_of_its_target_only() -> None:
    message = redirect("https://user:pass@evil.example:8443/steal?key=1#now").message
    assert "to https://evil.example:8443 refused" in message
    for hidden in ("user", "pass", "steal", "key=1", "now"):
        assert hidden not in message


@pytest.mark.parametrize(
    "location", ["", "/login", "login", "?next=/", "javascript:alert(1)", "https://[::1", "http://"]
)
def test_a_redirect_without_another_origin_names_none(location: str) -> None:
    assert "within its origin or to nowhere" in redirect(location).message


def test_a_redirect_to_another_host_by_the_same_scheme_names_the_host() -> None:
    assert "evil.example" in redirect("//evil.example/steal").message


def test_a_redirect_to_an_ipv6_host_keeps_its_brackets() -> None:
    assert "http://[2001:db8::1]:8080 " in redirect("http://[2001:db8::1]:8080/x").message


@pytest.mark.parametrize(
    "location", ["https://evil\udcff.example/", "https://evil\x1b[2J.example/"]
)
def test_a_redirect_can_be_printed_whatever_its_target(location: str) -> None:
    # aiohttp gives bytes that are not UTF-8 as lone surrogates, which no stream can write.
    assert redirect(location).message.encode().decode().isprintable()


# Anything at all

HOSTS = st.text(st.characters(min_codepoint=32), min_size=1, max_size=8)
HEADERS = st.fixed_dictionaries(
    {}, optional={"Location": HOSTS.map("https://{}/".format), "Retry-After": st.text(max_size=9)}
)
MESSAGES = st.fixed_dictionaries({"message": st.text()}).map(lambda body: json.dumps(body).encode())


@given(st.integers(100, 999), st.binary() | MESSAGES, HEADERS)
def test_every_answer_is_an_error_that_fits_one_line_or_none(
    status: int, body: bytes, headers: dict[str, str]
) -> None:
    error = error_of(Response(status, headers, body))
    assert (error is None) == (200 <= status < 300)
    assert error is None or str(error).isprintable()
