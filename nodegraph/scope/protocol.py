"""Parameters into messages for Scope's data channel, within every limit of the wire.

Two rules of the server shape a message. A message with `prompts` but without `transition` cancels
a running transition and falls back to the old picture, so the two always travel together, with the
same target. And nothing on the channel is validated or acknowledged, so only what `parameters`
has cleaned may enter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from nodegraph.errors import Problem
from nodegraph.scope.errors import SessionError
from nodegraph.scope.parameters import OUTPUTS, PARAMETERS, clean

LIMIT = 65_536  # bytes, the server's `max-message-size`

CHUNK_FRAMES: dict[str, int] = {
    "longlive": 12,
    "krea-realtime-video": 12,
    "memflow": 12,
    "reward-forcing": 12,
    "streamdiffusionv2": 4,
    "passthrough": 4,
    "video-depth-anything": 4,
    "optical-flow": 2,
    "gray": 1,
    "scribble": 1,
    "controller-viz": 1,
    "rife": 23,
}
"""Frames that a pipeline generates in one go."""

MOST_CHUNK_FRAMES = 12
"""What is assumed of a pipeline not listed: the slow guess never overruns the server's queue."""


_OUTPUTS = {f"{kind}_output": kind for kind in OUTPUTS}

OTHERWISE = frozenset({"transition_steps", "interpolation", "land"}) | {
    row.name for row in PARAMETERS.values() if row.how == "session"
}
"""What no message carries under its own name: the first two are in the `transition` of prompts,
`land` says when others leave, and a session begins with the rest."""


class Encoded(NamedTuple):
    """A message for the wire, and what could not be part of it."""

    message: dict[str, object]
    problems: list[Problem]


def encode(params: Mapping[str, object]) -> Encoded:
    """`params` in the words of `parameters`, as one message that may leave this machine."""
    cleaned, problems = clean(params)
    return Encoded(to_wire(cleaned), problems)


def to_wire(cleaned: Mapping[str, object]) -> dict[str, object]:
    """Cleaned parameters in Scope's words.

    What is in `OTHERWISE` travels in another way.
    """
    message: dict[str, object] = _sinks(cleaned)
    for name, value in cleaned.items():
        match name:
            case _ if name in OTHERWISE or name in _OUTPUTS:
                pass
            case "prompts":
                message |= _prompts(value, cleaned)
            case "blend":
                # The pipelines read the first; the documented name is the second.
                message["spatial_interpolation_method"] = value
                message["prompt_interpolation_method"] = value
            case "lora_scales" if isinstance(value, tuple):
                message[name] = [{"path": path, "scale": scale} for path, scale in value]
            case "reset_cache" if not value:
                pass  # false does nothing, and would cost a place in the server's queue
            case _:
                message[name] = list(value) if isinstance(value, tuple) else value
    return message


def _sinks(cleaned: Mapping[str, object]) -> dict[str, object]:
    sinks = {
        kind: {"enabled": bool(cleaned[name]), "name": cleaned[name]}
        for name, kind in _OUTPUTS.items()
        if name in cleaned
    }
    return {"output_sinks": sinks} if sinks else {}


def _prompts(prompts: object, cleaned: Mapping[str, object]) -> dict[str, object]:
    assert isinstance(prompts, tuple)
    target = [{"text": text, "weight": weight} for text, weight in prompts]
    transition = {
        "target_prompts": target,
        "num_steps": cleaned.get("transition_steps", 0),
        "temporal_interpolation_method": cleaned.get("interpolation", "linear"),
    }
    return {"prompts": target, "transition": transition}


def dumps(message: Mapping[str, object]) -> str:
    """The message as it travels: compact JSON without NaN, under 64 KiB in UTF-8."""
    text = json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if len(text.encode()) >= LIMIT:
        raise SessionError(
            f"A message of {len(text.encode())} bytes does not fit Scope's data channel "
            f"({LIMIT} bytes); shorten the prompts."
        )
    return text


def differs(name: str, value: object, sent: object) -> bool:
    """Whether `value` is far enough from what was `sent` to be worth a message of its own."""
    band = PARAMETERS[name].dead_band
    if isinstance(value, float) and isinstance(sent, float):
        return value != sent and abs(value - sent) >= band
    if name == "prompts" and isinstance(value, tuple) and isinstance(sent, tuple):
        texts, weights = _unzip(value)
        before, earlier = _unzip(sent)
        return texts != before or any(
            abs(now - then) >= band for now, then in zip(weights, earlier, strict=True)
        )
    return value != sent


def _unzip(prompts: tuple[tuple[str, float], ...]) -> tuple[list[str], list[float]]:
    return [text for text, _ in prompts], [weight for _, weight in prompts]
