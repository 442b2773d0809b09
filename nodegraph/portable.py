"""Values of ports and messages as plain data, which msgpack and JSON can carry, and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from nodegraph.theme import Lora, Range, Theme, Variation
from nodegraph.values import Clock, Prompt

_RECORDS = {kind.__name__: kind for kind in (Prompt, Clock, Range, Variation, Lora, Theme)}


def plain(value: Any) -> Any:
    """A value as msgpack knows it; our own types carry their name."""
    if isinstance(value, Theme):
        return {"Theme": [plain(getattr(value, part.name)) for part in fields(value)]}
    if isinstance(value, Prompt | Clock | Range | Variation | Lora):
        return {type(value).__name__: [plain(part) for part in value]}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {"dict": [[key, plain(part)] for key, part in value.items()]}
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return value


def rich(value: Any) -> Any:
    """What `plain` wrote, as our own types again; lists are tuples."""
    if isinstance(value, list | tuple):
        return tuple(rich(part) for part in value)
    if isinstance(value, dict):
        ((name, parts),) = value.items()
        if name == "dict":
            return {key: rich(part) for key, part in parts}
        return _RECORDS[name](*(rich(part) for part in parts))
    return value
