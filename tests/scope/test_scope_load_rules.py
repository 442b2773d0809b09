"""What is refused before anything is sent to be loaded, and in which words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.scope.answers import LoraFile, PipelineStatus, Schema
from nodegraph.scope.errors import PipelineError
from nodegraph.scope.ground import Ground, prepare
from nodegraph.scope.load_rules import IN_VAIN, READ, found_loras, refusals
from nodegraph.scope.loading import checked, load
from nodegraph.scope.pipelines import BUILT_IN
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.simulator import Config, running
from nodegraph.scope.simulator.schemas import SCHEMAS
from nodegraph.scope.tiers import ADVICE, SIZES, advice, needed_gb, size_of, too_large, worded

CAPTURES = Path(__file__).parent / "captures"
BODIES = json.loads((CAPTURES / "longlive_schemas.json").read_text("utf-8"))["body"]["pipelines"]
OTHERS = json.loads((CAPTURES / "rest_003_schemas.json").read_text("utf-8"))["body"]["pipelines"]
REAL = {id: Schema.of(id, body) for id, body in {**SCHEMAS, **OTHERS, **BODIES}.items()}
"""As a real server tells of them; those that want a GPU as the simulator does."""

RECORDED = json.loads((CAPTURES / "longlive_load.json").read_text("utf-8"))["request"]["json"]
FP8 = {"quantization": "fp8_e4m3fn"}


def told(load_params: Mapping[str, object], *ids: str) -> str:
    return "; ".join(refusals([REAL[id] for id in ids or ("longlive",)], load_params))


GOOD: list[tuple[dict[str, object], Sequence[str]]] = [
    (RECORDED["load_params"], ("longlive",)),
    ({}, ("gray",)),
    ({"width": 576, "height": 320, "base_seed": 7}, ("gray", "longlive")),
    (FP8 | {"vace_enabled": False}, ("krea-realtime-video",)),
    ({"quantization": None, "vae_type": "lighttae"}, ("memflow",)),
    ({"ref_images": ["/a.png"], "vace_context_scale": 2}, ("longlive",)),
    ({"loras": [{"path": "/a", "scale": -10}], "lora_merge_mode": "runtime_peft"}, ("longlive",)),
    ({"loras": [{"path": "/a", "merge_mode": "permanent_merge"}]}, ("longlive",)),
    ({"model_size": "large"}, ("optical-flow", "longlive")),
    ({"vace_enabled": False}, ("passthrough",)),
    (
        {"chunk_frames": 3, "chunk_ms": 30, "fail_load": False, "width": 577, "height": 1},
        ("probe",),
    ),
]

BAD: list[tuple[dict[str, object], Sequence[str], str]] = [
    ({"width": 577, "height": 320}, (), "width of longlive is a multiple of 16, such as 576, not"),
    ({"width": 570, "height": 320}, (), "such as 576"),
    ({"width": 3, "height": 320}, (), "such as 16"),
    ({"width": 0, "height": 320}, (), "width of longlive is a whole number from 1, not 0"),
    ({"width": 576}, (), "width without height: give both, or neither"),
    ({"height": 320}, (), "height without width"),
    ({"width": 576.0, "height": 320}, (), "a whole number from 1, not 576.0"),
    ({"width": True, "height": 320}, (), "a whole number"),
    ({"width": 576, "height": 320}, ("gray",), "name the pipeline that paints, too"),
    ({"seed": 3}, (), "seed is read by no pipeline; say base_seed"),
    ({"base_seed": -1}, (), "base_seed of longlive is a whole number from 0"),
    ({"noise_scale": 0.5}, (), "noise_scale is set while it paints"),
    ({"lora_merge_strategy": "runtime_peft"}, (), "say lora_merge_mode"),
    ({"vae_type": "fast"}, (), "vae_type of longlive is one of wan, lightvae, tae, lighttae, not"),
    ({"vae_type": False}, (), "vae_type of longlive is one of"),
    ({"vae_type": "tae"}, ("streamdiffusionv2",), "vae_type is not read by streamdiffusionv2"),
    ({"quantization": "int4"}, (), "quantization of longlive is one of fp8_e4m3fn"),
    (FP8, (), "quantization fp8_e4m3fn does not go with VACE, which is loaded unless"),
    (FP8 | {"vace_enabled": True}, (), "does not go with VACE"),
    (FP8, ("gray", "krea-realtime-video"), "does not go with VACE"),
    ({"vace_enabled": True}, ("gray",), "vace_enabled is not read by gray; load a pipeline that"),
    ({"vace_enabled": "yes"}, (), "vace_enabled is true or false"),
    ({"vace_enabled": False, "ref_images": ["/a"]}, (), "ref_images does nothing while"),
    ({"vace_context_scale": 2.5}, (), "a number from 0 to 2, not 2.5"),
    ({"vace_context_scale": float("nan")}, (), "a number from 0 to 2, not nan"),
    ({"ref_images": "/a"}, (), "a list, not '/a'"),
    ({"loras": "/a"}, (), "loras is a list of"),
    ({"loras": [{"scale": 1}]}, (), "a LoRA is"),
    ({"loras": [{"path": "/a", "scale": 11}]}, (), "the scale of /a is from -10 to 10"),
    ({"loras": [{"path": "/a", "scale": None}]}, (), "the scale of /a"),
    ({"loras": [{"path": "/a", "merge_mode": "soft"}]}, (), "the merge_mode of /a is one of"),
    ({"lora_merge_mode": "soft"}, (), "lora_merge_mode is one of permanent_merge, runtime_peft"),
    ({"loras": [{"path": "/a"}]}, ("passthrough",), "loras is not read by passthrough"),
    ({"model_size": "huge"}, ("optical-flow",), "one of small, large"),
    ({"model_size": "small"}, (), "load optical-flow"),
    ({"sharpness": 1}, ("gray", "longlive"), "gray, longlive has no load param 'sharpness'"),
    ({"chunk_frames": 65}, ("probe",), "chunk_frames of probe is a whole number from 1 to 64"),
    ({"chunks": 1}, ("probe",), "it has width, height"),
]


@pytest.mark.parametrize(("load_params", "ids"), GOOD)
def test_what_can_be_loaded(load_params: dict[str, object], ids: Sequence[str]) -> None:
    assert told(load_params, *ids) == ""


@pytest.mark.parametrize(("load_params", "ids", "why"), BAD)
def test_what_is_refused(load_params: dict[str, object], ids: Sequence[str], why: str) -> None:
    assert why in told(load_params, *ids)


def test_every_reason_is_told_at_once() -> None:
    assert told({"seed": 1, "width": 5, "vae_type": "x"}).count("; ") == 4


def test_what_the_schemas_have_is_read_or_known_to_be_in_vain() -> None:
    """Whatever a form offers from the schema of a built-in pipeline can be explained."""
    for id in BUILT_IN:
        fields = REAL[id].config["properties"]
        assert isinstance(fields, dict)
        assert set(fields) <= {*READ, *IN_VAIN, "input_size", "ctrl_input"}, id


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
NAMES = st.sampled_from([*READ, *IN_VAIN, "chunk_frames", "other"])


@given(load_params=st.dictionaries(NAMES, JSON, max_size=4), id=st.sampled_from(sorted(REAL)))
def test_whatever_is_wished_for_gets_sentences(load_params: dict[str, object], id: str) -> None:
    for why in refusals([REAL[id]], load_params):
        assert len(why.split()) > 2
        assert "\n" not in why


FILES = [
    LoraFile("film", "/loras/styles/film.safetensors"),
    LoraFile("ink", "C:\\loras\\ink.safetensors"),
]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("film", FILES[0].path),
        ("film.safetensors", FILES[0].path),
        ("ink.safetensors", FILES[1].path),
        (FILES[1].path, FILES[1].path),
    ],
)
def test_loras_are_found_by_their_names(name: str, path: str) -> None:
    wished = {"loras": [{"path": name, "scale": 0.5}], "width": 16}
    assert found_loras(wished, FILES) == ({**wished, "loras": [{"path": path, "scale": 0.5}]}, [])


def test_a_lora_that_is_not_there_is_named() -> None:
    wished = {"loras": [{"path": "film"}, {"path": "oil"}]}
    assert found_loras(wished, FILES) == (
        wished,
        ["there is no LoRA 'oil' on the server; there is film, ink"],
    )


def test_sizes() -> None:
    assert size_of("low") == (576, 320)
    assert size_of("high-portrait") == (512, 896)
    assert size_of("640x480") == size_of("640 × 480") == (640, 480)
    for bad in ("large", "640", "x480", "-6x4", "6.5x4", "999999x1"):
        with pytest.raises(ValueError, match="is no size"):
            size_of(bad)
    for width, height in SIZES.values():
        assert told({"width": width, "height": height}) == ""
        assert max(width, height) / min(width, height) == pytest.approx(16 / 9, rel=0.02)


def test_advice_can_be_loaded_and_fits() -> None:
    for each in ADVICE:
        schema = REAL[each.pipeline]
        assert refusals([schema], each.load_params) == []
        assert too_large([schema], each.load_params, each.least_gb) == ""
        assert advice(each.least_gb) == each
    assert advice(11.9) is None
    assert advice(96.0) == ADVICE[0]
    assert worded(ADVICE[4]) == "longlive --load vae_type=lightvae --load vace_enabled=false"


def test_what_is_too_large() -> None:
    krea, gray = REAL["krea-realtime-video"], REAL["gray"]
    assert needed_gb([gray, krea], {}) == 55.0
    assert needed_gb([krea], {"vace_enabled": False}) == 32.0
    why = too_large([gray, krea], {}, 24.0)
    assert why.startswith("gray, krea-realtime-video wants about 55 GB of graphics memory, and")
    assert "there is room for longlive --load vae_type=lightvae" in why
    assert "room" not in too_large([krea], {}, 8.0)
    assert too_large([krea], {}, None) == too_large([krea], FP8, 24.0) == ""


def test_nothing_refused_is_sent() -> None:
    """A real server's answers; a load request would fail the test."""

    def handle(request: httpx.Request) -> httpx.Response:
        assert request.method == "GET", "something was sent"
        bodies = {"/api/v1/pipelines/schemas": {"pipelines": BODIES}, "/api/v1/loras": {}}
        return httpx.Response(200, json=bodies[request.url.path])

    async def ask(ids: Sequence[str], load_params: Mapping[str, object]) -> str:
        transport = httpx.MockTransport(handle)
        async with ScopeRest("127.0.0.1:8000", transport=transport) as rest:
            with pytest.raises(PipelineError) as refused:
                await prepare(rest, ids, load_params, 1.0, lambda state, text: None)
        return str(refused.value)

    assert asyncio.run(ask(["longlive"], {"seed": 1})) == (
        "longlive cannot be loaded like this: seed is read by no pipeline; say base_seed."
    )
    assert "no pipeline gone; it has" in asyncio.run(ask(["gone"], {}))
    assert "stands twice" in asyncio.run(ask(["gray", "gray"], {}))
    assert "no LoRA 'oil'" in asyncio.run(ask(["longlive"], {"loras": [{"path": "oil"}]}))


def test_what_passes_is_loaded_by_a_server(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "lora"
    lora = "https://huggingface.co/u/r/resolve/main/film.safetensors"
    wished = {"width": 64, "height": 48, "loras": [{"path": "film", "scale": 0.5}]}

    async def ask(url: str) -> tuple[PipelineStatus, Ground]:
        async with ScopeRest(url) as rest:
            await rest.install_lora(lora)
            schemas = await rest.schemas()
            params = await checked(rest, schemas, ["longlive"], wished)
            status = await load(rest, ["longlive"], params, within=20.0)
            ground = await prepare(rest, ["longlive"], wished, 20.0, lambda state, text: None)
            return status, ground

    config = Config(folder=str(folder), load_seconds=0.1, chunk_seconds=0.05)
    with running(config) as url:
        status, ground = asyncio.run(ask(url))
    [adapter] = status.loras
    assert adapter.path.endswith("film.safetensors")
    assert adapter.path != "film"
    assert ground.load_params == status.load_params
