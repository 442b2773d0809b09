"""Keys of other services that the server holds: they go there, and never come back."""

from __future__ import annotations

from urllib.parse import quote

from nodegraph.scope.answers import ApiKey, Done, mappings
from nodegraph.scope.rest.transport import Transport
from nodegraph.scope.secret import Secret


class KeysRest(Transport):
    """Endpoints about keys."""

    async def keys(self) -> list[ApiKey]:
        """The services that the server can have a key of, and whether it has."""
        body = await self._object("GET", "/api/v1/keys")
        return [ApiKey.from_json(one) for one in mappings(body, "keys")]

    async def set_key(self, service: str, key: Secret) -> Done:
        """Give the server a key to keep. Raises ScopeRefused (409) if its environment has one.

        Raises InTheClear instead of sending it over the internet without encryption.
        """
        self._private(key)
        body = {"value": key.reveal()}
        answer = await self._object("PUT", _path(service), json=body, secret=key)
        return Done(key.hidden_in(Done.from_json(answer).message))

    async def remove_key(self, service: str) -> Done:
        """Have the server forget a key. Raises ScopeRefused (409) if its environment has it."""
        return Done.from_json(await self._object("DELETE", _path(service)))


def _path(service: str) -> str:
    return f"/api/v1/keys/{quote(service, safe='')}"
