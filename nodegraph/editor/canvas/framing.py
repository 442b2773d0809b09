"""Which frames moved nodes come to be in: those into which they are dropped. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nodegraph.editor.canvas.scene import Scene


def reframed(scene: Scene, held: Collection[str]) -> Mapping[str, frozenset[str]]:
    """The frames whose nodes change when what is `held` is let go of here, with those nodes.

    A node joins the frame in which its middle lies, and leaves one that it no longer touches. A
    frame of which all is held moves along.
    """
    found: dict[str, frozenset[str]] = {}
    boxes = {node: scene.boxes[node].rect for node in held}
    for id, frame in scene.frames.items():
        inside = frozenset(scene.facts.patch.groups[id].nodes)
        if inside.issubset(held):
            continue
        joins = {node for node, rect in boxes.items() if frame.rect.holds(*rect.middle)}
        leaves = {node for node, rect in boxes.items() if not frame.rect.meets(rect)}
        nodes = (inside - leaves) | joins
        if nodes != inside:
            found[id] = nodes
    return found


def told(scene: Scene, changes: Mapping[str, frozenset[str]]) -> str:
    """What letting go does to the frames, as a hint at the mouse."""
    for id, nodes in changes.items():
        group = scene.facts.patch.groups[id]
        verb = "into" if nodes - set(group.nodes) else "out of"
        return f"Let go to take it {verb} the frame “{group.title or id}”"
    return ""
