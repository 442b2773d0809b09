"""A patch that exists is whole, cannot be changed, and answers what the compiler asks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.errors import PatchError
from nodegraph.graph import Group, Node, Patch, Port, Wire

ENDS = st.tuples(
    st.from_regex(r"[a-z][a-z0-9_]{0,2}", fullmatch=True),
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,2}", fullmatch=True),
)
WIRES = st.builds(lambda a, b: Wire(Port(*a), Port(*b)), ENDS, ENDS)


@given(st.lists(WIRES, max_size=6))
def test_wires_sort_as_their_texts_do(wires: list[Wire]) -> None:
    assert [str(wire) for wire in sorted(wires)] == sorted(str(wire) for wire in wires)


@given(WIRES)
def test_a_wire_is_read_back_from_its_text(wire: Wire) -> None:
    assert Wire.parse(str(wire)) == wire
    assert Wire.parse(f"  {wire.source}->{wire.target}\n") == wire


@pytest.mark.parametrize(
    "text", ["", "a", "a -> b", "a.b -> c", "a.b - > c.d", "A.b -> c.d", "a.b -> c.d.e", "a.b->ç.d"]
)
def test_text_that_is_no_wire_is_refused(text: str) -> None:
    with pytest.raises(PatchError, match="is not a wire"):
        Wire.parse(text)


def test_what_the_compiler_asks() -> None:
    first = Wire(Port("a", "out"), Port("b", "x"))
    second = Wire(Port("c", "out"), Port("b", "a"))
    nodes = dict.fromkeys(["c", "b", "a"], Node("x.y"))
    patch = Patch(nodes=nodes, wires=(second, first))
    assert list(patch.nodes) == ["a", "b", "c"]
    assert patch.wires == (first, second)
    assert patch.wires_into("b") == (first, second)
    assert patch.wires_from("c") == (second,)
    assert patch.wires_into("a") == patch.wires_into("nobody") == ()
    assert patch.wire_to(Port("b", "x")) == first
    assert patch.wire_to(Port("b", "y")) is None


def test_nothing_can_be_changed_from_outside() -> None:
    params: dict[str, Any] = {"list": [1, {"k": 2}]}
    node = Node("x.y", params=params)
    nodes = {"a": node}
    patch = Patch(nodes=nodes)
    nodes["b"] = node
    params["list"].append(3)
    assert list(patch.nodes) == ["a"]
    assert node.params == {"list": (1, {"k": 2})}
    with pytest.raises(TypeError):
        patch.nodes["b"] = node  # type: ignore[index] # that it is refused is the test


def test_a_broken_patch_tells_all_that_is_wrong() -> None:
    node = Node("x.y")
    with pytest.raises(PatchError) as caught:
        Patch(
            nodes={"a": node, "B": node},
            wires=(
                Wire(Port("a", "o"), Port("a", "i")),
                Wire(Port("a", "p"), Port("a", "i")),
                Wire(Port("z", "o"), Port("a", "j")),
            ),
            groups={"g": Group(nodes=("a", "y"))},
            layout={"x": (0, 0)},
            exposed={"p": "a.p", "q": "a.p", "r": "w.p"},
            subpatches={
                "v": Patch(subpatches={"w": Patch()}),
                "V": Patch(),
                "w": Patch(themes={"t": {}}),
            },
        )
    fields = [problem.field for problem in caught.value.problems]
    assert fields == [
        "nodes.B",
        "wires[1]",
        "wires[2]",
        "groups.g.nodes",
        "layout.x",
        "exposed.q",
        "exposed.r",
        "subpatches.v.subpatches",
        "subpatches.V",
        "subpatches.w.themes",
    ]


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Node(""), "type"),
        (lambda: Node("x y"), "type"),
        (lambda: Node("x@1"), "type"),
        (lambda: Node("x.\ud800"), "type"),
        (lambda: Node("x.y", 0), "version"),
        (lambda: Node("x.y", True), "version"),
        (lambda: Node("x.y", 10**9), "version"),
        (lambda: Node("x.y", mode="off"), "mode"),
        (lambda: Node("x.y", solo=1), "solo"),
        (lambda: Node("x.y", extra={"mode": "mute"}), "extra"),
        (lambda: Node("x.y", params={"p": float("nan")}), "params.p"),
        (lambda: Node("x.y", params={"p": [10**30]}), "params.p"),
        (lambda: Node("x.y", extra={"type": "z"}), "extra"),
        (lambda: Group("t", "blue"), "color"),
        (lambda: Group(extra={"nodes": []}), "extra"),
        (lambda: Patch(name="\ud800"), "name"),
        (lambda: Patch(extra={"nodes": {}}), "extra"),
        (lambda: Patch(nodes={"a": Node("x.y")}, layout={"a": (1, float("inf"))}), "layout.a"),
    ],
)
def test_what_a_file_could_not_hold_is_refused(make: Any, field: str) -> None:
    with pytest.raises(PatchError) as caught:
        make()
    assert caught.value.problems[0].field == field


def test_nesting_has_a_limit() -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(PatchError, match="nested deeper"):
        Node("x.y", params={"p": value})
