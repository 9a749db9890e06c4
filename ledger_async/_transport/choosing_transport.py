"""The choice between the transports, made anew for every sending."""

from __future__ import annotations

from collections.abc import Awaitable
from types import MethodType

import aiohttp

from ledger_async._protocol.messages import Headers, Request, Response

from .aiohttp_transport import AiohttpTransport
from .answer import Answer
from .http_session import HttpSession
from .http_transport import MAX_BODY, HttpTransport
from .lean_transport import LeanTransport
from .network import DIRECT, Network
from .pool import Sending

# The versions of aiohttp that the suite has run with, whose inner workings the lean transport
# stands on.
_KNOWN = "3.14."

_AIOHTTPS = vars(aiohttp.client)


def transport_to(
    base_url: str,
    network: Network = DIRECT,
    *,
    timeout: float,
    version: str = aiohttp.__version__,
) -> HttpTransport:
    """The transport of a client that was given none, for this version of aiohttp."""
    kind = ChoosingTransport if version.startswith(_KNOWN) else AiohttpTransport
    return kind(HttpSession(base_url, network), timeout=timeout)


class ChoosingTransport(HttpTransport):
    """Sends the lean way while nobody looks on, and as aiohttp's session does while somebody does.

    Tools may join in, and leave again, at any time, even between a request and its repeat. The
    lean way knows no proxies: through one, aiohttp's session always sends.
    """

    def __init__(self, http: HttpSession, *, timeout: float, max_body: int = MAX_BODY) -> None:
        super().__init__(http, timeout=timeout, max_body=max_body)
        self._is_direct = http.network.proxy is None
        self._lean = LeanTransport(http, timeout=timeout, max_body=max_body)
        self._aiohttps = AiohttpTransport(http, timeout=timeout)

    def begin(
        self, request: Request, headers: Headers, attempt: Sending
    ) -> Awaitable[Response | Answer]:
        """Send the request, as is right by now, and wait for its answer, or the head of it."""
        is_lean = self._is_direct and _is_undisturbed(self.http.opened())
        chosen = self._lean if is_lean else self._aiohttps
        return chosen.begin(request, headers, attempt)


def _is_undisturbed(http: aiohttp.ClientSession) -> bool:
    """True if its requests are nobody's but ours to see, and aiohttp's own to send.

    Tools add trace configs and middlewares to every session that is made, and replace the method
    by which it sends.
    """
    send = http._request  # noqa: SLF001
    is_its_own = type(send) is MethodType and getattr(send, "__globals__", None) is _AIOHTTPS
    return is_its_own and not http.trace_configs and not http._middlewares  # noqa: SLF001
