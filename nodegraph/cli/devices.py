"""`nodegraph devices`: the audio inputs there are, and which of them work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nodegraph.cli.arguments import Json

if TYPE_CHECKING:
    from nodegraph.audio.devices import Device

EXAMPLE = "nodegraph devices"


def devices(
    probe: Annotated[
        bool, typer.Option(help="Try each of them, which may take a second for each.")
    ] = True,
    as_json: Json = False,
) -> None:
    """List the audio inputs that `audio.device` can hear."""
    from nodegraph.audio.devices import list_inputs
    from nodegraph.cli.terminal import columns, err, out, print_json, say, show

    found = list_inputs(probe)
    if as_json:
        print_json([_facts(device) for device in found])
        return
    if not found:
        say(err(), "this machine has no audio input; connect one, or play a file", "yellow")
        return
    table = columns("cyan", "", ">", ">", "dim", head=("name", "host API", "ch", "Hz", ""))
    for device in found:
        table.add_row(
            device.name, device.host_api, str(device.channels), str(device.rate), _words(device)
        )
    show(out(), table)


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
