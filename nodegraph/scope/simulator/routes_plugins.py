"""Answer for plugins, keys, the cloud, the first visit, and whether a workflow could be played."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nodegraph.scope.simulator import answers
from nodegraph.scope.simulator import bodies_stores as bodies
from nodegraph.scope.simulator.stores import Stores
from nodegraph.scope.simulator.stores.workflow import resolve
from nodegraph.scope.simulator.web import API, constant, exact, read


def plugin_routes(stores: Stores) -> list[Route]:
    """Return the routes of plugins and workflows."""
    plugins = stores.plugins

    async def listed(request: Request) -> Response:
        found = plugins.listed()
        return JSONResponse({"plugins": found, "total": len(found), "failed_plugins": []})

    async def install(request: Request) -> Response:
        return JSONResponse(plugins.install(await read(request, bodies.PLUGIN_INSTALL)))

    async def remove(request: Request) -> Response:
        return JSONResponse(plugins.remove(request.path_params["name"]))

    async def reload(request: Request) -> Response:
        body = await read(request, bodies.PLUGIN_RELOAD)
        return JSONResponse(plugins.reload(request.path_params["name"], force=body["force"]))

    async def workflow(request: Request) -> Response:
        body = await read(request, bodies.WORKFLOW)
        known = stores.desk.pipelines.registered()
        return JSONResponse(resolve(body, known, stores.loras.listed()))

    return [
        exact("GET", f"{API}/plugins", listed),
        exact("POST", f"{API}/plugins", install),
        exact("DELETE", f"{API}/plugins/{{name}}", remove),
        exact("POST", f"{API}/plugins/{{name}}/reload", reload),
        exact("POST", f"{API}/workflow/resolve", workflow),
    ]


def account_routes(stores: Stores) -> list[Route]:
    """Return the routes of keys, of the cloud (which is never there) and of the first visit."""

    async def listed(request: Request) -> Response:
        return JSONResponse({"keys": stores.keys.listed()})

    async def put(request: Request) -> Response:
        await read(request, bodies.KEY)
        return JSONResponse(stores.keys.put(request.path_params["id"]))

    async def remove(request: Request) -> Response:
        return JSONResponse(stores.keys.remove(request.path_params["id"]))

    async def connect(request: Request) -> Response:
        await read(request, bodies.CLOUD)
        raise HTTPException(500, "400: cloud credentials are not configured, nor is there a cloud")

    async def visit(request: Request) -> Response:
        return JSONResponse(answers.ONBOARDING | stores.onboarding)

    async def visited(request: Request) -> Response:
        stores.onboarding |= await read(request, bodies.ONBOARDING)
        return await visit(request)

    one = f"{API}/keys/{{id}}"
    return [
        exact("GET", f"{API}/keys", listed),
        exact("PUT", one, put),
        exact("DELETE", one, remove),
        exact("GET", f"{API}/cloud/status", constant(answers.CLOUD)),
        exact("POST", f"{API}/cloud/connect", connect),
        exact("POST", f"{API}/cloud/disconnect", constant(answers.CLOUD)),
        exact("GET", f"{API}/onboarding/status", visit),
        exact("PUT", f"{API}/onboarding/status", visited),
    ]
