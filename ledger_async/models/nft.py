"""NFTs, their collections and what they are worth."""

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from ledger_async.models.base.described import Described

__all__ = [
    "NFT",
    "Media",
    "Medias",
    "NFTCollection",
    "NFTCollectionMedia",
    "NFTMetadata",
    "NFTPortfolioValuation",
    "NFTPrice",
    "NFTTransactionBalance",
    "NFTValuation",
    "Property",
]


class Media(Struct, Described, frozen=True, gc=False, rename="camel"):
    """An image or film of an NFT."""

    uri: str
    media_type: str | None = None


class Medias(Struct, Described, frozen=True, gc=False):
    """The renditions of an NFT's media."""

    big: Media | None = None
    original: Media | None = None
    preview: Media | None = None


class Property(Struct, Described, frozen=True, gc=False):
    """One trait of an NFT."""

    key: str
    value: str


class NFTMetadata(Struct, Described, frozen=True, gc=False, rename="camel"):
    """The description of an NFT by its creator."""

    media: str
    medias: Medias
    properties: tuple[Property, ...]
    token_id: str
    token_name: str
    token_name_thumbnail: str | None = None
    nft_name: str | None = None
    description: str | None = None
    links: Mapping[str, str | None] | None = None
    stax_image: str | None = None


class NFTPrice(Struct, Described, frozen=True, gc=False):
    """A price in whole units of `ticker` (`ETH`): the floor price where it is a collection's."""

    ticker: str
    value: Decimal
    contract_address: str | None = None
    token_id: str | None = None

    def __post_init__(self) -> None:
        # Every node of a listing has a price: any other way to look at the number costs more.
        if not self.value.is_finite():
            raise ValueError("Expected a finite number as `value`")


class NFTTransactionBalance(Struct, Described, frozen=True, gc=False):
    """The numbers of tokens held on chain, free to send, and tied up in transactions."""

    available: int = 0
    on_chain: int = 0
    pending_approval: int = 0
    submitted: int = 0


class NFT(Struct, Described, frozen=True, gc=False):
    """A token that an account holds: `value` of them.

    `token_type` is `ERC-721` or `ERC-1155` by the API's own words, and any text by its schema: do
    not count on how it is spelt.
    """

    contract_address: str
    token_id: str
    token_type: str
    value: int
    metadata: NFTMetadata | None = None
    price: NFTPrice | None = None
    tx_balance: NFTTransactionBalance | None = None


class NFTCollectionMedia(Struct, Described, frozen=True, gc=False, rename="camel"):
    """The image of a collection."""

    media_type: str
    uri: str


class NFTCollection(Struct, Described, frozen=True, gc=False):
    """A collection in which an account holds `token_balance` tokens."""

    account_id: int
    contract_address: str
    token_balance: int
    token_type: str
    name: str | None = None
    image: NFTCollectionMedia | None = None
    price: NFTPrice | None = None


class NFTValuation(Struct, Described, frozen=True, gc=False):
    """An estimate: `eth_value` in wei, `usd_value` in dollars where available."""

    eth_value: int
    usd_value: str | None = None


class NFTPortfolioValuation(Struct, Described, frozen=True, gc=False):
    """The worth of all NFTs of an account, by the floor prices of their collections."""

    portfolio_value: NFTValuation
    token_quantity: int | None = None
