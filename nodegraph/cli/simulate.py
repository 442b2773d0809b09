"""`nodegraph simulate`: a Daydream Scope server without a GPU, in the foreground."""

from __future__ import annotations

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
) -> None:
    """Run a simulated Scope server, until Ctrl-C. It paints pictures that follow what is sent."""
    from nodegraph.scope.simulator import Config, serve

    serve(
        host,
        port,
        Config(
            chunk_frames=chunk_frames,
            chunk_seconds=chunk_seconds,
            load_seconds=load_seconds,
            seed=seed,
            caption=caption,
            show_numbers=numbers,
            honest=honest,
        ),
    )
