"""`nodegraph simulate`: a Daydream Scope server without a GPU, in the foreground."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EXAMPLE = "nodegraph simulate --port 8000 --chunk-seconds 0.8"


def simulate(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="The port; 0 takes a free one.")
    ] = 8000,
    chunk_frames: Annotated[int, typer.Option(min=1, max=96, help="Frames in a chunk.")] = 12,
    chunk_seconds: Annotated[
        float, typer.Option(min=0.01, max=60, help="Seconds that a chunk takes.")
    ] = 0.6,
    load_seconds: Annotated[
        float, typer.Option(min=0, max=600, help="Seconds that loading takes.")
    ] = 0.8,
    vram_gb: Annotated[
        float, typer.Option(min=0, max=1000, help="Its graphics memory; with any, all pipelines.")
    ] = 0.0,
    folder: Annotated[
        Path | None, typer.Option(help="Where it keeps assets, LoRAs and settings.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Without model files: they are to be downloaded first.")
    ] = False,
    tempo: Annotated[
        bool,
        typer.Option(
            "--tempo",
            help="Able to follow a tempo, once POST /api/v1/tempo/enable says so, or the beat that "
            "a client tells: changes wait for it, values move with it.",
        ),
    ] = False,
    plugins: Annotated[str, typer.Option(help="Its plugins; it knows scope-probe.")] = "",
    seed: Annotated[int, typer.Option(help="Added to every base_seed.")] = 0,
    caption: Annotated[
        bool, typer.Option("--caption", help="Write the prompt and values into the pictures.")
    ] = False,
    numbers: Annotated[
        bool, typer.Option("--numbers", help="Mark each picture with its message's number.")
    ] = False,
    honest: Annotated[
        bool, typer.Option("--honest", help="Ignore what a real longlive ignores, too.")
    ] = False,
    sound: Annotated[
        bool, typer.Option("--sound", help="Make sound, too, as some plugins do.")
    ] = False,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[@SECONDS]",
            help="Let something go wrong so many seconds after the start: stall, memory, drop, "
            "stun, ice, steal, unload, restart, kill; `stall@20+3` lasts three. Repeatable.",
        ),
    ] = None,
) -> None:
    """Run a simulated Scope server, until Ctrl-C. It paints pictures that follow what is sent.

    What goes wrong with a real one can be rehearsed: set for a time by --fault, or while it runs by
    POST /simulator/fault with {"fault": "stall", "seconds": 3}.
    """
    from nodegraph.scope.simulator import Config, serve
    from nodegraph.scope.simulator.faults import FaultError, parse_faults

    faults = ",".join(fault or ())
    try:
        parse_faults(faults)
    except FaultError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from None

    serve(
        host,
        port,
        Config(
            chunk_frames=chunk_frames,
            chunk_seconds=chunk_seconds,
            load_seconds=load_seconds,
            vram_gb=vram_gb,
            folder=str(folder or ""),
            fresh=fresh,
            tempo=tempo,
            plugins=plugins,
            seed=seed,
            caption=caption,
            show_numbers=numbers,
            honest=honest,
            sound=sound,
            fault=faults,
        ),
    )
