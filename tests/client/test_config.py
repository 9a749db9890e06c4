"""A client's options: arguments, then environment, then defaults, and what bad ones get."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_async import BearerAuth, LamAuth, LedgerClient, ReportingAuth, RetryPolicy
from ledger_async._config import HOSTED_GATEWAY, checked_base_url, settle
from ledger_async._transport.lean_transport import LeanTransport
from ledger_async._transport.network import DIRECT
from ledger_async.errors import ConfigurationError

URL = "https://lam.example"

LOOPBACK = [
    "http://127.0.0.1",
    "http://127.0.0.1:8080",
    "http://127.0.0.2",
    "http://127.255.255.254/lam",
    "http://localhost",
    "http://LocalHost:5000",
    "http://[::1]:1",
    "http://[0:0:0:0:0:0:0:1]",
]
ELSEWHERE = [
    "http://vault-lam:5000",
    "http://localhost.evil.com",
    "http://127.0.0.1.evil.com",
    "http://evil.com/127.0.0.1",
    "http://128.0.0.1",
    "http://0.0.0.0",
    "http://10.0.0.1",
    "http://[::2]",
    "http://[::]",
    "http://0127.0.0.1",
    "http://2130706433",
]


def config(**options: Any) -> Any:
    """The settled options where all others are good."""
    plain: dict[str, Any] = {
        "api_key": None,
        "api_user": None,
        "auth": None,
        "max_concurrency": 16,
        "retry": RetryPolicy(),
        "timeout": 30.0,
        "allow_plain_http": False,
        "network": DIRECT,
        "transport": None,
    }
    base_url = options.pop("base_url", URL)
    return settle(base_url, **{**plain, "api_key": "key", **options})


def base_url(url: object) -> str:
    return checked_base_url(url, allow_plain_http=False)


# Where requests go


def test_the_base_url_is_the_hosted_gateway_by_default() -> None:
    assert config(base_url=None).base_url == HOSTED_GATEWAY


def test_the_environment_names_the_base_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_BASE_URL", "https://from-env.example/")
    assert config(base_url=None).base_url == "https://from-env.example"


def test_an_argument_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_BASE_URL", "https://from-env.example")
    assert config(base_url=URL).base_url == URL


def test_an_empty_environment_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_BASE_URL", "")
    assert config(base_url=None).base_url == HOSTED_GATEWAY


def test_a_bad_base_url_of_the_environment_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_BASE_URL", "http://lam.example")
    with pytest.raises(ConfigurationError, match="base_url"):
        config(base_url=None)


@pytest.mark.parametrize(
    ("url", "settled"),
    [
        (URL, URL),
        (f"{URL}/", URL),
        (f"{URL}:8443", f"{URL}:8443"),
        (f"{URL}/lam/v1///", f"{URL}/lam/v1"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("https://10.0.0.1", "https://10.0.0.1"),
    ],
)
def test_a_base_url_has_no_slash_at_its_end(url: str, settled: str) -> None:
    assert base_url(url) == settled


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://[1.2.3.4]",
        "https://[1::2::3]",
        "lam.example",
        "//lam.example",
        "ftp://lam.example",
        "ws://lam.example",
        "https://",
        "https:///path",
        "https://:443",
        "https://lam.example:port",
        "https://lam.example:99999",
        "https://[::1",
        "https://lam .example",
        " https://lam.example",
        "https://lam.exämple",
        "https://lam.example?page=1",
        "https://lam.example?",
        "https://lam.example#top",
        "https://lam.example#",
        None,
        b"https://lam.example",
        5,
    ],
)
def test_what_is_no_base_url_is_refused_by_name(url: object) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        base_url(url)


@pytest.mark.parametrize("char", ["\n", "\r", "\t", "\0", "\x01", "\x1f", "\x7f"])
@pytest.mark.parametrize("place", ["{}https://lam.example", "https://lam{}.example", URL + "{}"])
def test_a_base_url_with_control_bytes_is_refused(place: str, char: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        base_url(place.format(char))


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "lam..example", "."])
def test_a_host_that_no_resolver_takes_is_refused(host: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        base_url(f"https://{host}")


@pytest.mark.parametrize(
    "url",
    [
        "https://user:s3cret@lam.example",
        "https://s3cret@lam.example",
        "https://:s3cret@lam.example",
        "https://@lam.example",
        "http://s3cret@127.0.0.1",
        "https://127.0.0.1:80\\@s3cret.example",
        "https://user:s3cret@lam.ex\N{ACCOUNT OF}mple",
    ],
)
def test_credentials_in_a_base_url_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url") as caught:
        base_url(url)
    assert "s3cret" not in repr(caught.value)


@given(st.text())
def test_any_text_is_a_base_url_or_a_configuration_error(text: str) -> None:
    for url in (text, f"https://{text}", f"http://127.0.0.1{text}"):
        try:
            settled = base_url(url)
        except ConfigurationError:
            continue
        assert settled.isprintable()


# Plain http


@pytest.mark.parametrize("url", LOOPBACK)
def test_plain_http_may_go_to_loopback(url: str) -> None:
    assert base_url(url) == url


@pytest.mark.parametrize("url", ELSEWHERE)
def test_plain_http_may_go_nowhere_else(url: str) -> None:
    with pytest.raises(ConfigurationError, match="allow_plain_http"):
        base_url(url)


@pytest.mark.parametrize("url", ELSEWHERE)
def test_plain_http_may_go_elsewhere_for_those_who_say_so(url: str) -> None:
    assert checked_base_url(url, allow_plain_http=True) == url


# Credentials


def test_no_key_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="api_key"):
        config(api_key=None)


def test_a_user_alone_does_not_stand_for_a_key() -> None:
    with pytest.raises(ConfigurationError, match="api_key"):
        config(api_key=None, api_user="operator")


async def headers_of(auth: Any) -> dict[str, str]:
    lease = await auth.lease(None, None)
    headers: dict[str, str] = lease.headers.reveal()
    return headers


async def test_the_environment_names_key_and_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_API_KEY", "key-of-env")
    monkeypatch.setenv("LEDGER_API_USER", "user-of-env")
    assert await headers_of(config(api_key=None).auth) == {
        "X-Ledger-API-Key": "key-of-env",
        "X-Ledger-API-User": "user-of-env",
    }


async def test_arguments_go_before_the_environment_for_key_and_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LEDGER_API_KEY", "key-of-env")
    monkeypatch.setenv("LEDGER_API_USER", "user-of-env")
    assert await headers_of(config(api_key="key", api_user="user").auth) == {
        "X-Ledger-API-Key": "key",
        "X-Ledger-API-User": "user",
    }


@pytest.mark.parametrize(
    "auth", [LamAuth("operator"), ReportingAuth("w", "k"), BearerAuth("w", "id", "secret")]
)
def test_another_scheme_needs_no_key(auth: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_API_KEY", "key-of-env")
    assert config(api_key=None, auth=auth).auth is auth


@pytest.mark.parametrize("double", [{"api_key": "key"}, {"api_key": None, "api_user": "user"}])
def test_two_schemes_at_once_are_refused(double: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="auth"):
        config(auth=LamAuth("operator"), **double)


# The table of bad input


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_concurrency", 0),
        ("max_concurrency", -1),
        ("max_concurrency", 1.5),
        ("max_concurrency", "16"),
        ("max_concurrency", True),
        ("max_concurrency", None),
        ("timeout", 0),
        ("timeout", -1.0),
        ("timeout", math.nan),
        ("timeout", math.inf),
        ("timeout", "30"),
        ("timeout", True),
        ("timeout", None),
        ("retry", None),
        ("retry", 3),
        ("api_key", ""),
        ("api_key", 5),
        ("api_key", b"key"),
        ("api_key", "key\n"),
        ("api_key", "k\u00e9y"),
        ("api_user", ""),
        ("api_user", 5),
        ("api_user", "user\r\nX-Injected: 1"),
        ("auth", "key"),
        ("auth", object()),
        ("transport", "https://lam.example"),
        ("transport", object()),
        ("transport", LeanTransport),
    ],
)
def test_a_bad_option_is_refused_by_name(name: str, value: object) -> None:
    options: dict[str, Any] = {"api_key": None} if name == "auth" else {}
    with pytest.raises(ConfigurationError, match=name):
        config(**{**options, name: value})


@pytest.mark.parametrize(("name", "value"), [("timeout", 1), ("timeout", 0.001)])
def test_a_short_timeout_is_the_callers_choice(name: str, value: float) -> None:
    assert config(**{name: value}).options.timeout == value


def test_a_client_settles_its_options_before_anything_is_sent() -> None:
    # Outside of any event loop: nothing can have been sent.
    with pytest.raises(ConfigurationError, match="max_concurrency"):
        LedgerClient(URL, api_key="key", max_concurrency=0)


def test_a_client_may_be_made_outside_of_an_event_loop() -> None:
    assert repr(LedgerClient(URL, api_key="key")) == "LedgerClient('https://lam.example')"
