"""Finds plugins, built-in ones among them, and makes a `Catalogue` of what they register.

A plugin is a module with hook implementations (see `nodegraph.hookspecs`). It is found by its
entry point in the group `nodegraph`, or in a folder (`places`). One broken plugin is a `Problem`
and keeps nobody else from loading (`loading`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from platformdirs import user_config_path

from nodegraph.hookspecs import PROJECT
from nodegraph.plugins.catalogue import Catalogue
from nodegraph.plugins.loading import Loader, Loading
from nodegraph.plugins.places import inside, installed
from nodegraph.plugins.waiting import told_if_long

__all__ = ["Catalogue", "beside", "find", "inside", "user_folder"]


def user_folder() -> Path:
    """The folder in which a user's own plugins lie, whatever patch is open."""
    return user_config_path(PROJECT, appauthor=False) / "plugins"


def find(
    *places: Path,
    left_out: Mapping[str, str] | None = None,
    loading: Loading = told_if_long,
) -> Catalogue:
    """Load every installed plugin, then those at the given places and in the user's folder.

    A plugin can end the process, or hang: `loading` is told the place of each before it is
    imported, and entered meanwhile, so that whoever starts the next process can have it `left_out`,
    by place, for a reason. Unless somebody else looks after that, stderr tells what takes long.
    """
    return Loader(left_out or {}, loading).load(
        [*installed(), *(plugin for path in (*places, user_folder()) for plugin in inside(path))]
    )


def beside(patch: Path) -> Catalogue:
    """What a patch file can use: installed plugins, those in `plugins/` beside it, the user's."""
    return find(patch.parent / "plugins")
