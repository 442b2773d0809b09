"""What the Scope panel offers and says, from the schemas of a server and words of the show."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from nodegraph.editor.load_form import SIZES, LoadForm, by_role, choices, pipelines, title_of
from nodegraph.editor.serving import Server, facts, link_of, others, said, short
from nodegraph.portable import plain
from nodegraph.remote.errors import RemoteError
from nodegraph.scope.answers import Schema
from nodegraph.scope.pipelines import BUILT_IN
from nodegraph.values import Prompt

DEFS = {"VaeType": {"enum": ["wan", "tae"], "type": "string"}}
PROPERTIES = {
    "width": {"type": "integer", "default": 576, "ui": {"is_load_param": True, "order": 1}},
    "vae_type": {
        "$ref": "#/$defs/VaeType",
        "default": "wan",
        "ui": {"is_load_param": True, "order": 4},
    },
    "quantization": {
        "anyOf": [{"enum": ["fp8"], "type": "string"}, {"type": "null"}],
        "default": None,
        "title": "Quantization",
        "description": "Fewer bits",
        "ui": {"is_load_param": True, "order": 5},
    },
    "manage": {"type": "boolean", "default": True, "ui": {"is_load_param": True, "order": 3}},
    "base_seed": {"type": "integer", "default": 42, "ui": {"is_load_param": True, "order": 2}},
    "scale": {"type": "number", "default": 1.0, "ui": {"is_load_param": True}},
    "list": {"type": "array", "default": [], "ui": {"is_load_param": True}},
    "noise_scale": {"type": "number", "default": 0.7, "ui": {"is_load_param": False}},
    "loose": {"type": "number", "default": 0.7},
}
BODIES = {
    "gray": {"usage": ["preprocessor"]},
    "rife": {"name": "RIFE", "usage": ["postprocessor"]},
    "passthrough": {},
    "longlive": {
        "name": "LongLive",
        "supports_prompts": True,
        "supports_lora": True,
        "supports_vace": True,
        "estimated_vram_gb": 20.0,
        "config_schema": {"properties": PROPERTIES, "$defs": DEFS},
    },
}
SCHEMAS = {id: asdict(Schema.of(id, body)) for id, body in BODIES.items()}
"""As the show hands them on."""
REAL = json.loads(json.dumps({id: asdict(schema) for id, schema in BUILT_IN.items()}))
"""Those of a real server, as they come from the show."""


def test_pipelines_that_can_stand_alone_those_with_prompts_first() -> None:
    assert pipelines(SCHEMAS) == ("longlive", "passthrough")
    assert pipelines(None) == ()
    assert title_of(SCHEMAS, "longlive") == "LongLive, 20 GB"
    assert title_of(SCHEMAS, "passthrough") == "passthrough"


def test_what_can_be_chosen_before_loading() -> None:
    found = {each.name: each for each in choices(SCHEMAS, "longlive")}
    assert list(found) == ["base_seed", "manage", "vae_type", "quantization", "scale"]
    assert found["vae_type"].choices == ("wan", "tae")
    assert found["quantization"].choices == ("", "fp8")
    assert found["quantization"].help == "Fewer bits"
    assert [each.kind for each in found.values()] == ["number", "switch", "text", "text", "number"]
    assert choices(SCHEMAS, "gone") == choices(None, "longlive") == ()


def test_what_a_pipeline_does_not_read_is_not_offered() -> None:
    told = {"type": "boolean", "default": True, "ui": {"is_load_param": True}}
    config = {"config": {"properties": {"manage_cache": told}}}
    assert choices({"longlive": config}, "longlive") == ()
    assert [each.name for each in choices({"theirs": config}, "theirs")] == ["manage_cache"]


def test_only_what_is_no_default_is_asked_for() -> None:
    form = LoadForm("longlive")
    assert form.params(SCHEMAS) is None
    form.chosen = {"manage": True, "base_seed": 42, "other": 1}
    assert form.params(SCHEMAS) is None
    form.size, form.chosen = "768 × 432", {"quantization": "fp8"}
    assert form.params(SCHEMAS) == {"width": 768, "height": 432, "quantization": "fp8"}


def test_a_chain_with_loras() -> None:
    assert pipelines(SCHEMAS, "preprocessor") == ("gray",)
    assert pipelines(SCHEMAS, "postprocessor") == ("rife",)
    form = by_role(SCHEMAS, ["gray", "longlive"])
    assert form.chain == ["gray", "longlive"]
    assert by_role(SCHEMAS, []).chain == ["longlive"]
    form.after, form.loras = "rife", {"/loras/film.safetensors": 0.8}
    assert form.chain == ["gray", "longlive", "rife"]
    loras = [{"path": "/loras/film.safetensors", "scale": 0.8}]
    assert form.params(SCHEMAS) == {"loras": loras}
    form.movable = True
    assert form.params(SCHEMAS) == {"loras": loras, "lora_merge_mode": "runtime_peft"}
    assert form.refusals(SCHEMAS) == []


def test_what_cannot_be_loaded_says_why() -> None:
    """By the rules that `nodegraph scope URL load` goes by."""
    form = LoadForm("longlive", loras={"film": 20.0})
    assert form.refusals(REAL) == ["the scale of film is from -10 to 10"]
    form = LoadForm("passthrough", loras={"film": 1.0})
    assert form.refusals(REAL) == [
        "loras is not read by passthrough; load a pipeline that takes LoRAs, such as longlive"
    ]
    form = LoadForm("theirs", size="768 × 432")
    sides = {name: {"type": "integer", "maximum": 512} for name in ("width", "height")}
    theirs = {"theirs": {"config": {"properties": sides}}}
    assert form.refusals(theirs) == ["width of theirs is a whole number to 512, not 768"]


def test_what_speaks_against_it_is_said_too() -> None:
    form = LoadForm("longlive", before="gray")
    assert form.doubts(REAL, "video", None) == []
    idle, large = form.doubts(REAL, "text", 12.0)
    assert idle.startswith("gray does nothing in text mode")
    assert large.startswith("gray, longlive wants about 20 GB of graphics memory, and this has 12;")


@pytest.mark.parametrize("size", [size for size in SIZES.values() if size])
def test_sizes_are_such_as_pipelines_want(size: tuple[int, int]) -> None:
    assert all(side % 16 == 0 for side in size)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "on"),
        (0.123456, "0.123"),
        (7, "7"),
        ("x" * 80, "x" * 59 + "…"),
        (plain((Prompt("a sea", 0.5), Prompt("a storm", 1.0))), "0.5 a sea, 1 a storm"),
        ([{"text": "a sea", "weight": 0.25}], "0.25 a sea"),
        ([1000, 750], "1000, 750"),
    ],
)
def test_values_in_a_line(value: object, text: str) -> None:
    assert short(value) == text


def test_what_was_sent_beside_what_the_server_has() -> None:
    sent = {"noise_scale": 0.5, "base_seed": 42}
    assert said(sent, None) == [("base_seed", "42", ""), ("noise_scale", "0.5", "")]
    assert said(sent, {"noise_scale": 0.4})[1] == ("noise_scale", "0.5", "0.4")


def test_a_link_that_is_not_there_yet_has_facts_too() -> None:
    assert link_of({}) is None
    assert link_of({"link": None}) is None
    assert dict(facts({"url": "http://x"}))["Picture"] == "–"
    told = dict(facts({"size": [576, 320], "fps": 12.4, "age": 0.25, "latency": 1.26}))
    assert told["Picture"] == "576 × 320, 12 fps"
    assert told["Newest"] == "0.2 s ago"
    assert told["Delay"] == "about 1.3 s until a change is seen"
    told = dict(facts({"bitrate": 2.25e6, "loss": 0.0123, "dropped": 3, "decode": 0.004}))
    assert told["Stream"] == "2.2 Mbit/s, 1.2% lost, 3 damaged, 4 ms to decode"


def test_further_servers_have_a_line_each() -> None:
    live = {"state": "live", "fps": 19.6, "url": "http://left:8000"}
    assert others({"links": {"left": live}}) == [("left", "live, 20 fps, http://left:8000")]
    assert others({}) == []


class Asked:
    """A link that answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[tuple[Callable[[Any], None], Callable[[Any], None]]] = []

    def ask(self, verb: str, then: Any = None, failed: Any = None, /, **fields: Any) -> None:
        self.asked.append((verb, fields))
        self.answers.append((then, failed))


