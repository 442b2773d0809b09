"""Answer for tempo, OSC and DMX."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from nodegraph.scope.simulator import bodies_stores as bodies
from nodegraph.scope.simulator.desk import Desk
from nodegraph.scope.simulator.stores import Stores
from nodegraph.scope.simulator.stores.osc import checked_inventory
from nodegraph.scope.simulator.web import API, events, exact, read


def tempo_routes(desk: Desk) -> list[Route]:
    """Return the routes of the tempo."""
    tempo = desk.tempo

    async def status(request: Request) -> Response:
        return JSONResponse(tempo.status())

    async def sources(request: Request) -> Response:
        return JSONResponse(tempo.sources())

    async def enable(request: Request) -> Response:
        body = await read(request, bodies.TEMPO)
        tempo.enable(body["source"], body["bpm"], body["beats_per_bar"])
        return JSONResponse(tempo.status())

    async def disable(request: Request) -> Response:
        tempo.disable()
        return JSONResponse(tempo.status())

    async def change(request: Request) -> Response:
        tempo.change((await read(request, bodies.BPM))["bpm"])
        return JSONResponse(tempo.status())

    return [
        exact("GET", f"{API}/tempo/status", status),
        exact("GET", f"{API}/tempo/sources", sources),
        exact("POST", f"{API}/tempo/enable", enable),
        exact("POST", f"{API}/tempo/disable", disable),
        exact("POST", f"{API}/tempo/set_tempo", change),
    ]


def osc_routes(stores: Stores) -> list[Route]:
    """Return the routes of the OSC inlet."""
    osc = stores.osc

    async def status(request: Request) -> Response:
        host, port = request.scope.get("server") or (None, None)
        told = osc.status()
        return JSONResponse(told if told["listening"] else told | {"host": host, "port": port or 0})

    async def paths(request: Request) -> Response:
        return JSONResponse(stores.osc_paths())

    async def settings(request: Request) -> Response:
        osc.log_all = (await read(request, bodies.OSC_SETTINGS))["log_all_messages"]
        return await status(request)

    async def inventory(request: Request) -> Response:
        body = await read(request, bodies.OSC_INVENTORY)
        osc.inventory = checked_inventory(body["paths"])
        return JSONResponse({"count": len(osc.inventory)})

    async def page(request: Request) -> Response:
        rows = "".join(
            f"<tr><td>{escape(path['osc_address'])}<td>{escape(path['type'])}"
            for group in stores.osc_paths()["active"].values()
            for path in group
        )
        return HTMLResponse(f"<!doctype html><title>OSC</title><table>{rows}</table>")

    return [
        exact("GET", f"{API}/osc/status", status),
        exact("GET", f"{API}/osc/paths", paths),
        exact("GET", f"{API}/osc/stream", events(osc.audience.listen)),
        exact("GET", f"{API}/osc/docs", page),
        exact("PUT", f"{API}/osc/settings", settings),
        exact("POST", f"{API}/osc/inventory", inventory),
    ]


def dmx_routes(stores: Stores) -> list[Route]:
    """Return the routes of the DMX inlet."""
    dmx = stores.dmx

    async def status(request: Request) -> Response:
        return JSONResponse(dmx.status())

    async def paths(request: Request) -> Response:
        return JSONResponse(stores.dmx_paths())

    async def config(request: Request) -> Response:
        return JSONResponse(dmx.config)

    async def settings(request: Request) -> Response:
        await dmx.change(await read(request, bodies.DMX_SETTINGS))
        return JSONResponse(dmx.status())

    async def configure(request: Request) -> Response:
        await dmx.change(await read(request, bodies.DMX_CONFIG))
        return JSONResponse(dmx.config)

    async def restart(request: Request) -> Response:
        await dmx.change(await read(request, bodies.DMX_RESTART))
        await dmx.restart()
        return JSONResponse(dmx.status())

    return [
        exact("GET", f"{API}/dmx/status", status),
        exact("GET", f"{API}/dmx/paths", paths),
        exact("GET", f"{API}/dmx/stream", events(dmx.audience.listen)),
        exact("GET", f"{API}/dmx/config", config),
        exact("PUT", f"{API}/dmx/config", configure),
        exact("PUT", f"{API}/dmx/settings", settings),
        exact("POST", f"{API}/dmx/restart", restart),
    ]
