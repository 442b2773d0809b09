"""What Scope can keep in a file: prompts on a timeline and one value for each setting.

A `Workflow` is the common form of a `*.scope-workflow.json` (Scope 0.1.6 and later) and of a
Timeline 2.1 (Scope before that). `recorded` makes one of a trace; `workflow_file` writes it and
`workflow_reading` reads it; `workflow_patch` makes a patch of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil, floor
from typing import NamedTuple

from nodegraph.errors import NodegraphError
from nodegraph.runtime.trace import Trace
from nodegraph.scope.pace import GUESS
from nodegraph.scope.parameters import clean
from nodegraph.scope.protocol import differs

WeightedTexts = tuple[tuple[str, float], ...]

SETTINGS = (
    "input_mode",
    "denoising_step_list",
    "noise_scale",
    "noise_controller",
    "manage_cache",
    "kv_cache_attention_bias",
    "vace_context_scale",
    "base_seed",
)
"""Parameters of which a Scope file holds one value, in the words of `parameters`."""

DEFAULT_STEPS = 4
DEFAULT_INTERPOLATION = "slerp"
"""How prompts come in where a file does not say."""

_TIMED = ("prompts", "transition_steps", "interpolation", "land")
_KEPT = {*SETTINGS, *_TIMED, "blend", "lora_scales"}


class Entry(NamedTuple):
    """Prompts from `start` to `end`, in s, that come in over so many chunks; 0 is a cut."""

    start: float
    end: float
    prompts: WeightedTexts
    steps: int = DEFAULT_STEPS
    interpolation: str = DEFAULT_INTERPOLATION


@dataclass(frozen=True)
class Workflow:
    """A show as Scope's own page would play it. `settings` are clean values by `SETTINGS`, `blend`
    says how prompts are mixed, `loras` are pairs of path and scale."""

    name: str
    entries: tuple[Entry, ...]
    settings: Mapping[str, object] = field(default_factory=dict)
    blend: str = "linear"
    pipeline: str = "longlive"
    loras: tuple[tuple[str, float], ...] = ()


class Told(NamedTuple):
    """A workflow, and sentences on what could not be part of it."""

    workflow: Workflow
    remarks: tuple[str, ...]


def recorded(trace: Trace, pipeline: str, name: str = "", server: str = "") -> Told:
    """What a trace sent to Scope, or to the one of its servers that has this name, as a workflow.

    Prompts that change faster than Scope paints (a chunk of 0.75 s) are merged as the sender would
    merge them: none is more than a chunk late, and the last always comes. Raises NodegraphError
    where no prompts were sent.
    """
    told: dict[str, object] = {}
    first: dict[str, object] = {}
    moving: set[str] = set()
    servers: set[str] = set()
    looks = _Looks(trace.block / trace.rate)
    for tick, message in trace.messages:
        if message.sink != "scope":
            continue
        body = {}
        for key, value in message.body.items():
            to, _, parameter = key.rpartition(":")  # as in “left:noise_scale”
            servers.add(to)
            if to == server:
                body[parameter] = value
        cleaned, _ = clean(body)
        told |= cleaned
        for each, value in cleaned.items():
            if first.setdefault(each, value) != value:
                moving.add(each)
        if "prompts" in cleaned:
            looks.see(tick, _look(told))
    if not looks.seen:
        names = ", ".join(sorted(servers - {""}))
        hint = f"choose one of its servers: {names}" if names else "wire prompts to a scope.output"
        raise NodegraphError(
            f"no prompts were sent to {server or 'Scope'}, so there is nothing to put on a "
            f"timeline: {hint}"
        )
    scales = first.get("lora_scales", ())
    workflow = Workflow(
        name or trace.title or "Untitled",
        looks.entries(trace.duration),
        {each: first[each] for each in SETTINGS if each in first},
        str(first.get("blend", "linear")),
        pipeline,
        scales if isinstance(scales, tuple) else (),
    )
    return Told(workflow, tuple(_remarks(first, moving)))


class _Look(NamedTuple):
    prompts: WeightedTexts
    steps: int
    interpolation: str


def _look(told: Mapping[str, object]) -> _Look:
    prompts, steps = told["prompts"], told.get("transition_steps", 0)
    assert isinstance(prompts, tuple)
    assert isinstance(steps, int)
    return _Look(prompts, steps, str(told.get("interpolation", "linear")))


class _Looks:
    """Prompts by the second from which they are wanted, never two within a chunk.

    A second is that of a tick of `dt`, down to a millisecond: so it is never later than its tick.
    """

    def __init__(self, dt: float) -> None:
        self.seen: list[tuple[float, _Look]] = []
        self._dt = dt
        self._waiting: _Look | None = None

    def see(self, tick: int, look: _Look) -> None:
        """Take what is wanted from now on."""
        if not self.seen:
            self.seen.append((self._end(tick) if tick else 0.0, look))
            return
        self._let_in(self._end(tick))
        last, shown = self.seen[-1]
        if not differs("prompts", look.prompts, shown.prompts):
            self._waiting = None
        elif self._end(tick) < last + GUESS:
            self._waiting = look
        else:
            self.seen.append((self._end(tick), look))

    def _let_in(self, now: float) -> None:
        """What waits comes in at the first tick after a chunk."""
        free = self._end(ceil((self.seen[-1][0] + GUESS) / self._dt - 1e-6) - 1)
        if self._waiting is not None and now >= free:
            self.seen.append((free, self._waiting))
            self._waiting = None

    def _end(self, tick: int) -> float:
        return floor((tick + 1) * self._dt * 1000 + 1e-6) / 1000

    def entries(self, duration: float) -> tuple[Entry, ...]:
        """All of it, to the end of the show (s)."""
        self._let_in(float("inf"))
        starts = [seconds for seconds, _ in self.seen]
        ends = [*starts[1:], round(max(duration, starts[-1] + GUESS), 3)]
        return tuple(
            Entry(start, end, *look)
            for start, end, (_, look) in zip(starts, ends, self.seen, strict=True)
        )


def _remarks(first: Mapping[str, object], moving: Collection[str]) -> Iterator[str]:
    """What was sent and has no place in a file; `first` are the first values."""
    for name, value in first.items():
        if name not in _KEPT:
            yield f"{name} is not in the file: Scope has no place for it there"
        elif name in moving and name not in _TIMED:
            yield f"{name} moves; a Scope file holds one value of it, the first: {value}"
