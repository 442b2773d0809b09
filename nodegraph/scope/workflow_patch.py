"""Makes a patch of a workflow: its prompts as the script of a schedule, its settings as knobs."""

from __future__ import annotations

from collections.abc import Iterator

from nodegraph.graph import Node, Patch, Wire
from nodegraph.graph.frozen import JSON
from nodegraph.scope.workflow import Entry, WeightedTexts, Workflow

MOST_STEPS = 32
"""Chunks that a transition of a patch takes at the most."""

MOST_DENOISING = 6
"""Denoising steps that a patch has at the most."""

_KNOBS = {
    "noise_scale": "noise_scale",
    "vace_context_scale": "vace_scale",
    "kv_cache_attention_bias": "kv_bias",
}
"""Settings that a patch moves, by the inlets of a scope.output."""

_SWITCHES = {"input_mode": "text", "manage_cache": False, "noise_controller": False}
"""Settings that are params of a scope.output, with its defaults."""

_COLUMN, _ROW = 360, 140  # points of the canvas


def patch_of(workflow: Workflow) -> tuple[Patch, tuple[str, ...]]:
    """A patch that plays a workflow, and sentences on what has to be seen to by hand."""
    settings = workflow.settings
    params: dict[str, JSON] = {
        name: str(value) if isinstance(value, str) else bool(value)
        for name, usual in _SWITCHES.items()
        if (value := settings.get(name, usual)) != usual
    }
    if workflow.blend != "linear":
        params["blend"] = workflow.blend
    nodes = {
        "schedule": Node("prompt.schedule", params={"script": script(workflow.entries)}),
        "scope": Node("scope.output", params=params),
    }
    wires = [
        f"schedule.{outlet} -> scope.{outlet}"
        for outlet in ("prompts", "transition_steps", "interpolation")
    ]
    for inlet, node in _knobs(workflow):
        nodes[inlet] = node
        wires.append(f"{inlet}.out -> scope.{inlet}")
    knobs = [id for id in nodes if id != "scope"]
    layout = {id: (0, _ROW * row) for row, id in enumerate(knobs)} | {"scope": (_COLUMN, 0)}
    patch = Patch(
        name=workflow.name,
        nodes=nodes,
        wires=tuple(map(Wire.parse, wires)),
        layout=layout,
    )
    return patch, tuple(_remarks(workflow))


def script(entries: tuple[Entry, ...]) -> str:
    """Entries as `prompt.schedule` reads them, a line each."""
    by_moment = {_moment(entry.start): _line(entry) for entry in entries}
    return "\n".join(f"{moment} {line}" for moment, line in by_moment.items())


def _knobs(workflow: Workflow) -> Iterator[tuple[str, Node]]:
    """Nodes that hold a number, by the inlet of the scope.output that they go to."""
    for name, inlet in _KNOBS.items():
        value = workflow.settings.get(name)
        if isinstance(value, float):
            yield inlet, Node("generate.constant", params={"value": value})
    steps = workflow.settings.get("denoising_step_list")
    if isinstance(steps, tuple):
        count = float(min(len(steps), MOST_DENOISING))
        yield "denoising_steps", Node("generate.constant", params={"value": count})
    seed = workflow.settings.get("base_seed")
    if isinstance(seed, int):  # too large a number for a knob
        yield "seed", Node("shape.expression", params={"text": str(seed)})


def _moment(seconds: float) -> str:
    """Seconds as `1:02.5`."""
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    whole, thousandths = divmod(rest, 1000)
    fraction = f".{thousandths:03}".rstrip("0") if thousandths else ""
    return f"{minutes}:{whole:02}{fraction}"


def _line(entry: Entry) -> str:
    steps = min(entry.steps, MOST_STEPS) if entry.steps else "cut"
    return f"({steps} {entry.interpolation}) {_prompts(entry.prompts) or '-'}"


def _prompts(prompts: WeightedTexts) -> str:
    parts = []
    for text, weight in prompts:
        shown = f"{weight:.4f}".rstrip("0").rstrip(".")
        if text.strip() and shown != "0":
            words = _escaped(text.strip())
            parts.append(words if shown == "1" and "*" not in words else f"{words} *{shown}")
    return " | ".join(parts)


def _escaped(text: str) -> str:
    """A text in which nothing has a meaning of its own."""
    text = text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", "\\n")
    return f"\\{text}" if text == "-" else text


def _remarks(workflow: Workflow) -> Iterator[str]:
    if workflow.pipeline:
        yield f"it was made for the pipeline {workflow.pipeline}: load that one for the show"
    if workflow.loras:
        listed = ", ".join(f"{path} ({scale:g})" for path, scale in workflow.loras)
        yield f"load its LoRAs with the session: {listed}"
    steps = workflow.settings.get("denoising_step_list")
    if isinstance(steps, tuple):
        listed = ", ".join(map(str, steps))
        count = min(len(steps), MOST_DENOISING)
        yield f"its denoising steps ({listed}) become the {count} that a patch has"
    longest = max((entry.steps for entry in workflow.entries), default=0)
    if longest > MOST_STEPS:
        yield f"a transition of {longest} chunks is held to {MOST_STEPS}"
