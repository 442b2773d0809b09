"""The editor's own settings on disk: how the window was left, and which files were open."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from math import isfinite
from pathlib import Path
from typing import Final, TypeGuard

from platformdirs import user_config_path

from nodegraph.editor import bookmarks
from nodegraph.editor.bookmarks import Spots

PLACE: Final = "NODEGRAPH_EDITOR"
"""The environment variable that names another file."""

MOST_RECENT: Final = 12
SCALES: Final = (0.8, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
_SMALLEST: Final = (800, 500)
_LARGEST: Final = (7680, 4320)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the editor remembers. Sizes are pixels; those of panels at scale 1."""

    theme: str = "dark"
    scale: float = 1.0
    calm: bool = False
    """Whether the canvas jumps from view to view rather than glides."""
    window: tuple[int, int] = (1280, 800)
    left: int = 230
    right: int = 320
    drawer: int = 200
    shown: tuple[str, ...] = ("left", "right", "foot")
    """Which sides of the window are open; see `layout`."""
    recent: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    """Node types that were added, the newest first."""
    server: str = ""
    """The Scope server that was used last."""
    spots: Spots = field(default_factory=dict)
    """Remembered views; see `bookmarks`."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """What another version of the editor has noted; it is kept."""

    def opened(self, path: str) -> Settings:
        """With a patch file on top of the recent ones."""
        return replace(self, recent=_first(path, self.recent))

    def added(self, type_id: str) -> Settings:
        """With a node type on top of those that were used."""
        return replace(self, used=_first(type_id, self.used))

    def zoomed(self, steps: int) -> Settings:
        """With the next larger or smaller scale."""
        nearest = min(range(len(SCALES)), key=lambda i: abs(SCALES[i] - self.scale))
        return replace(self, scale=SCALES[max(0, min(nearest + steps, len(SCALES) - 1))])


def settings_file() -> Path:
    """Where the settings lie: `NODEGRAPH_EDITOR` if it is set, else where the system keeps such."""
    if place := os.environ.get(PLACE):
        return Path(place)
    return user_config_path("nodegraph", appauthor=False) / "editor.json"


def load(file: Path) -> tuple[Settings, str]:
    """The settings, and a sentence if the file could not be used. No file is no fault."""
    try:
        told = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return Settings(), ""
    except (OSError, ValueError, RecursionError) as error:
        return Settings(), f"{file} cannot be read, so the editor begins with its defaults: {error}"
    if not isinstance(told, dict):
        return Settings(), f"{file} does not hold settings, so the editor begins with its defaults"
    return _read(told), ""


def save(settings: Settings, file: Path) -> str:
    """Write the settings so that the file is always whole; a sentence if that cannot be."""
    data = asdict(settings)
    data = {**data.pop("extra"), **data}
    data["spots"].pop("", None)  # of a patch that has no file
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=file.parent, prefix=f".{file.name}.", delete=False
        ) as new:
            json.dump(data, new, indent=2, ensure_ascii=False, default=str)
        os.replace(new.name, file)
    except OSError as error:
        with suppress(OSError, UnboundLocalError):
            Path(new.name).unlink(missing_ok=True)
        return f"the settings cannot be kept in {file}: {error.strerror or error}"
    return ""


def _read(told: Mapping[str, object]) -> Settings:
    """Whatever of it makes sense; the rest is as by default."""
    known = {each.name for each in fields(Settings)} - {"extra"}
    plain = Settings()
    match _numbers(told.get("window")):
        case [width, height]:
            window = (_within(width, 0), _within(height, 1))
        case _:
            window = plain.window
    scale = told.get("scale")
    theme, server = told.get("theme"), told.get("server")
    return Settings(
        theme=theme if theme in ("dark", "light") else plain.theme,
        calm=told.get("calm") is True,
        scale=float(scale) if _is_number(scale) and 0.5 <= scale <= 4 else plain.scale,
        window=window,
        left=_size(told.get("left"), plain.left),
        right=_size(told.get("right"), plain.right),
        drawer=_size(told.get("drawer"), plain.drawer),
        shown=_texts(told["shown"]) if "shown" in told else plain.shown,
        recent=_texts(told.get("recent"))[:MOST_RECENT],
        used=_texts(told.get("used"))[:MOST_RECENT],
        server=server if isinstance(server, str) else "",
        spots=bookmarks.read(told.get("spots")),
        extra={name: value for name, value in told.items() if name not in known},
    )


def _first(text: str, others: tuple[str, ...]) -> tuple[str, ...]:
    return (text, *(each for each in others if each != text))[:MOST_RECENT]


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(dict.fromkeys(text for text in value if isinstance(text, str) and text))


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _numbers(value: object) -> list[float]:
    return [each for each in value if _is_number(each)] if isinstance(value, list) else []


def _size(value: object, default: int) -> int:
    return round(max(120, min(value, 1600))) if _is_number(value) else default


def _within(value: float, axis: int) -> int:
    return round(max(_SMALLEST[axis], min(value, _LARGEST[axis])))
