"""The workspace's data: made from a seed as it is asked for, and changed by what is done."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any, Literal

from msgspec.structs import replace as replaced

from ledger_async.errors import ConfigurationError
from ledger_async.models.workspace.api_users import ApiUser

from . import ids, people, tradelink
from .accounts import Account
from .calendar import FOUNDED
from .chains import chain_of
from .nfts import Holdings
from .seeded import pick, seeded
from .shelf import Shelf, UnknownError
from .signing import seeded_digests, seeded_message
from .transactions import incoming, seeded_transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ledger_async.models.governance.digests import Digests
    from ledger_async.models.governance.messages import Message
    from ledger_async.models.governance.pledges import Pledge, Settlement
    from ledger_async.models.transactions.transactions import Transaction
    from ledger_async.models.workspace.notifications import Configuration

    from .requests import Governed

Kind = Literal[
    "digests",
    "entities",
    "groups",
    "labels",
    "messages",
    "pledges",
    "requests",
    "settlements",
    "transactions",
    "users",
    "whitelists",
]
_SHELVES: Mapping[str, Kind] = {
    "ENTITY": "entities",
    "GROUP": "groups",
    "USER": "users",
    "WHITELIST": "whitelists",
}
_EVM = ("ethereum", "polygon", "arbitrum", "base", "optimism")


class Workspace:
    """Objects by id, those of an account made from the account. What it lacks is `UnknownError`.

    `seeded_request` makes the requests that it begins with: each is about another object.
    """

    def __init__(
        self,
        sizes: Mapping[int, int],
        seed: int,
        currencies: Mapping[int, str],
        seeded_request: Callable[[Workspace, int], Governed | None],
    ) -> None:
        self.seed = seed
        self._chains = {key: chain_of(name) for key, name in currencies.items()}
        self._sizes = dict(sizes)
        self._ids = tuple(sizes)
        self._index = {account_id: index for index, account_id in enumerate(sizes)}
        self._random = Random(seed)  # noqa: S311 - reproducible on purpose
        self._accounts: dict[int, Account] = {}
        self._holdings: dict[int, Holdings] = {}
        self._minutes = count(1)
        self.syncs: Counter[int] = Counter()
        self.notifications: Configuration | None = None
        self.api_users: dict[str, ApiUser] = {}
        self.approvable: dict[int, Mapping[str, object]] = {}  # of transactions made by a LAM
        self.organization = people.organization(seed)
        for name in ("sandbox_operator", "reporting"):
            self.add_api_user(name)
        self._seeded_request = seeded_request
        self._shelve(len(sizes))

    def _shelve(self, accounts: int) -> None:
        seed = self.seed
        pledging = min(accounts, tradelink.PLEDGING) * tradelink.EACH
        settling = min(pledging, tradelink.SETTLED)
        self.users = Shelf("user", people.USERS, lambda key: people.user(seed, key))
        self.groups = Shelf("group", people.GROUPS, lambda key: people.group(seed, key))
        self.entities = Shelf("entity", people.ENTITIES, lambda key: people.entity(seed, key))
        self.labels = Shelf("label", people.LABELS, lambda key: people.label(seed, key))
        self.whitelists = Shelf(
            "whitelist", people.WHITELISTS, lambda key: people.whitelist(seed, key)
        )
        self.transactions = Shelf(
            "transaction", ids.TRANSACTIONS.of(accounts), self._seeded_transaction
        )
        self.messages = Shelf("message", ids.MESSAGES.of(accounts), self._seeded_message)
        self.digests = Shelf("digests", ids.DIGESTS.of(accounts), self._seeded_digests)
        self.requests = Shelf(
            "request",
            range(1, ids.ACCOUNT_REQUESTS.of(accounts).stop),
            lambda key: self._seeded_request(self, key),
        )
        self.pledges = Shelf("pledge", range(1, 1 + pledging), self._seeded_pledge)
        self.settlements = Shelf("settlement", range(1, 1 + settling), self._seeded_settlement)
        self.shelves: Mapping[Kind, Shelf[Any]] = {
            "digests": self.digests,
            "entities": self.entities,
            "groups": self.groups,
            "labels": self.labels,
            "messages": self.messages,
            "pledges": self.pledges,
            "requests": self.requests,
            "settlements": self.settlements,
            "transactions": self.transactions,
            "users": self.users,
            "whitelists": self.whitelists,
        }

    def now(self) -> datetime:
        """Return a moment after every other, a minute later each time."""
        return FOUNDED + timedelta(days=len(self._ids) + 1, minutes=next(self._minutes))

    def account(self, account_id: int) -> Account:
        """Return one account."""
        if account_id not in self._accounts:
            if account_id not in self._index:
                raise UnknownError(f"no account {account_id}")
            index = self._index[account_id]
            chain = self._chains.get(account_id) or chain_of(
                pick(seeded(self.seed, account_id)[0], _EVM)
            )
            self._accounts[account_id] = Account.of(
                self.seed, account_id, index, chain, ids.account_request(index)
            )
        return self._accounts[account_id]

    def account_at(self, index: int) -> Account:
        """Return the `index`-th account by age."""
        return self.account(self._ids[index])

    def knows(self, account_id: int) -> bool:
        """Say whether there is such an account."""
        return account_id in self._index

    def accounts(self) -> Iterator[Account]:
        """Every account, oldest first."""
        return map(self.account, self._ids)

    def holdings(self, account_id: int) -> Holdings:
        """Return the NFTs of one account."""
        if account_id not in self._holdings:
            if account_id not in self._sizes:
                raise UnknownError(f"no account {account_id}")
            size = self._sizes[account_id]
            self._holdings[account_id] = Holdings(self.seed, account_id, size)
        return self._holdings[account_id]

    def change_account(
        self, account_id: int, entity: int | None, fields: Mapping[str, Any]
    ) -> None:
        """Overwrite what an account shows, and its entity if one is given."""
        account = self.account(account_id)
        self._accounts[account_id] = replace(
            account,
            body={**account.body, **fields},
            entity=account.entity if entity is None else entity,
        )

    def remove_nfts(self, account_id: int, n: int, at: int | None) -> list[tuple[str, str]]:
        """Take `n` NFTs away, from position `at` on or from anywhere."""
        holdings = self.holdings(account_id)
        held = range(len(holdings.serials))
        return holdings.remove(
            held[at : at + n] if at is not None else self._random.sample(held, n)
        )

    def add_transaction(self, account_id: int) -> Transaction:
        """Let a transaction come in."""
        account, now = self.account(account_id), self.now()
        return self.transactions.add(lambda key: incoming(self.seed, key, account, now))

    def objects(self, kind: Kind) -> list[Any]:
        """Return every object of a kind, newest first."""
        if kind == "requests":
            return [each.request for each in self.requests.newest_first()]
        return list(self.shelves[kind].newest_first())

    def change(self, kind: Kind, key: int, fields: Mapping[str, Any]) -> None:
        """Overwrite fields of an object."""
        old = self.shelves[kind][key]
        own = (old.request if kind == "requests" else old).__struct_fields__
        if strangers := fields.keys() - own:
            raise ConfigurationError(f"{kind} have no {min(strangers)}: they have {', '.join(own)}")
        if kind == "requests":
            self.requests.put(key, replace(old, request=replaced(old.request, **fields)))
        else:
            self.shelves[kind].change(key, **fields)

    def target(self, kind: str, key: int) -> Any:
        """Return a user, group, entity or whitelist."""
        return self.shelves[_SHELVES[kind]][key]

    def set_status(self, kind: str, key: int, status: str) -> None:
        """Put a user, group, entity, whitelist or account in another status."""
        if kind == "ACCOUNT":
            self.change_account(key, None, {"status": status})
        else:
            self.shelves[_SHELVES[kind]].change(key, status=status)

    def add_api_user(self, name: str) -> ApiUser:
        """Add an API user."""
        self.api_users[name] = user = ApiUser(
            device_id=seeded(self.seed, "device", name)[:16].hex(),
            name=name,
            role="OPERATOR",
            type_="SOFT_PSD",
            workspace=self.organization.workspace,
        )
        return user

    def _seeded_transaction(self, key: int) -> Transaction:
        index, _ = ids.TRANSACTIONS.split(key)
        return seeded_transaction(self.seed, key, self.account_at(index))

    def _seeded_message(self, key: int) -> Message | None:
        index, _ = ids.MESSAGES.split(key)
        return seeded_message(self.seed, key, self.account_at(index))

    def _seeded_digests(self, key: int) -> Digests:
        index, _ = ids.DIGESTS.split(key)
        return seeded_digests(self.seed, key, self.account_at(index))

    def _seeded_pledge(self, key: int) -> Pledge:
        return tradelink.pledge(self.seed, key, self.account_at((key - 1) // tradelink.EACH))

    def _seeded_settlement(self, key: int) -> Settlement:
        # Of each account the fifth transaction failed, and the third is on its way.
        place = 4 if key == 1 else 2
        source = self.pledges[key]
        sent = self.transactions[ids.TRANSACTIONS.key(0, place)]
        return tradelink.settlement(self.seed, key, source, sent)
