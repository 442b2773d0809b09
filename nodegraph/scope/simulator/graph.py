"""Lay out the pipelines of an offer: a row of ids, or a graph with sources and sinks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class LayoutError(ValueError):
    """The pipelines asked for cannot be set up; the session stays without frames."""


@dataclass(frozen=True)
class Layout:
    """Which pipelines run, in order, as (node id, pipeline id)."""

    nodes: tuple[tuple[str, str], ...] = ()
    has_source: bool = True
    """Without a source the mode is always text."""
    has_sink: bool = False
    """A sink's track runs whether or not the client sends video, and stops while paused."""


def lay_out(params: Mapping[str, Any]) -> Layout:
    """Read the layout from validated initial parameters.

    Only graphs without branches are laid out: one path of pipelines.

    Raises:
        LayoutError: no pipelines are named, or the graph is invalid.
    """
    ids: Sequence[str] = params.get("pipeline_ids") or ()
    if not ids:
        raise LayoutError("No pipeline IDs provided, cannot start")
    graph = params.get("graph")
    if graph is None:
        return Layout(tuple((each, each) for each in ids))
    nodes = {node["id"]: node for node in graph["nodes"]}
    _check(graph, nodes)
    return Layout(
        tuple((each, nodes[each]["pipeline_id"]) for each in _path(graph, nodes)),
        has_source=any(node["type"] == "source" for node in nodes.values()),
        has_sink=True,
    )


def _check(graph: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]]) -> None:
    if len(nodes) < len(graph["nodes"]):
        raise LayoutError("Pipeline setup failed: Duplicate node id in graph")
    if not any(node["type"] == "sink" for node in nodes.values()):
        raise LayoutError("Pipeline setup failed: Graph has no sink node")
    for node in nodes.values():
        if node["type"] == "pipeline" and not node.get("pipeline_id"):
            raise LayoutError(f"Pipeline setup failed: Node {node['id']} needs a pipeline_id")
    inlets = set()
    for edge in graph["edges"]:
        for end in (edge["from"], edge["to_node"]):
            if end not in nodes:
                raise LayoutError(f"Pipeline setup failed: Edge to unknown node {end}")
        inlet = edge["to_node"], edge["to_port"]
        if edge["kind"] == "stream" and inlet in inlets:
            raise LayoutError(f"Pipeline setup failed: Two streams into {inlet[0]}.{inlet[1]}")
        inlets.add(inlet)


def _path(graph: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Walk back from the first sink along the streams and return the pipelines met, in order."""
    before = {e["to_node"]: e["from"] for e in graph["edges"] if e["kind"] == "stream"}
    at = next(node["id"] for node in graph["nodes"] if node["type"] == "sink")
    path: list[str] = []
    while (at := before.get(at, "")) and at not in path:
        if nodes[at]["type"] == "pipeline":
            path.append(at)
    return path[::-1]
