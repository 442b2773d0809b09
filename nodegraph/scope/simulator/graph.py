"""Lay out the pipelines of an offer: a row of ids, or a graph with sources and sinks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nodegraph.scope.simulator.models import GUIDE

SERVER_SOURCES = ("ndi", "spout", "syphon", "video_file")
"""Modes of a source that the server opens by itself; any other takes the client's video."""

_CLIENT, _SINK = "", "sink"
_INPUTS = ("video", GUIDE)


class LayoutError(ValueError):
    """The pipelines asked for cannot be set up; the session stays without frames."""


@dataclass(frozen=True)
class Source:
    """Where video comes from; `mode` is empty for the client's."""

    mode: str = ""
    name: str = ""


@dataclass(frozen=True)
class Sink:
    """Where pictures go, from the node `before`; with a `mode` they would be shared, too."""

    id: str
    before: str
    mode: str | None = None


@dataclass(frozen=True)
class Layout:
    """Which pipelines run, as (node id, pipeline id), and what is wired to what.

    `inputs` tells for each node the port that is fed and by which node; of two ports the first
    counts.
    """

    nodes: tuple[tuple[str, str], ...] = ()
    inputs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    sinks: tuple[Sink, ...] = ()
    has_source: bool = True
    """Without a source the mode is always text."""
    has_sink: bool = False
    """A sink's track runs whether or not the client sends video, and stops while paused."""
    synced: frozenset[str] = frozenset()
    """The nodes that ask to be told of the beat; if there are none all are told."""

    @property
    def shown(self) -> str:
        """The node whose picture the first track shows."""
        return self.sinks[0].before if self.sinks else ""


def lay_out(params: Mapping[str, Any], schemas: Mapping[str, Any]) -> Layout:
    """Read the layout from validated initial parameters.

    Raises:
        LayoutError: no pipelines are named, or the graph is invalid.
    """
    ids: Sequence[str] = params.get("pipeline_ids") or ()
    if not ids:
        raise LayoutError("No pipeline IDs provided, cannot start")
    graph = params.get("graph")
    if graph is None:
        return _row(ids, params)
    nodes = {node["id"]: node for node in graph["nodes"]}
    streams = [edge for edge in graph["edges"] if edge["kind"] == "stream"]
    _check(graph, nodes, schemas)
    ports = {(edge["to_node"], edge["to_port"]): edge["from"] for edge in streams}
    before = {edge["to_node"]: edge["from"] for edge in streams}
    return Layout(
        tuple((id, it["pipeline_id"]) for id, it in nodes.items() if it["type"] == "pipeline"),
        {
            id: next((port, ports[id, port]) for port in _INPUTS if (id, port) in ports)
            for id in nodes
            if any((id, port) in ports for port in _INPUTS) and nodes[id]["type"] == "pipeline"
        },
        {id: _source(it) for id, it in nodes.items() if it["type"] == "source"},
        tuple(
            Sink(id, before.get(id, ""), it.get("sink_mode"))
            for id, it in nodes.items()
            if it["type"] == "sink"
        ),
        has_source=any(it["type"] == "source" for it in nodes.values()),
        has_sink=True,
        synced=frozenset(id for id, it in nodes.items() if it.get("tempo_sync")),
    )


def _row(ids: Sequence[str], params: Mapping[str, Any]) -> Layout:
    """One pipeline after the other, between the client's video and the only sink."""
    opened = params.get("input_source") or {}
    source = Source()
    if opened.get("enabled"):
        source = Source(str(opened.get("source_type")), str(opened.get("source_name")))
    guided = params.get("vace_enabled") and params.get("vace_use_input_video")
    inputs = {
        id: (GUIDE if guided and id == ids[-1] else "video", before)
        for id, before in zip(ids, (_CLIENT, *ids), strict=False)
    }
    sink = Sink(_SINK, ids[-1])
    return Layout(tuple((id, id) for id in ids), inputs, {_CLIENT: source}, (sink,))


def _source(node: Mapping[str, Any]) -> Source:
    mode = node.get("source_mode")
    if mode not in SERVER_SOURCES:
        return Source()
    return Source(mode, node.get("source_name") or "")


def _check(
    graph: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]], schemas: Mapping[str, Any]
) -> None:
    if len(nodes) < len(graph["nodes"]):
        raise LayoutError("Pipeline setup failed: Duplicate node id in graph")
    if not any(node["type"] == "sink" for node in nodes.values()):
        raise LayoutError("Pipeline setup failed: Graph has no sink node")
    for node in nodes.values():
        if node["type"] == "pipeline" and not node.get("pipeline_id"):
            raise LayoutError(f"Pipeline setup failed: Node {node['id']} needs a pipeline_id")
        if node["type"] == "node" and not node.get("node_type_id"):
            raise LayoutError(f"Pipeline setup failed: Node {node['id']} needs a node_type_id")
    inlets = set()
    for edge in graph["edges"]:
        for end in (edge["from"], edge["to_node"]):
            if end not in nodes:
                raise LayoutError(f"Pipeline setup failed: Edge to unknown node {end}")
        if edge["kind"] != "stream":
            continue
        _check_port(nodes[edge["from"]], "outputs", edge["from_port"], schemas)
        _check_port(nodes[edge["to_node"]], "inputs", edge["to_port"], schemas)
        inlet = edge["to_node"], edge["to_port"]
        if inlet in inlets:
            raise LayoutError(f"Pipeline setup failed: Two streams into {inlet[0]}.{inlet[1]}")
        inlets.add(inlet)


def _check_port(node: Mapping[str, Any], side: str, port: str, schemas: Mapping[str, Any]) -> None:
    """A stream's port has to be declared by the pipeline; prompts can be wired, too."""
    schema = schemas.get(node.get("pipeline_id") or "")
    if schema is None or port in schema[side] or (side == "inputs" and port == "prompts"):
        return
    raise LayoutError(f"Pipeline setup failed: Node {node['id']} has no port {port}")
