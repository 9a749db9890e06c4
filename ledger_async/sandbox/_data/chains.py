"""The currencies that accounts can have, and what is particular to the chain of each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ledger_async.errors import ConfigurationError
from ledger_async.models.currencies import Currency, CurrencyUnit, Token

from .families import FAMILIES, Family
from .seeded import number


@dataclass(frozen=True, slots=True)
class Chain:
    """A currency: its family, confirmations that it needs, and units, the base unit first."""

    name: str
    family: Family
    confirmations: int
    units: tuple[CurrencyUnit, ...]

    @property
    def currency(self) -> Currency:
        """The currency as the API shows it."""
        return Currency(
            name=self.name,
            num_confirmation_needed=self.confirmations,
            type="CRYPTO",
            units=self.units,
            family=self.family.name,
        )

    @property
    def is_utxo(self) -> bool:
        """True if accounts hold outputs at many addresses, instead of a balance at one."""
        return self.family.name == "bitcoin"

    @property
    def signs_messages(self) -> bool:
        """True if its accounts sign messages: those of EVM chains do."""
        return self.family.fields == "EthereumAndEvm"

    def address(self, noise: bytes) -> str:
        """Return an address that is valid here."""
        return self.family.spell(noise)

    def accepts(self, text: str) -> bool:
        """Say whether this looks like an address of the chain."""
        return re.fullmatch(self.family.pattern, text) is not None

    def amount(self, noise: bytes, parts: int = 1) -> int:
        """Return base units that are one of so many parts of what an account may hold."""
        most: int = _HELD[self.units[-1].code] * 10 ** self.units[-1].magnitude
        return most * number(noise, size=12) // (parts << 96)

    def path(self, index: int, *, change: int = 0, place: int = 0) -> str:
        """Return the derivation path of an account, or of an address of it."""
        return self.family.path.format(index=index, change=change, place=place)


# What an account holds at most, in whole coins: about a million dollars.
_HELD = {
    "ADA": 2_000_000,
    "ATOM": 200_000,
    "AVAX": 40_000,
    "BCH": 2_000,
    "BNB": 1_500,
    "BTC": 10,
    "DOGE": 5_000_000,
    "DOT": 200_000,
    "ETH": 400,
    "LTC": 10_000,
    "NEAR": 400_000,
    "POL": 4_000_000,
    "SOL": 6_000,
    "TRX": 4_000_000,
    "WND": 200_000,
    "XLM": 3_000_000,
    "XRP": 500_000,
    "XTZ": 1_000_000,
}

_WEI = ((0, "wei"), (9, "Gwei"))
_LAMPORT = ((0, "lamport"),)
_SATOSHI = ((0, "sat"), (2, "bit"), (5, "mBTC"))


def _chain(
    name: str, family: str, confirmations: int, *units: tuple[int, str]
) -> tuple[str, Chain]:
    spelled = tuple(CurrencyUnit(code=code, magnitude=magnitude) for magnitude, code in units)
    return name, Chain(name, FAMILIES[family], confirmations, spelled)


CHAINS = dict(
    (
        _chain("ethereum", "ethereum", 12, *_WEI, (18, "ETH")),
        _chain("polygon", "polygon", 128, *_WEI, (18, "POL")),
        _chain("arbitrum", "ethereum", 12, *_WEI, (18, "ETH")),
        _chain("base", "ethereum", 12, *_WEI, (18, "ETH")),
        _chain("optimism", "ethereum", 12, *_WEI, (18, "ETH")),
        _chain("bsc", "ethereum", 15, *_WEI, (18, "BNB")),
        _chain("avalanche_c_chain", "ethereum", 12, *_WEI, (18, "AVAX")),
        _chain("ethereum_holesky", "ethereum", 12, *_WEI, (18, "ETH")),
        _chain("ethereum_sepolia", "ethereum", 12, *_WEI, (18, "ETH")),
        _chain("bitcoin", "bitcoin", 6, *_SATOSHI, (8, "BTC")),
        _chain("bitcoin_testnet", "bitcoin", 6, *_SATOSHI, (8, "BTC")),
        _chain("bitcoin_cash", "bitcoin", 6, (0, "sat"), (8, "BCH")),
        _chain("dogecoin", "bitcoin", 6, (0, "koinu"), (8, "DOGE")),
        _chain("litecoin", "bitcoin", 6, (0, "litoshi"), (8, "LTC")),
        _chain("cardano", "cardano", 15, (0, "lovelace"), (6, "ADA")),
        _chain("cosmos", "cosmos", 1, (0, "uatom"), (6, "ATOM")),
        _chain("near", "near", 3, (0, "yoctoNEAR"), (24, "NEAR")),
        _chain("polkadot", "polkadot", 1, (0, "planck"), (10, "DOT")),
        _chain("westend", "polkadot", 1, (0, "planck"), (12, "WND")),
        _chain("ripple", "ripple", 1, (0, "drop"), (6, "XRP")),
        _chain("solana", "solana", 32, *_LAMPORT, (9, "SOL")),
        _chain("solana_devnet", "solana", 32, *_LAMPORT, (9, "SOL")),
        _chain("solana_testnet", "solana", 32, *_LAMPORT, (9, "SOL")),
        _chain("stellar", "stellar", 1, (0, "stroop"), (7, "XLM")),
        _chain("tezos", "tezos", 30, (0, "mutez"), (6, "XTZ")),
        _chain("tron", "tron", 19, (0, "sun"), (6, "TRX")),
    )
)

_FIAT = tuple(
    Currency(
        name=name,
        num_confirmation_needed=0,
        type="FIAT",
        units=(CurrencyUnit(code="cent", magnitude=0), CurrencyUnit(code=code, magnitude=2)),
        family="fiat",
    )
    for name, code in (("Dollar", "USD"), ("Euro", "EUR"))
)

CURRENCIES = {each.name: each for each in (*(c.currency for c in CHAINS.values()), *_FIAT)}


def _token(parent: str, contract_address: str, name: str, code: str, magnitude: int) -> Token:
    units = (CurrencyUnit(code=code, magnitude=magnitude),)
    return Token(contract_address=contract_address, name=name, parent_currency=parent, units=units)


USDC = _token("ethereum", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", "USD Coin", "USDC", 6)
SPL_USDC = _token("solana", "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", "USD Coin", "USDC", 6)

TOKENS = (
    USDC,
    _token("ethereum", "0xdAC17F958D2ee523a2206206994597C13D831ec7", "Tether USD", "USDT", 6),
    _token("ethereum", "0x6B175474E89094C44Da98b954EedeAC495271d0F", "Dai", "DAI", 18),
    _token("polygon", "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359", "USD Coin", "USDC", 6),
    _token("bsc", "0x55d398326f99059fF775485246999027B3197955", "Tether USD", "USDT", 18),
    _token("tron", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "Tether USD", "USDT", 6),
    SPL_USDC,
)


def chain_of(name: str) -> Chain:
    """Return the chain of a currency that accounts can have."""
    if name not in CHAINS:
        known = ", ".join(sorted(CHAINS))
        raise ConfigurationError(f"no account can be in {name!r}: its currency is one of {known}")
    return CHAINS[name]
