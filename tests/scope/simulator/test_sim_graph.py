"""How the simulator reads a graph, where its frames come from, and what can go wrong on demand."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from av import VideoFrame

from nodegraph.scope.simulator.faults import FaultError, Faults
from nodegraph.scope.simulator.frames import ClientVideo, ServerVideo
from nodegraph.scope.simulator.graph import LayoutError, Sink, Source, lay_out
from nodegraph.scope.simulator.log import Log
from nodegraph.scope.simulator.schemas import schemas

SCHEMAS = schemas(honest=True, gpu=True, plugins=set())


def edge(before: str, after: str, port: str = "video", kind: str = "stream") -> dict[str, str]:
    ends = {"from": before, "from_port": "video", "to_node": after, "to_port": port}
    return {**ends, "kind": kind}


def graph(nodes: dict[str, str], *edges: dict[str, str]) -> dict[str, Any]:
    """Nodes by id: `source`, `sink`, or a pipeline."""
    made = [
        {"id": id, "type": kind}
        if kind in ("source", "sink", "record")
        else {"id": id, "type": "pipeline", "pipeline_id": kind}
        for id, kind in nodes.items()
    ]
    return {"pipeline_ids": ["longlive"], "graph": {"nodes": made, "edges": list(edges)}}


def test_a_fan_of_two_sinks_with_a_guided_pipeline() -> None:
    made = graph(
        {"in": "source", "d": "gray", "ll": "longlive", "a": "sink", "b": "sink"},
        edge("in", "d"),
        edge("d", "ll", "vace_input_frames"),
        edge("ll", "a"),
        edge("d", "b"),
    )
    layout = lay_out(made, SCHEMAS)
    assert layout.nodes == (("d", "gray"), ("ll", "longlive"))
    assert layout.inputs == {"d": ("video", "in"), "ll": ("vace_input_frames", "d")}
    assert layout.sinks == (Sink("a", "ll"), Sink("b", "d"))
    assert layout.sources == {"in": Source()}
    assert layout.shown == "ll"
    assert layout.has_source
    assert layout.has_sink


def test_a_row_without_a_graph_takes_what_the_client_or_the_server_has() -> None:
    layout = lay_out({"pipeline_ids": ["gray", "longlive"]}, SCHEMAS)
    assert layout.inputs == {"gray": ("video", ""), "longlive": ("video", "gray")}
    assert layout.shown == "longlive"
    assert not layout.has_sink
    opened = {"enabled": True, "source_type": "video_file", "source_name": "/rain.mp4"}
    layout = lay_out({"pipeline_ids": ["longlive"], "input_source": opened}, SCHEMAS)
    assert layout.sources == {"": Source("video_file", "/rain.mp4")}
    guided = {"vace_enabled": True, "vace_use_input_video": True}
    layout = lay_out({"pipeline_ids": ["longlive"], **guided}, SCHEMAS)
    assert layout.inputs == {"longlive": ("vace_input_frames", "")}


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (graph({"ll": "longlive"}), "no sink"),
        (graph({"ll": "longlive", "a": "sink"}, edge("x", "a")), "unknown node x"),
        (
            graph({"ll": "longlive", "a": "sink"}, edge("ll", "a"), edge("ll", "a")),
            "Two streams into a.video",
        ),
        (
            graph({"in": "source", "g": "gray", "a": "sink"}, edge("in", "g", "vace_input_frames")),
            "g has no port vace_input_frames",
        ),
        ({"graph": {"nodes": [], "edges": []}}, "No pipeline IDs"),
    ],
    ids=["no sink", "nowhere", "twice", "no port", "no ids"],
)
def test_a_graph_that_is_none(made: dict[str, Any], why: str) -> None:
    with pytest.raises(LayoutError, match=why):
        lay_out(made, SCHEMAS)


def test_edges_of_parameters_are_nothing_to_the_server() -> None:
    made = graph(
        {"ll": "longlive", "a": "sink"}, edge("ll", "a"), edge("a", "ll", "anything", "parameter")
    )
    assert lay_out(made, SCHEMAS).inputs == {}


def frame(level: int) -> VideoFrame:
    return VideoFrame.from_ndarray(np.full((16, 16, 3), level, np.uint8), format="rgb24")


def test_a_chunk_samples_evenly_what_has_come_and_keeps_none() -> None:
    video = ClientVideo()
    for level in range(0, 200, 10):
        video.put(frame(level))
    taken = video.take(4)
    assert taken is not None
    assert [int(picture[0, 0, 0]) for picture in taken] == [0, 60, 130, 190]
    assert video.take(1) is None


class Still:
    """Footage that stands."""

    problem = ""

    def newest(self) -> VideoFrame:
        return frame(99)

    def close(self) -> None:
        """There is nothing to close."""


def test_what_the_server_opens_comes_in_real_time() -> None:
    video = ServerVideo(Still())
    begun, taken = time.monotonic(), 0
    while time.monotonic() - begun < 0.5:
        taken += len(video.take(3) or ())
        time.sleep(0.005)
    assert 6 <= taken <= 15


def test_faults_last_as_long_as_was_said_and_act() -> None:
    log, acted = Log(), list[str]()
    faults = Faults(log)
    faults.acts["steal"] = lambda: acted.append("steal")
    faults.happen("stall", 0.05)
    assert faults.now("stall")
    assert not faults.now("stun")
    time.sleep(0.06)
    assert not faults.now("stall")
    faults.happen("steal")
    assert acted == ["steal"]
    assert "fault: steal" in log.text()
    with pytest.raises(FaultError, match="there is no fault flood; there are: stall, memory"):
        faults.happen("flood")
    with pytest.raises(FaultError, match="part of a process that goes on"):
        faults.happen("kill")


def test_addresses_that_lead_nowhere() -> None:
    line = "a=candidate:1 1 udp 2130706431 192.168.1.7 50000 typ host\r\n"
    faults = Faults(Log())
    assert faults.spoil(f"v=0\r\n{line}") == f"v=0\r\n{line}"
    faults.happen("ice")
    assert "192.168" not in faults.spoil(f"v=0\r\n{line}")
    assert faults.spoil(f"v=0\r\n{line}").startswith("v=0\r\na=candidate:1 1 udp 2130706431 203.")
