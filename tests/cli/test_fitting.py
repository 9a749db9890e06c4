"""Tables that fit their terminal: no number is cropped, and the header stays in sight."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from msgspec import structs
from rich.console import Console, RenderableType
from rich.text import Text

from ledger_async import NFT, AccountReport, LedgerClient, NotFoundError
from ledger_async.cli import tables
from ledger_async.cli.fitting import Column, Fitting, Row
from ledger_async.cli.tables import Reports
from ledger_async.models import NFTPrice

BALANCE = "1417914024964998994871282"
TOKEN = str(2**256 - 1)


def shown(picture: RenderableType, width: int, height: int | None = None) -> str:
    """The picture as a terminal of so many lines shows it, or a file of one that is wide."""
    console = Console(
        file=io.StringIO(),
        width=width,
        height=height,
        force_terminal=height is not None,
        color_system=None,
    )
    with console.capture() as captured:
        console.print(picture)
    return captured.get()


def squeezed(text: str) -> str:
    return "".join(text.split())


def reports(count: int) -> Reports:
    return {100 + n: AccountReport("exact", nodes=n, pages=1) for n in range(count)}


@pytest.mark.parametrize("width", [120, 80, 45, 30, 20])
async def test_a_balance_has_every_digit_however_narrow_the_terminal(
    width: int, ledger: LedgerClient
) -> None:
    async with ledger.accounts.stream() as stream:
        account = structs.replace(await anext(stream), balance=BALANCE)
    text = shown(tables.accounts([account]), width, 24)
    assert BALANCE in squeezed(text)
    assert account.currency in squeezed(text)


@pytest.mark.parametrize("width", [120, 80, 45, 30, 20])
def test_the_counts_of_accounts_have_every_digit_however_narrow_the_terminal(width: int) -> None:
    report = AccountReport("exact", nodes=1_234_567_890, pages=12_345_678)
    text = squeezed(shown(tables.nfts_by_account({1_234_567: report}), width, 40))
    assert "1234567" in text
    assert "1,234,567,890" in text


def test_a_token_is_broken_and_not_cropped() -> None:
    text = shown(tables.nfts([NFT("0xab", TOKEN, "ERC721", 1)], others=0), 45, 24)
    chunks = [line.split()[0] for line in text.splitlines() if line.strip()[:1].isdigit()]
    assert "".join(chunks) == TOKEN


def test_columns_are_left_out_in_their_order() -> None:
    columns = (Column("first"), Column("second", spared=1), Column("third", spared=2))
    picture = Fitting(columns, [Row([Text("a" * 9), Text("b" * 9), Text("c" * 9)])])
    headers = [shown(picture, width).split()[:3] for width in (40, 30, 15)]
    assert headers[0] == ["first", "second", "third"]
    assert headers[1][:2] == ["first", "second"]
    assert headers[1][2].startswith("─")
    assert headers[2][1].startswith("─")


@pytest.mark.parametrize("height", [10, 24, 50])
def test_a_terminal_keeps_the_header_in_sight(height: int) -> None:
    text = shown(tables.nfts_by_account(reports(1000)), 80, height)
    seen = text.splitlines()[-(height - 2) :]  # below are the summary and the prompt
    assert any(line.split()[:2] == ["Account", "NFTs"] for line in seen)
    assert "accounts more" in seen[-1]


def test_what_is_not_proven_is_shown_where_not_all_are() -> None:
    error = AccountReport(error=NotFoundError("gone"))
    text = shown(tables.nfts_by_account({**reports(1000), 5: error}), 80, 24)
    assert ["5", "0", "0", "0", "failed"] in [line.split() for line in text.splitlines()]
    assert "1099" in text
    assert "100 " not in text


def test_elsewhere_every_account_has_a_row() -> None:
    text = shown(tables.nfts_by_account(reports(1000)), 80)
    assert sum(line.split()[-1:] == ["exact"] for line in text.splitlines()) == 1001
    assert "more" not in text


def test_what_was_left_out_before_is_counted() -> None:
    found = [NFT("0xab", str(n), "ERC721", 1) for n in range(3)]
    assert "… and 7 NFTs more" in shown(tables.nfts(found, others=7), 80)
    assert "more" not in shown(tables.nfts(found, others=0), 80)


def test_the_price_of_an_nft_is_told_with_every_digit() -> None:
    price = NFTPrice("ETH", Decimal("0.123456789012345678901"))
    text = shown(tables.nfts([NFT("0xab", "1", "ERC721", 1, price=price)], others=0), 80)
    assert "0.123456789012345678901 ETH" in text
