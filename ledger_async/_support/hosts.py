"""The hosts of URLs: how they are written, and which of them is this machine itself."""

from __future__ import annotations

import ipaddress

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"

HOST_AND_PORT = (
    rf"(?P<host>{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
)
"""A pattern of what may stand there, as far as a pattern can tell: `is_host`, `LAST_PORT`."""

LAST_PORT = 65535


def is_host(host: str) -> bool:
    """True for a name, and for an IPv6 address in brackets."""
    try:
        return not host.startswith("[") or bool(ipaddress.IPv6Address(host.strip("[]")))
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """True for this machine, by name or by address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
