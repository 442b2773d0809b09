"""Engines of other people, fetched from their public packages into a cache folder of the user's."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path
from reactive import Signal

RYVENCORE = "ryvencore==0.5.*"
LIBROSA = "librosa==0.11.*"
AUBIO = "aubio-ledfx==0.4.*"
JAVASCRIPT = ("litegraph.js@0.7", "meyda@5.6")

_PATIENCE = 120
"""Seconds for an installer."""


class MissingError(Exception):
    """A peer cannot be had; the text says why."""


def _cache(name: str) -> Path:
    return user_cache_path("nodegraph-bench", appauthor=False) / name


def _install(folder: Path, command: list[str]) -> None:
    """Run an installer once; what it left half done is thrown away."""
    ready = folder / ".ready"
    if ready.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_PATIENCE)
    except subprocess.CalledProcessError as error:
        told = error.stderr.strip().splitlines() or ["no reason given"]
        raise MissingError(f"{command[0]} failed: {told[-1][:100]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingError(f"it cannot be installed ({type(error).__name__})") from error
    ready.touch()


def fetch_ryvencore() -> None:
    """Make `import ryvencore` work. Raises `MissingError`."""
    _imported("ryvencore", RYVENCORE)


def fetch_librosa() -> Any:
    """The module librosa. Raises `MissingError`."""
    return _imported("librosa", LIBROSA)


def fetch_aubio() -> Any:
    """The module aubio. Raises `MissingError`."""
    return _imported("aubio", AUBIO)


def _fetch(name: str, package: str) -> None:
    folder = _cache(name)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    _install(folder, [*pip, "--target", str(folder), package])
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _imported(name: str, package: str) -> Any:
    _fetch(name, package)
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingError(f"{name} cannot be imported: {error}") from error


class JavaScript:
    """A process of node that runs a script of this folder on a sound, with litegraph.js and Meyda
    at hand. The script says what it answers to."""

    def __init__(self, script: str, sound: Signal) -> None:
        """Raises `MissingError`."""
        node, npm = shutil.which("node"), shutil.which("npm")
        if node is None or npm is None:
            raise MissingError("there is no node or no npm here")
        folder = _cache("javascript")
        options = ["--silent", "--no-fund", "--no-audit", "--ignore-scripts"]
        _install(folder, [npm, "install", *options, "--prefix", str(folder), *JAVASCRIPT])
        self._process = subprocess.Popen(
            [node, str(Path(__file__).with_name(script)), str(folder / "node_modules")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        told = self._ask(f"sound {base64.b64encode(sound.tobytes()).decode()}")
        if told != "ready":
            self.close()
            raise MissingError(f"{script} does not start: {told[:100]}")

    def run(self, ticks: int) -> float:
        """So many ticks; gives the seconds of CPU that they took."""
        return float(self._ask(f"run {ticks}")) * 1e-6

    def values(self, ticks: int) -> dict[str, float]:
        """What it has found after so many ticks from the beginning."""
        found: Any = json.loads(self._ask(f"values {ticks}"))
        return dict(found)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return "it ended"
        return self._process.stdout.readline().strip()
