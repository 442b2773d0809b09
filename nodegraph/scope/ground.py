"""A server made ready for a session: what it has loaded, and what that says of the session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from nodegraph.scope.answers import Hardware, Json, Schema
from nodegraph.scope.errors import PipelineError, ScopeError
from nodegraph.scope.graph import Layout, Wish, lay_out
from nodegraph.scope.link_stats import LinkState
from nodegraph.scope.loading import checked, choose, load
from nodegraph.scope.parameters import OUTPUTS
from nodegraph.scope.protocol import CHUNK_FRAMES, MOST_CHUNK_FRAMES
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.sender import Sender
from nodegraph.scope.situation import Situation
from nodegraph.scope.tiers import too_large
from nodegraph.scope.video import Video, parse_video, picture_size
from nodegraph.scope.wishes import AT_START

Tell = Callable[[LinkState, str], None]


@dataclass(frozen=True, slots=True)
class Ground:
    """What is there to stand on. `pipelines` are loaded, with `load_params` if that is known."""

    schemas: Mapping[str, Schema]
    pipelines: tuple[str, ...]
    load_params: Json | None
    hardware: Hardware | None
    makes_sound: bool

    @property
    def chunk_frames(self) -> int:
        """How many frames it makes in one go, as far as that is known."""
        return max(CHUNK_FRAMES.get(id, MOST_CHUNK_FRAMES) for id in self.pipelines)

    @property
    def situation(self) -> Situation:
        """What decides which parameters act."""
        layout = lay_out(Wish(self.pipelines, video=Video("test", "")), self.schemas)
        painter, chain = layout.painter, layout.pipelines
        return Situation(
            painter,
            self.schemas[painter],
            self.load_params,
            hardware=self.hardware,
            before=chain[: chain.index(painter)],
        )

    def size(self, mode: str) -> tuple[int, int]:
        """Width and height of what goes in and comes out."""
        first = self.schemas[self.pipelines[0]]
        painter = self.situation.schema or first
        return picture_size(painter, self.load_params, mode)


async def prepare(
    rest: ScopeRest, asked: Sequence[str], load_params: Json | None, within: float, tell: Tell
) -> Ground:
    """Have pipelines loaded: those asked for, or what the server has for painting from text."""
    schemas = await rest.schemas()
    pipelines = tuple(asked) or (choose(schemas).id,)
    load_params = await checked(rest, schemas, pipelines, load_params)
    hardware: Hardware | None = None
    with suppress(ScopeError):
        hardware = await rest.hardware()
    chain = [schemas[id] for id in pipelines]
    doubt = too_large(chain, load_params or {}, hardware.vram_gb if hardware else None)
    doubt = f" {doubt}." if doubt else ""
    tell("loading", f"Loading {', '.join(pipelines)}.{doubt}")
    try:
        status = await load(
            rest,
            pipelines,
            load_params,
            progress=lambda stage: tell("loading", stage),
            within=within,
        )
    except PipelineError as error:
        raise PipelineError(f"{error}{doubt}") from None
    return Ground(
        schemas,
        pipelines,
        load_params if load_params is not None else status.load_params,
        hardware,
        status.produces_audio,
    )


def wanted(sender: Sender, ground: Ground, views: Iterable[str]) -> Wish:
    """The session that fits what is wished for and acts on this ground."""
    has = sender.wishes.effective()
    text = str(has.get("video") or "") if has.get("input_mode") == "video" else ""
    return Wish(
        ground.pipelines,
        video=parse_video(text),
        vace=has.get("vace_use_input_video") is True,
        views=tuple(views),
        shares={kind: str(name) for kind in OUTPUTS if (name := has.get(f"{kind}_output"))},
    )


def initial_parameters(
    sender: Sender, layout: Layout, schemas: Mapping[str, Schema]
) -> dict[str, object]:
    """The full state for an offer; from now on the sender reckons with a session that has it."""
    outputs = {f"{kind}_output" for kind in OUTPUTS} if layout.graph else set()
    sender.begun_with = AT_START | outputs
    sender.address = layout.painter if layout.addressed else ""
    state = sender.reset()
    sender.fields.begin({id: schemas[id] for id in layout.pipelines})
    if layout.graph is None:
        return state
    state.pop("output_sinks", None)  # they are sinks of the graph
    return {**state, "graph": layout.graph}
