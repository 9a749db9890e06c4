"""Chains that list stakes by page: the listing itself, and the rewards."""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct

from ledger_async._runtime import Runtime
from ledger_async.models.accounts.coin_fields import PeriodicRewards
from ledger_async.models.staking.stakes import FullStake, LightStake
from ledger_async.sections._base.section import Section

from .stakes import Stakes

L = TypeVar("L", bound=LightStake)
F = TypeVar("F", bound=FullStake)
R = TypeVar("R", bound=Struct)


class Chain(Section, Generic[L, F]):
    """The stakes on one chain; `stakes` is their listing."""

    _name: str
    _light: type[L]
    _full: type[F]

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        self.stakes = Stakes(runtime, self._name, self._light, self._full)

    @property
    def _account(self) -> str:
        return f"/{self._name}/accounts/{{account_id}}"


class RewardingChain(Chain[L, F], Generic[L, F, R]):
    """Stakes on one chain, and the rewards of each."""

    _reward: type[R]

    async def rewards(self, account_id: int) -> tuple[R, ...]:
        """The rewards of all stakes of an account, as the API orders them.

        `NotFoundError` if there is no such account. `GET /{chain}/accounts/{account_id}/rewards`.
        """
        path = f"{self._account}/rewards"
        return await self._get(path, self._rewards, account_id=account_id)

    async def periodic_rewards(self, account_id: int) -> tuple[PeriodicRewards, ...]:
        """The rewards of an account, summed up by period: strings in the chain's base unit.

        `GET /{chain}/accounts/{account_id}/periodic-rewards`.
        """
        path = f"{self._account}/periodic-rewards"
        return await self._get(path, tuple[PeriodicRewards, ...], account_id=account_id)

    async def stake_rewards(self, account_id: int, stake_uid: str) -> tuple[R, ...]:
        """The rewards of one stake; `NotFoundError` if there is no such account or stake.

        `GET /{chain}/accounts/{account_id}/stakes/{stake_uid}/rewards`.
        """
        path = self._account + "/stakes/{stake_uid:s}/rewards"
        return await self._get(path, self._rewards, account_id=account_id, stake_uid=stake_uid)

    @property
    def _rewards(self) -> type[tuple[R, ...]]:
        return tuple[self._reward, ...]  # type: ignore[name-defined] # known at run time
