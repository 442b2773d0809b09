"""`nodegraph devices`: the audio inputs there are, and which of them work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nodegraph.cli.arguments import Duration, Json

if TYPE_CHECKING:
    from nodegraph.audio.devices import Device

EXAMPLE = "nodegraph devices loopback"


def devices(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Hear this one, and show how loud it is."),
    ] = None,
    probe: Annotated[
        bool, typer.Option(help="Try each of them, which may take a second for each.")
    ] = True,
    midi: Annotated[bool, typer.Option("--midi", help="List the MIDI inputs alone.")] = False,
    seconds: Duration = None,
    as_json: Json = False,
) -> None:
    """List the audio inputs that `audio.device` can hear, and the MIDI inputs; or hear one.

    NAME is what the param `device` takes: a name or a part of it, or loopback for what this machine
    plays.
    """
    from nodegraph.audio.devices import list_inputs
    from nodegraph.cli.midi import print_midi
    from nodegraph.cli.terminal import columns, err, out, print_json, say, show

    if name is not None:
        from nodegraph.audio.finding import find
        from nodegraph.cli.hearing import show_level

        show_level(out(), find(name), seconds)
        return
    if midi:
        print_midi(as_json)
        return
    found = list_inputs(probe)
    if as_json:
        print_json([_facts(device) for device in found])
        return
    if not found:
        say(err(), "this machine has no audio input; connect one, or play a file", "yellow")
        print_midi(False)
        return
    table = columns("cyan", "", ">", ">", "dim", head=("name", "host API", "ch", "Hz", ""))
    for device in found:
        table.add_row(
            device.name, device.host_api, str(device.channels), str(device.rate), _words(device)
        )
    show(out(), table)
    print_midi(False)


def _words(device: Device) -> str:
    said = ["default"] if device.default else []
    said += ["what this machine plays"] if device.monitor else []
    said += [f"does not work: {device.trouble}"] if device.trouble else []
    return ", ".join(said)


def _facts(device: Device) -> dict[str, object]:
    return {
        "name": device.name,
        "id": device.id,
        "host_api": device.host_api,
        "channels": device.channels,
        "rate": device.rate,
        "default": device.default,
        "monitor": device.monitor,
        "works": not device.trouble,
        "trouble": device.trouble,
    }
