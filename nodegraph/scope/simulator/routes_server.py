"""Answer for the server itself: health, pipelines, models, logs, and what it has to offer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from nodegraph.scope.simulator import answers, bodies
from nodegraph.scope.simulator.desk import Desk
from nodegraph.scope.simulator.pipelines import Wanted
from nodegraph.scope.simulator.schemas import node_definitions, schemas
from nodegraph.scope.simulator.web import constant, exact, query, read, whole

_API = "/api/v1"
_CONSTANT: Mapping[str, Any] = {
    "/hardware/info": answers.HARDWARE,
    "/webrtc/ice-servers": answers.ICE_SERVERS,
    "/input-sources": answers.INPUT_SOURCES,
    "/keys": answers.KEYS,
    "/plugins": answers.PLUGINS,
    "/loras": answers.LORAS,
    "/assets": answers.ASSETS,
    "/cloud/status": answers.CLOUD,
    "/onboarding/status": answers.ONBOARDING,
    "/tempo/status": answers.TEMPO,
    "/tempo/sources": answers.TEMPO_SOURCES,
}


def server_routes(desk: Desk) -> list[Route]:
    """Return the routes that concern no session."""
    told = schemas(honest=desk.config.honest)

    async def health(request: Request) -> Response:
        return JSONResponse(
            {
                "status": "healthy",
                "timestamp": datetime.now().isoformat(),
                "server_start_time": desk.start_time,
                "version": answers.VERSION,
                "git_commit": "simulator",
            }
        )

    async def restart(request: Request) -> Response:
        desk.restart()
        return JSONResponse({"message": "Server restarting..."})

    async def load(request: Request) -> Response:
        wanted = _wanted(await read(request, bodies.LOAD))
        if not wanted:
            raise HTTPException(400, "Either 'pipelines' or 'pipeline_ids' must be provided")
        desk.pipelines.load(wanted)
        return JSONResponse({"message": "Pipeline loading initiated successfully"})

    async def status(request: Request) -> Response:
        return JSONResponse(desk.pipelines.status())

    async def download(request: Request) -> Response:
        pipeline_id = (await read(request, bodies.DOWNLOAD))["pipeline_id"]
        desk.log.info("download_models", f"Downloading models for pipeline: {pipeline_id}")
        return JSONResponse({"message": f"Model download started for {pipeline_id}"})

    async def models(request: Request) -> Response:
        query(request, "pipeline_id")
        return JSONResponse(answers.DOWNLOADED)

    async def tail(request: Request) -> Response:
        count = whole(request, "lines", 200, 1, 1000)
        lines, offset = desk.log.tail(count, whole(request, "since_offset", 0, 0))
        return JSONResponse({"lines": lines, "offset": offset})

    async def log(request: Request) -> Response:
        disposition = 'attachment; filename="scope-simulator.log"'
        return PlainTextResponse(desk.log.text(), headers={"content-disposition": disposition})

    async def osc(request: Request) -> Response:
        server = request.scope.get("server") or ("", 0)
        return JSONResponse(
            {
                "enabled": False,
                "listening": False,
                "port": server[1] or 0,
                "host": server[0],
                "log_all_messages": False,
            }
        )

    async def sources(request: Request) -> Response:
        kind = request.path_params["kind"]
        if (problem := answers.input_source_problem(kind)) is not None:
            raise HTTPException(*problem)
        return JSONResponse({"source_type": kind, "sources": []})

    async def state(request: Request) -> Response:
        return PlainTextResponse(
            json.dumps(desk.state(), default=str), media_type="application/json"
        )

    async def chunk(request: Request) -> Response:
        body = await read(request, bodies.CHUNK)
        desk.pipelines.set_chunk(body["frames"], body["seconds"])
        return JSONResponse(body)

    return [
        *(exact("GET", _API + path, constant(body)) for path, body in _CONSTANT.items()),
        exact("GET", f"{_API}/pipelines/schemas", constant({"pipelines": told})),
        exact("GET", f"{_API}/nodes/definitions", constant({"nodes": node_definitions(told)})),
        exact("GET", "/health", health),
        exact("POST", f"{_API}/restart", restart),
        exact("POST", f"{_API}/pipeline/load", load),
        exact("GET", f"{_API}/pipeline/status", status),
        exact("GET", f"{_API}/models/status", models),
        exact("POST", f"{_API}/models/download", download),
        exact("GET", f"{_API}/logs/tail", tail),
        exact("GET", f"{_API}/logs/current", log),
        exact("GET", f"{_API}/osc/status", osc),
        exact("GET", f"{_API}/input-sources/{{kind}}/sources", sources),
        exact("GET", f"{_API}/assets/{{path:path}}", _no_asset),
        exact("GET", "/simulator/state", state),
        exact("POST", "/simulator/chunk", chunk),
    ]


async def _no_asset(request: Request) -> Response:
    """The simulator keeps no assets, so none is ever found."""
    if ".." in request.path_params["path"].split("/"):
        raise HTTPException(403, "Invalid path")
    raise HTTPException(404, "Asset not found")


def _wanted(body: Mapping[str, Any]) -> list[Wanted]:
    """Read either form of a load request; the newer one wins."""
    if pipelines := body.get("pipelines"):
        return [Wanted(e["node_id"], e["pipeline_id"], e.get("load_params")) for e in pipelines]
    params = body.get("load_params")
    return [Wanted(each, each, params) for each in body.get("pipeline_ids") or ()]
