"""Opens a window on a show that runs; whoever has started the show says so."""

from __future__ import annotations

from functools import partial

from nodegraph.editor.display import why_no_window
from nodegraph.editor.link import Link
from nodegraph.remote.address import find_show


def open_window(show: str | None = None, *, owns_show: bool = False) -> str:
    """Show the editor until its window is closed. Returns why it could not, or an empty text.

    `show` is a name or a process; by default it is the only one that runs.
    """
    if complaint := why_no_window():
        return complaint
    try:
        from nodegraph.editor.app import App
    except ImportError as error:
        return f"the editor needs Dear PyGui ({error}): pip install dearpygui"
    App(Link(partial(find_show, show)), owns_show=owns_show).run()
    return ""
