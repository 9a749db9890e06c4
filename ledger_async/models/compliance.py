"""Ratings of addresses and transactions by compliance providers."""

from typing import Annotated

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import FiniteDecimal
from ledger_async.models.base.values import ChainalysisRisk, ExposureType, Risk

__all__ = [
    "AddressRisk",
    "AddressSanctions",
    "ChainalysisAddressRisk",
    "ChainalysisAddressSanction",
    "ChainalysisTransactionAlert",
    "Exposure",
    "ProviderRegistrationIds",
    "ProviderTransactionRiskDetails",
    "TransactionCompliance",
    "TransactionRisk",
]


class Exposure(Struct, Described, frozen=True):
    """The exposure of an address to a category of entities, in US dollars altogether."""

    category: str
    value: FiniteDecimal


class ChainalysisAddressRisk(Struct, Described, frozen=True):
    """The rating of an address by Chainalysis, with the `reason` in words.

    `exposures` are its direct ones as of now.
    """

    exposures: tuple[Exposure, ...]
    risk: Annotated[str, ChainalysisRisk]
    reason: str | None = None


class AddressRisk(Struct, Described, frozen=True):
    """The risk of an address as Ledger rates it, and what the provider says."""

    address: str
    provider_details: ChainalysisAddressRisk
    risk: Annotated[str, Risk]


class ChainalysisAddressSanction(Struct, Described, frozen=True):
    """An entry of a sanctions list, with its text and a link.

    `category` is `sanctions` for a sanctioned address.
    """

    category: str
    description: str
    name: str
    url: str


class AddressSanctions(Struct, Described, frozen=True):
    """The sanctions of OFAC that an address is under, if any, with the entries that say so."""

    address: str
    has_sanctions: bool
    provider_details: tuple[ChainalysisAddressSanction, ...]


class ProviderRegistrationIds(Struct, Described, frozen=True):
    """Under which id each provider knows a transaction."""

    chainalysis: str


class ChainalysisTransactionAlert(Struct, Described, frozen=True):
    """An alert that a transaction raised with Chainalysis: `value` is in US dollars.

    `category_id` is the category of entities that the alert's rule watches.
    """

    exposure_type: Annotated[str, ExposureType]
    provider_id: str
    risk: Annotated[str, ChainalysisRisk]
    value: FiniteDecimal
    category_id: int | None = None
    service: str | None = None


class ProviderTransactionRiskDetails(Struct, Described, frozen=True):
    """The alerts of each provider for a transaction."""

    chainalysis: tuple[ChainalysisTransactionAlert, ...] | None = None


class TransactionRisk(Struct, Described, frozen=True):
    """The risk of a transaction as Ledger rates it, and what providers say."""

    risk: Annotated[str, Risk]
    provider_details: ProviderTransactionRiskDetails | None = None


class TransactionCompliance(Struct, Described, frozen=True):
    """A transaction's compliance; `risk` once it is rated."""

    registration_ids: ProviderRegistrationIds
    risk: TransactionRisk | None = None
