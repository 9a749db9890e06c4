"""The fields of the contract as plain structs, as one declares them for a loop of one's own."""

from __future__ import annotations

import msgspec


class Media(msgspec.Struct, gc=False, rename="camel"):
    """An image."""

    uri: str
    media_type: str | None = None


class Medias(msgspec.Struct, gc=False):
    """Renditions of an image."""

    big: Media | None = None
    original: Media | None = None
    preview: Media | None = None


class Property(msgspec.Struct, gc=False):
    """A trait."""

    key: str
    value: str


class Metadata(msgspec.Struct, gc=False, rename="camel"):
    """What the creator says."""

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


class Price(msgspec.Struct, gc=False):
    """A price."""

    ticker: str
    value: float
    contract_address: str | None = None
    token_id: str | None = None


class Balance(msgspec.Struct, gc=False):
    """How many are held."""

    available: int = 0
    on_chain: int = 0
    pending_approval: int = 0
    submitted: int = 0


class NFT(msgspec.Struct, gc=False):
    """A token."""

    contract_address: str
    token_id: str
    token_type: str
    value: int
    metadata: Metadata | None = None
    price: Price | None = None
    tx_balance: Balance | None = None


class Edge(msgspec.Struct, gc=False):
    """A node of a page; its `cursor` is of no use."""

    node: NFT


class PageInfo(msgspec.Struct, gc=False):
    """Where the page stands."""

    count: int
    has_next_page: bool


class Page(msgspec.Struct, gc=False):
    """A page."""

    edges: list[Edge]
    page_info: PageInfo


class FewFields(msgspec.Struct, gc=False):
    """A token, for a consumer that wants no more of it than this."""

    contract_address: str
    token_id: str
    value: int
