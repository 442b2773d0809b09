"""Answer what no real server has: let something go wrong now."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nodegraph.scope.simulator.desk import Desk
from nodegraph.scope.simulator.faults import WHILE, FaultError
from nodegraph.scope.simulator.validate import Field, model, needed, number, string
from nodegraph.scope.simulator.web import exact, read

_FAULT = model({"fault": needed(string), "seconds": Field(number(0.0, 1e6))})


def simulator_routes(desk: Desk) -> list[Route]:
    """Return the routes of the simulator's own."""

    async def fault(request: Request) -> Response:
        body = await read(request, _FAULT)
        try:
            desk.faults.happen(body["fault"], body.get("seconds") or WHILE)
        except FaultError as error:
            raise HTTPException(400, str(error)) from error
        return JSONResponse({"fault": body["fault"]})

    return [exact("POST", "/simulator/fault", fault)]
