"""The organization: its users, groups, entities, labels and whitelists."""

from __future__ import annotations

from ledger_async.models.governance.whitelists import Whitelist, WhitelistAddress
from ledger_async.models.workspace.labels import Label, LabelInfo, LiteLabel
from ledger_async.models.workspace.organization import Entity, Group, Organization, User

from .calendar import prepared
from .chains import CHAINS
from .seeded import number, pick, seeded

USERS = range(1, 9)
OPERATORS = range(3, 9)
OPERATOR = 8  # whose API key the sandbox lets in
GROUPS = range(1, 5)
ENTITIES = range(1, 4)
LABELS = range(1, 5)
WHITELISTS = range(1, 4)

_ADMIN = 1
_USERNAMES = ("ada", "grace", "edsger", "barbara", "alan", "donald", "radia", "api_operator")
_GROUPS = ("Traders", "Treasury", "Risk", "Audit")
_ENTITIES = ("Holding", "Trading Ltd", "Foundation")
_LABELS = ("NFT", "VIP", "AUDITED", "SPAM")
_COLORS = ("#4523FE", "#23FE45", "#FEC923", "#FE4523")
_WHITELISTS = ("Exchanges", "Partners", "Payroll")
_LISTED = ("ethereum", "bitcoin", "ripple", "solana", "tezos")


def request_of(kind: str, key: int) -> int:
    """Return the id of the request that set up a user, group, entity or whitelist."""
    starts = {"USER": 0, "GROUP": len(USERS)}
    starts["ENTITY"] = starts["GROUP"] + len(GROUPS)
    starts["WHITELIST"] = starts["ENTITY"] + len(ENTITIES)
    return starts[kind] + key


REQUESTS = range(1, request_of("WHITELIST", WHITELISTS[-1]) + 1)


def organization(seed: int) -> Organization:
    """Return the organization."""
    return Organization(
        name="Sandbox",
        workspace="sandbox-workspace",
        num_admins=len(USERS) - len(OPERATORS),
        num_shared_owners=3,
        num_wrapping_keys=3,
        quorum=1 + seeded(seed, "organization")[0] % 2,
    )


def user(seed: int, key: int) -> User:
    """Return the user with this id."""
    noise = seeded(seed, "user", key)
    return User(
        created_by=_ADMIN,
        created_on=prepared(request_of("USER", key)),
        id=key,
        is_api=key == OPERATOR,
        role="OPERATOR" if key in OPERATORS else "ADMIN",
        status="ACTIVE" if key != OPERATORS[0] - 1 else "PENDING_REGISTRATION",
        username=_USERNAMES[key - 1],
        key_handle=noise[:16].hex(),
        last_request=request_of("USER", key),
        pub_key=f"04{noise.hex()}",
        user_id=noise[32:40].hex().upper(),
    )


def group(seed: int, key: int) -> Group:
    """Return the group with this id: some of the operators."""
    noise = seeded(seed, "group", key)
    members = {pick(roll, OPERATORS) for roll in noise[:4]} | {OPERATORS[key - 1]}
    return Group(
        created_by=_ADMIN,
        created_on=prepared(request_of("GROUP", key)),
        description=f"Approves for {_GROUPS[key - 1]}",
        id=key,
        members=tuple(sorted(members)),
        name=_GROUPS[key - 1],
        status="ACTIVE",
        last_request=request_of("GROUP", key),
    )


def entity(_seed: int, key: int) -> Entity:
    """Return the entity with this id, without its accounts."""
    return Entity(
        accounts=(),
        created_by=_ADMIN,
        created_on=prepared(request_of("ENTITY", key)),
        id=key,
        name=_ENTITIES[key - 1],
        status="ACTIVE",
        last_request=request_of("ENTITY", key),
    )


def label(seed: int, key: int) -> Label:
    """Return the label with this id."""
    noise = seeded(seed, "label", key)
    lite = lite_label(key)
    return Label(
        created_by=pick(noise[0], OPERATORS),
        created_on=prepared(key),
        id=key,
        info=lite.info,
        name=lite.name,
        updated_by=pick(noise[1], OPERATORS),
        updated_on=prepared(key + noise[2]),
    )


def lite_label(key: int) -> LiteLabel:
    """Return the label with this id in brief."""
    name = _LABELS[key - 1]
    info = LabelInfo(color=_COLORS[key - 1], description=f"Marked as {name}")
    return LiteLabel(id=key, info=info, name=name)


def whitelist(seed: int, key: int) -> Whitelist:
    """Return the whitelist with this id."""
    addresses = tuple(
        _whitelisted(seeded(seed, "whitelist", key, place), key, place) for place in range(1, 4)
    )
    return Whitelist(
        addresses=addresses,
        created_by=_ADMIN,
        created_on=prepared(request_of("WHITELIST", key)),
        id=key,
        name=_WHITELISTS[key - 1],
        status="ACTIVE" if key < WHITELISTS[-1] else "PENDING",
        description=f"Addresses of {_WHITELISTS[key - 1].lower()}",
        last_request=request_of("WHITELIST", key),
    )


def _whitelisted(noise: bytes, key: int, place: int) -> WhitelistAddress:
    currency = pick(noise[60], _LISTED)
    return WhitelistAddress(
        address=CHAINS[currency].address(noise),
        currency=currency,
        id=key * 10 + place,
        name=f"{_WHITELISTS[key - 1]} {place}",
        destination_tags=(number(noise, 56, 3),) if currency == "ripple" else None,
    )
