"""NFTs of an account, and the collections they belong to."""

from __future__ import annotations

from ledger_async._pages.endpoint import Endpoint
from ledger_async.models.nft import NFT, NFTCollection, NFTPortfolioValuation
from ledger_async.sections._base.account_listing import AccountListing


class NFTs(AccountListing[NFT]):
    """The NFTs that accounts hold: `GET /accounts/{account_id}/nfts`."""

    _endpoint = Endpoint(
        "/accounts/{account_id}/nfts", NFT, identity=("contract_address", "token_id")
    )

    async def portfolio(self, account_id: int) -> NFTPortfolioValuation:
        """The estimated worth of all NFTs of an account, in wei and, where known, in USD.

        `GET /accounts/{account_id}/nft-portfolio`.
        """
        path = "/accounts/{account_id}/nft-portfolio"
        return await self._get(path, NFTPortfolioValuation, account_id=account_id)


class NFTCollections(AccountListing[NFTCollection]):
    """The collections accounts hold tokens of: `GET /accounts/{account_id}/nft-collections`."""

    _endpoint = Endpoint(
        "/accounts/{account_id}/nft-collections", NFTCollection, identity=("contract_address",)
    )