def test_a_server_is_asked_once_and_again_when_it_is_time() -> None:
    link = Asked()
    server = Server(link)  # type: ignore[arg-type]  # all it needs of one
    server.at("http://a")
    assert server.ask("loras") is None
    assert server.ask("loras") is None
    assert link.asked == [("server", {"what": "loras", "of": "", "url": "http://a"})]
    link.answers[0][0]({"answer": [1]})
    assert server.ask("loras") == [1]
    version = server.version
    server.ask("loras", every=0.0)
    link.answers[1][1](RemoteError("it is gone"))
    assert server.faults == {"loras": "it is gone"}
    assert server.version > version
    server.ask("models", of="longlive")
    assert link.asked[-1][1]["of"] == "longlive"
    server.again("models")
    server.ask("models", of="longlive")
    assert len(link.asked) == 4


def test_what_another_server_answered_too_late_is_not_this_ones() -> None:
    link = Asked()
    server = Server(link)  # type: ignore[arg-type]
    server.at("http://a")
    server.ask("loras")
    server.at("http://b")
    link.answers[0][0]({"answer": ["of a"]})
    assert server.ask("loras") is None


def test_an_upload_is_told_of_and_the_list_asked_for_again() -> None:
    link, told = Asked(), list[str]()
    server = Server(link)  # type: ignore[arg-type]
    server.ask("assets")
    server.upload("/home/me/sea.png", told.append)
    assert link.asked[-1] == ("upload", {"path": "/home/me/sea.png", "url": ""})
    link.answers[-1][0]({"answer": {"path": "/assets/sea.png"}})
    assert told == ["uploaded: /assets/sea.png"]
    server.ask("assets")
    assert link.asked[-1][0] == "server"
    server.upload("/gone", told.append)
    link.answers[-1][1](RemoteError("/gone cannot be read"))
    assert told[-1] == "/gone cannot be read"
