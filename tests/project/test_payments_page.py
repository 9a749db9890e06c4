"""docs/payments.md by the letter: its programs run, and pay on the sandbox."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from leaks import complaints
from payments import payment

from ledger_async import LedgerClient, TransportError
from ledger_async.sandbox import Fault, Sandbox

PAGE = (Path(__file__).parents[2] / "docs/payments.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(THROUGH_A_LAM,) = (block for block in BLOCKS if "approve_if(" in block)
(ON_THE_GATEWAY,) = (block for block in BLOCKS if "approve_with(" in block)
(WITH_COIN_FIELDS,) = (block for block in BLOCKS if "destination_tag=" in block)
(AFTER_A_FAILURE,) = (block for block in BLOCKS if "def create_once(" in block)


def printed(block: str, folder: Path) -> str:
    script = folder / "example.py"
    script.write_text(block)
    answer = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", script],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    assert complaints(answer.stderr) == []
    return answer.stdout


def test_a_payment_through_a_lam_is_created_and_approved(tmp_path: Path) -> None:
    said = printed(THROUGH_A_LAM, tmp_path)
    assert re.fullmatch(r"[0-9]+ PENDING_APPROVAL\n", said)
    assert f"`{said.strip()}`" in PAGE


def test_a_payment_on_the_gateway_is_created_and_approved(tmp_path: Path) -> None:
    pytest.importorskip("jwt")
    assert printed(ON_THE_GATEWAY, tmp_path) == "PENDING_APPROVAL\n"


def test_the_payment_with_a_tag_can_be_made() -> None:
    names: dict[str, Any] = {}
    exec(WITH_COIN_FIELDS, names)
    assert names["payment"].coin_fields.destination_tag == 7061


@pytest.fixture
def create_once() -> Any:
    names: dict[str, Any] = {}
    exec(AFTER_A_FAILURE, names)
    return names["create_once"]


@pytest.mark.parametrize(
    ("fault", "found"), [(None, 1), (Fault.cut(), 1), (Fault.drop(), 0)], ids=str
)
async def test_a_payment_is_found_by_its_reference_if_it_was_created(
    fault: Fault | None, found: int, create_once: Any, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    own = await payment(ledger)
    if fault is not None:
        sandbox.fail(fault, after=1, path="/transactions")  # after the page of the newest
    made = await create_once(ledger, own, "order 7")
    assert [each.notes[0].title for each in made] == ["order 7"] * found


async def test_what_was_not_sent_is_not_looked_for(create_once: Any, ledger: LedgerClient) -> None:
    class Unsent:
        """Transactions that can be read, and that nothing reaches."""

        page = ledger.transactions.page

        async def create(self, _payment: object) -> None:
            error = TransportError("no connection")
            error.sent = False
            raise error

    own = await payment(ledger)
    holder: Any = type("Holder", (), {"transactions": Unsent()})
    with pytest.raises(TransportError, match="no connection"):
        await create_once(holder, own, "order 7")


def test_the_calls_that_it_names_exist() -> None:
    ledger = LedgerClient("http://127.0.0.1:1", api_key="key")
    for section, name in re.findall(r"\b(transactions|requests)\.(\w+)\b", PAGE):
        assert callable(getattr(getattr(ledger, section), name))
