"""Requests and answers as values: what they hold is not shown."""

from __future__ import annotations

from typing import Any

import pytest
from rich.pretty import pretty_repr

from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async._transport.request_head import lines_of
from ledger_async.errors import ConfigurationError

# Requests and answers


def test_a_request_is_a_get_without_a_body_unless_it_says_otherwise() -> None:
    request = Request(path="/accounts")
    assert (request.method, request.query, request.content) == ("GET", "", None)


def test_what_a_request_holds_is_not_shown() -> None:
    request = Request(method="POST", path="/auth/token", query="a=b", body=b"s3cret")
    assert repr(request) == "Request(POST /auth/token)"


def test_what_an_answer_holds_is_not_shown() -> None:
    assert repr(Response(200, {"Set-Cookie": "s3cret"}, b"s3cret")) == "Response(200, 6 bytes)"


def test_rich_shows_no_more_of_a_request() -> None:
    request = Request(method="POST", path="/auth/token", query="a=b", body=b"s3cret")
    assert pretty_repr(request) == "Request(method='POST', path='/auth/token')"


def test_rich_shows_no_more_of_an_answer() -> None:
    answer = Response(200, {"Set-Cookie": "s3cret"}, b"s3cret")
    assert pretty_repr(answer) == "Response(status=200, bytes=6)"


# Headers


def test_headers_are_a_line_each() -> None:
    assert lines_of({"Accept": "a/b", "X-Ledger-API-Key": "k y"}) == (
        b"Accept: a/b\r\nX-Ledger-API-Key: k y\r\n"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Key", "secret\r\nX-Other: 1"),
        ("X-Key", "secret\n"),
        ("X-Key", "secret\0"),
        ("X-Key", "secret\ud800"),
        ("X-Key", b"secret"),
        ("X-Key", None),
        ("X Key", "secret"),
        ("X-Key:", "secret"),
        ("", "secret"),
        (b"X-Key", "secret"),
    ],
)
def test_a_header_that_is_none_is_refused_without_its_value(name: Any, value: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Headers({name: value})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["Content-Length", "content-type", "Transfer-Encoding"])
def test_a_header_that_describes_the_body_is_not_to_give(name: str) -> None:
    with pytest.raises(ConfigurationError):
        Headers({name: "1"})
