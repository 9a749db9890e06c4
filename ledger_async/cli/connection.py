"""The options by which every command reaches its workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter
from cyclopts.types import NonNegativeInt, PositiveFloat

from ledger_async import RetryPolicy

from .credentials import Scheme


@dataclass(frozen=True, slots=True)
class Connection:
    """The scheme of the credentials, the seconds of a request, and how often it is repeated."""

    auth: Annotated[
        Scheme,
        Parameter(help="Credentials: an API user's, a reporting key, or a key for bearer tokens."),
    ] = "lam"
    timeout: Annotated[
        PositiveFloat, Parameter(help="Seconds that one request may take.", metavar="SECONDS")
    ] = 30.0
    retries: Annotated[
        NonNegativeInt,
        Parameter(
            help="How often a request is repeated that fails for a passing reason.", metavar="N"
        ),
    ] = 4

    @property
    def policy(self) -> RetryPolicy:
        """The retries as the client has them."""
        return RetryPolicy(max_attempts=self.retries + 1)


ConnectionOptions = Annotated[Connection | None, Parameter(name="*")]
