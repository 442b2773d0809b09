"""The patches that come with nodegraph, found by name: for the command line and the editor."""

from __future__ import annotations

from pathlib import Path

import nodegraph
from nodegraph.errors import NodegraphError

_PACKAGE = Path(nodegraph.__file__).parent
_FOLDERS = (_PACKAGE / "patches", _PACKAGE.parent / "patches")
"""Inside an installed package, and beside the package in a checkout."""


def patches_folder() -> Path | None:
    """Where they lie, with the themes in a folder among them; None if nothing came along."""
    return next((folder for folder in _FOLDERS if folder.is_dir()), None)


def shipped_patches() -> dict[str, Path]:
    """Every shipped patch by its name, which is that of its file without `.json`."""
    folder = patches_folder()
    return {path.stem: path for path in sorted(folder.glob("*.json"))} if folder else {}


def patch_path(text: str) -> Path:
    """The patch file that a person means: a path, or the name of a shipped patch."""
    path, patches = Path(text), shipped_patches()
    if path.exists() or path.name != text or path.suffix:
        return path
    if text in patches:
        return patches[text]
    raise NodegraphError(f"there is no patch {text!r}, neither here nor among: {_list(patches)}")


def _list(patches: dict[str, Path]) -> str:
    return ", ".join(patches) or "none"
