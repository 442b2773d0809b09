"""Answer for input sources: of those a simulator could have, video files, which are its assets."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
from PIL import Image
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from nodegraph.scope.simulator import answers
from nodegraph.scope.simulator.stores import Stores
from nodegraph.scope.simulator.web import API, constant, exact, whole

_WIDEST = 320


def input_routes(stores: Stores) -> list[Route]:
    """Return the routes of input sources."""

    def file(request: Request) -> Path:
        _check(request.path_params["kind"])
        return stores.assets.find(request.path_params["identifier"])

    async def senders(request: Request) -> Response:
        kind = request.path_params["kind"]
        _check(kind)
        whole(request, "timeout_ms", 5000, 0)
        found = [
            {"name": each["name"], "identifier": each["path"], "metadata": {}}
            for each in stores.assets.listed("video")
        ]
        return JSONResponse({"source_type": kind, "sources": found})

    async def resolution(request: Request) -> Response:
        picture = await asyncio.to_thread(_first, file(request))
        if picture is None:
            raise HTTPException(408, "Timed out waiting for a frame")
        return JSONResponse({"width": picture.width, "height": picture.height})

    async def preview(request: Request) -> Response:
        fps = whole(request, "fps", 2, 1, 30)
        flip = request.query_params.get("flip_vertical") in ("true", "1")
        picture = await asyncio.to_thread(_first, file(request))
        if picture is None:
            raise HTTPException(408, "Timed out waiting for a frame")
        kind = "multipart/x-mixed-replace; boundary=frame"
        return StreamingResponse(_mjpeg(picture, fps, flip=flip), media_type=kind)

    one = f"{API}/input-sources/{{kind}}/sources"
    return [
        exact("GET", f"{API}/input-sources", constant(answers.INPUT_SOURCES)),
        exact("GET", one, senders),
        exact("GET", f"{one}/{{identifier:path}}/resolution", resolution),
        exact("GET", f"{one}/{{identifier:path}}/stream", preview),
    ]


def _check(kind: str) -> None:
    if (problem := answers.input_source_problem(kind)) is not None:
        raise HTTPException(*problem)


def _first(path: Path) -> Image.Image | None:
    """The first picture of a file, None if there is none in it."""
    try:
        with av.open(str(path)) as container:
            frame: Any = next(container.decode(video=0))
            picture: Image.Image = frame.to_image()
            return picture
    except (av.FFmpegError, StopIteration, IndexError, OSError):
        return None


async def _mjpeg(picture: Image.Image, fps: int, *, flip: bool) -> AsyncIterator[bytes]:
    picture.thumbnail((_WIDEST, picture.height))
    if flip:
        picture = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    coded = io.BytesIO()
    picture.save(coded, "JPEG")
    while True:
        yield b"--frame\r\nContent-Type: image/jpeg\r\n\r\n" + coded.getvalue() + b"\r\n"
        await asyncio.sleep(1 / fps)
