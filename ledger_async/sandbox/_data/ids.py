"""The ids of an account's seeded objects: in blocks of one size, by the account's age."""

from __future__ import annotations

from dataclasses import dataclass

from .people import REQUESTS


@dataclass(frozen=True, slots=True)
class Blocks:
    """Ids from `first` on, `size` for each account."""

    first: int
    size: int

    def key(self, index: int, place: int) -> int:
        """Return the id at a place in the block of the `index`-th account."""
        return self.first + index * self.size + place

    def split(self, key: int) -> tuple[int, int]:
        """Return the account's index and the place in its block."""
        return divmod(key - self.first, self.size)

    def of(self, accounts: int) -> range:
        """Return every id, for this many accounts."""
        return range(self.first, self.first + accounts * self.size)


TRANSACTIONS = Blocks(1, 6)
MESSAGES = Blocks(1, 2)
DIGESTS = Blocks(1, 1)
# One for the account, then one for each transaction but the first, each message and each digest.
ACCOUNT_REQUESTS = Blocks(REQUESTS.stop, 9)
_TRANSACTION, _MESSAGE, _DIGEST = 0, 6, 8


def account_request(index: int) -> int:
    """Return the id of the request that created an account."""
    return ACCOUNT_REQUESTS.key(index, 0)


def transaction_request(index: int, place: int) -> int | None:
    """Return the id of the request for a transaction, or `None` for one that came in."""
    return ACCOUNT_REQUESTS.key(index, _TRANSACTION + place) if place else None


def message_request(index: int, place: int) -> int:
    """Return the id of the request for a message."""
    return ACCOUNT_REQUESTS.key(index, _MESSAGE + place)


def digest_request(index: int) -> int:
    """Return the id of the request for digests."""
    return ACCOUNT_REQUESTS.key(index, _DIGEST)


def target_of(key: int) -> tuple[int, str, int]:
    """Return an account's index, and the kind and place of what a request of it is for."""
    index, slot = ACCOUNT_REQUESTS.split(key)
    if slot == 0:
        return index, "ACCOUNT", 0
    if slot < _MESSAGE:
        return index, "TRANSACTION", slot - _TRANSACTION
    if slot < _DIGEST:
        return index, "MESSAGE", slot - _MESSAGE
    return index, "DIGESTS", 0
