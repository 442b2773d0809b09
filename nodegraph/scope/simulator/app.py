"""Put the simulated server together: routes, cross-origin rules, errors in Scope's form."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from nodegraph.scope.loopback import offer_loopback
from nodegraph.scope.simulator import answers
from nodegraph.scope.simulator.config import Config
from nodegraph.scope.simulator.cors import AnyOrigin
from nodegraph.scope.simulator.desk import Desk
from nodegraph.scope.simulator.routes_assets import asset_routes, lora_routes
from nodegraph.scope.simulator.routes_control import dmx_routes, osc_routes, tempo_routes
from nodegraph.scope.simulator.routes_headless import headless_routes
from nodegraph.scope.simulator.routes_inputs import input_routes
from nodegraph.scope.simulator.routes_plugins import account_routes, plugin_routes
from nodegraph.scope.simulator.routes_recordings import recording_routes
from nodegraph.scope.simulator.routes_server import server_routes
from nodegraph.scope.simulator.routes_session import session_routes
from nodegraph.scope.simulator.routes_simulator import simulator_routes
from nodegraph.scope.simulator.stores import Stores
from nodegraph.scope.simulator.validate import InvalidError
from nodegraph.scope.simulator.web import exact


def build_app(config: Config | None = None, address: tuple[str, int] | None = None) -> Starlette:
    """Build a simulated Scope server with a state of its own, as an ASGI application.

    Its `Desk` is at `app.state.desk`, its `Stores` at `app.state.stores`. At the `address`, that
    of its HTTP, it listens for OSC.
    """
    offer_loopback()
    config = config or Config()
    desk = Desk(config)
    stores = Stores(desk)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        desk.plan_faults()
        if address is not None:
            await stores.osc.open(*address)
        yield
        await stores.close()
        await desk.close()

    page = _page if config.frontend else _no_page
    app = Starlette(
        routes=[
            *server_routes(desk, stores),
            *session_routes(desk, stores),
            *headless_routes(desk, stores),
            *recording_routes(stores),
            *asset_routes(stores),
            *lora_routes(stores),
            *input_routes(stores),
            *plugin_routes(stores),
            *account_routes(stores),
            *tempo_routes(desk),
            *osc_routes(stores),
            *dmx_routes(stores),
            *simulator_routes(desk),
            exact("GET", "/", page if config.frontend else _no_root),
            exact("GET", "/{path:path}", page),
        ],
        middleware=[Middleware(AnyOrigin)],
        lifespan=lifespan,
        exception_handlers={HTTPException: _refused, InvalidError: _invalid},
    )
    app.state.desk, app.state.stores = desk, stores
    return app


async def _page(request: Request) -> Response:
    """Answer any unknown GET with the web page: a 200 alone proves nothing."""
    return HTMLResponse(answers.PAGE, headers=answers.PAGE_HEADERS)


async def _no_page(request: Request) -> Response:
    return JSONResponse({"detail": "Frontend not built"}, 404)


async def _no_root(request: Request) -> Response:
    return JSONResponse({"message": "Scope API - Frontend not built"})


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, InvalidError)
    return JSONResponse({"detail": error.errors}, 422)
