"""What a Scope session is made of besides its parameters: video in, pictures out, a reference."""

from __future__ import annotations

from typing import NamedTuple

from nodegraph import Message, Trigger, inlet, node, param
from nodes.scope import SERVER, addressed

_CHUNK = 0.75


class Source(NamedTuple):
    """What was said to go in, how, and where."""

    video: str
    vace: bool
    server: str


@node(
    "scope.video",
    outlets="message",
    state=None,
    title="Scope Video",
    aliases="Video Device In, Movie File In, NDI In, Syphon Spout In, webcam, camera, jit.grab",
)
def video(
    state: Source | None,
    source: str = param(
        "camera",
        choices=("camera", "file", "test", "ndi", "spout", "syphon", "video_file", "none"),
        help="a camera or file of this machine, a test picture, or what the server opens by itself",
    ),
    name: str = param("", help="the camera, file or sender; empty is the first camera"),
    into: str = param(
        "video", choices=("video", "vace"), help="paint over it, or let VACE be led by it"
    ),
    server: str = param("", help=SERVER),
) -> tuple[Source, Message | None]:
    """Send video to Scope, to paint from.

    Set the `input_mode` of scope.output to video. The show sends a camera, a film or a picture at
    the size of the pipeline, and changes from one to the other while it plays. `ndi`, `spout`,
    `syphon` and `video_file` (a film among the server's assets) are opened by the server, where its
    machine can; these, and `into`, take a new session, a second or so. With `vace` the video leads
    what is painted, and `vace_scale` says how far; with `video`, `noise_scale` says how far the
    picture leaves it.
    """
    wanted = Source("" if source == "none" else f"{source}:{name}", into == "vace", server)
    if wanted == state:
        return wanted, None
    body = {"video": wanted.video, "vace_use_input_video": wanted.vace}
    return wanted, addressed(server, body)


@node(
    "scope.share",
    outlets="message",
    state=None,
    title="Scope Share",
    aliases="NDI Out, Syphon Spout Out, Spout, Syphon",
)
def share(
    state: tuple[str, str, str] | None,
    kind: str = param("ndi", choices=("ndi", "spout", "syphon"), help="what others take it from"),
    name: str = param("Scope", help="the name others find it under; empty shares nothing"),
    server: str = param("", help=SERVER),
) -> tuple[tuple[str, str, str], Message | None]:
    """Have the server share its picture with other programs.

    By NDI on its network, by Spout (Windows) or Syphon (macOS) on its machine, where that can do
    it; the node says so if not.
    """
    wanted = kind, name, server
    if wanted == state:
        return wanted, None
    body: dict[str, object] = {f"{kind}_output": name}
    if state is not None and state[0] != kind and state[2] == server:
        body[f"{state[0]}_output"] = ""
    return wanted, addressed(server, body)


@node(
    "scope.field",
    outlets="message",
    state=None,
    title="Scope Plugin Param",
    aliases="Custom Parameter, Plugin Parameter, Send",
)
def field(
    state: tuple[str, float, str] | None,
    value: float = inlet(help="what to set it to; held to the range that the plugin declares"),
    pipeline: str = param("", help="the id of the plugin's pipeline, such as ltx2"),
    name: str = param("", help="the parameter's name, as the plugin has it"),
    server: str = param("", help=SERVER),
) -> tuple[tuple[str, float, str] | None, Message | None]:
    """Set a parameter that a plugin of Scope brings.

    For what Scope itself has no name for: a number of a pipeline that a plugin adds, or of one that
    works on the video before another paints. Only what may change while it paints can be set.
    """
    if not (pipeline and name):
        return None, None
    wanted = f"{pipeline}.{name}", round(value, 4), server
    if wanted == state:
        return wanted, None
    return wanted, addressed(server, {wanted[0]: wanted[1]})


class Applied(NamedTuple):
    """The picture last sent and where to, and seconds since then."""

    image: str = ""
    server: str = ""
    since: float = 0.0


@node(
    "scope.reference",
    outlets="message",
    state=Applied(),
    title="Scope Reference",
    aliases="Reference Image, IPAdapter, VACE, Avatar, Character",
)
def reference(
    state: Applied,
    dt: float,
    apply: Trigger = inlet(False, help="send it, and begin a new scene with it"),
    image: str = param(
        "", help="the picture's path on the server, as it says when one is uploaded"
    ),
    every: float = param(
        _CHUNK, "s", 0.0, 60.0, help="send it again so often: each chunk forgets it; 0 does not"
    ),
    server: str = param("", help=SERVER),
) -> tuple[Applied, Message | None]:
    """Give Scope a picture of who or what is to be painted.

    It acts where VACE is loaded, as strongly as the `vace_scale` of scope.output says. Another
    picture, or `apply`, begins a new scene (`reset_cache`), so that nothing of the one before is
    left in it.
    """
    if not image:
        return Applied(server=server), None
    if apply or (image, server) != (state.image, state.server):
        body = {"vace_ref_images": (image,), "reset_cache": True}
        return Applied(image, server), addressed(server, body)
    since = state.since + dt
    if every <= 0.0 or since < every:
        return Applied(image, server, since), None
    return Applied(image, server), addressed(server, {"vace_ref_images": (image,)})


NODES = (video, share, field, reference)
