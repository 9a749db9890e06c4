"""Stakes and rewards, chain by chain."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ledger_async.models.staking.tezos import TezosRewards
from ledger_async.sandbox._data import ethereum_stakes as ethereum
from ledger_async.sandbox._data import stakes as chain
from ledger_async.sandbox._data.shelf import UnknownError
from ledger_async.sandbox._http.query import Query, Search

from .route import Asked, Handler, PageOf, Route, get
from .search import found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger_async.models.staking.ethereum import EthereumStakeReward
    from ledger_async.sandbox._data.stakes import Reward, Stake
    from ledger_async.sandbox._data.workspace import Workspace


class StakeSearch(Search, frozen=True, kw_only=True):
    """The parameters of the stakes of an account on Cardano, Solana or Tezos."""

    account_id: int | None = None
    creation_tx: int | None = None
    light: bool = True
    order_by: Literal["created_on", "id", "status"] = "created_on"
    stake_uid: list[str] | None = None
    status: list[str] | None = None


class Cycles(Query, frozen=True, kw_only=True):
    """The parameters of the rewards of an account on Tezos."""

    start_cycle: int | None = None
    end_cycle: int | None = None


class Dates(Query, frozen=True, kw_only=True):
    """The parameters of the rewards of a stake on Ethereum."""

    start_date: date | None = None
    end_date: date | None = None


def _moment(stake: Stake) -> datetime:
    return datetime.fromisoformat(stake.created_on or "")


def _stakes(family: str) -> Handler:
    def handler(workspace: Workspace, asked: Asked) -> PageOf:
        query = asked.search(StakeSearch)
        own = chain.stakes(workspace.seed, workspace.account(asked.id("account_id")), family)
        special = {
            "account_id": lambda stake, key: (
                workspace.transactions[stake.creation_tx].account_id == key
            ),
            "created_after": lambda stake, moment: _moment(stake) > moment,
            "created_before": lambda stake, moment: _moment(stake) < moment,
        }
        picked = found(own, query, special)
        return PageOf(picked, query, lambda stake: _shown(workspace, stake, light=query.light))

    return handler


def _shown(workspace: Workspace, stake: Stake, *, light: bool) -> object:
    """Show a stake with ids, or with the whole objects in their place."""
    if light:
        return stake
    request = stake.last_request and workspace.requests[stake.last_request].request
    return msgspec.structs.asdict(stake) | {
        "created_by": workspace.users[stake.created_by],
        "creation_tx": workspace.transactions[stake.creation_tx],
        "last_request": request,
    }


def _earned(workspace: Workspace, asked: Asked, family: str) -> list[Reward]:
    account = workspace.account(asked.id("account_id"))
    return [
        reward
        for stake in chain.stakes(workspace.seed, account, family)
        for reward in chain.rewards(workspace.seed, account, stake)
    ]


def _rewards(family: str) -> Handler:
    return lambda workspace, asked: _earned(workspace, asked, family)


def _periodic(family: str) -> Handler:
    def handler(workspace: Workspace, asked: Asked) -> object:
        earned = _earned(workspace, asked, family)
        return [chain.periodic(earned)] if earned else []

    return handler


def _of_stake(family: str) -> Handler:
    def handler(workspace: Workspace, asked: Asked) -> list[Reward]:
        account, uid = workspace.account(asked.id("account_id")), asked.path["stake_uid"]
        own = chain.stakes(workspace.seed, account, family)
        stake = _with_uid(uid, [(each.stake_uid or "", each) for each in own])
        return chain.rewards(workspace.seed, account, stake)

    return handler


def _with_uid(uid: str, stakes: Sequence[tuple[str, Any]]) -> Any:
    for own, stake in stakes:
        if own == uid:
            return stake
    raise UnknownError(f"no stake {uid}")


def _tezos_rewards(workspace: Workspace, asked: Asked) -> list[Reward]:
    cycles = asked.search(Cycles)

    def within(reward: Reward) -> bool:
        return isinstance(reward, TezosRewards) and _within(
            reward.info.cycle, cycles.start_cycle, cycles.end_cycle
        )

    return [each for each in _earned(workspace, asked, "tezos") if within(each)]


def _within(value: Any, first: Any, last: Any) -> bool:
    return (first is None or value >= first) and (last is None or value <= last)


def _ethereum_stakes(workspace: Workspace, asked: Asked) -> object:
    return ethereum.stakes(workspace.seed, workspace.account(asked.id("account_id")))


def _ethereum_rewards(workspace: Workspace, asked: Asked) -> object:
    return ethereum.account_rewards(workspace.seed, workspace.account(asked.id("account_id")))


def _of_validator(workspace: Workspace, asked: Asked) -> list[EthereumStakeReward]:
    account, uid = workspace.account(asked.id("account_id")), asked.path["stake_uid"]
    own = ethereum.stakes(workspace.seed, account)
    stake = _with_uid(uid, [(each.uid, each) for each in own])
    dates = asked.search(Dates)
    return [
        each
        for each in ethereum.rewards(workspace.seed, account, stake)
        if _within(each.created_on.date(), dates.start_date, dates.end_date)
    ]


def _chain_routes(family: str) -> tuple[Route, ...]:
    account = f"/{family}/accounts/{{account_id}}"
    return (
        get(f"{account}/stakes", _stakes(family)),
        get(f"{account}/rewards", _rewards(family)),
        get(f"{account}/periodic-rewards", _periodic(family)),
        get(f"{account}/stakes/{{stake_uid}}/rewards", _of_stake(family)),
    )


_ETHEREUM = "/ethereum/accounts/{account_id}"
_TEZOS = "/tezos/accounts/{account_id}"

ROUTES: tuple[Route, ...] = (
    *_chain_routes("cardano"),
    *_chain_routes("solana"),
    get(f"{_TEZOS}/stakes", _stakes("tezos")),
    get(f"{_TEZOS}/rewards", _tezos_rewards),
    get(f"{_ETHEREUM}/stakes", _ethereum_stakes),
    get(f"{_ETHEREUM}/rewards", _ethereum_rewards),
    get(f"{_ETHEREUM}/stakes/{{stake_uid}}/rewards", _of_validator),
)
