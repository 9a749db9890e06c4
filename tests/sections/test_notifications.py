"""The configuration of notifications, and the secret that no error shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from answering import answering
from leaks import nothing_left
from raw_server import reply, stall

from ledger_async import (
    ApiError,
    ConfigurationError,
    DecodeError,
    LedgerClient,
    LedgerError,
    NotFoundError,
)
from ledger_async.models import Configuration, ConfigurationProfile, Webhook

SECRET = "secret-that-nobody-may-see"
URL = "https://hooks.example/ledger"

Call = Callable[[LedgerClient], Awaitable[object]]


def configured() -> Configuration:
    return Configuration(all=ConfigurationProfile(webhook=Webhook(secret=SECRET, url=URL)))


BODY = {"all": {"webhook": {"secret": SECRET, "url": URL}}}
CALLS: dict[str, Call] = {
    "configuration": lambda ledger: ledger.notifications.configuration(),
    "configure": lambda ledger: ledger.notifications.configure(configured()),
}
BOTH = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


async def test_the_configuration_holds_the_webhook() -> None:
    async with answering(BODY) as at:
        assert await at.ledger.notifications.configuration() == configured()
        assert at.asked == ["GET /notifications/configuration"]


async def test_no_configuration_is_not_found() -> None:
    async with answering({"message": "none"}, status="404 Not Found") as at:
        with pytest.raises(NotFoundError):
            await at.ledger.notifications.configuration()


async def test_a_configuration_is_put_whole() -> None:
    async with answering(BODY) as at:
        assert await at.ledger.notifications.configure(configured()) == configured()
        assert (at.asked, at.sent) == (["PUT /notifications/configuration"], [BODY])


@pytest.mark.parametrize("value", [None, BODY, SECRET, ConfigurationProfile()])
async def test_what_is_no_configuration_is_refused_without_showing_it(value: Any) -> None:
    ledger = LedgerClient("https://lam.example", api_key="key")
    with pytest.raises(ConfigurationError, match=r"^configuration must be Configuration, got") as e:
        await ledger.notifications.configure(value)
    assert SECRET not in str(e.value)


@BOTH
@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "500 Oops"])
async def test_an_error_that_echoes_the_secret_does_not_show_it(
    call: Call, status: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with nothing_left(caplog, SECRET) as shown:
        message = {"message": f"refused: {SECRET}", "name": SECRET, **BODY}
        async with answering(message, status=status) as at:
            with pytest.raises(ApiError) as caught:
                await call(at.ledger)
        shown.append(caught.value)
        del message, caught


@BOTH
async def test_an_answer_that_does_not_decode_does_not_show_the_secret(
    call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    async with nothing_left(caplog, SECRET) as shown:
        async with answering({"all": {"webhook": {"secret": SECRET, "url": 5}}}) as at:
            with pytest.raises(DecodeError) as caught:
                await call(at.ledger)
        shown.append(caught.value)
        del caught


@BOTH
async def test_an_answer_that_is_cut_off_does_not_show_the_secret(
    call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    async with nothing_left(caplog, SECRET) as shown:
        async with answering(b"") as at:
            at.server.answer = stall(reply(SECRET.encode(), length=1000))
            with pytest.raises(LedgerError) as caught:
                await call(at.ledger)
        shown.append(caught.value)
        del caught
