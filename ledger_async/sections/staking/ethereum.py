"""Stakes on Ethereum and what they earn."""

from __future__ import annotations

from datetime import date

from ledger_async._protocol.query import encode_query
from ledger_async.models.staking.ethereum import (
    EthereumAccountReward,
    EthereumBlockchainStake,
    EthereumStakeReward,
)
from ledger_async.sections._base.section import Section


class EthereumStaking(Section):
    """Stakes on Ethereum and what they earn: amounts in wei."""

    async def stakes(self, account_id: int) -> tuple[EthereumBlockchainStake, ...]:
        """Every stake of an account, in one answer; `NotFoundError` for an unknown account.

        `GET /ethereum/accounts/{account_id}/stakes`.
        """
        path = "/ethereum/accounts/{account_id}/stakes"
        return await self._get(path, tuple[EthereumBlockchainStake, ...], account_id=account_id)

    async def rewards(self, account_id: int) -> tuple[EthereumAccountReward, ...]:
        """The rewards of all stakes of an account, as the API orders them.

        `GET /ethereum/accounts/{account_id}/rewards`.
        """
        path = "/ethereum/accounts/{account_id}/rewards"
        return await self._get(path, tuple[EthereumAccountReward, ...], account_id=account_id)

    async def stake_rewards(
        self,
        account_id: int,
        stake_uid: str,
        *,
        start_date: date | None = None,
        end_date: date | None = None,
    ) -> tuple[EthereumStakeReward, ...]:
        """The rewards of one stake, from one day to another if they are given.

        Days are `datetime.date`; a `datetime` is refused, since nobody says in which time zone
        its day would be. `NotFoundError` if there is no such account or stake.
        `GET /ethereum/accounts/{account_id}/stakes/{stake_uid}/rewards`.
        """
        return await self._get(
            "/ethereum/accounts/{account_id}/stakes/{stake_uid:s}/rewards",
            tuple[EthereumStakeReward, ...],
            encode_query(
                {"start_date": start_date, "end_date": end_date},
                {"start_date": date, "end_date": date},
            ),
            account_id=account_id,
            stake_uid=stake_uid,
        )
