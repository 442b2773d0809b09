"""Answer for sessions: offers, candidates, parameters, metrics and the latest frame."""

from __future__ import annotations

import asyncio
import io
import json
import time
from typing import Any

from PIL import Image
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nodegraph.scope.simulator import bodies
from nodegraph.scope.simulator.desk import Desk
from nodegraph.scope.simulator.models import Picture
from nodegraph.scope.simulator.session import CandidateError, Session
from nodegraph.scope.simulator.web import exact, read, whole

_API = "/api/v1"
_IDLE_FPS = 30.0


def session_routes(desk: Desk) -> list[Route]:
    """Return the routes that concern sessions."""

    async def offer(request: Request) -> Response:
        body = await read(request, bodies.OFFER)
        if desk.pipelines.state != "loaded":
            raise HTTPException(400, "Pipeline not loaded. Please load pipeline first.")
        try:
            answer = await desk.offer(body["sdp"], body["type"], _initial(body))
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
        except TypeError as error:
            raise HTTPException(500, str(error)) from error
        return _json({"status": "ok", "applied_parameters": params})

    async def metrics(request: Request) -> Response:
        first = desk.first
        return _json({"sessions": {first.id: _metrics(first)} if first else {}, "gpu": {}})

    async def frame(request: Request) -> Response:
        quality = whole(request, "quality", 85, 1, 100)
        picture = desk.first.track.last if desk.first else None
        if picture is None:
            text = "No frame available (no active session or pipeline not running)"
            raise HTTPException(404, text)
        return Response(await asyncio.to_thread(_jpeg, picture, quality), media_type="image/jpeg")

    async def recording(request: Request) -> Response:
        """Recordings are not simulated: an open session answers as one whose file is gone."""
        session_id = request.path_params["session_id"]
        if session_id not in desk.sessions:
            raise HTTPException(404, f"Session {session_id} not found")
        raise HTTPException(404, "Recording file not available")

    one = f"{_API}/webrtc/offer/{{session_id}}"
    file = f"{_API}/recordings/{{session_id}}"
    return [
        exact("POST", f"{_API}/webrtc/offer", offer),
        exact("PATCH", one, candidates),
        exact("DELETE", one, delete),
        exact("GET", f"{_API}/session/parameters", get_parameters),
        exact("POST", f"{_API}/session/parameters", post_parameters),
        exact("GET", f"{_API}/session/metrics", metrics),
        exact("GET", f"{_API}/session/frame", frame),
        exact("GET", file, recording),
        exact("POST", f"{file}/start", recording),
        exact("POST", f"{file}/stop", recording),
    ]


def _initial(body: dict[str, Any]) -> dict[str, Any]:
    initial = body.get("initialParameters")
    return initial if isinstance(initial, dict) else {}


def _json(body: Any) -> Response:
    """Answer JSON in which the data channel may have put NaN."""
    return Response(json.dumps(body), media_type="application/json")


def _metrics(session: Session) -> dict[str, Any]:
    stage = session.stage
    elapsed = time.monotonic() - session.began
    running = stage.generated > 0
    return {
        "frames_in": stage.video.count,
        "frames_out": stage.sent,
        "elapsed_seconds": round(elapsed, 1),
        "fps_in": round(stage.video.count / elapsed, 1) if elapsed > 0 else 0.0,
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
