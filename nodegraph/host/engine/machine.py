"""What the engine asks of the operating system, and does without where it is refused."""

from __future__ import annotations

import ctypes
import faulthandler
import io
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

_PRIORITY = 10
"""Real-time, but below what a desktop gives to its sound server."""

_LONGEST = 2_000_000
"""Microseconds that a thread may keep a core at real-time priority without once waiting. After it
the kernel ends the engine, for on a machine of one core nobody else could."""

_LARGEST_LOG = 4 << 20
"""Bytes after which the file with the engine's output is begun again."""

_kept: list[TextIO] = []

_PR_SET_PDEATHSIG = 1
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4


def die_with(host: int) -> None:
    """End when the host does, however it ends. Elsewhere than on Linux only the closed socket
    tells. And end at once: a core dump would take longer than all the rest of a restart."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != host:  # it died before we asked
            os._exit(0)


def go_first() -> bool:
    """Ask for real-time priority for this thread. False if it was not granted."""
    if sys.platform != "linux":
        return False
    import resource

    try:
        _, most = resource.getrlimit(resource.RLIMIT_RTTIME)
        limit = _LONGEST if most == resource.RLIM_INFINITY else min(_LONGEST, most)
        resource.setrlimit(resource.RLIMIT_RTTIME, (limit * 3 // 4, limit))
        policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_param(_PRIORITY))
    except (OSError, ValueError):
        return False
    return True


def stay_in_memory() -> bool:
    """Keep pages that were touched once from being swapped out. False if it was not granted."""
    if sys.platform != "linux":
        return False
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if soft != resource.RLIM_INFINITY and os.geteuid() != 0:
        return False  # it could be granted now, and fail an allocation later
    locked: int = ctypes.CDLL(None).mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT)
    return locked == 0


ASKS: Mapping[str, Callable[[], bool]] = {"memory": stay_in_memory, "real-time": go_first}
"""What an engine asks for when it begins to tick, in its tick thread."""


def resident(process: int | str = "self") -> int | None:
    """Bytes of memory that a process holds; None where the system does not say."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_bytes().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def queued(process: int) -> float:
    """Seconds that a process's first thread has spent ready to run while others ran; 0 where the
    system does not say."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_bytes().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def tell_where(path: Path) -> None:
    """Write every thread's place into a file when the engine crashes, or when the host asks.

    The file stays open as long as the process runs.
    """
    file = path.open("a")  # so that the host may empty it
    _kept.append(file)
    faulthandler.enable(file)
    if sys.platform != "win32":
        faulthandler.register(signal.SIGUSR1, file)
        if sys.platform == "linux":
            faulthandler.register(signal.SIGXCPU, file)


class _Log(io.RawIOBase):
    """A file that takes everything: what cannot be written, on a full disk say, is dropped."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._room = _LARGEST_LOG

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        size = memoryview(data).nbytes  # type: ignore[arg-type]  # RawIOBase promises a buffer
        try:
            if size > self._room:
                os.ftruncate(self._descriptor, 0)
                self._room = _LARGEST_LOG
            self._room -= size
            os.write(self._descriptor, data)  # type: ignore[arg-type]  # the same
        except OSError:
            pass
        return size


def quiet_output() -> None:
    """Let nothing that a node prints fail or wait. The host has made a file of both outputs."""
    if sys.platform != "win32":
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the host decides what Ctrl-C means
    log = io.TextIOWrapper(_Log(2), "utf-8", "backslashreplace", write_through=True)  # type: ignore[type-var]  # typeshed asks for more than TextIOWrapper uses
    sys.stdout = sys.stderr = log
