"""A Daydream Scope 0.2.4 server without a GPU: the same traps, and pictures that follow the music.

    with running(Config(chunk_seconds=0.2)) as url:
        ...                                     # talk to it as to any Scope
    serve(port=8000)                            # in a process of its own

What a real longlive ignores shows here all the same (`noise_scale` in text mode), unless the
configuration says `honest`. `GET /simulator/state` tells what was received and applied.

    config            what can be set
    serve, app        the process, the routes; `web`, `routes_*`, `answers`, `bodies*`, `validate`
    stores            assets, LoRAs, models, plugins, recordings, OSC, DMX
    desk              the state the routes share
    pipelines         loading, and its status; `building`, `schemas`, `definitions`, `graph`
    session, track    WebRTC: one client, its channel, its returned video
    stage, processor  one session's chunks: worker threads, and the eight-slot queue
    tempo             the beat: `beats`, `rhythm` with its `modulation`, `quantiser`
    models, filters   what a loaded pipeline does; `conditioning`, `words` stand for the text
    painter           the picture; `lettering` what is written on it
"""

from __future__ import annotations

from nodegraph.scope.simulator.app import build_app
from nodegraph.scope.simulator.config import Config
from nodegraph.scope.simulator.lettering import read_number
from nodegraph.scope.simulator.serve import running, serve

__all__ = ["Config", "build_app", "read_number", "running", "serve"]
