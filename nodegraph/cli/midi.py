"""The MIDI inputs there are, for `nodegraph devices`."""

from __future__ import annotations

from nodegraph.control.midi_ports import inputs
from nodegraph.errors import ControlError


def print_midi(as_json: bool) -> None:
    """List the names that the param `device` of MIDI nodes takes, or say why there are none."""
    from nodegraph.cli.terminal import columns, err, out, print_json, say, show

    try:
        found, why = inputs(), "no MIDI input is connected"
    except ControlError as error:
        found, why = [], str(error)
    if as_json:
        print_json([{"name": name} for name in found])
    elif found:
        table = columns("cyan", head=("MIDI input",))
        for name in found:
            table.add_row(name)
        show(out(), table)
    else:
        say(err(), why, "dim")
