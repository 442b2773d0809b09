"""Answer for recordings."""

from __future__ import annotations

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from nodegraph.scope.simulator.stores import Stores
from nodegraph.scope.simulator.stores.recordings import Recordings
from nodegraph.scope.simulator.web import API, exact


def recording_routes(stores: Stores) -> list[Route]:
    """Return the routes of recordings."""

    async def asked(request: Request) -> tuple[Recordings, str | None]:
        id = request.path_params["session_id"]
        if (recordings := await stores.recordings(id)) is None:
            raise HTTPException(404, f"Session {id} not found")
        return recordings, request.query_params.get("node_id")

    async def start(request: Request) -> Response:
        recordings, node = await asked(request)
        return JSONResponse({"status": recordings.start(node)})

    async def stop(request: Request) -> Response:
        recordings, node = await asked(request)
        return JSONResponse({"status": await recordings.stop(node)})

    async def fetch(request: Request) -> Response:
        recordings, node = await asked(request)
        file, name = await recordings.fetch(node)
        sent = BackgroundTask(file.unlink, missing_ok=True)
        return FileResponse(file, media_type="video/mp4", filename=name, background=sent)

    file = f"{API}/recordings/{{session_id}}"
    return [
        exact("GET", file, fetch),
        exact("POST", f"{file}/start", start),
        exact("POST", f"{file}/stop", stop),
    ]
