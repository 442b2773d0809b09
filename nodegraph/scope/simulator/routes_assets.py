"""Answer for assets and LoRA files."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from nodegraph.scope.simulator import bodies_stores as bodies
from nodegraph.scope.simulator.stores import Stores
from nodegraph.scope.simulator.web import API, exact, query, read


def asset_routes(stores: Stores) -> list[Route]:
    """Return the routes of assets; what is uploaded is the body as it is, whatever its type."""
    assets = stores.assets

    async def listed(request: Request) -> Response:
        return JSONResponse({"assets": assets.listed(request.query_params.get("type"))})

    async def put(request: Request) -> Response:
        name = query(request, "filename")
        return JSONResponse(await assets.put(name, request.stream()))

    async def get(request: Request) -> Response:
        return FileResponse(assets.find(request.path_params["path"]))

    return [
        exact("GET", f"{API}/assets", listed),
        exact("POST", f"{API}/assets", put),
        exact("GET", f"{API}/assets/{{path:path}}", get),
    ]


def lora_routes(stores: Stores) -> list[Route]:
    """Return the routes of LoRA files."""
    loras = stores.loras

    async def listed(request: Request) -> Response:
        return JSONResponse({"lora_files": loras.listed()})

    async def install(request: Request) -> Response:
        body = await read(request, bodies.LORA_INSTALL)
        file = await loras.install(body["url"], body.get("filename"))
        message = f"Successfully installed '{file['name']}'"
        return JSONResponse({"message": message, "file": file})

    async def download(request: Request) -> Response:
        return JSONResponse(await loras.download(await read(request, bodies.LORA_DOWNLOAD)))

    async def note(request: Request) -> Response:
        body = await read(request, bodies.PROVENANCE)
        return JSONResponse(loras.note(request.path_params["name"], body))

    async def remove(request: Request) -> Response:
        name = request.path_params["name"]
        loras.remove(name)
        return JSONResponse({"success": True, "message": f"Successfully deleted '{name}'"})

    return [
        exact("GET", f"{API}/loras", listed),
        exact("POST", f"{API}/loras", install),
        exact("DELETE", f"{API}/loras/{{name}}", remove),
        exact("POST", f"{API}/lora/download", download),
        exact("PUT", f"{API}/lora/{{name}}/provenance", note),
    ]
