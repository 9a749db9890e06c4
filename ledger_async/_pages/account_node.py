"""Nodes of many accounts, each with the account that it belongs to."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

N = TypeVar("N")


class AccountNode(NamedTuple, Generic[N]):
    """A node, and the account it belongs to."""

    account_id: int
    node: N
