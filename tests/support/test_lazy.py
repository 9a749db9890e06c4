"""Modules that are loaded when one of their names is first used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import ledger_async


def _imported_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    return set(answer.stdout.split())


def test_completion_shows_what_it_exports_and_nothing_else() -> None:
    assert dir(ledger_async) == sorted(ledger_async.__all__)


def test_a_section_on_the_class_is_no_error() -> None:
    assert all(hasattr(ledger_async.LedgerClient, name) for name in dir(ledger_async.LedgerClient))


@pytest.mark.parametrize(
    ("used", "module"),
    [
        ("LedgerClient", "ledger_async.sections.accounts"),
        ("LedgerClient", "ledger_async.models.transactions.transactions"),
        ("LedgerClient(api_key='k').accounts", "ledger_async.sections.staking"),
        ("LedgerClient(api_key='k').staking", "ledger_async.models.staking.stakes"),
        ("LedgerClient(api_key='k').staking.cardano", "ledger_async.models.staking.tezos"),
    ],
)
def test_a_section_is_loaded_when_it_is_first_used(used: str, module: str) -> None:
    assert module not in _imported_by(f"import ledger_async; ledger_async.{used}")


def test_a_section_is_made_once() -> None:
    ledger = ledger_async.LedgerClient("https://lam.example", api_key="key")
    assert ledger.staking.cardano.stakes is ledger.staking.cardano.stakes
    assert ledger.accounts is ledger.accounts
