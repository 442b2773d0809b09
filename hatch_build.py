"""Compiles `nodegraph.native.code` while the package is built. Without a compiler it is left out,
and nodegraph runs all of it in Python."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path("nodegraph", "native")


class NativeCode(BuildHookInterface[Any]):
    """Adds the compiled module to a wheel; for an editable install it lies beside its source."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, before anything is packed."""
        if self.target_name != "wheel":
            return
        try:
            made = _compiled(Path(self.root))
        except Exception as error:  # no compiler, no headers of Python: each says so in its own way
            self.app.display_warning(f"nodegraph will run without native code: {error}")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["artifacts"].append(f"/{made.as_posix()}")


def _compiled(root: Path) -> Path:
    """Where the module lies below the root, once it is made."""
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    sources = [path.relative_to(root) for path in sorted((root / FOLDER).glob("*.c"))]
    # Numbers have to be the same as in Python, so no two operations may be made one.
    flags = [] if os.name == "nt" else ["-O3", "-ffp-contract=off"]
    extension = Extension("code", [str(path) for path in sources], extra_compile_args=flags)
    command = build_ext(Distribution({"name": "nodegraph", "ext_modules": [extension]}))
    with tempfile.TemporaryDirectory() as folder:
        command.build_lib, command.build_temp, command.force = str(FOLDER), folder, True
        command.ensure_finalized()
        command.run()
    return FOLDER / command.get_ext_filename("code")
