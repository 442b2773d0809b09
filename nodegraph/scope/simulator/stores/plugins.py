"""The server's plugins: the one that can be installed here, and what it brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException

from nodegraph.scope.simulator.pipelines import Pipelines
from nodegraph.scope.simulator.schemas import PROBE, SCHEMAS


class Plugins:
    """What is installed. There is no package index: the one plugin there is is known here."""

    def __init__(self, pipelines: Pipelines, installed: str) -> None:
        self._pipelines = pipelines
        self._editable: dict[str, bool] = {}
        for name in filter(None, (each.strip() for each in installed.split(","))):
            self.install({"package": name, "editable": True})

    def listed(self) -> list[dict[str, Any]]:
        """Return what is installed."""
        return [_entry(name, editable) for name, editable in self._editable.items()]

    def install(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Install a plugin, whose pipelines are there at once.

        Raises:
            HTTPException: 409 if it is there, 500 if it cannot be had.
        """
        package = str(asked["package"])
        name = package.rstrip("/").rpartition("/")[2].removesuffix(".git")
        if name != PROBE:
            detail = f"Failed to install {package}: only {PROBE} can be installed in a simulator"
            raise HTTPException(500, detail)
        if name in self._editable and not (asked.get("upgrade") or asked.get("force")):
            raise HTTPException(409, f"Plugin '{name}' is already installed")
        self._editable[name] = bool(asked.get("editable"))
        self._pipelines.plugins.add(name)
        return {
            "success": True,
            "message": f"Successfully installed {name}",
            "plugin": _entry(name, self._editable[name]),
        }

    def remove(self, name: str) -> dict[str, Any]:
        """Take a plugin away, and unload its pipelines.

        Raises:
            HTTPException: 404.
        """
        self._known(name)
        del self._editable[name]
        self._pipelines.plugins.discard(name)
        return {
            "success": True,
            "message": f"Successfully uninstalled {name}",
            "unloaded_pipelines": self._pipelines.unload(_brought(name)),
        }

    def reload(self, name: str, *, force: bool) -> dict[str, Any]:
        """Read an editable plugin anew; nothing about it changes here.

        Raises:
            HTTPException: 404, 400 if it is not editable, 409 while its pipelines are loaded.
        """
        if not self._known(name):
            raise HTTPException(400, f"Plugin '{name}' is not installed in editable mode")
        loaded = [one.pipeline_id for one in self._pipelines.loaded.values()]
        busy = [id for id in _brought(name) if id in loaded]
        if busy and not force:
            text = f"Plugin '{name}' has loaded pipelines"
            # the one refusal whose detail is an object
            raise HTTPException(409, {"message": text, "loaded_pipelines": busy})  # type: ignore[arg-type]  # Starlette hands on what it is given
        self._pipelines.unload(busy)
        return {
            "success": True,
            "message": f"Successfully reloaded {name}",
            "reloaded_pipelines": _brought(name),
            "added_pipelines": [],
            "removed_pipelines": [],
        }

    def _known(self, name: str) -> bool:
        if name not in self._editable:
            raise HTTPException(404, f"Plugin '{name}' not found")
        return self._editable[name]


def _brought(name: str) -> list[str]:
    return [id for id, one in SCHEMAS.items() if one["plugin_name"] == name]


def _entry(name: str, editable: bool) -> dict[str, Any]:
    return {
        "name": name,
        "version": "0.0.1",
        "author": "the simulator",
        "description": "A pipeline that paints from its params",
        "source": "local" if editable else "pypi",
        "editable": editable,
        "editable_path": f"/opt/{name}" if editable else None,
        "pipelines": [
            {"pipeline_id": id, "pipeline_name": SCHEMAS[id]["name"]} for id in _brought(name)
        ],
        "latest_version": None,
        "update_available": None,
        "package_spec": name,
        "bundled": False,
        "kind": None,
        "origin": None,
    }
