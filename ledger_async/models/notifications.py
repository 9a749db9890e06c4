"""Where notifications go."""

from .payloads.payload import Payload

__all__ = ["Configuration", "ConfigurationProfile", "Webhook"]


class Webhook(Payload, frozen=True, kw_only=True):
    """TODO."""

    secret: str
    url: str


class ConfigurationProfile(Payload, frozen=True, kw_only=True):
    """TODO."""

    webhook: Webhook | None = None


class Configuration(Payload, frozen=True, kw_only=True):
    """TODO."""

    all: ConfigurationProfile
