"""How answers are read: by declared fields, whatever came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import many

from nodegraph.scope import answers
from nodegraph.scope.answers import Json, Told
from nodegraph.scope.answers.reading import told


@dataclass(frozen=True, slots=True)
class Part(Told):
    name: str = "none"


@dataclass(frozen=True, slots=True)
class Whole(Told):
    count: int = 0
    share: float = 0.5
    flag: bool = False
    mode: Literal["a", "b"] = "a"
    maybe: str | None = "unsaid"
    inner: int | None = told("deep.count", None)
    words: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    groups: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    anything: object = None


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ({"count": 3, "share": 1}, Whole(count=3, share=1.0)),
        ({"count": 3.0, "share": 0.25}, Whole(count=3, share=0.25)),
        ({"count": 3.5, "share": "1"}, Whole()),
        ({"count": True, "share": False}, Whole()),
        ({"count": float("inf"), "share": float("nan")}, Whole()),
        ({"count": 10**400, "share": 10**400}, Whole()),
        ({"flag": 1, "mode": "c"}, Whole()),
        ({"flag": True, "mode": "b"}, Whole(flag=True, mode="b")),
        ({"maybe": None}, Whole(maybe=None)),
        ({"maybe": 3}, Whole()),
        ({"deep": {"count": 4}}, Whole(inner=4)),
        ({"deep": [4]}, Whole()),
        ({"words": "one"}, Whole(words=("one",))),
        ({"words": ["a", 3, "b", None]}, Whole(words=("a", "b"))),
        ({"parts": [{"name": "x"}, 3, {}]}, Whole(parts=(Part("x"), Part()))),
        ({"parts": {"name": "x"}}, Whole()),
        ({"groups": {"g": [{"name": "x"}], "h": 3}}, Whole(groups={"g": (Part("x"),), "h": ()})),
        ({"anything": [1, {"x": 2}]}, Whole(anything=[1, {"x": 2}])),
        ({"unknown": 1}, Whole()),
    ],
)
def test_what_fits_is_read_and_the_rest_has_its_default(body: Json, read: Whole) -> None:
    assert Whole.from_json(body) == read


KINDS = [
    kind
    for kind in vars(answers).values()
    if isinstance(kind, type) and issubclass(kind, Told) and kind is not Told
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=many(5, 500))
@given(data=st.data())
def test_no_object_of_any_shape_raises(kind: type[Told], data: st.DataObject) -> None:
    keys = [each.metadata.get("key", each.name).partition(".")[0] for each in fields(kind)]
    body = data.draw(st.dictionaries(st.sampled_from([*keys, "x"]), VALUES))
    read = kind.from_json(body)
    assert type(read) is kind
    assert kind.from_json({}) == kind()


def test_shapes_of_older_servers_are_read() -> None:
    flat = {"vram_gb": 24.0, "spout_available": True, "ndi_available": False}
    outputs = answers.Hardware.from_json(flat).outputs
    assert {name: one.available for name, one in outputs.items()} == {"spout": True, "ndi": False}
    assert answers.PluginInfo.from_json({"id": "old", "enabled": True}).name == "old"
    assert answers.Health.from_json({"status": "ok"}) == answers.Health("ok")
    assert answers.IceServer.from_json({"urls": "stun:x"}).urls == ("stun:x",)
    assert "pass" not in repr(answers.IceServer.from_json({"urls": [], "credential": "pass"}))
