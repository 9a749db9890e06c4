"""A comparison, before approval, of what is expected and what the API shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from ledger_async._support.hex_addresses import folded
from ledger_async.models.payloads.lam import LamApproval

from .transactions import Transaction

__all__ = ["CHOSEN", "differing"]

# Fields of a chain that are there only if whoever made the transaction put them there.
CHOSEN = {"contract_deployment", "contract_interaction", "destination_tag", "memo"}

_NUMBERS = {"fees_per_byte", "gas_limit", "gas_price", "priority_fees", "storage_limit"}


def differing(expected: LamApproval, shown: Transaction, account_name: str) -> list[str]:
    """The fields in which a transaction, from the account of this name, is not as expected.

    What it does not show is not compared. Neither are fields of its chain that nobody expects,
    but for those that only its creator can have put there.
    """
    pairs = {
        "account_name": (expected.account_name, account_name),
        "amount": (_number(expected.amount or "0"), _number(shown.amount)),
        "max_fees": (_number(expected.max_fees), _number(shown.max_fees)),
        "recipient": (folded(expected.recipient), folded(shown.recipient)),
    }
    own = [name for name, (ours, theirs) in pairs.items() if theirs is not None and ours != theirs]
    chains = _differing_fields(_fields(expected.coin_fields), _fields(shown.coin_fields))
    return [*own, *(f"coin_fields.{name}" for name in sorted(chains))]


def _differing_fields(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    if not theirs:  # not even of which chain it is
        return
    parameters = theirs.get("tx_parameters")
    if isinstance(parameters, Mapping):  # some kinds are sent as they are, and shown as these
        theirs = {**parameters, **theirs}
    for name in (ours.keys() & theirs.keys()) | (CHOSEN & (ours.keys() | theirs.keys())):
        alike = _alike_as_numbers if name in _NUMBERS else _alike
        if not alike(ours.get(name), theirs.get(name)):
            yield name


def _fields(coin_fields: object) -> Mapping[str, Any]:
    """The fields of a chain, by their names on the wire."""
    fields: dict[str, Any] = msgspec.to_builtins(coin_fields) or {}
    return {name: value for name, value in fields.items() if value is not None}


def _alike_as_numbers(ours: Any, theirs: Any) -> bool:
    return _number(ours) == _number(theirs)


def _alike(ours: Any, theirs: Any) -> bool:
    """True if all that is expected is shown; the API may show more."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        return all(_alike(value, theirs.get(name)) for name, value in ours.items())
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(_alike, ours, theirs))
    if isinstance(ours, str) and isinstance(theirs, str):
        return folded(ours) == folded(theirs)
    return bool(ours == theirs)


def _number(amount: Any) -> object:
    """The number that an amount stands for; what stands for none, as it is."""
    try:
        number = Decimal(amount)
    except (InvalidOperation, TypeError, ValueError):
        return amount
    return number if number.is_finite() else amount
