"""Addresses of an account."""

from msgspec import Struct

from ledger_async.models.base.described import Described

__all__ = ["Address", "Addresses"]


class Address(Struct, Described, frozen=True):
    """A receiving address, and the derivation path of its key."""

    address: str
    derivation_path: str


class Addresses(Struct, Described, frozen=True):
    """Receiving addresses: the next three unused ones of an account based on UTXOs.

    Of any other account it is its one public address.
    """

    addresses: tuple[Address, ...]
