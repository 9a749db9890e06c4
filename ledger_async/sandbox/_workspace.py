"""The workspace's data: its accounts and what they hold, made from a seed as it is asked for."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from ledger_async.errors import ConfigurationError

from ._accounts import Account, search
from ._nfts import Holdings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._query import AccountSearch


class Workspace:
    """Accounts by id, oldest first. An id that it does not know is a `KeyError`."""

    def __init__(self, sizes: Mapping[int, int], seed: int) -> None:
        if any(size < 0 for size in sizes.values()):
            raise ConfigurationError("an account cannot hold fewer than 0 NFTs")
        self._sizes = dict(sizes)
        self._index = {account_id: index for index, account_id in enumerate(sizes)}
        self._seed = seed
        self._random = Random(seed)  # noqa: S311 - reproducible on purpose
        self._accounts: dict[int, Account] = {}
        self._holdings: dict[int, Holdings] = {}

    def account(self, account_id: int) -> Account:
        """Return one account."""
        if account_id not in self._accounts:
            index = self._index[account_id]
            self._accounts[account_id] = Account.of(self._seed, account_id, index)
        return self._accounts[account_id]

    def holdings(self, account_id: int) -> Holdings:
        """Return the NFTs of one account."""
        if account_id not in self._holdings:
            size = self._sizes[account_id]
            self._holdings[account_id] = Holdings(self._seed, account_id, size)
        return self._holdings[account_id]

    def search(self, query: AccountSearch) -> list[dict[str, Any]]:
        """Return the accounts that a query asks for, in its order."""
        return search(map(self.account, self._index), query)

    def change(self, account_id: int, entity: int | None, fields: Mapping[str, Any]) -> None:
        """Overwrite what an account shows, and its entity if one is given."""
        account = self.account(account_id)
        account.body = {**account.body, **fields}
        if entity is not None:
            account.entity = entity

    def remove(self, account_id: int, n: int, at: int | None) -> list[tuple[str, str]]:
        """Take `n` NFTs away, from position `at` on or from anywhere."""
        holdings = self.holdings(account_id)
        held = range(len(holdings.serials))
        return holdings.remove(
            held[at : at + n] if at is not None else self._random.sample(held, n)
        )
