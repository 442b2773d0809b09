"""The graph of an offer: where video comes from, what it goes through, who sees it. Pure.

A server asked for one pipeline that paints from text needs none. With video, with several
pipelines or with further sinks a graph says what goes where, so that nothing depends on what a
server assumes of `vace_enabled` or of the order of ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from nodegraph.scope.answers import Schema
from nodegraph.scope.errors import PipelineError
from nodegraph.scope.video import Video

ROLES = ("preprocessor", "", "postprocessor")
"""The order in which pipelines stand; those without a role paint."""

VACE_INPUT = "vace_input_frames"

Node = dict[str, object]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a session is to be, as far as it cannot be changed while it lasts.

    `views` are pipelines of which the picture is wanted, too; `shares` names what the server is to
    share by kind (`ndi`, `spout`, `syphon`).
    """

    pipelines: tuple[str, ...]
    video: Video | None = None
    vace: bool = False
    views: tuple[str, ...] = ()
    shares: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layout:
    """A session as it is asked for.

    `graph` is None where none is needed. `painter` is the id of the pipeline that paints, and of
    its node; `addressed` says whether messages have to name it; `views` are the pipelines whose
    pictures come on tracks of their own after the first.
    """

    pipelines: tuple[str, ...]
    painter: str
    graph: Mapping[str, object] | None = None
    addressed: bool = False
    views: tuple[str, ...] = ()


def lay_out(wish: Wish, schemas: Mapping[str, Schema]) -> Layout:
    """The layout that fits a wish. Raises `PipelineError` for a chain that cannot be one."""
    chain = _in_order(wish.pipelines, schemas)
    painter = _painter(chain, schemas)
    if wish.video is None:  # what stands before the painter has nothing to work on
        chain = chain[chain.index(painter) :]
    views = tuple(id for id in dict.fromkeys(wish.views) if id in chain and id != chain[-1])
    if wish.video is None and len(chain) == 1:
        return Layout(tuple(chain), painter)
    nodes = [*_source(wish.video), *(_node(id) for id in chain)]
    edges = [
        _edge(before, after, VACE_INPUT if wish.vace and after == painter else "video")
        for before, after in _steps(wish.video, chain)
    ]
    for number, (id, sink) in enumerate(_sinks(chain[-1], views, wish.shares)):
        nodes.append({"id": f"sink{number or ''}", "type": "sink", **sink})
        edges.append(_edge(id, f"sink{number or ''}", "video"))
    return Layout(tuple(chain), painter, {"nodes": nodes, "edges": edges}, len(chain) > 1, views)


def _in_order(ids: Sequence[str], schemas: Mapping[str, Schema]) -> list[str]:
    """First what works on the input, then what paints, then what works on the picture."""
    if len(set(ids)) < len(ids):
        raise PipelineError(f"A pipeline stands twice in {', '.join(ids)}; name each once.")
    return sorted(ids, key=lambda id: ROLES.index(_role(schemas[id])))


def _role(schema: Schema) -> str:
    return next((role for role in ROLES if role in schema.usage), "")


def _painter(chain: Sequence[str], schemas: Mapping[str, Schema]) -> str:
    """The pipeline that parameters are for: one that paints, from prompts if there is any."""
    painters = [id for id in chain if schemas[id].is_main]
    prompted = [id for id in painters if schemas[id].prompts]
    return (prompted or painters or chain)[0]


def _steps(video: Video | None, chain: Sequence[str]) -> Iterable[tuple[str, str]]:
    before = ["input", *chain] if video is not None else list(chain)
    return pairwise(before)


def _source(video: Video | None) -> list[Node]:
    if video is None:
        return []
    if video.is_sent:
        return [{"id": "input", "type": "source", "source_mode": "video"}]
    return [{"id": "input", "type": "source", "source_mode": video.kind, "source_name": video.name}]


def _node(id: str) -> Node:
    return {"id": id, "type": "pipeline", "pipeline_id": id}


def _sinks(last: str, views: Iterable[str], shares: Mapping[str, str]) -> list[tuple[str, Node]]:
    """What each sink shows: the picture, further views, what is shared. Tracks go by this order."""
    shared: list[tuple[str, Node]] = [
        (last, {"sink_mode": kind, "sink_name": name}) for kind, name in shares.items()
    ]
    return [(last, {}), *((id, {}) for id in views), *shared]


def _edge(before: str, after: str, port: str) -> Node:
    ends = {"from": before, "from_port": "video", "to_node": after, "to_port": port}
    return {**ends, "kind": "stream"}
