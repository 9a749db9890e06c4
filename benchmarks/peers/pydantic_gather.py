"""httpx and pydantic: the accounts are gathered under a semaphore."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import httpx
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from work import Tally, Work


class Media(BaseModel):
    """An image."""

    model_config = ConfigDict(alias_generator=to_camel)

    uri: str
    media_type: str | None = None


class Medias(BaseModel):
    """Renditions of an image."""

    big: Media | None = None
    original: Media | None = None
    preview: Media | None = None


class Property(BaseModel):
    """A trait."""

    key: str
    value: str


class Metadata(BaseModel):
    """What the creator says."""

    model_config = ConfigDict(alias_generator=to_camel)

    media: str
    medias: Medias
    properties: list[Property]
    token_id: str
    token_name: str
    token_name_thumbnail: str | None = None
    nft_name: str | None = None
    description: str | None = None
    links: dict[str, str | None] | None = None
    stax_image: str | None = None


class Price(BaseModel):
    """A price."""

    ticker: str
    value: Decimal
    contract_address: str | None = None
    token_id: str | None = None


class Balance(BaseModel):
    """How many are held."""

    available: int = 0
    on_chain: int = 0
    pending_approval: int = 0
    submitted: int = 0


class NFT(BaseModel):
    """A token."""

    contract_address: str
    token_id: str
    token_type: str
    value: int
    metadata: Metadata | None = None
    price: Price | None = None
    tx_balance: Balance | None = None


class Edge(BaseModel):
    """A node of a page."""

    cursor: int
    node: NFT


class PageInfo(BaseModel):
    """Where the page stands."""

    count: int
    has_next_page: bool


class Page(BaseModel):
    """A page."""

    edges: list[Edge]
    page_info: PageInfo


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    free = asyncio.Semaphore(work.slots)
    async with httpx.AsyncClient(headers={"X-Ledger-API-Key": "key"}, timeout=30) as client:

        async def account(account_id: int) -> None:
            number = 1
            while True:
                async with free:
                    response = await client.get(
                        work.path(account_id),
                        params={"page": number, "page_size": work.page_size},
                    )
                response.raise_for_status()
                page = Page.model_validate_json(response.content)
                await tally.take(account_id, [edge.node for edge in page.edges])
                if not page.page_info.has_next_page:
                    break
                number += 1

        await asyncio.gather(*map(account, work.sizes))
