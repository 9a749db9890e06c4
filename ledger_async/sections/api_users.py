"""API users of the LAM."""

from __future__ import annotations

from ledger_async.models.workspace import api_users
from ledger_async.models.workspace.api_users import ApiUser, NewApiUser
from ledger_async.sections._base.section import Section


class ApiUsers(Section):
    """API users of the LAM: only a LAM serves them, the hosted gateway does not."""

    async def list(self) -> tuple[ApiUser, ...]:
        """Every API user. `GET /api_users`."""
        return (await self._get("/api_users", api_users.ApiUsers)).api_users

    async def get(self, name: str) -> ApiUser:
        """One API user; `NotFoundError` if there is none. `GET /api_users/{name}`."""
        return await self._get("/api_users/{name:s}", ApiUser, name=name)

    async def create(self, name: str) -> ApiUser:
        """The API user that was made under this name: 1 to 20 letters, digits or underscores.

        `ConfigurationError` for another name. `POST /api_users`.
        """
        return await self._send("POST", "/api_users", ApiUser, NewApiUser(name=name))

    async def register(self, name: str, url_id: str) -> ApiUser:
        """The API user, registered with the request that `url_id` stands for.

        `NotFoundError` if the request is unknown. `POST /api_users/{name}/register/{url_id}`.
        """
        path = "/api_users/{name:s}/register/{url_id:s}"
        return await self._send("POST", path, ApiUser, name=name, url_id=url_id)
