"""Paths: each parameter one segment, which no proxy takes for another path."""

from __future__ import annotations

import enum
import posixpath
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_async._protocol.paths import fill
from ledger_async.errors import ConfigurationError

HUGE = 10**5000  # Python refuses to write it out


class Colour(str, enum.Enum):  # noqa: UP042 - what many programs have
    RED = "red"


def test_a_path_takes_numbers_and_strings() -> None:
    path = fill("/currencies/{name:s}/accounts/{account_id}", {"name": "a", "account_id": 5})
    assert path == "/currencies/a/accounts/5"


@pytest.mark.parametrize(
    ("text", "segment"),
    [
        ("0xAbC", "0xAbC"),
        ("a b", "a%20b"),
        ("ibc/27394FB", "ibc%2F27394FB"),
        ("100%", "100%25"),
        ("%2e%2e%2f", "%252e%252e%252f"),
        ("a?b=c&d#e;f", "a%3Fb%3Dc%26d%23e%3Bf"),
        ("é", "%C3%A9"),
        ("💎", "%F0%9F%92%8E"),
        ("..a", "..a"),
        ("{name}", "%7Bname%7D"),
        (Colour.RED, "red"),
    ],
)
def test_a_string_is_one_segment_of_a_path(text: str, segment: str) -> None:
    assert fill("/c/{name:s}/t", {"name": text}) == f"/c/{segment}/t"


@given(st.text())
def test_a_string_is_refused_or_comes_back_out_of_its_segment(text: str) -> None:
    try:
        path = fill("/c/{name:s}/t", {"name": text})
    except ConfigurationError:
        return
    _, before, segment, after = path.split("/")
    assert (before, unquote(segment), after) == ("c", text, "t")


@given(st.lists(st.sampled_from(["a", ".", "..", "...", " ", "", "%2e"])).map("/".join))
def test_no_proxy_that_decodes_slashes_finds_another_path(text: str) -> None:
    try:
        path = unquote(fill("/c/{name:s}", {"name": text}))
    except ConfigurationError:
        return
    assert posixpath.normpath(path) == path


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ".", "..", "...", "/", "a/", "/a", "a//b", "a/../b", "a/./b", "../a", "a/.."),
        *("a\\..\\b", ". .", "a\0", "a\n", "\x7f", "\ud800", "a\udfff", "\u2028", "\u200b"),
        *(None, 5, b"a", ["a"]),
    ],
)
def test_what_may_lead_to_another_path_is_refused_by_name(text: object) -> None:
    with pytest.raises(ConfigurationError, match=r"^name must be a string of printable"):
        fill("/c/{name:s}/t", {"name": text})


@pytest.mark.parametrize("number", ["5", -1, 1.0, True, None, 2**63, [HUGE]])
def test_what_is_no_id_is_refused_by_name(number: object) -> None:
    with pytest.raises(ConfigurationError, match=r"^account_id must be an integer"):
        fill("/accounts/{account_id}", {"account_id": number})


@pytest.mark.parametrize("value", [HUGE, -HUGE], ids=["above", "below"])
def test_an_id_too_large_to_write_out_is_refused_by_name(value: int) -> None:
    with pytest.raises(ConfigurationError, match=r"^account_id must be .* int too large to show"):
        fill("/accounts/{account_id}", {"account_id": value})
