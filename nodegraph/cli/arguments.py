"""Arguments and options that several verbs share, and what they read as."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from nodegraph.errors import NodegraphError


def _seconds(value: float | None) -> float | None:
    if value is not None and not (math.isfinite(value) and value > 0):
        raise typer.BadParameter(f"{value:g} is not a length of time; give seconds above 0")
    return value


_PATCH = typer.Argument(metavar="PATCH", help="A patch file, or the name of a shipped patch.")
PatchName = Annotated[str, _PATCH]
MaybePatch = Annotated[str | None, _PATCH]
Sound = Annotated[
    str | None,
    typer.Option(
        "--audio", metavar="FILE", help="Hear this sound file instead of the patch's, or 'demo'."
    ),
]
Scope = Annotated[
    str | None, typer.Option("--scope", metavar="URL", help="The Scope server to steer.")
]
Scopes = Annotated[
    list[str] | None,
    typer.Option(
        "--scope",
        metavar="[NAME=]URL",
        help="The Scope server to steer; of several each but one has a name. Repeatable. What "
        "--pipeline, --size, --load or --lora says to one with a name begins with that: "
        "--load left=vae_type=tae.",
    ),
]
Pipelines = Annotated[
    list[str] | None,
    typer.Option("--pipeline", metavar="ID", help="A pipeline for the server to load; repeatable."),
]
_SIZE = typer.Option(
    "--size",
    metavar="SIZE",
    help="Load it for pictures of this size: low, medium or high, the same upright as in "
    "low-portrait, or such as 640x480.",
)
Size = Annotated[str | None, _SIZE]
Sizes = Annotated[list[str] | None, _SIZE]
Loads = Annotated[
    list[str] | None,
    typer.Option(
        "--load",
        metavar="NAME=VALUE",
        help="Load it with this, such as vae_type=tae or vace_enabled=false; repeatable.",
    ),
]
Loras = Annotated[
    list[str] | None,
    typer.Option(
        "--lora",
        metavar="NAME[=SCALE]",
        help="Load it with this LoRA; one that is to be scaled while it paints needs "
        "--load lora_merge_mode=runtime_peft, too. Repeatable.",
    ),
]
Duration = Annotated[
    float | None,
    typer.Option("--duration", callback=_seconds, metavar="S", help="End after so many seconds."),
]
Rate = Annotated[
    int | None,
    typer.Option(
        "--rate", min=22_050, max=192_000, metavar="HZ", help="The engine's samples a second."
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="What all chance is drawn from.")]
Strict = Annotated[bool, typer.Option("--strict", help="Stop at the first problem.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NODE.PARAM=VALUE", help="Set a param for this run; repeatable."),
]
Json = Annotated[bool, typer.Option("--json", help="Give the result as JSON on stdout.")]


def read_load(
    size: str | None, loads: Iterable[str] | None, loras: Iterable[str] | None
) -> dict[str, object] | None:
    """What pipelines are to be loaded with; None if nothing is said. The last of equals counts."""
    from nodegraph.scope.tiers import size_of

    wished: dict[str, object] = {}
    if size is not None:
        try:
            wished["width"], wished["height"] = size_of(size)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--size") from None
    for text in loads or ():
        name, equals, value = text.partition("=")
        if not (equals and name.strip()):
            raise typer.BadParameter(
                f"{text!r} does not read as NAME=VALUE, such as vae_type=tae", param_hint="--load"
            )
        wished[name.strip()] = _plain(value.strip())
    if found := [_lora(text) for text in loras or ()]:
        wished["loras"] = found
    return wished or None


def _plain(text: str) -> object:
    """A value as JSON has it, or else the text itself; JSON has neither NaN nor infinity."""
    try:
        return json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return text


def _lora(text: str) -> dict[str, object]:
    name, _, scale = text.rpartition("=") if "=" in text else (text, "", "1")
    with suppress(ValueError):
        if name.strip() and math.isfinite(float(scale)):
            return {"path": name.strip(), "scale": float(scale)}
    raise typer.BadParameter(
        f"{text!r} does not read as NAME=SCALE, such as film=0.8", param_hint="--lora"
    )


def check_out(path: Path | None, option: str) -> None:
    """See before the work that there is room for the file it makes. Raises NodegraphError."""
    if path is None:
        return
    if not path.parent.is_dir():
        raise NodegraphError(f"{path.parent} is not a folder; make it, or choose another {option}")
    if path.is_dir():
        raise NodegraphError(f"{path} is a folder, not a file; choose another {option}")


def read_settings(texts: Iterable[str] | None) -> dict[str, str]:
    """`node.param=value` texts as a mapping from address to value; the last of equals counts."""
    settings = {}
    for text in texts or ():
        address, equals, value = text.partition("=")
        node, dot, param = address.strip().rpartition(".")
        if not (equals and node and dot and param):
            raise typer.BadParameter(
                f"{text!r} does not read as NODE.PARAM=VALUE, such as ease.fall=0.4",
                param_hint="--set",
            )
        settings[address.strip()] = value.strip()
    return settings
