"""The organization, and its people: users, groups and entities."""

from typing import Annotated

from msgspec import Struct

from .fields import Timestamp
from .values import GovernanceStatus, ReadOnlyKeyStatus, UserRole, UserStatus

__all__ = ["Entity", "Group", "Organization", "User", "Users"]


class Organization(Struct, frozen=True):
    """TODO."""

    name: str
    workspace: str
    num_admins: int | None = None
    num_shared_owners: int | None = None
    num_wrapping_keys: int | None = None
    quorum: int | None = None


class User(Struct, frozen=True):
    """TODO."""

    created_by: int
    created_on: Timestamp
    id: int
    is_api: bool
    role: Annotated[str, UserRole]
    status: Annotated[str, UserStatus | ReadOnlyKeyStatus]
    username: str
    key_handle: str | None = None
    last_request: int | None = None
    pub_key: str | None = None
    user_id: str | None = None


class Users(Struct, frozen=True):
    """TODO."""

    users: tuple[User, ...]


class Group(Struct, frozen=True):
    """TODO."""

    created_by: int
    created_on: Timestamp
    description: str
    id: int
    members: tuple[int | None, ...]
    name: str
    status: Annotated[str, GovernanceStatus]
    last_request: int | None = None


class Entity(Struct, frozen=True):
    """TODO."""

    accounts: tuple[int, ...]
    created_by: int
    created_on: Timestamp
    id: int
    name: str
    status: str
    last_request: int | None = None
