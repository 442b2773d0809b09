"""Keys of other services: set from outside or told by a client, and never shown to anybody."""

from __future__ import annotations

import os
from typing import Any

from starlette.exceptions import HTTPException

_SERVICES = {
    "huggingface": ("HuggingFace", "HF_TOKEN", "https://huggingface.co/settings/tokens"),
    "civitai": ("CivitAI", "CIVITAI_API_TOKEN", "https://civitai.com/user/account"),
}


class Keys:
    """Which services have a key; what a client tells lies in memory only."""

    def __init__(self) -> None:
        self._stored: set[str] = set()

    def listed(self) -> list[dict[str, Any]]:
        """Return the services and where each has its key from."""
        return [
            {
                "id": id,
                "name": name,
                "description": "Taken and not needed by the simulator",
                "is_set": (source := self._source(id)) is not None,
                "source": source,
                "env_var": variable,
                "key_url": url,
            }
            for id, (name, variable, url) in _SERVICES.items()
        ]

    def put(self, id: str) -> dict[str, Any]:
        """Take a key; the key itself is not even kept.

        Raises:
            HTTPException: 404 for another service, 409 if the environment has its key.
        """
        name = self._changeable(id)
        self._stored.add(id)
        return {"success": True, "message": f"{name} token saved successfully"}

    def remove(self, id: str) -> dict[str, Any]:
        """Forget a key.

        Raises:
            HTTPException: as for `put`, and 404 if there is none.
        """
        name = self._changeable(id)
        if id not in self._stored:
            raise HTTPException(404, f"No stored {name} token to delete")
        self._stored.remove(id)
        return {"success": True, "message": f"{name} token removed"}

    def _changeable(self, id: str) -> str:
        if id not in _SERVICES:
            raise HTTPException(404, f"Unknown service: {id}")
        name, variable, _ = _SERVICES[id]
        if self._source(id) == "env_var":
            raise HTTPException(409, f"{variable} is set in the environment; change it there")
        return name

    def _source(self, id: str) -> str | None:
        if os.environ.get(_SERVICES[id][1]):
            return "env_var"
        return "stored" if id in self._stored else None
