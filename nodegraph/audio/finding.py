"""Finds the audio input that a name means."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from nodegraph.audio.devices import Device, list_inputs
from nodegraph.errors import AudioError

LOOPBACK: Final = "loopback"
"""The name that stands for what this machine plays."""

_HOW: Final = {
    "darwin": "macOS has none of its own: install BlackHole, and play into it",
    "win32": "enable Stereo Mix in the sound settings, or install VB-CABLE",
}
_ELSEWHERE: Final = "it needs a sound server, PipeWire or PulseAudio, and its pactl"


def find(
    name: str,
    host_api: str = "",
    inputs: Sequence[Device] | None = None,
    *,
    exact: bool = False,
) -> Device:
    """The input of that name: exactly, or (unless `exact`) the only one with `name` in its name.

    "" is the default input, "loopback" the one that brings what this machine plays. Raises
    `AudioError` if there is none, or more than one.
    """
    everything = list_inputs() if inputs is None else inputs
    if not everything:
        raise AudioError("this machine has no audio input; connect one, or play a file")
    among = [one for one in everything if host_api.casefold() in ("", one.host_api.casefold())]
    if not among:
        apis = ", ".join(sorted({one.host_api for one in everything}))
        raise AudioError(f"there is no input of the host API {host_api!r}; there are: {apis}")
    if not name:
        fits = [one for one in among if one.default] or among
        if len(fits) == 1:
            return fits[0]
        raise AudioError(f"no input is the default one; there are: {_names(among)}")
    part = name.casefold()
    if part == LOOPBACK:
        return _loopback(among)
    for fits in (
        [one for one in among if one.id == name],
        [one for one in among if one.name == name],
        [] if exact else [one for one in among if part in one.name.casefold()],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise AudioError(f"{name!r} is the name of several inputs: {_names(fits)}; say which")
    raise AudioError(f"there is no input {name!r}; there are: {_names(among)}")


def _loopback(among: Sequence[Device]) -> Device:
    monitors = [one for one in among if one.monitor]
    fits = [one for one in monitors if one.played] or monitors
    if not fits:
        how = _HOW.get(sys.platform, _ELSEWHERE)
        raise AudioError(f"no input brings what this machine plays; {how}")
    if len(fits) > 1:
        raise AudioError(f"several inputs bring what is played: {_names(fits)}; say which")
    return fits[0]


def _names(inputs: Sequence[Device]) -> str:
    return ", ".join(f"{one.id!r} ({one.host_api})" for one in inputs)
