"""What compliance providers say about addresses and transactions."""

from decimal import Decimal
from typing import Annotated

from msgspec import Struct

from .values import ChainalysisRisk, ExposureType, Risk

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


class Exposure(Struct, frozen=True):
    """TODO."""

    category: str
    value: Decimal


class ChainalysisAddressRisk(Struct, frozen=True):
    """TODO."""

    exposures: tuple[Exposure, ...]
    risk: Annotated[str, ChainalysisRisk]
    reason: str | None = None


class AddressRisk(Struct, frozen=True):
    """TODO."""

    address: str
    provider_details: ChainalysisAddressRisk
    risk: Annotated[str, Risk]


class ChainalysisAddressSanction(Struct, frozen=True):
    """TODO."""

    category: str
    description: str
    name: str
    url: str


class AddressSanctions(Struct, frozen=True):
    """TODO."""

    address: str
    has_sanctions: bool
    provider_details: tuple[ChainalysisAddressSanction, ...]


class ProviderRegistrationIds(Struct, frozen=True):
    """TODO."""

    chainalysis: str


class ChainalysisTransactionAlert(Struct, frozen=True):
    """TODO."""

    exposure_type: Annotated[str, ExposureType]
    provider_id: str
    risk: Annotated[str, ChainalysisRisk]
    value: Decimal
    category_id: int | None = None
    service: str | None = None


class ProviderTransactionRiskDetails(Struct, frozen=True):
    """TODO."""

    chainalysis: tuple[ChainalysisTransactionAlert, ...] | None = None


class TransactionRisk(Struct, frozen=True):
    """TODO."""

    risk: Annotated[str, Risk]
    provider_details: ProviderTransactionRiskDetails | None = None


class TransactionCompliance(Struct, frozen=True):
    """TODO."""

    registration_ids: ProviderRegistrationIds
    risk: TransactionRisk | None = None
