"""Arguments and options that several verbs share, and what they read as."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated

import typer


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
