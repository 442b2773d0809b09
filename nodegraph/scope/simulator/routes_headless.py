"""Answer for the session without a client: it is begun, ended and watched over HTTP."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from nodegraph.scope.simulator import bodies_stores as bodies
from nodegraph.scope.simulator.desk import Desk
from nodegraph.scope.simulator.stores import Stores
from nodegraph.scope.simulator.stores.coding import transport_stream
from nodegraph.scope.simulator.stores.headless import begin
from nodegraph.scope.simulator.web import API, exact, read


def headless_routes(desk: Desk, stores: Stores) -> list[Route]:
    """Return the routes of the session without a client."""

    async def start(request: Request) -> Response:
        asked = await read(request, bodies.START)
        await stores.end_headless()
        session, answer = await begin(asked, desk)
        stores.begun_headless(session, asked)
        return JSONResponse(answer)

    async def stop(request: Request) -> Response:
        if not await stores.end_headless():
            raise HTTPException(404, "No headless session running")
        return JSONResponse({"status": "ok", "message": "Headless session stopped"})

    async def output(request: Request) -> Response:
        if (session := stores.headless) is None:
            raise HTTPException(404, "No headless session running")
        stream = transport_stream(lambda: session.newest)
        return StreamingResponse(stream, media_type="video/mp2t")

    return [
        exact("POST", f"{API}/session/start", start),
        exact("POST", f"{API}/session/stop", stop),
        exact("GET", f"{API}/session/output.ts", output),
    ]
