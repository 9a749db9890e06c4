"""The options of one stream, settled once: checked as the caller gave them, then only read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, Self

import msgspec

from ledger_async._exactness.pages import LARGEST
from ledger_async._support import checks
from ledger_async.errors import ConfigurationError, LedgerError

from .accepted import Accepted
from .endpoint import Endpoint
from .invalid_nodes import InvalidNode

PageSize = int | Literal["max"]
Consistency = Literal["exact", "fast"]
OnError = Literal["raise", "skip"] | Callable[[int, LedgerError], None]
OnInvalid = Literal["raise", "skip"] | Callable[[InvalidNode], None]
Filters = Mapping[str, object]
Resume = Mapping[int | None, Accepted]

_NO_FILTERS: Filters = MappingProxyType({})
_NOTHING_ACCEPTED: Resume = MappingProxyType({})


class StreamOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options for reading the listing at `endpoint` that passed every check.

    `page_size` is the number to send, `node_type` the endpoint's own unless the caller gave one.
    `query` holds the filters as they are sent, `filters` the names of those that are given.
    `resume` is what was accepted before, by account.
    """

    endpoint: Endpoint[Any]
    page_size: int
    consistency: Consistency
    on_invalid: OnInvalid
    on_error: OnError
    ordered: bool
    node_type: type[msgspec.Struct]
    query: str
    filters: frozenset[str]
    resume: Resume

    @classmethod
    def of(
        cls,
        endpoint: Endpoint[Any],
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        filters: Filters = _NO_FILTERS,
        *,
        node_type: type[Any] | None = None,
        ordered: bool = False,
        on_error: OnError = "raise",
        resume: Resume | None = None,
    ) -> Self:
        """Settle what the caller gave; `ConfigurationError` names the first that will not do."""
        checks.handler("on_error", on_error)
        checks.handler("on_invalid", on_invalid)
        return cls(
            endpoint=endpoint,
            on_error=on_error,
            on_invalid=on_invalid,
            ordered=ordered,
            # In this order, which decides what is named where several will not do.
            node_type=_settled_node_type(node_type, endpoint),
            query=endpoint.query(filters),
            filters=frozenset([name for name, value in filters.items() if value is not None]),
            page_size=_settled_page_size(page_size),
            consistency=_checked_consistency(consistency),
            resume=_NOTHING_ACCEPTED if resume is None else _checked_resume(resume, endpoint),
        )

    @property
    def proves(self) -> bool:
        """True if the walk is to prove that it missed nothing.

        Sorted by what may change, elements can change places, and nothing proves anything.
        """
        return self.consistency == "exact" and "order_by" not in self.filters

    @property
    def grows_at_its_head(self) -> bool:
        """True if every element that comes to match appears at the head of the listing.

        With a filter on what may change, it appears at its age's place instead, and in another
        order each new one does.
        """
        return self.filters <= self.endpoint.settled


def _settled_node_type(given: object, endpoint: Endpoint[Any]) -> type[msgspec.Struct]:
    # An endpoint's own may be a stand-in for several structs.
    if given is None or given is endpoint.node_type:
        return endpoint.node_type
    if not (isinstance(given, type) and issubclass(given, msgspec.Struct)):
        raise ConfigurationError(f"node_type must be a msgspec Struct type, got {given!r:.80}")
    return given


def _settled_page_size(given: object) -> int:
    if given == "max":
        return LARGEST
    try:
        return checks.count("page_size", given)
    except ConfigurationError as error:
        raise ConfigurationError(f'{error.message}; or "max"') from None


def _checked_consistency(given: Consistency) -> Consistency:
    if given not in ("exact", "fast"):
        raise ConfigurationError(
            f'consistency must be "exact" or "fast", got {checks.shown(given)}'
        )
    return given


def _checked_resume(given: object, endpoint: Endpoint[Any]) -> Resume:
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"resume must be a mapping, got {checks.shown(given)}")
    for account_id, each in given.items():
        if not (isinstance(each, Accepted) and each.endpoint == endpoint):
            raise ConfigurationError(
                f"resume[{account_id!r:.80}] must be made by `accepted()` of the same section"
            )
    return given
