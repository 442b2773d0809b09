"""Sound into blocks: the plugin behind `source="file"`, sound files and the demo track."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from nodegraph.hookspecs import OpenSource, Source, hookimpl


def open_file(params: Mapping[str, object], rate: int, folder: Path) -> Source:
    """The sound file at `path`, or the demo track where `path` is empty. Raises `AudioError`."""
    from nodegraph.audio.file import FileSource  # the decoder is loaded when sound is wanted

    return FileSource(params, rate, folder)


@hookimpl
def register_sources(register: Callable[[str, OpenSource], None]) -> None:
    register("file", open_file)
