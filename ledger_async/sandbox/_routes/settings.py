"""Notifications of the calling user, and the API users of the LAM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger_async.models.workspace.api_users import ApiUser, ApiUsers, NewApiUser
from ledger_async.models.workspace.notifications import Configuration
from ledger_async.sandbox._data.shelf import RefusedError, UnknownError

from .route import Asked, Route, get, post, put

if TYPE_CHECKING:
    from ledger_async.sandbox._data.workspace import Workspace


def _configuration(workspace: Workspace, _asked: Asked) -> Configuration:
    if workspace.notifications is None:
        raise UnknownError("no notification settings")
    return workspace.notifications


def _configure(workspace: Workspace, asked: Asked) -> Configuration:
    new = asked.payload(Configuration)
    webhook = new.all.webhook
    if webhook is not None and not webhook.url.startswith("https://"):
        raise RefusedError("a webhook's url must be https")
    workspace.notifications = new
    return new


def _api_users(workspace: Workspace, _asked: Asked) -> ApiUsers:
    return ApiUsers(api_users=tuple(workspace.api_users.values()))


def _api_user(workspace: Workspace, asked: Asked) -> ApiUser:
    name = asked.path["name"]
    if name not in workspace.api_users:
        raise UnknownError(f"no API user {name}")
    return workspace.api_users[name]


def _create_api_user(workspace: Workspace, asked: Asked) -> ApiUser:
    name = asked.payload(NewApiUser).name
    if name in workspace.api_users:
        raise RefusedError(f"there is an API user {name} already")
    return workspace.add_api_user(name)


def _register(workspace: Workspace, asked: Asked) -> ApiUser:
    url_id = asked.path["url_id"]
    if url_id != asked.credentials.registration_url_id:
        raise UnknownError(f"no registration request {url_id}")
    return _api_user(workspace, asked)


ROUTES: tuple[Route, ...] = (
    get("/notifications/configuration", _configuration),
    put("/notifications/configuration", _configure),
    get("/api_users", _api_users, lam=True),
    post("/api_users", _create_api_user, lam=True),
    get("/api_users/{name}", _api_user, lam=True),
    post("/api_users/{name}/register/{url_id}", _register, lam=True),
)
