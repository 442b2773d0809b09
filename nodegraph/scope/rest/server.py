"""The server itself: health, hardware, restart, log, cloud."""

from __future__ import annotations

from pathlib import Path

from nodegraph.scope.answers import Cloud, Done, Hardware, Health, Log, Onboarding
from nodegraph.scope.errors import NotScope, ScopeRefused
from nodegraph.scope.rest.files import Progress, save
from nodegraph.scope.rest.transport import MOVE, OFFER, Transport
from nodegraph.scope.secret import Secret


class ServerRest(Transport):
    """Endpoints that need no pipeline and no session."""

    async def health(self) -> Health:
        """Whether it is Scope and alive; the one question that tells `NotScope` for sure."""
        stranger = NotScope(
            f"{self.url}/health answers, but not as Scope does; "
            "check that the address and the port are those of a Scope server."
        )
        try:
            body = await self._object("GET", "/health")
        except ScopeRefused as error:
            if error.status != 404:
                raise
            raise stranger from error
        if not isinstance(body.get("status"), str):
            raise stranger
        return Health.from_json(body)

    async def hardware(self) -> Hardware:
        """GPU memory and the ways to share video."""
        return Hardware.from_json(await self._object("GET", "/api/v1/hardware/info"))

    async def restart(self) -> Done:
        """Begin anew half a second from now: sessions and what is loaded are lost.

        It is back after about seven seconds, with another `Health.server_start_time`.
        """
        return Done.from_json(await self._object("POST", "/api/v1/restart"))

    async def logs_tail(self, lines: int = 200, since_offset: int = 0) -> Log:
        """The newest log lines: the only place where Scope tells of errors in a pipeline.

        At most 1000 lines; `offset` of what comes back is where to read on.
        """
        query = {"lines": lines, "since_offset": since_offset}
        return Log.from_json(await self._object("GET", "/api/v1/logs/tail", params=query))

    async def fetch_log(self, target: Path, progress: Progress | None = None) -> Path:
        """The whole log, into a file or a folder; returns the file's path."""
        async with self._opened("GET", "/api/v1/logs/current", timeout=MOVE) as response:
            return await save(response, target, progress)

    async def cloud_status(self) -> Cloud:
        """Whether the server hands its work on."""
        return Cloud.from_json(await self._object("GET", "/api/v1/cloud/status"))

    async def connect_cloud(self, app_id: str | None = None, key: Secret | None = None) -> Cloud:
        """Hand work on from now on; without a key the server's own is used.

        It returns at once, while it is still connecting. Raises ScopeRefused without credentials.
        """
        self._private(key)
        body = {"app_id": app_id, "api_key": key.reveal() if key else None}
        path = "/api/v1/cloud/connect"
        answer = await self._object("POST", path, json=body, timeout=OFFER, secret=key)
        return Cloud.from_json(answer)

    async def disconnect_cloud(self) -> Cloud:
        """Do the work itself again."""
        return Cloud.from_json(await self._object("POST", "/api/v1/cloud/disconnect"))

    async def onboarding(self) -> Onboarding:
        """What the server's web page remembers of a first visit."""
        return Onboarding.from_json(await self._object("GET", "/api/v1/onboarding/status"))

    async def set_onboarding(self, **changed: str | bool | None) -> Onboarding:
        """Change some of it, by the names in `Onboarding`."""
        path = "/api/v1/onboarding/status"
        return Onboarding.from_json(await self._object("PUT", path, json=changed))
