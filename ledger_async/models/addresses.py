"""Addresses of an account."""

from msgspec import Struct

__all__ = ["Address", "Addresses"]


class Address(Struct, frozen=True):
    """TODO."""

    address: str
    derivation_path: str


class Addresses(Struct, frozen=True):
    """TODO."""

    addresses: tuple[Address, ...]
