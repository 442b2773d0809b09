"""The LoRAs of a theme, as far in as the music wants them."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

from nodegraph import Message, Theme, inlet, node, param
from nodes._numbers import clamp
from nodes.scope import SERVER, addressed

_DECIMALS = 2

Scales = tuple[tuple[str, float], ...]
"""LoRAs by their path, each with its scale."""


class Given(NamedTuple):
    """The scales as they stand, and as they were last sent."""

    scales: Scales = ()
    sent: Scales = ()


@node(
    "theme.loras",
    outlets="message",
    state=Given(),
    title="Theme LoRAs",
    aliases="Load LoRA, LoRA Scale, LoRA Loader, LoRA Weight",
)
def loras(
    state: Given,
    dt: float,
    theme: Theme = inlet(help="the theme that is played"),
    level: float = inlet(0.0, "", 0.0, 1.0, help="from the scale at rest to that at full energy"),
    smooth: float = param(
        1.0, "s", 0.01, 30.0, curve="log", help="how slowly scales follow, and other LoRAs come in"
    ),
    server: str = param("", help=SERVER),
) -> tuple[Given, Message | None]:
    """Send Scope the LoRA scales of a theme.

    They go by themselves, on no wire. Wire the level of theme.steer, and its beats are in them.
    Scope must have loaded these LoRAs with the merge mode runtime_peft, and each change is a cut if
    it manages its cache. Those of a theme that is left sink to 0.
    """
    kept = exp(-dt / smooth)
    before, wanted = dict(state.scales), _wanted(theme, clamp(level, 0.0, 1.0))
    scales = tuple(
        (path, wanted.get(path, 0.0) + (before.get(path, 0.0) - wanted.get(path, 0.0)) * kept)
        for path in {**before, **wanted}
    )
    told = tuple((path, round(scale, _DECIMALS)) for path, scale in scales)
    stays = {path for path, scale in told if path in wanted or scale}
    after = Given(_only(scales, stays), _only(told, stays))
    return after, None if told == state.sent else addressed(server, {"lora_scales": told})


def _wanted(theme: Theme, level: float) -> dict[str, float]:
    return {lora.path: lora.low + (lora.high - lora.low) * level for lora in theme.loras}


def _only(scales: Scales, paths: set[str]) -> Scales:
    return tuple(each for each in scales if each[0] in paths)


NODES = (loras,)
