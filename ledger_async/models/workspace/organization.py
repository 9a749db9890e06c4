"""The organization, and its people: users, groups and entities."""

from typing import Annotated

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import Timestamp
from ledger_async.models.base.values import (
    GovernanceStatus,
    ReadOnlyKeyRole,
    ReadOnlyKeyStatus,
    UserRole,
    UserStatus,
)

__all__ = ["Entity", "Group", "Organization", "User", "Users"]


class Organization(Struct, Described, frozen=True):
    """The organization that the workspace belongs to, and its governance."""

    name: str
    workspace: str
    num_admins: int | None = None
    num_shared_owners: int | None = None
    num_wrapping_keys: int | None = None
    quorum: int | None = None


class User(Struct, Described, frozen=True):
    """A user: a person, or software that holds a key (`is_api`)."""

    created_by: int
    created_on: Timestamp
    id: int
    is_api: bool
    role: Annotated[str, UserRole | ReadOnlyKeyRole]
    status: Annotated[str, UserStatus | ReadOnlyKeyStatus]
    username: str
    key_handle: str | None = None
    last_request: int | None = None
    pub_key: str | None = None
    user_id: str | None = None


class Users(Struct, Described, frozen=True):
    """Users of an entity: operators of at least one of its accounts."""

    users: tuple[User, ...]


class Group(Struct, Described, frozen=True):
    """Users under one name; a member that the caller may not see is `None`."""

    created_by: int
    created_on: Timestamp
    description: str
    id: int
    members: tuple[int | None, ...]
    name: str
    status: Annotated[str, GovernanceStatus]
    last_request: int | None = None


class Entity(Struct, Described, frozen=True):
    """Accounts under one name."""

    accounts: tuple[int, ...]
    created_by: int
    created_on: Timestamp
    id: int
    name: str
    status: str
    last_request: int | None = None
