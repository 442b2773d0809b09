"""One engine process as the host sees it: started, spoken to, watched, killed."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

from nodegraph.host.aside import last_line
from nodegraph.host.engine.blame import place, where_in
from nodegraph.host.engine.door import INHERITS, Door
from nodegraph.host.engine.end import of_code
from nodegraph.host.engine.machine import resident
from nodegraph.host.engine.protocol import (
    DECKS,
    PULSE,
    TRACE,
    FromEngine,
    Importing,
    Started,
    Stop,
    ToEngine,
    Welcome,
    engine_name,
)
from nodegraph.host.engine.pulse import Pulse
from nodegraph.host.engine.wire import ProtocolError, from_engine, to_data
from nodegraph.plugins.waiting import LONG, sentence
from nodegraph.remote.errors import FramingError, PeerGone
from nodegraph.remote.stream import Stream
from nodegraph.runtime.shipping import Packer

log = logging.getLogger(__name__)

LOG = "engine.log"
"""The file in the show's folder that takes what nodes print."""

_LAST_WORDS = 0.5
"""Seconds in which a hung engine can tell where it is; on a busy machine it may need them."""

_SILENCE = 0.04
"""Seconds without another word after which it has told all."""

_TO_END = 1.0
"""Seconds in which an engine that is told to stop lets go of its sinks, and ends."""

_TO_START = 30.0
"""Seconds in which all plugins must have been imported."""


class Stillborn(PeerGone):
    """An engine did not begin; `plugin` is the place of the one that ended it, if one did."""

    def __init__(self, text: str, plugin: str = "") -> None:
        super().__init__(text)
        self.plugin = plugin


class Worker:
    """Made by `spawn`. `packer` knows what the process has."""

    def __init__(self, number: int, folder: Path, process: asyncio.subprocess.Process) -> None:
        self.number = number
        self.process = process
        self.packer = Packer()
        self.started: Started
        self.stream: Stream | None = None
        self._files = folder / engine_name(number)
        self._importing = ""
        self.pulse = Pulse.create(self._files.with_suffix(PULSE), DECKS)

    @classmethod
    async def spawn(
        cls,
        number: int,
        folder: Path,
        plugins: Sequence[Path],
        left_out: Mapping[str, str] | None = None,
        inherit: bool = INHERITS,
    ) -> Worker:
        """Start an engine, and wait until it has imported its plugins.

        Raises `Stillborn` if it does not come to that; then it is dead.
        """
        with closing(Door(inherit)) as door, (folder / LOG).open("ab") as output:
            begun = output.tell()
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "nodegraph.host.engine",
                door.address,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ | door.environment,
                pass_fds=door.descriptors,
                start_new_session=True,
            )
            worker = cls(number, folder, process)
            try:
                async with asyncio.timeout(_TO_START):
                    await asyncio.to_thread(door.open)
                    worker.stream = await Stream.over(door.take())
                    paths = [str(path.absolute()) for path in plugins]
                    worker.send(Welcome(number, str(folder), paths, os.getpid(), left_out or {}))
                    if await worker._starts():
                        return worker
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LAST_WORDS):
                        await process.wait()
                end = of_code(await worker.kill())
                why = f"it {end.what} while it imported plugins"
                worker._importing = worker._importing if end.suspect else ""
            except TimeoutError:
                await worker.ask_where()
                why = f"it has imported plugins for {_TO_START:.0f} s"
            except BaseException:
                await worker.bury()
                raise
        where = place(worker.trace()) or _last_words(folder / LOG, begun)
        await worker.bury()
        raise Stillborn(f"{why}{where}", worker._importing)

    async def _starts(self) -> bool:
        """Wait until all plugins are imported; False if it ends before."""
        telling: asyncio.Task[None] | None = None
        try:
            async for word in self.words():
                if telling is not None:
                    telling.cancel()
                match word:
                    case Importing(place):
                        self._importing = place
                        telling = asyncio.create_task(self._tell_if_long(place))
                    case Started():
                        self.started = word
                        with suppress(OSError):  # where it was is of no interest any more
                            os.truncate(self._files.with_suffix(TRACE), 0)
                        return True
            return False
        finally:
            if telling is not None:
                telling.cancel()

    async def _tell_if_long(self, place: str) -> None:
        await asyncio.sleep(LONG)
        await self.ask_where()
        log.warning("%s", sentence(place, where_in(self.trace())))

    def send(self, word: ToEngine) -> None:
        """Tell the engine; nothing happens if it is dead, which is noticed elsewhere."""
        if self.stream:
            self.stream.send(to_data(word))

    async def words(self) -> AsyncIterator[FromEngine]:
        """What the engine says, until its end of the socket is closed."""
        while self.stream:
            try:
                yield from_engine(await self.stream.receive())
            except PeerGone:
                return
            except (FramingError, ProtocolError) as error:
                log.warning("the engine said what cannot be understood: %s", error)

    @property
    def memory(self) -> int:
        """Bytes that it holds; 0 where the system does not say."""
        return resident(self.process.pid) or 0

    def trace(self) -> str:
        """What `faulthandler` wrote."""
        with suppress(OSError):
            return self._files.with_suffix(TRACE).read_text("utf-8", "replace")
        return ""

    async def ask_where(self) -> None:
        """Let a hung engine write down where its threads are."""
        if sys.platform != "win32":
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGUSR1)
            end, heard = time.monotonic() + _LAST_WORDS, ""
            while time.monotonic() < end:
                await asyncio.sleep(_SILENCE)
                before, heard = heard, self.trace()
                if heard and heard == before:
                    break

    def stop_short(self) -> None:
        """Let it stand still where it is, to be looked at and killed."""
        if sys.platform != "win32":
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGSTOP)

    async def kill(self) -> int:
        """Kill it, and what it has started; gives the exit code, that of a dead one its own."""
        if self.process.returncode is None:
            if sys.platform == "win32":
                with suppress(ProcessLookupError):
                    self.process.kill()
            else:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.process.pid, signal.SIGKILL)
        return await self.process.wait()

    async def dismiss(self) -> None:
        """Let it end by itself, with what it still has to say to the world, and then bury it."""
        self.send(Stop())
        with suppress(TimeoutError):
            async with asyncio.timeout(_TO_END):
                await self.process.wait()
        await self.bury()

    async def bury(self) -> None:
        """Kill it, and let go of it and of its files."""
        await self.kill()
        if self.stream:
            self.stream.abort()
        self.pulse.close()
        name = self._files.name
        for pattern in (f"{name}.*", f"{name}-*"):
            for path in self._files.parent.glob(pattern):
                with suppress(OSError):
                    path.unlink()


def _last_words(log: Path, begun: int) -> str:
    """What was printed last, as the end of a sentence; empty if nothing was."""
    with suppress(OSError):
        if said := last_line(log.read_bytes()[begun:]):
            return f": {said}"
    return ""
