"""NFTs of an account, and the collections they belong to."""

from __future__ import annotations

from . import checks
from .listing import AccountListing
from .models.nft import NFT, NFTCollection, NFTPortfolioValuation
from .reader import Listing


class NFTs(AccountListing[NFT]):
    """The NFTs that accounts hold: `GET /accounts/{account_id}/nfts`."""

    _listing = Listing(
        "/accounts/{account_id}/nfts", NFT, identity=("contract_address", "token_id")
    )

    async def portfolio(self, account_id: int) -> NFTPortfolioValuation:
        """The estimated worth of all NFTs of an account, in wei and, where known, in USD.

        `GET /accounts/{account_id}/nft-portfolio`.
        """
        account_id = checks.identifier("account_id", account_id)
        path = f"/accounts/{account_id}/nft-portfolio"
        return await self._runtime.get(path, NFTPortfolioValuation, account_id=account_id)


class NFTCollections(AccountListing[NFTCollection]):
    """The collections accounts hold tokens of: `GET /accounts/{account_id}/nft-collections`."""

    _listing = Listing(
        "/accounts/{account_id}/nft-collections", NFTCollection, identity=("contract_address",)
    )
