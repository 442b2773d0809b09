"""Keys and tokens: out of the environment or the keyring, and into nothing that is shown."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Final

VARIABLES: Final[Mapping[str, str]] = {
    "huggingface": "HF_TOKEN",
    "civitai": "CIVITAI_API_TOKEN",
    "cloud": "SCOPE_CLOUD_API_KEY",
}
"""Per service the environment variable that holds its key, here and on the server alike."""

KEYRING = "nodegraph"
"""Under this name, and that of the service, a key lies in the keyring (package `keyring`)."""

HIDDEN = "…"


class Secret:
    """A text that only `reveal` shows: its repr, its str and a log line do not hold it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")

    def reveal(self) -> str:
        """The text; to be put into a request and nowhere else."""
        return self._text

    def hidden_in(self, text: str) -> str:
        """Another text without this one."""
        return text.replace(self._text, HIDDEN) if self._text else text


def find_secret(service: str) -> Secret | None:
    """The key of a service, or None if neither environment nor keyring has it."""
    if text := os.environ.get(VARIABLES.get(service, ""), "").strip():
        return Secret(text)
    try:
        kept = import_module("keyring").get_password(KEYRING, service)
    except Exception:  # not installed, locked, or without a backend: each in its own way
        return None
    return Secret(kept) if isinstance(kept, str) and kept else None
