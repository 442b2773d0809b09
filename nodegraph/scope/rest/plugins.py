"""The server's own plugins, and whether it can play a workflow."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from nodegraph.scope.answers import Done, PluginInfo, PluginReload, Resolved, mappings
from nodegraph.scope.rest.transport import INSTALL, Transport


class PluginsRest(Transport):
    """Endpoints about plugins. What is installed or removed counts after a `restart`."""

    async def plugins(self) -> list[PluginInfo]:
        """The server's own plugins."""
        body = await self._object("GET", "/api/v1/plugins")
        return [PluginInfo.from_json(one) for one in mappings(body, "plugins")]

    async def install_plugin(
        self,
        package: str,
        *,
        editable: bool = False,
        upgrade: bool = False,
        force: bool = False,
        pre: bool = False,
    ) -> Done:
        """Install a package (as pip names it: a name, a git address, a folder of the server's).

        Raises ScopeRefused for packages that do not go together (422) and taken names (409).
        """
        asked = {
            "package": package,
            "editable": editable,
            "upgrade": upgrade,
            "force": force,
            "pre": pre,
        }
        body = await self._object("POST", "/api/v1/plugins", json=asked, timeout=INSTALL)
        return Done.from_json(body)

    async def remove_plugin(self, name: str) -> Done:
        """Take a plugin off the server; its pipelines are unloaded."""
        return Done.from_json(await self._object("DELETE", _plugin(name), timeout=INSTALL))

    async def reload_plugin(self, name: str, *, force: bool = False) -> PluginReload:
        """Read an editable plugin anew. Raises ScopeRefused (409) while its pipelines are loaded,
        unless they may be unloaded by `force`."""
        path = f"{_plugin(name)}/reload"
        body = await self._object("POST", path, json={"force": force}, timeout=INSTALL)
        return PluginReload.from_json(body)

    async def resolve_workflow(self, workflow: Mapping[str, object]) -> Resolved:
        """Whether the server has all that a workflow file needs (since 0.1.6). Changes nothing."""
        path = "/api/v1/workflow/resolve"
        return Resolved.from_json(await self._object("POST", path, json=dict(workflow)))


def _plugin(name: str) -> str:
    return f"/api/v1/plugins/{quote(name, safe='')}"
