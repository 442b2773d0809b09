"""What goes in as video: one text such as `camera:` or `file:/shows/rain.mp4`, and its size. Pure.

test              a test picture
camera:NAME       a camera of this machine; without a name the first
file:PATH         a film or a picture of this machine, over and over
ndi:NAME          from the server's own network or machine: it opens what it is told by itself
spout:NAME
syphon:NAME
video_file:PATH   a film among the server's assets
"""

from __future__ import annotations

from typing import NamedTuple

from nodegraph.scope.answers import Json, Schema, mapping, number

SENT = ("test", "camera", "file")
"""What is sent from this machine."""

OPENED = ("ndi", "spout", "syphon", "video_file")
"""What the server opens by itself, by the names it has for them."""

NAMED = ("file", "ndi", "syphon", "video_file")
"""What has to be given a name."""

EXPECTS = "test, camera:, camera:NAME, file:PATH, or one of " + ", ".join(
    f"{kind}:NAME" for kind in OPENED
)


class Video(NamedTuple):
    """Where pictures come from; `name` is that of a device, a sender or a file."""

    kind: str
    name: str

    @property
    def is_sent(self) -> bool:
        """Whether it is sent from this machine."""
        return self.kind in SENT


def parse_video(text: str) -> Video | None:
    """Read a text; None if it says that nothing goes in. Raises ValueError if it says neither."""
    kind, _, name = text.strip().partition(":")
    video = Video(kind.strip(), name.strip())
    if video == ("", ""):
        return None
    if video.kind not in (*SENT, *OPENED):
        raise ValueError(f"there is no kind of video {video.kind!r:.40}")
    if video.kind in NAMED and not video.name:
        raise ValueError(f"{video.kind} has no name")
    return video


def picture_size(schema: Schema, load_params: Json | None, mode: str) -> tuple[int, int]:
    """Width and height of what a pipeline paints: as it was loaded, else as its schema has it."""
    defaults = mapping(schema.mode_defaults, mode)
    fields = mapping(schema.config, "properties")

    def side(name: str, fallback: int) -> int:
        told = (
            number(load_params or {}, name),
            number(defaults, name),
            number(mapping(fields, name), "default"),
        )
        return int(next((each for each in told if each), fallback))

    return side("width", 576), side("height", 320)
