"""Ratings of addresses by compliance providers: by the seed, the same for every asker."""

from __future__ import annotations

from decimal import Decimal

from ledger_async.models.compliance import (
    AddressRisk,
    AddressSanctions,
    ChainalysisAddressRisk,
    ChainalysisAddressSanction,
    Exposure,
)

from .seeded import number, pick, seeded

_RISKS = (
    ("LOW", "Low"),
    ("LOW", "Low"),
    ("MEDIUM", "Medium"),
    ("HIGH", "High"),
    ("HIGH", "Severe"),
)
_CATEGORIES = ("exchange", "mixing", "gambling", "sanctions", "hosted wallet")


def address_risk(seed: int, address: str) -> AddressRisk:
    """Return how risky an address is."""
    noise = seeded(seed, "risk", address)
    risk, provider_risk = pick(noise[0], _RISKS)
    exposures = tuple(
        Exposure(
            category=pick(noise[2 + place], _CATEGORIES),
            value=Decimal(number(noise, 8 + 4 * place, 4)).scaleb(-2),
        )
        for place in range(noise[1] % 4)
    )
    reason = None if risk == "LOW" else f"Exposed to {pick(noise[2], _CATEGORIES)}"
    details = ChainalysisAddressRisk(exposures=exposures, risk=provider_risk, reason=reason)
    return AddressRisk(address=address, provider_details=details, risk=risk)


def sanctions(seed: int, address: str) -> AddressSanctions:
    """Return whether an address is under sanctions: about one in five is."""
    noise = seeded(seed, "sanctions", address)
    entry = ChainalysisAddressSanction(
        category="sanctions",
        description=f"{address} is on a list that the sandbox made up.",
        name=f"SANCTIONS: Sandbox entry {noise[1]}",
        url="https://sanctions.example/list",
    )
    sanctioned = noise[0] % 5 == 0
    return AddressSanctions(
        address=address,
        has_sanctions=sanctioned,
        provider_details=(entry,) if sanctioned else (),
    )
