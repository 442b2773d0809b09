"""The graph that an offer asks for, checked by the simulator's own reading of graphs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.scope.answers import Schema
from nodegraph.scope.errors import PipelineError
from nodegraph.scope.graph import Layout, Wish, lay_out
from nodegraph.scope.simulator.bodies import PARAMETERS
from nodegraph.scope.simulator.graph import lay_out as read_graph
from nodegraph.scope.simulator.schemas import schemas
from nodegraph.scope.simulator.validate import checked
from nodegraph.scope.video import Video, parse_video, picture_size

TOLD = schemas(honest=True, gpu=True, plugins=set())
SCHEMAS = {id: Schema.of(id, told) for id, told in TOLD.items()}
CAMERA, STAGE = Video("camera", ""), Video("ndi", "stage")


def made(*pipelines: str, **more: Any) -> Layout:
    return lay_out(Wish(pipelines, **more), SCHEMAS)


def test_one_pipeline_that_paints_from_text_needs_no_graph() -> None:
    assert made("longlive") == Layout(("longlive",), "longlive")


def test_a_camera_into_one_pipeline() -> None:
    layout = made("longlive", video=CAMERA)
    assert layout.graph == {
        "nodes": [
            {"id": "input", "type": "source", "source_mode": "video"},
            {"id": "longlive", "type": "pipeline", "pipeline_id": "longlive"},
            {"id": "sink", "type": "sink"},
        ],
        "edges": [
            {
                "from": "input",
                "from_port": "video",
                "to_node": "longlive",
                "to_port": "video",
                "kind": "stream",
            },
            {
                "from": "longlive",
                "from_port": "video",
                "to_node": "sink",
                "to_port": "video",
                "kind": "stream",
            },
        ],
    }
    assert not layout.addressed


def test_a_chain_stands_in_its_order_whatever_was_said() -> None:
    layout = made("rife", "longlive", "video-depth-anything", video=CAMERA, vace=True)
    assert layout.pipelines == ("video-depth-anything", "longlive", "rife")
    assert layout.painter == "longlive"
    assert layout.addressed
    assert layout.graph is not None
    edges = [(e["from"], e["to_node"], e["to_port"]) for e in layout.graph["edges"]]  # type: ignore[index,union-attr]  # a graph's own
    assert edges == [
        ("input", "video-depth-anything", "video"),
        ("video-depth-anything", "longlive", "vace_input_frames"),
        ("longlive", "rife", "video"),
        ("rife", "sink", "video"),
    ]


def test_without_video_only_what_paints_and_what_comes_after() -> None:
    layout = made("gray", "longlive", "rife")
    assert layout.pipelines == ("longlive", "rife")
    assert made("gray").pipelines == ("gray",)


def test_views_and_shares_are_sinks_after_the_first() -> None:
    layout = made(
        "gray", "longlive", video=STAGE, views=("gray", "longlive"), shares={"ndi": "show"}
    )
    assert layout.views == ("gray",)
    nodes: Any = layout.graph["nodes"] if layout.graph else []
    assert nodes[0] == {
        "id": "input",
        "type": "source",
        "source_mode": "ndi",
        "source_name": "stage",
    }
    assert [node for node in nodes if node["type"] == "sink"] == [
        {"id": "sink", "type": "sink"},
        {"id": "sink1", "type": "sink"},
        {"id": "sink2", "type": "sink", "sink_mode": "ndi", "sink_name": "show"},
    ]


WISHES = st.builds(
    Wish,
    st.lists(st.sampled_from(sorted(SCHEMAS)), min_size=1, max_size=4, unique=True).map(tuple),
    st.sampled_from([None, CAMERA, STAGE, Video("test", "")]),
    st.booleans(),
    st.lists(st.sampled_from(sorted(SCHEMAS)), max_size=2).map(tuple),
    st.dictionaries(st.sampled_from(["ndi", "spout"]), st.just("show")),
)


@given(WISHES)
def test_any_wish_makes_a_graph_that_a_server_takes(wish: Wish) -> None:
    vace = wish.vace and SCHEMAS[lay_out(wish, SCHEMAS).painter].vace
    layout = lay_out(Wish(wish.pipelines, wish.video, vace, wish.views, wish.shares), SCHEMAS)
    assert layout.painter in layout.pipelines
    assert set(layout.pipelines) <= set(wish.pipelines)
    offer = {"pipeline_ids": list(layout.pipelines)}
    if layout.graph is not None:
        offer["graph"] = layout.graph  # type: ignore[assignment]  # what JSON says
    read = read_graph(checked(PARAMETERS, offer), TOLD)
    assert [id for id, _ in read.nodes] == list(layout.pipelines)
    assert read.shown == layout.pipelines[-1]
    assert [sink.before for sink in read.sinks if not sink.mode][1:] == list(layout.views)
    if layout.graph is not None:
        assert read.has_source == (wish.video is not None)


def test_a_pipeline_that_stands_twice_is_refused() -> None:
    with pytest.raises(PipelineError, match="stands twice in gray, gray"):
        made("gray", "gray")


@pytest.mark.parametrize(
    ("text", "video"),
    [
        ("", None),
        ("test", Video("test", "")),
        ("camera:", CAMERA),
        ("camera: Logi Cam ", Video("camera", "Logi Cam")),
        ("file:C:/films/rain.mp4", Video("file", "C:/films/rain.mp4")),
        ("ndi:stage", STAGE),
        ("spout:", Video("spout", "")),  # whoever sends just now
    ],
)
def test_a_wish_for_video_is_one_text(text: str, video: Video | None) -> None:
    assert parse_video(text) == video


@pytest.mark.parametrize("text", ["film:x", "file:", "ndi:", ":x", "rain.mp4"])
def test_what_is_no_video_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"no kind of video|has no name"):
        parse_video(text)


def test_the_size_is_that_of_what_was_loaded() -> None:
    longlive = SCHEMAS["longlive"]
    assert picture_size(longlive, {"width": 832, "height": 480}, "video") == (832, 480)
    assert picture_size(longlive, {}, "video") == (512, 512)
    assert picture_size(longlive, None, "text") == (576, 320)
    assert picture_size(Schema("x", "X"), None, "text") == (576, 320)
