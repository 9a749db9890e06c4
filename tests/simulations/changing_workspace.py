"""A sandbox that changes while it is mirrored, and the truth about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Any

from ledger_async import LedgerClient
from ledger_async.mirror.table import Rows, Table
from ledger_async.sandbox import Sandbox, SeenRequest

Key = tuple[Any, ...]
"""An account, and the contract address and token id of one of its NFTs."""

Row = tuple[Any, ...]


class ChangingWorkspace:
    """Changes as often as every so many requests, until it is frozen.

    NFTs come in at the head, leave from anywhere, or have their amounts rewritten. `left` has
    those that ever left.
    """

    def __init__(
        self, sandbox: Sandbox, sizes: Mapping[int, int], *, page: int, seed: int, pause: int
    ) -> None:
        self.sandbox = sandbox
        self.account_ids = [*sizes]
        self.left: set[Key] = set()
        self.is_frozen = False
        self._page = page
        self._pause = pause
        self._random = Random(seed)
        self._amounts: dict[Key, int] = {}
        sandbox.on_request(self._on_request)
        sandbox.rewrite(self._rewrite)

    def keys(self) -> set[Key]:
        """All that is there now."""
        return {
            _key(account_id, identity)
            for account_id in self.account_ids
            for identity in self.sandbox.identities(account_id)
        }

    def pages(self) -> Counter[int]:
        """The number of pages of each account; an empty one has a page, too."""
        sizes = {each: len(self.sandbox.identities(each)) for each in self.account_ids}
        return Counter({each: max(1, -(-size // self._page)) for each, size in sizes.items()})

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let nothing change meanwhile."""
        self.is_frozen = True
        yield
        self.is_frozen = False

    def change(self) -> None:
        """Let one thing happen to one account."""
        account_id = self._random.choice(self.account_ids)
        held = self.sandbox.identities(account_id)
        match self._random.choice(("add", "remove", "rewrite") if held else ("add",)):
            case "add":
                self.sandbox.add_nfts(account_id)
            case "remove":
                at = self._random.randrange(len(held))
                gone = self.sandbox.remove_nfts(account_id, at=at)
                self.left.update(_key(account_id, each) for each in gone)
            case _:
                key = _key(account_id, self._random.choice(held))
                self._amounts[key] = 2**256 - 1 - len(self._amounts)

    async def truth(self) -> tuple[Table, dict[Key, Row]]:
        """The rows that a mirror should hold, read by a walk through a workspace that is frozen."""
        rows: dict[Key, Row] = {}
        key, user = self.sandbox.api_key, self.sandbox.api_user
        async with LedgerClient(self.sandbox.url, api_key=key, api_user=user) as ledger:
            make = Rows(ledger.nfts.listing)
            async for batch in ledger.nfts.stream_accounts(self.account_ids).batches():
                cells = zip(*make.of(batch.account_id, batch.nodes), strict=True)
                rows.update((row[:3], row) for row in cells)
        if rows.keys() != self.keys():
            raise AssertionError("the walk did not read what the sandbox holds")
        return make.table, rows

    def _on_request(self, _: SeenRequest) -> None:
        if not self.is_frozen and self._random.random() < 1 / self._pause:
            self.change()

    def _rewrite(self, seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
        for edge in page["edges"]:
            node = edge["node"]
            key = _key(seen.account_id, (node["contract_address"], node["token_id"]))
            if key in self._amounts:
                node["value"] = self._amounts[key]
        return page


def _key(account_id: int | None, identity: tuple[str, str]) -> Key:
    contract_address, token_id = identity
    return account_id, contract_address.lower(), token_id
