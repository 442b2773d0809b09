"""`nodegraph run`: play a patch live, with a Scope server or without."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nodegraph.cli.arguments import (
    Duration,
    Json,
    Loads,
    Loras,
    MaybePatch,
    Pipelines,
    Rate,
    Scopes,
    Seed,
    Settings,
    Sizes,
    Sound,
    Strict,
    check_out,
    read_settings,
)
from nodegraph.cli.guard import PROBLEMS, writing
from nodegraph.cli.servers import notes, read_servers, with_wishes

EXAMPLE = "nodegraph run pulse --audio song.flac --scope 127.0.0.1:8000"


def _policy(value: str) -> str:
    from nodegraph.runtime.budget import policy

    try:
        return policy(value)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def run(
    patch: MaybePatch = None,
    audio: Sound = None,
    scope: Scopes = None,
    pipeline: Pipelines = None,
    size: Sizes = None,
    load: Loads = None,
    lora: Loras = None,
    stay: Annotated[
        bool,
        typer.Option(
            "--stay",
            help="Go on in silence when the sound ends, until it is told to stop; "
            "without a PATCH begin with an empty one.",
        ),
    ] = False,
    recover: Annotated[
        bool, typer.Option("--recover", help="Go on with the show that a crash ended last.")
    ] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Offer what crashes ended no more.")
    ] = False,
    settings: Settings = None,
    rate: Rate = None,
    block: Annotated[
        int,
        typer.Option(
            min=64,
            max=4096,
            metavar="SAMPLES",
            help="How many make a tick: fewer hear a hit sooner, and are more work.",
        ),
    ] = 512,
    duration: Duration = None,
    seed: Seed = 0,
    slow: Annotated[
        str,
        typer.Option(
            metavar="POLICY",
            help="What to do about a node that takes over a quarter of a tick: warn, hold (let it "
            "rest a while), halve (run it every second tick), quarantine (until it is edited).",
            callback=_policy,
        ),
    ] = "warn",
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="TRACE",
            help="Keep what is sent to Scope, and write it when the show ends; "
            "`export` makes a workflow of it.",
        ),
    ] = None,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Play a patch live until its sound ends or Ctrl-C, and steer a Scope server with it.

    The patch may be edited while it plays: a file that is saved is heard at once, and what clients
    do through the show's own socket. What a crash ends is not lost: see --recover.
    """
    import asyncio

    from nodegraph.cli import lost
    from nodegraph.cli.chronicle import chronicle
    from nodegraph.cli.playing import go_on, perform, print_summary
    from nodegraph.cli.terminal import err, printable, say
    from nodegraph.graph import Patch
    from nodegraph.host.document import Document
    from nodegraph.host.offline import DEFAULT_RATE
    from nodegraph.host.opening import check_sound
    from nodegraph.host.session import sessions_folder
    from nodegraph.host.show import Show
    from nodegraph.host.transcript import Transcript
    from nodegraph.remote.address import shows
    from nodegraph.runtime.budget import policy
    from nodegraph.scope.link import ScopeLink
    from nodegraph.shipped import patch_path

    check_out(record, "--record")
    if recover and forget:
        raise typer.BadParameter("a lost show is recovered or forgotten, not both")
    if forget:
        lost.forget()
        if patch is None:
            return
    chosen = lost.choose(patch, recover, stay)
    for other in shows():
        text = f"{other.name} is running, too; it ends by: nodegraph tell --show {other.pid} stop"
        say(err(), printable(text), "yellow")
    known = chosen.notes if chosen else {}
    servers = with_wishes(
        lost.servers(known, read_servers(scope)),
        {"--pipeline": pipeline, "--size": size, "--load": load, "--lora": lora},
    )
    links = {name: ScopeLink(each.url, each.pipelines, each.load) for name, each in servers.items()}
    audio = audio or known.get("audio")
    check_sound(audio)
    plugins: list[Path] = []
    if chosen is None and patch is None:
        document = Document(Patch())
    elif chosen is None:
        path = patch_path(str(patch))
        document = Document.open(path)
        plugins.append(path.parent / "plugins")
    else:
        originals = [each.original for each in chosen.documents.values() if each.original]
        plugins += dict.fromkeys(original.parent / "plugins" for original in originals)
    show = Show(
        links.pop("", None),
        plugins=plugins,
        audio=audio,
        rate=rate or DEFAULT_RATE,
        block=block,
        seed=seed,
        slow=policy(slow),
        strict=strict,
    )
    place = str(Path(audio).absolute()) if audio and audio != "demo" else audio
    show.session.note({"audio": place, **notes(servers)})
    for name, link in links.items():
        show.outgoing.steer(link, name)
    if not show.links:
        say(err(), "no --scope is given: it plays without a server", "dim")
    if chosen is None:
        playing = perform(
            show,
            document,
            settings=read_settings(settings),
            duration=duration,
            strict=strict,
            stay=stay,
        )
    else:
        playing = go_on(show, chosen, duration, stay=stay)
    transcript = Transcript()
    if record is not None:
        show.outgoing.transcript = transcript
    try:
        with chronicle(sessions_folder().parent / "show.log"):
            summary = asyncio.run(playing)
    finally:
        if record is not None:
            with writing(record):
                record.write_bytes(transcript.trace(record.stem).to_bytes())
    print_summary(summary, as_json)
    if summary.problems or (summary.link is not None and not summary.link.frames):
        raise typer.Exit(PROBLEMS)
