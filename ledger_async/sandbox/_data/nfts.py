"""The NFTs of one account: real-looking, seeded, and made only when somebody looks."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .seeded import address, seeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_ETHER = 10**18  # wei
_CENTS_PER_ETHER = 250_000
_NAMES = ("Bored Koalas", "Moon Foxes", "Pixel Owls", "Glass Whales", "Neon Moths", "Iron Orchids")
_TRAITS = {
    "Background": ("Aqua", "Gold", "Midnight", "Rose"),
    "Eyes": ("Bored", "Laser", "Sleepy", "Wide"),
    "Hat": ("Beanie", "Crown", "None", "Visor"),
}


def _counted(serial: int, _noise: bytes) -> int:
    return serial + 1


def _hashed(_serial: int, noise: bytes) -> int:
    """Number as name services do: by a hash of 256 bits."""
    return int.from_bytes(noise[32:], "big")


def _composed(serial: int, noise: bytes) -> int:
    """Number as shared storefronts do: creator, index and edition in one integer."""
    return int.from_bytes(noise[32:52], "big") << 96 | serial << 40 | 1


_KINDS: tuple[tuple[str, Callable[[int, bytes], int]], ...] = (
    ("ERC-721", _counted),
    ("ERC-721", _hashed),
    ("ERC-1155", _composed),
)


@dataclass(frozen=True, slots=True)
class Collection:
    """One contract: its name, its floor price in wei, and how it numbers its tokens."""

    contract_address: str
    name: str
    token_type: str
    number: Callable[[int, bytes], int]
    floor: int | None

    @classmethod
    def of(cls, noise: bytes) -> Collection:
        """Return the collection that these random bytes describe."""
        token_type, number = _KINDS[noise[20] % len(_KINDS)]
        name = _NAMES[noise[21] % len(_NAMES)]
        return cls(address(noise), name, token_type, number, _wei(noise) if noise[22] % 5 else None)


class Holdings:
    """The NFTs that one account holds, newest first, known by serial number alone.

    A change replaces `serials` instead of touching it, so that a page is cut from one state
    even while another thread adds and removes.
    """

    def __init__(self, seed: int, account_id: int, count: int) -> None:
        self.serials = array("Q", range(count - 1, -1, -1))
        self._next = count
        self._key = (seed, account_id)
        self._account_id = account_id
        self._counted: tuple[array[int], list[tuple[Collection, int]]] = (array("Q"), [])
        self._deal = seeded(*self._key, "deal")
        self._collections = [
            Collection.of(seeded(*self._key, "collection", index))
            for index in range(3 + self._deal[0] % 12)
        ]

    def add(self, n: int) -> list[tuple[str, str]]:
        """Put `n` new NFTs at the head; return their identities, newest first."""
        new = array("Q", range(self._next + n - 1, self._next - 1, -1))
        self._next += n
        self.serials = new + self.serials
        return [self.identity(serial) for serial in new]

    def remove(self, positions: Iterable[int]) -> list[tuple[str, str]]:
        """Take away the NFTs at these positions; return their identities, newest first."""
        left = self.serials[:]
        gone = [left.pop(position) for position in sorted(positions, reverse=True)]
        self.serials = left
        return [self.identity(serial) for serial in reversed(gone)]

    def identity(self, serial: int) -> tuple[str, str]:
        """Return contract address and token id, which no other NFT of the account has."""
        collection = self._collection(serial)
        noise = seeded(*self._key, serial)
        return collection.contract_address, str(collection.number(serial, noise))

    def nft(self, serial: int) -> dict[str, Any]:
        """Return one NFT as the API shows it."""
        noise = seeded(*self._key, serial)
        collection = self._collection(serial)
        token_id = str(collection.number(serial, noise))
        value = _amount(noise) if collection.number is _composed else 1
        node = {
            "contract_address": collection.contract_address,
            "token_id": token_id,
            "token_type": collection.token_type,
            "value": value,
            "metadata": _metadata(collection, token_id, noise) if noise[0] % 8 else None,
            "price": _price(_wei(noise)) if noise[1] % 3 else None,
            "tx_balance": _balance(value) if noise[2] % 4 == 0 else None,
        }
        # What the contract lets be null may as well be absent.
        return {name: part for name, part in node.items() if part is not None or noise[3] % 2}

    def collections(self) -> list[dict[str, Any]]:
        """Return the collections that the NFTs belong to, newest first, as the API shows them."""
        return [
            {
                "account_id": self._account_id,
                "contract_address": collection.contract_address,
                "name": collection.name,
                "image": _media(collection, "logo.png"),
                "price": collection.floor and _price(collection.floor),
                "token_balance": count,
                "token_type": collection.token_type,
            }
            for collection, count in self._counts()
        ]

    def portfolio(self) -> dict[str, Any]:
        """Return what the NFTs are worth at the floor prices of their collections."""
        wei = sum(count * (collection.floor or 0) for collection, count in self._counts())
        dollars = Decimal(wei * _CENTS_PER_ETHER // _ETHER).scaleb(-2)
        return {
            "portfolio_value": {"eth_value": wei, "usd_value": str(dollars) if wei else None},
            "token_quantity": len(self.serials),
        }

    def _index(self, serial: int) -> int:
        return self._deal[serial % 64] % len(self._collections)

    def _collection(self, serial: int) -> Collection:
        return self._collections[self._index(serial)]

    def _counts(self) -> list[tuple[Collection, int]]:
        """Count the NFTs of each collection, once for as long as they stay the same."""
        held = self.serials
        if self._counted[0] is not held:
            counts = Counter(map(self._index, held))
            self._counted = held, [(self._collections[i], n) for i, n in counts.items()]
        return self._counted[1]


def _wei(noise: bytes) -> int:
    """Return a price in whole ether, in thousandths, or down to the last wei."""
    match noise[24] % 3:
        case 0:
            return (1 + noise[25] % 40) * _ETHER
        case 1:
            return (1 + noise[25]) * _ETHER // 1000
        case _:
            return 1 + int.from_bytes(noise[25:33], "big")


def _price(wei: int) -> dict[str, Any]:
    whole, rest = divmod(wei, _ETHER)
    return {"ticker": "ETH", "value": Decimal(wei).scaleb(-18).normalize() if rest else whole}


def _amount(noise: bytes) -> int:
    """Return how many of a token are held: a few, and now and then more than 64 bits hold."""
    return 1 + noise[4] % 20 if noise[4] % 8 else 2**64 + int.from_bytes(noise[6:16], "big")


def _balance(value: int) -> dict[str, int]:
    return {"available": value, "on_chain": value, "pending_approval": 0, "submitted": 0}


def _metadata(collection: Collection, token_id: str, noise: bytes) -> dict[str, Any]:
    name = f"{collection.name} #{token_id[:8]}"
    original = _media(collection, f"{noise[6:12].hex()}.png")
    return {
        "tokenName": collection.name,
        "tokenId": token_id,
        "nftName": name if noise[5] % 6 else None,
        "description": f"{name}, one of the {collection.name}." if noise[6] % 3 else None,
        "media": original["uri"],
        "medias": {
            "preview": _media(collection, f"{noise[6:12].hex()}-small.png"),
            "big": None if noise[7] % 4 else original,
            "original": original,
        },
        "properties": [
            {"key": trait, "value": values[roll % len(values)]}
            for (trait, values), roll in zip(_TRAITS.items(), noise[8:], strict=False)
            if roll % 8
        ],
        "links": {"marketplace": f"https://market.example/{token_id}", "explorer": None},
        "staxImage": None,
    }


def _media(collection: Collection, file: str) -> dict[str, str]:
    uri = f"https://nft.example/{collection.contract_address}/{file}"
    return {"uri": uri, "mediaType": "image/png"}
