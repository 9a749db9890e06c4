"""pytest fixtures: `ledger_sandbox`, a running `Sandbox` for tests of any kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ledger_async.sandbox import Sandbox


@pytest.fixture
def ledger_sandbox_options() -> Mapping[str, Any]:
    """Arguments for the `Sandbox`: override or parametrize this fixture to change them."""
    return {}


@pytest.fixture
def ledger_sandbox(ledger_sandbox_options: Mapping[str, Any]) -> Iterator[Sandbox]:
    """A `Sandbox` that is open for one test.

    It runs on an event loop of its own, in a thread, and so serves tests that are synchronous
    and tests on any asynchronous runner alike. Its methods may be called from the test.
    """
    # pytest imports this module in every run: what serves comes with the first test that asks.
    from anyio.from_thread import start_blocking_portal  # noqa: PLC0415

    from ledger_async.sandbox import Sandbox  # noqa: PLC0415

    sandbox = Sandbox(**ledger_sandbox_options)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(sandbox):
        yield sandbox
