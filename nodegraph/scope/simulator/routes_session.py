"""Answer for sessions: offers, candidates, parameters, metrics and the latest frame."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import Mapping
from typing import Any

from PIL import Image
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nodegraph.scope.simulator import answers, bodies
from nodegraph.scope.simulator.desk import Desk
from nodegraph.scope.simulator.models import Picture
from nodegraph.scope.simulator.session import CandidateError
from nodegraph.scope.simulator.stage import Stage
from nodegraph.scope.simulator.stores import Stores
from nodegraph.scope.simulator.stores.headless import ID as HEADLESS
from nodegraph.scope.simulator.web import API, constant, exact, read, whole

_IDLE_FPS = 30.0


def session_routes(desk: Desk, stores: Stores) -> list[Route]:
    """Return the routes that concern sessions."""

    async def offer(request: Request) -> Response:
        body = await read(request, bodies.OFFER)
        params = body.get("initialParameters") or {}
        if _loads(params.get("graph")) and desk.pipelines.state != "loaded":
            raise HTTPException(400, "Pipeline not loaded. Please load pipeline first.")
        try:
            answer = await desk.offer(body["sdp"], body["type"], params)
            if (session := desk.sessions.get(answer["sessionId"])) is not None:
                await stores.began(session, params)
        except Exception as error:  # as the real one: any failure is a 500 with its text
            desk.log.error("app", f"Error handling WebRTC offer: {error}")
            raise HTTPException(500, str(error)) from error
        return JSONResponse(answer)

    async def candidates(request: Request) -> Response:
        body = await read(request, bodies.CANDIDATES)
        session_id = request.path_params["session_id"]
        for init in body["candidates"]:
            if (session := desk.sessions.get(session_id)) is None:
                raise HTTPException(404, f"Session {session_id} not found")
            try:
                await session.add_candidate(init)
            except CandidateError as error:
                raise HTTPException(404, str(error)) from error
        return Response(status_code=204)

    async def delete(request: Request) -> Response:
        if (session := desk.sessions.get(request.path_params["session_id"])) is not None:
            await session.close()
        return Response(status_code=204)

    async def get_parameters(request: Request) -> Response:
        mirror = dict(desk.first.stage.mirror) if desk.first else {}
        return _json({"parameters": mirror})

    async def post_parameters(request: Request) -> Response:
        params = await read(request, bodies.PARAMETERS)
        try:
            desk.update_all(params)
            if stores.headless:
                stores.headless.stage.update(params)
        except TypeError as error:
            raise HTTPException(500, str(error)) from error
        return _json({"status": "ok", "applied_parameters": params})

    async def metrics(request: Request) -> Response:
        told = {}
        if (first := desk.first) is not None:
            told[first.id] = _metrics(first.stage, first.began)
        elif (alone := stores.headless) is not None:
            told[HEADLESS] = _metrics(alone.stage, alone.began) | {"headless": True}
        return _json({"sessions": told, "gpu": {}})

    async def frame(request: Request) -> Response:
        quality = whole(request, "quality", 85, 1, 100)
        picture = stores.headless.newest if stores.headless else None
        if (first := desk.first) is not None and not first.stage.layout.has_sink:
            picture = first.track.last
        if picture is None:
            text = "No frame available (no active session or pipeline not running)"
            raise HTTPException(404, text)
        return Response(await asyncio.to_thread(_jpeg, picture, quality), media_type="image/jpeg")

    one = f"{API}/webrtc/offer/{{session_id}}"
    return [
        exact("GET", f"{API}/webrtc/ice-servers", constant(answers.ICE_SERVERS)),
        exact("POST", f"{API}/webrtc/offer", offer),
        exact("PATCH", one, candidates),
        exact("DELETE", one, delete),
        exact("GET", f"{API}/session/parameters", get_parameters),
        exact("POST", f"{API}/session/parameters", post_parameters),
        exact("GET", f"{API}/session/metrics", metrics),
        exact("GET", f"{API}/session/frame", frame),
    ]


def _loads(graph: Mapping[str, Any] | None) -> bool:
    """Whether a session needs a loaded pipeline: unless its graph has no node that is one."""
    return graph is None or any(node["type"] == "pipeline" for node in graph["nodes"])


def _json(body: Any) -> Response:
    """Answer JSON in which the data channel may have put NaN."""
    return Response(json.dumps(body), media_type="application/json")


def _metrics(stage: Stage, began: float) -> dict[str, Any]:
    elapsed = time.monotonic() - began
    running = stage.generated > 0
    return {
        "frames_in": stage.frames_in,
        "frames_out": stage.sent,
        "elapsed_seconds": round(elapsed, 1),
        "fps_in": round(stage.frames_in / elapsed, 1) if elapsed > 0 else 0.0,
        "fps_out": round(stage.sent / elapsed, 1) if elapsed > 0 else 0.0,
        "pipeline_fps": round(stage.rate.fps, 1) if running else _IDLE_FPS,
        "output_sinks": {},
        "input_source_enabled": False,
        "input_source_type": None,
        "relay_mode": False,
    }


def _jpeg(picture: Picture, quality: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return file.getvalue()
