"""Nodes of many accounts, each with the account that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import repeat
from typing import Any, Generic, NamedTuple, TypeVar

N = TypeVar("N")


class AccountNode(NamedTuple, Generic[N]):
    """A node, and the account it belongs to."""

    account_id: int
    node: N


# As `AccountNode(account_id, node)` does, without a call of a Python function for each node.
_new = partial(tuple.__new__, AccountNode)


def with_account(account_id: int | None, nodes: Iterable[N]) -> Iterator[AccountNode[N]]:
    """The nodes of an account, each made a pair when it is asked for."""
    pairs: Iterator[Any] = map(_new, zip(repeat(account_id), nodes))
    return pairs
