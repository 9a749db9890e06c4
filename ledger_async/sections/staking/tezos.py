"""Stakes on Tezos and what they earn."""

from __future__ import annotations

from ledger_async._protocol.query import encode_query
from ledger_async.models.staking.tezos import FullTezosStake, TezosRewards, TezosStake

from .chain import Chain


class TezosStaking(Chain[TezosStake, FullTezosStake]):
    """Stakes on Tezos and what they earn: amounts in mutez."""

    _name = "tezos"
    _light, _full = TezosStake, FullTezosStake

    async def rewards(
        self, account_id: int, *, start_cycle: int | None = None, end_cycle: int | None = None
    ) -> tuple[TezosRewards, ...]:
        """The rewards of an account, between two cycles of the chain if they are given.

        `GET /tezos/accounts/{account_id}/rewards`.
        """
        return await self._get(
            "/tezos/accounts/{account_id}/rewards",
            tuple[TezosRewards, ...],
            encode_query(
                {"start_cycle": start_cycle, "end_cycle": end_cycle},
                {"start_cycle": int, "end_cycle": int},
            ),
            account_id=account_id,
        )
