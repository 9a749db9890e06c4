"""Families of chains: the types, paths and addresses that their accounts have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .seeded import address

if TYPE_CHECKING:
    from collections.abc import Callable

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


@dataclass(frozen=True, slots=True)
class Family:
    """The traits that chains of one family share.

    `fields` is the `type` of what accounts and transactions say beyond the common fields.
    `spell` writes an address for random bytes, `pattern` is what every address looks like.
    """

    name: str
    account_type: str
    fields: str
    path: str
    spell: Callable[[bytes], str]
    pattern: str


def _letters(alphabet: str, prefix: str, length: int) -> Callable[[bytes], str]:
    def spell(noise: bytes) -> str:
        rest = length - len(prefix)
        return prefix + "".join(alphabet[byte % len(alphabet)] for byte in noise[:rest])

    return spell


def _hex(noise: bytes) -> str:
    return noise[:32].hex()


FAMILIES = {
    family.name: family
    for family in (
        Family(
            "bitcoin",
            "Bitcoin",
            "Bitcoin",
            "84'/0'/{index}'/{change}/{place}",
            _letters(_BECH32, "bc1q", 42),
            r"(bc1|tb1)[a-z0-9]{39,59}|[13mn2][1-9A-HJ-NP-Za-km-z]{25,34}",
        ),
        Family(
            "cardano",
            "Cardano",
            "Cardano",
            "1852'/1815'/{index}'/0/0",
            _letters(_BECH32, "addr1", 58),
            r"addr1[a-z0-9]{53,98}",
        ),
        Family(
            "cosmos",
            "Cosmos",
            "Cosmos",
            "44'/118'/{index}'/0/0",
            _letters(_BECH32, "cosmos1", 45),
            r"cosmos1[a-z0-9]{38}",
        ),
        Family(
            "ethereum",
            "Ethereum",
            "EthereumAndEvm",
            "44'/60'/{index}'/0/0",
            address,
            r"0x[0-9a-fA-F]{40}",
        ),
        Family("near", "Near", "Near", "44'/397'/0'/0'/{index}'", _hex, r"[0-9a-f]{64}"),
        Family(
            "polkadot",
            "Polkadot",
            "Polkadot",
            "44'/354'/{index}'/0'/0'",
            _letters(_BASE58, "1", 48),
            r"[1-9A-HJ-NP-Za-km-z]{47,48}",
        ),
        Family(
            "polygon",
            "Polygon",
            "EthereumAndEvm",
            "44'/60'/{index}'/0/0",
            address,
            r"0x[0-9a-fA-F]{40}",
        ),
        Family(
            "ripple",
            "Ripple",
            "Ripple",
            "44'/144'/{index}'/0/0",
            _letters(_BASE58, "r", 34),
            r"r[1-9A-HJ-NP-Za-km-z]{24,34}",
        ),
        Family(
            "solana",
            "Solana",
            "Solana",
            "44'/501'/{index}'",
            _letters(_BASE58, "", 44),
            r"[1-9A-HJ-NP-Za-km-z]{32,44}",
        ),
        Family(
            "stellar",
            "Stellar",
            "Stellar",
            "44'/148'/{index}'",
            _letters(_BASE32, "G", 56),
            r"G[A-Z2-7]{55}",
        ),
        Family(
            "tezos",
            "Tezos",
            "Tezos",
            "44'/1729'/{index}'/0'",
            _letters(_BASE58, "tz1", 36),
            r"(tz[1-4]|KT1)[1-9A-HJ-NP-Za-km-z]{33}",
        ),
        Family(
            "tron",
            "Tron",
            "Tron",
            "44'/195'/{index}'/0/0",
            _letters(_BASE58, "T", 34),
            r"T[1-9A-HJ-NP-Za-km-z]{33}",
        ),
    )
}
