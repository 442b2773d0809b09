"""What leads from one node to others without a wire. Pure."""

from __future__ import annotations

from nodegraph.editor.canvas.hitting import OnMore, OnNode, OnParam, OnPort, Target
from nodegraph.editor.canvas.plane import Point
from nodegraph.editor.canvas.scene import Scene
from nodegraph.graph.definitions import LINKS, RECEIVE, SEND, link_name


def links(scene: Scene, target: Target) -> list[tuple[Point, Point]]:
    """From the send to all receives of the name that the node under the mouse has."""
    match target:
        case OnPort(port):
            id = port.node
        case OnNode(id) | OnParam(id) | OnMore(id):
            pass
        case _:
            return []
    nodes = scene.facts.patch.nodes
    own = nodes.get(id)
    name = link_name(own) if own and own.type in LINKS else ""
    if not name:
        return []
    ends: dict[str, list[str]] = {SEND: [], RECEIVE: []}
    for other, node in nodes.items():
        if node.type in ends and link_name(node) == name:
            ends[node.type].append(other)
    starts = [scene.boxes[id].rect for id in ends[SEND]]
    stops = [scene.boxes[id].rect for id in ends[RECEIVE]]
    return [((a.right, a.middle[1]), (b.left, b.middle[1])) for a in starts for b in stops]
