"""Clients of the schemes that the environment has credentials for.

Workers of a cluster make theirs here, where the libraries of the command line may be missing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal

from ledger_async import BearerAuth, LedgerClient, ReportingAuth

Scheme = Literal["lam", "reporting", "bearer"]

# What each scheme takes from the environment.
VARIABLES: Mapping[Scheme, tuple[str, ...]] = {
    "lam": ("LEDGER_API_KEY", "LEDGER_API_USER"),
    "reporting": ("LEDGER_WORKSPACE", "LEDGER_REPORTING_API_KEY"),
    "bearer": ("LEDGER_WORKSPACE", "LEDGER_API_KEY_ID", "LEDGER_API_KEY_SECRET"),
}


def missing(scheme: Scheme) -> list[str]:
    """The variables that are not set."""
    return [name for name in VARIABLES[scheme] if not os.environ.get(name)]


def client_of(
    scheme: Scheme,
    base_url: str | None,
    *,
    api_key: str | None = None,
    api_user: str | None = None,
    **options: Any,
) -> LedgerClient:
    """A client with these credentials, or those of the environment."""
    values = (os.environ.get(name, "") for name in VARIABLES[scheme])
    match scheme:
        case "lam":
            return LedgerClient(base_url, api_key=api_key, api_user=api_user, **options)
        case "reporting":
            return LedgerClient(base_url, auth=ReportingAuth(*values), **options)
        case "bearer":
            return LedgerClient(base_url, auth=BearerAuth(*values), **options)
