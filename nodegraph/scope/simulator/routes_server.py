"""Answer for the server itself: health, hardware, pipelines, models, logs."""

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
from nodegraph.scope.simulator.definitions import node_definitions
from nodegraph.scope.simulator.desk import Desk
from nodegraph.scope.simulator.pipelines import Wanted
from nodegraph.scope.simulator.stores import Stores
from nodegraph.scope.simulator.web import API, exact, query, read, whole


def server_routes(desk: Desk, stores: Stores) -> list[Route]:
    """Return the routes that concern no session."""

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
        await stores.restart()
        return JSONResponse({"message": "Server restarting..."})

    async def load(request: Request) -> Response:
        wanted = _wanted(await read(request, bodies.LOAD))
        if not wanted:
            raise HTTPException(400, "Either 'pipelines' or 'pipeline_ids' must be provided")
        desk.pipelines.load(wanted)
        return JSONResponse({"message": "Pipeline loading initiated successfully"})

    async def status(request: Request) -> Response:
        return JSONResponse(desk.pipelines.status())

    async def hardware(request: Request) -> Response:
        return JSONResponse(answers.HARDWARE | {"vram_gb": desk.config.vram_gb or None})

    async def schemas(request: Request) -> Response:
        return JSONResponse({"pipelines": desk.pipelines.registered()})

    async def definitions(request: Request) -> Response:
        return JSONResponse({"nodes": node_definitions(desk.pipelines.registered())})

    async def download(request: Request) -> Response:
        id = (await read(request, bodies.DOWNLOAD))["pipeline_id"]
        stores.models.download(id)
        return JSONResponse({"message": f"Model download started for {id}"})

    async def models(request: Request) -> Response:
        return JSONResponse(stores.models.status(query(request, "pipeline_id")))

    async def tail(request: Request) -> Response:
        count = whole(request, "lines", 200, 1, 1000)
        lines, offset = desk.log.tail(count, whole(request, "since_offset", 0, 0))
        return JSONResponse({"lines": lines, "offset": offset})

    async def log(request: Request) -> Response:
        disposition = 'attachment; filename="scope-simulator.log"'
        return PlainTextResponse(desk.log.text(), headers={"content-disposition": disposition})

    async def state(request: Request) -> Response:
        return PlainTextResponse(
            json.dumps(desk.state(), default=str), media_type="application/json"
        )

    async def chunk(request: Request) -> Response:
        body = await read(request, bodies.CHUNK)
        desk.pipelines.set_chunk(body["frames"], body["seconds"])
        return JSONResponse(body)

    return [
        exact("GET", f"{API}/hardware/info", hardware),
        exact("GET", f"{API}/pipelines/schemas", schemas),
        exact("GET", f"{API}/nodes/definitions", definitions),
        exact("GET", "/health", health),
        exact("POST", f"{API}/restart", restart),
        exact("POST", f"{API}/pipeline/load", load),
        exact("GET", f"{API}/pipeline/status", status),
        exact("GET", f"{API}/models/status", models),
        exact("POST", f"{API}/models/download", download),
        exact("GET", f"{API}/logs/tail", tail),
        exact("GET", f"{API}/logs/current", log),
        exact("GET", "/simulator/state", state),
        exact("POST", "/simulator/chunk", chunk),
    ]


def _wanted(body: Mapping[str, Any]) -> list[Wanted]:
    """Read either form of a load request; the newer one wins."""
    if pipelines := body.get("pipelines"):
        return [Wanted(e["node_id"], e["pipeline_id"], e.get("load_params")) for e in pipelines]
    params = body.get("load_params")
    return [Wanted(each, each, params) for each in body.get("pipeline_ids") or ()]
