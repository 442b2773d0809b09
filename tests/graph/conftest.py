"""Patches made up by hypothesis, and the golden files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nodegraph.graph import JSON, Group, Node, Patch, Port, Wire
from nodegraph.graph.model import GROUP_FIELDS, NODE_FIELDS, PATCH_FIELDS

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBER = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
VALUE: SearchStrategy[JSON] = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBER, TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=6,
)
ID = st.from_regex(r"[a-z][a-z0-9_]{0,2}", fullmatch=True)
PORT = st.sampled_from(["in", "out", "value", "_x", "A9"])


def _fields(*taken: str) -> SearchStrategy[dict[str, JSON]]:
    return st.dictionaries(TEXT.filter(lambda name: name not in taken), VALUE, max_size=2)


NODE = st.builds(
    Node,
    type=st.from_regex(r"[^\s@\ud800-\udfff]{1,6}", fullmatch=True),
    version=st.integers(1, 999_999_999),
    params=st.dictionaries(TEXT, VALUE, max_size=3),
    mode=st.sampled_from(["", "bypass", "mute"]),
    solo=st.booleans(),
    extra=_fields(*NODE_FIELDS),
)


@st.composite
def _patches(draw: st.DrawFn, top: bool = True) -> Patch:
    nodes = draw(st.dictionaries(ID, NODE, max_size=5))
    themes = draw(st.dictionaries(TEXT, _fields(), max_size=2)) if top else {}
    subpatches = draw(st.dictionaries(ID, _patches(top=False), max_size=2)) if top else {}
    if not nodes:
        return Patch(name=draw(TEXT), note=draw(TEXT), subpatches=subpatches, themes=themes)
    ids = st.sampled_from(sorted(nodes))
    ends = st.builds(Port, ids, PORT)
    inlets = draw(st.dictionaries(ends, ends, max_size=8))
    group = st.builds(
        Group,
        TEXT,
        st.sampled_from(["", "#00ff9c", "#ABCDEF"]),
        st.lists(ids, max_size=4).map(tuple),
        _fields(*GROUP_FIELDS),
    )
    exposed = draw(st.dictionaries(ends.map(str), PORT, max_size=3))
    return Patch(
        name=draw(TEXT),
        note=draw(TEXT),
        nodes=nodes,
        wires=tuple(Wire(source, target) for target, source in inlets.items()),
        groups=draw(st.dictionaries(ID, group, max_size=3)),
        layout=draw(st.dictionaries(ids, st.tuples(NUMBER, NUMBER), max_size=4)),
        requires=draw(st.dictionaries(TEXT, TEXT, max_size=2)),
        themes=themes,
        subpatches=subpatches,
        exposed={name: address for address, name in exposed.items()},
        extra=draw(_fields(*PATCH_FIELDS)),
    )


@pytest.fixture(scope="session")
def patches() -> SearchStrategy[Patch]:
    """Any patch at all."""
    return _patches()


@pytest.fixture(scope="session")
def values() -> SearchStrategy[JSON]:
    """Any value that a param may hold."""
    return VALUE


@pytest.fixture(scope="session")
def golden() -> Path:
    """The folder of the golden patch files."""
    return Path(__file__).parent / "golden"
