"""The settings of notifications, and the webhooks that they go to."""

from ledger_async.errors import ConfigurationError
from ledger_async.models.base.confidential import Confidential, SecretText
from ledger_async.models.base.payload import Payload

__all__ = ["Configuration", "ConfigurationProfile", "Webhook"]


class Webhook(Confidential, Payload, frozen=True, kw_only=True):
    """A place to post notifications to: an https `url`, and the `secret` that signs them.

    `ledger_async.webhooks.verify` takes the same secret; no repr shows it.
    """

    secret: SecretText
    url: str

    def _check_new(self) -> None:
        if not self.url.startswith("https://"):
            raise ConfigurationError("Webhook url must begin with https://")


class ConfigurationProfile(Payload, frozen=True, kw_only=True):
    """The settings of one kind of notifications, which go to no webhook if it is `None`."""

    webhook: Webhook | None = None


class Configuration(Payload, frozen=True, kw_only=True):
    """The notification settings of the calling user, for `all` kinds of notifications alike."""

    all: ConfigurationProfile
