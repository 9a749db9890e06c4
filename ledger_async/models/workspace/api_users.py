"""API users of the workspace, as its LAM knows them."""

from typing import Annotated

from msgspec import Meta, Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.payload import Payload

__all__ = ["ApiUser", "ApiUsers", "NewApiUser"]


class ApiUser(Struct, Described, frozen=True):
    """An API user of this LAM; `role` and `type` are open, such as `OPERATOR` and `SOFT_PSD`."""

    device_id: str
    name: str
    role: str
    type_: str
    workspace: str


class ApiUsers(Struct, Described, frozen=True):
    """All API users of this LAM."""

    api_users: tuple[ApiUser, ...]


class NewApiUser(Payload, frozen=True, kw_only=True):
    """An API user to be: `name` has 1 to 20 letters, digits and underscores."""

    name: Annotated[str, Meta(pattern=r"^\w{1,20}\Z")]
