"""Sound into blocks: the plugin behind `source="file"` (sound files, the demo track) and
`source="device"` (audio inputs)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from nodegraph.hookspecs import OpenSource, Source, hookimpl


def open_file(params: Mapping[str, object], rate: int, folder: Path) -> Source:
    """The sound file at `path`, or the demo track where `path` is empty. Raises `AudioError`."""
    from nodegraph.audio.file import FileSource  # the decoder is loaded when sound is wanted

    return FileSource(params, rate, folder)


def open_device(params: Mapping[str, object], rate: int, folder: Path) -> Source:
    """The input named `device` on `host_api`, or the default one. Raises `AudioError`."""
    from nodegraph.audio.device import DeviceSource  # PortAudio likewise
    from nodegraph.audio.finding import find

    device = find(str(params.get("device", "")), str(params.get("host_api", "")))
    return DeviceSource(device, params, rate)


@hookimpl
def register_sources(register: Callable[[str, OpenSource], None]) -> None:
    register("file", open_file)
    register("device", open_device)
