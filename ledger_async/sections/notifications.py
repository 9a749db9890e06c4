"""The configuration of notifications."""

from __future__ import annotations

from ledger_async._support import checks
from ledger_async.errors import ConfigurationError
from ledger_async.models.workspace.notifications import Configuration
from ledger_async.sections._base.section import Section

_PATH = "/notifications/configuration"


class Notifications(Section):
    """The destination of the calling user's notifications; no error shows the webhook's secret."""

    async def configuration(self) -> Configuration:
        """The user's configuration; `NotFoundError` while none is set.

        `GET /notifications/configuration`.
        """
        return await self._get(_PATH, Configuration, confidential=True)

    async def configure(self, configuration: Configuration) -> Configuration:
        """The user's configuration, replaced by this one.

        `PUT /notifications/configuration`.
        """
        try:
            checks.typed("configuration", configuration, Configuration)
            answer = self._send("PUT", _PATH, Configuration, configuration, confidential=True)
        except ConfigurationError as error:
            # Without its frames, in which the secret may stand.
            raise error.with_traceback(None) from None
        finally:
            del configuration
        return await answer
