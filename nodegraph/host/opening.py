"""From what a person names (a path, a patch, `node.param` = value) to what can be compiled."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from nodegraph.audio.opening import probe
from nodegraph.compiler.params import fit
from nodegraph.compiler.theming import themes_at_hand
from nodegraph.errors import PatchError, Problem
from nodegraph.graph import Batch, Patch, SetParam, load
from nodegraph.nodetype import NodeType, Param
from nodegraph.plugins import Catalogue, beside, find


def open_patch(
    patch: Patch | str | Path, catalogue: Catalogue | None = None
) -> tuple[Patch, Catalogue, Path]:
    """The patch, the node types it may use, and the folder from which its paths start."""
    if isinstance(patch, Patch):
        return patch, catalogue or find(), Path()
    path = Path(patch)
    return load(path), catalogue or beside(path), path.parent


def check_sound(audio: str | None) -> None:
    """Raise `AudioError` if what is to be heard instead of a patch's sources cannot be played."""
    if audio and audio != "demo":
        probe(Path(audio))


def with_params(patch: Patch, params: Mapping[str, object], types: Mapping[str, NodeType]) -> Patch:
    """The patch with params set by address. Raises `PatchError` as `setting` does."""
    return setting(patch, params, types).apply(patch)


def setting(patch: Patch, params: Mapping[str, object], types: Mapping[str, NodeType]) -> Batch:
    """The edit that sets params by address: `{"ease.rise": 0.2}`.

    Numbers and switches may be given as texts, as a command line does. Raises `PatchError` with a
    sentence for every address or value that does not fit.
    """
    problems, edits = [], []
    for address, value in params.items():
        node, _, name = address.rpartition(".")
        complaint = _complaint(patch, node, name, types)
        if complaint is None:
            param = types[patch.nodes[node].type].params[name]
            fitted, complaint = fit(param, read_value(param, value), themes_at_hand(patch)[0])
            edits.append(SetParam(node, name, fitted))
        if complaint is not None:
            problems.append(Problem(complaint, field=address))
    if problems:
        raise PatchError(problems)
    return Batch(tuple(edits))


def _complaint(patch: Patch, node: str, name: str, types: Mapping[str, NodeType]) -> str | None:
    if node not in patch.nodes:
        return f"the patch has no node {node!r}; write node.param=value{_near(node, patch.nodes)}"
    type_ = types.get(patch.nodes[node].type)
    if type_ is None:
        return f"there is no node type {patch.nodes[node].type}; install the plugin that brings it"
    if name in type_.inlets:
        return (
            f"{name} is an inlet of {type_.id}: bring its value on a wire, from a node of its own"
        )
    if name not in type_.params:
        return f"{type_.id} has no param {name!r}{_near(name, type_.params)}"
    return None


def _near(name: str, names: Mapping[str, object]) -> str:
    near = get_close_matches(name, names, 1)
    return f"; did you mean {near[0]}?" if near else f"; it has {', '.join(names) or 'none'}"


def read_value(param: Param, value: object) -> object:
    """A text as the kind of value the param takes, if it reads as one."""
    if not isinstance(value, str) or param.kind == "string":
        return value
    if param.kind == "boolean":
        words = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}
        return words.get(value.lower(), value)
    try:
        return float(value)
    except ValueError:
        return value
