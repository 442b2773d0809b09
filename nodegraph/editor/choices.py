"""What a text can be chosen from: themes, a file, or what lies on the Scope server."""

from __future__ import annotations

from typing import Literal

from nodegraph.graph import Patch
from nodegraph.nodetype import Param
from nodegraph.themes import shipped

Wanted = Literal["sound", "image", "lora"]
"""A file of this machine, or the path of a picture or of a LoRA on the server."""

_WANTED: dict[str, Wanted] = {
    "path": "sound",
    "file": "sound",
    "image": "image",
    "reference": "image",
    "lora": "lora",
}


def choices(param: Param, patch: Patch) -> tuple[str, ...]:
    """The choices of a param in the patch of a deck; none if any text will do."""
    return (*dict.fromkeys((*shipped(), *patch.themes)),) if param.themes else param.choices


def wanted(name: str) -> Wanted | None:
    """What a text of this name is the path of; None if it is none. The name tells, because a
    declaration has no other word for it."""
    return _WANTED.get(name.rpartition("_")[2])
