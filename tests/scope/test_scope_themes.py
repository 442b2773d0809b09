"""What shipped themes ask for arrives on a server if it acts there, over real HTTP and WebRTC."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import nodegraph
from nodegraph import Theme, Trace
from nodegraph.graph import AddWire, Wire, load
from nodegraph.scope.link import ScopeLink
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.simulator import Config, running
from nodegraph.shipped import patch_path
from nodegraph.themes import shipped

THEMES = ("arcade", "ocean", "cyber")
"""One that has LoRAs, one that has steps, one that has VACE."""
LORA = "pixel_art.safetensors"
WITHIN = 10.0


@pytest.fixture(scope="module")
def trace() -> Trace:
    """The demo patch, which goes from theme to theme, with all that they steer."""
    patch = AddWire(Wire.parse("steer.vace_scale -> scope.vace_scale")).apply(
        load(patch_path("demo"))
    )
    set_list = {"theme.names": "\n".join(THEMES), "theme.every": 16}
    return nodegraph.render(patch, "demo", set_list, duration=25.0, watch=["theme"])


def asked(trace: Trace, theme: str) -> dict[str, Any]:
    """All that the patch had asked for when the turn of a theme was over."""
    end = max(tick for tick, name in enumerate(trace["theme.name"]) if name == theme)
    wish: dict[str, Any] = {}
    for tick, message in trace.messages:
        if tick <= end:
            wish |= message.body
    return wish


def look(theme: Theme) -> set[str]:
    return {theme.text, *(theme.styled(each.text) for each in theme.variations)}


async def arrived(rest: ScopeRest, theme: Theme) -> Mapping[str, Any]:
    """What the server has been told, once it paints nothing but this theme."""
    async with asyncio.timeout(WITHIN):
        while True:
            told = await rest.session_parameters()
            if {each["text"] for each in told.get("prompts", ({"text": ""},))} <= look(theme):
                return told
            await asyncio.sleep(0.05)


def test_what_a_theme_asks_for_arrives_and_what_would_be_ignored_does_not(
    trace: Trace, tmp_path: Path
) -> None:
    folder = tmp_path / "models" / "lora"
    folder.mkdir(parents=True)
    (folder / LORA).write_bytes(b"")
    loads = {"loras": [{"path": LORA, "scale": 0.0}], "lora_merge_mode": "runtime_peft"}
    found: dict[str, Mapping[str, Any]] = {}
    vain: set[str | None] = set()

    async def main(url: str) -> None:
        async with ScopeLink(url, ("longlive",), loads) as link, ScopeRest(url) as rest:
            for name in THEMES:
                link.set(asked(trace, name))
                await link.wait_live(WITHIN)
                found[name] = await arrived(rest, shipped()[name])
            vain.update(problem.field for problem in link.problems)
            link.set({"vace_ref_images": ("/reference.png",)})
            wanted = asked(trace, "cyber")["vace_context_scale"]
            async with asyncio.timeout(WITHIN):
                while (await rest.session_parameters())["vace_context_scale"] != wanted:
                    await asyncio.sleep(0.05)

    config = Config(folder=str(tmp_path), honest=True, chunk_seconds=0.2, load_seconds=0.1)
    with running(config) as url:
        asyncio.run(main(url))

    themes = shipped()
    (lora,) = themes["arcade"].loras
    (sent,), (left,) = found["arcade"]["lora_scales"], found["ocean"]["lora_scales"]
    assert lora.low < sent["scale"] <= lora.high
    assert left == sent | {"scale": 0.0}
    steps = themes["ocean"].range("denoising_steps")
    assert len(found["ocean"]["denoising_step_list"]) in range(int(steps.high), int(steps.low) + 1)
    assert {len(found[name]["denoising_step_list"]) for name in ("arcade", "cyber")} == {4}
    assert vain == {"noise_scale", "vace_context_scale"}
    assert not any("noise_scale" in told for told in found.values())
    vace = themes["cyber"].range("vace_context_scale")
    assert vace.high <= asked(trace, "cyber")["vace_context_scale"] <= vace.low
