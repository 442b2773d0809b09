"""Parameters of plugins: checked against their schema, sent to their own pipeline."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.scope.answers import Schema
from nodegraph.scope.fields import LONGEST, Fields, fit
from nodegraph.scope.parameters import UnfitError
from nodegraph.scope.protocol import LIMIT, dumps
from nodegraph.scope.sender import Sender

LIVE = {"ui": {"is_load_param": False}}
CONFIG: dict[str, Any] = {
    "$defs": {"Style": {"enum": ["oil", "ink"], "type": "string"}},
    "properties": {
        "strength": {"type": "number", "minimum": 0.0, "maximum": 2.0, **LIVE},
        "count": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}], **LIVE},
        "mirror": {"type": "boolean", **LIVE},
        "words": {"type": "string", **LIVE},
        "style": {"$ref": "#/$defs/Style", **LIVE},
        "model_size": {"type": "string", "ui": {"is_load_param": True}},
        "legacy": {"type": "number"},
        "noise_scale": {"type": "number", **LIVE},
        "points": {"type": "array", **LIVE},
    },
}
DEPTH = Schema("depth", "Depth", config=CONFIG)
LONGLIVE = Schema("longlive", "LongLive", prompts=True)


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("strength", 0.123456, 0.1235),
        ("strength", 9, 2.0),
        ("count", 2.6, 3),
        ("count", -4, 1),
        ("mirror", True, True),
        ("words", "a sea", "a sea"),
        ("words", "half \ud83c", "half ?"),
        ("style", "ink", "ink"),
    ],
)
def test_what_fits(name: str, value: object, sent: object) -> None:
    found = fit(DEPTH, name, value)
    assert found == sent
    assert type(found) is type(sent)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("strength", "much", "strength takes a number"),
        ("strength", True, "strength takes a number"),
        ("strength", float("nan"), "strength is nan"),
        ("mirror", 1, "mirror takes a boolean"),
        ("style", "chalk", "style is one of oil, ink"),
        ("words", "x" * 5000, "words takes a string"),
        ("model_size", "small", "is set when depth is loaded"),
        ("legacy", 1.0, "is set when depth is loaded"),
        ("height", 1.0, "has no parameter 'height'"),
        ("noise_scale", 0.5, "has no parameter 'noise_scale' of its own"),
        ("points", [1], "points takes a array"),
    ],
)
def test_what_does_not_fit_is_told(name: str, value: object, why: str) -> None:
    with pytest.raises(UnfitError, match=why):
        fit(DEPTH, name, value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON, JSON)
def test_any_schema_and_any_value_are_sent_or_told(field: object, value: object) -> None:
    schema = Schema("x", "X", config={"properties": {"f": field}, "$defs": field})
    fields = Fields()
    fields.ask("x.f", value)
    assert fields.due() is None
    fields.begin({"x": schema})
    message = fields.due()
    assert (message is None) == bool(fields.problems)
    if message is not None:
        assert dumps(message)


def test_they_go_to_their_own_pipeline_in_turns_with_all_else() -> None:
    sender = Sender()
    sender.learn(0.5)
    sender.address = "longlive"
    sender.reset()
    sender.fields.begin({"depth": DEPTH, "longlive": LONGLIVE})
    found: list[dict[str, object]] = []
    for tick in range(600):
        now = tick / 50
        sender.set({"noise_scale": tick / 600, "depth.strength": tick / 600}, now)
        if message := sender.due(now):
            found.append(message)
    depth = [message for message in found if message["node_id"] == "depth"]
    rest = [message for message in found if message["node_id"] == "longlive"]
    assert abs(len(depth) - len(rest)) <= 1
    assert all(message.keys() == {"node_id", "strength"} for message in depth)
    assert all("strength" not in message for message in rest)
    assert len(found) <= 12 / 0.5 + 1


def test_many_long_texts_take_several_messages() -> None:
    config = {"properties": {f"words{n}": {"type": "string", **LIVE} for n in range(40)}}
    fields = Fields()
    fields.begin({"story": Schema("story", config=config)})
    wished = {f"words{n}": "海" * LONGEST for n in range(40)}
    for name, words in wished.items():
        fields.ask(f"story.{name}", words)
    said: dict[str, object] = {}
    while message := fields.due():
        assert len(dumps(message).encode()) < LIMIT
        said |= message
    assert said == {"node_id": "story", **wished}


def test_a_new_session_is_told_all_and_of_a_pipeline_that_is_not_there_it_is_said() -> None:
    sender = Sender()
    sender.learn(0.5)
    assert sender.set({"depth.strength": 1.0, "depth.mirror": True}, 0.0) == []
    sender.reset()
    sender.fields.begin({"depth": DEPTH})
    expected = {"node_id": "depth", "strength": 1.0, "mirror": True}
    assert sender.due(0.0) == expected
    assert sender.due(5.0) is None
    sender.fields.begin({"depth": DEPTH})
    assert sender.due(10.0) == expected
    sender.fields.begin({"longlive": LONGLIVE})
    assert sender.due(20.0) is None
    assert "no 'depth' is loaded; there is longlive" in str(sender.problems[0])
