"""Credentials that are traded for the tokens of the hosted gateway."""

from ledger_async.models.base.confidential import Confidential, SecretText
from ledger_async.models.base.payload import Payload

__all__ = ["ApiAuthRequest", "RefreshJWTRequest"]


class ApiAuthRequest(Confidential, Payload, frozen=True, kw_only=True):
    """The id and the secret of an API user's key. `POST /auth/token`."""

    api_key_id: str
    api_key_secret: SecretText


class RefreshJWTRequest(Confidential, Payload, frozen=True, kw_only=True):
    """A refresh token, to get new tokens for. `POST /auth/token/refresh`."""

    refresh_token: SecretText
