"""Themes as files: how one is written, what can be wrong with it, and where they lie."""

from __future__ import annotations

from nodegraph.themes.files import SUFFIX, ThemeFile, dump, load, parse
from nodegraph.themes.library import shipped
from nodegraph.themes.reading import data_of, read

__all__ = ["SUFFIX", "ThemeFile", "data_of", "dump", "load", "parse", "read", "shipped"]
