"""The session without a client: it generates, and what it makes is looked at over HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException

from nodegraph.scope.simulator.config import Config
from nodegraph.scope.simulator.desk import Desk
from nodegraph.scope.simulator.models import Picture
from nodegraph.scope.simulator.pipelines import Wanted
from nodegraph.scope.simulator.session import set_up
from nodegraph.scope.simulator.stage import Stage

ID = "headless"
_LOAD_WITHIN = 300.0


class Headless:
    """One stage whose frames nobody is sent."""

    def __init__(self, params: Mapping[str, Any], desk: Desk, config: Config) -> None:
        layout, models = set_up(params, desk.pipelines, desk.log)
        if not models:
            raise HTTPException(500, "FrameProcessor failed to start (check logs for details)")
        self.began = time.monotonic()
        self.newest: Picture | None = None
        self.stage = Stage(layout, models, params, config, desk.log, desk.tempo)
        self._task = asyncio.get_running_loop().create_task(self._watch(), name=ID)

    async def close(self) -> None:
        """Stop generating."""
        self._task.cancel()
        await asyncio.wait([self._task])
        await asyncio.to_thread(self.stage.stop)

    async def _watch(self) -> None:
        """Take the frames at their rate, so that the newest is the one to see now."""
        while True:
            if taken := self.stage.output.take(1):
                self.newest = taken[0]
                self.stage.sent += 1
            await asyncio.sleep(1 / self.stage.rate.fps)


async def begin(asked: Mapping[str, Any], desk: Desk) -> tuple[Headless, dict[str, Any]]:
    """Start what is asked for; a graph's pipelines are loaded first, with no params at all.

    Raises:
        HTTPException: 422 if nothing is asked for, 400 for a graph that cannot be, 500 otherwise.
    """
    params: dict[str, Any] = {**(asked.get("parameters") or {}), "input_mode": asked["input_mode"]}
    if prompts := asked.get("prompts"):
        params["prompts"] = prompts
    answer: dict[str, Any] = {"status": "ok", "input_mode": asked["input_mode"]}
    graph, id = asked.get("graph"), asked.get("pipeline_id")
    if graph is not None:
        by_type = _nodes(graph)
        params |= {"graph": graph, "pipeline_ids": list(by_type["pipeline"].values())}
        answer |= {
            "graph": True,
            "pipeline_ids": params["pipeline_ids"],
            "sink_node_ids": list(by_type["sink"]),
            "source_node_ids": list(by_type["source"]),
        }
        await _load(by_type["pipeline"], desk)
    elif id is not None:
        params["pipeline_ids"] = [id]
        answer |= {"cloud_mode": False, "pipeline_id": id}
    else:
        raise HTTPException(422, "Either pipeline_id or graph must be provided")
    session = Headless(params, desk, desk.config)
    for node, values in (asked.get("node_parameters") or {}).items():
        session.stage.update({**values, "node_id": node})
    return session, answer


def _nodes(graph: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The ids of a graph's nodes by type, each with its pipeline's id.

    Raises:
        HTTPException: 400 if it is no graph that could run.
    """
    found: dict[str, dict[str, Any]] = {"source": {}, "pipeline": {}, "sink": {}, "record": {}}
    for node in graph["nodes"]:
        found.setdefault(node["type"], {})[node["id"]] = node.get("pipeline_id")
    if not found["sink"]:
        raise HTTPException(400, "Invalid graph: graph must have at least one sink node")
    if any(id is None for id in found["pipeline"].values()):
        raise HTTPException(400, "Invalid graph: a pipeline node has no pipeline_id")
    return found


async def _load(nodes: Mapping[str, str], desk: Desk) -> None:
    wanted = [Wanted(node, id, None) for node, id in nodes.items()]
    if not wanted:
        return
    desk.pipelines.load(wanted)
    async with asyncio.timeout(_LOAD_WITHIN):
        await asyncio.sleep(desk.config.load_race + 0.01)
        while desk.pipelines.state == "loading":
            await asyncio.sleep(0.01)
    if desk.pipelines.state != "loaded":
        raise HTTPException(500, f"Failed to load pipelines: {', '.join(nodes.values())}")
