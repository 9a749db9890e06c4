"""The tokens that the hosted gateway gives for an API key."""

from typing import Annotated

from msgspec import Meta, Struct

from ledger_async.models.base.confidential import Confidential, SecretText
from ledger_async.models.base.described import Described

__all__ = ["AuthResponse"]


class AuthResponse(Confidential, Struct, Described, frozen=True):
    """An access token and for how many seconds it is good; no repr shows it.

    More tolerant than the contract, since no call works without it: what only describes the token
    (`session_state`, `token_type`) is not read, and a gateway may keep its refresh tokens.
    """

    # What can stand in a header: visible ASCII and inner spaces.
    access_token: Annotated[SecretText, Meta(pattern=r"^[!-~]([ -~]*[!-~])?\Z")]
    expires_in: int
    refresh_token: SecretText | None = None
