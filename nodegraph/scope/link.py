"""Scope for a whole show: connects, loads, steers, watches the frames, and comes back by itself.

    async with ScopeLink("127.0.0.1:8000", on_frame=show) as link:
        link.set({"prompts": [("calm sea", 1.0)], "transition_steps": 4})

The server is watched by its frames, because its sockets tell of a death only half a minute later.
While there is no session, `set` keeps collecting; a new session starts with the full state.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from av import VideoFrame

from nodegraph.errors import Problem
from nodegraph.scope.answers import Health, Json
from nodegraph.scope.effects import Situation
from nodegraph.scope.errors import PipelineError, ScopeError, ScopeSilent, SessionError
from nodegraph.scope.loading import choose, load
from nodegraph.scope.protocol import CHUNK_FRAMES, MOST_CHUNK_FRAMES
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.sender import Sender
from nodegraph.scope.session import OnFrame, OnMessage, Session, guarded

log = logging.getLogger(__name__)

LinkState = Literal["connecting", "loading", "starting", "live", "stalled", "waiting", "closed"]
PUMP = 0.005  # seconds between two looks at the sender


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the link waits for what, in seconds."""

    answer: float = 5.0
    """For an answer over HTTP."""
    first_frame: float = 30.0
    load: float = 900.0
    stall: float = 3.0
    """Without a frame for this long, the server is asked whether it is well."""
    give_up: float = 15.0
    """Without a frame for this long, a well server gets a new offer all the same."""
    retry: float = 0.5
    """The first pause before connecting again; each next one is twice as long."""
    longest_retry: float = 10.0


@dataclass(frozen=True, slots=True)
class LinkStats:
    """How the link is doing. `reason` is a sentence; `age` is None before the first frame.

    Counts are over the whole life of the link, `fps` is over the last two seconds.
    """

    state: LinkState
    reason: str
    pipelines: tuple[str, ...]
    fps: float
    frames: int
    age: float | None
    changes: int
    sent: int
    merged: int
    chunk_seconds: float
    sessions: int


class ScopeLink:
    """A server that is steered and shown for as long as the link is open.

    `pipelines` are loaded with `load_params` (None: whatever they are loaded with already is
    fine); without any the server's longlive is used, or else its first that paints from text.
    `chunk_frames` is for a pipeline of which `protocol.CHUNK_FRAMES` does not know how many frames
    it makes in one go.
    `on_frame`, `on_message` are called on the event loop. `rest` answers questions about the
    server, `health` is what it last said of itself. All methods belong to the event loop's
    thread; from another one use `loop.call_soon_threadsafe(link.set, params)`.

    Nothing here raises because a server is missing, odd or dies: see `stats`. Only an address that
    cannot be one raises, `BadAddress`.
    """

    def __init__(
        self,
        url: str,
        pipelines: Sequence[str] = (),
        load_params: Json | None = None,
        *,
        on_frame: OnFrame | None = None,
        on_message: OnMessage | None = None,
        patience: Patience | None = None,
        chunk_frames: int | None = None,
    ) -> None:
        self.pipelines = self._asked = tuple(pipelines)
        self.load_params = load_params
        self.sender = Sender()
        self._chunk_frames = chunk_frames
        self.patience = patience or Patience()
        self.rest = ScopeRest(url, timeout=self.patience.answer)
        self._watchers = [guarded(on_frame)]
        self._on_message = on_message
        self._state: LinkState = "connecting"
        self._reason = f"Connecting to {self.rest.url}."
        self._session: Session | None = None
        self._task: asyncio.Task[None] | None = None
        self.health: Health | None = None  # its start time changes when the server restarts
        self._trouble = ""  # why the last attempt failed, until one succeeds
        self._frames = self._sessions = 0
        self._live = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="scope link")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the session and the link, within a few seconds."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        await self.rest.aclose()
        self._tell("closed", "The link is closed.")

    def set(self, params: Mapping[str, object]) -> list[Problem]:
        """Wish for these values; what cannot be sent comes back as problems."""
        return self.sender.set(params, time.monotonic())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was wished for and has no effect on what is loaded, as it is now.

        It is not sent until it has one. Empty until a server has been reached.
        """
        return self.sender.problems

    def watch(self, on_frame: OnFrame) -> None:
        """Show every frame to one more who wants to see it."""
        self._watchers.append(guarded(on_frame))

    async def wait_live(self, within: float) -> None:
        """Wait until frames come; SessionError with the current reason if none do in time."""
        try:
            await asyncio.wait_for(self._live.wait(), within)
        except TimeoutError:
            raise SessionError(self._reason) from None

    @property
    def newest(self) -> VideoFrame | None:
        """The newest frame of this session, or None."""
        return self._session.newest if self._session else None

    @property
    def stats(self) -> LinkStats:
        """How it is doing, now."""
        now = time.monotonic()
        session = self._session
        return LinkStats(
            state=self._state,
            reason=self._reason,
            pipelines=self.pipelines,
            fps=session.fps(now) if session else 0.0,
            frames=self._frames,
            age=session.age(now) if session else None,
            changes=self.sender.changes,
            sent=self.sender.sent,
            merged=self.sender.merged,
            chunk_seconds=self.sender.pace.chunk,
            sessions=self._sessions,
        )

    async def _run(self) -> None:
        """Connect, and connect again, for ever; the pause grows until a session has been live."""
        pause = self.patience.retry
        logged = ""
        while True:
            self._live.clear()
            before = self._sessions
            bug: Exception | None = None
            try:
                await self._one_session()
            except ScopeError as error:
                reason = str(error)
            except Exception as error:  # a bug or an odd peer must not end the show
                reason, bug = f"Unexpected {type(error).__name__}: {error}.", error
            if reason != logged:
                log.warning("%s", reason, exc_info=bug)
                logged = reason
            if self._sessions > before:
                pause, logged = self.patience.retry, ""
            self._trouble = f" Before that: {reason}"
            self._tell("waiting", f"{reason} Connecting again in {pause:g} s.")
            await asyncio.sleep(pause)
            pause = min(2 * pause, self.patience.longest_retry)

    async def _one_session(self) -> None:
        """From nothing to frames to their end; always leaves by an exception."""
        self._tell("connecting", f"Connecting to {self.rest.url}.{self._trouble}")
        self.health = await self.rest.health()
        await self._ready_pipelines()
        asked = time.monotonic()
        await self.rest.health()
        self.sender.pace.round_trip = time.monotonic() - asked
        self._tell("starting", f"Waiting for the first frame of {', '.join(self.pipelines)}.")
        session = Session(
            self.rest,
            self.pipelines,
            self.sender.reset(),
            on_frame=self._frame,
            on_message=self._on_message,
            first_frame_within=self.patience.first_frame,
        )
        async with session:
            self._session = session
            self._sessions += 1
            self._trouble = ""
            self._tell("live", f"{', '.join(self.pipelines)} at {self.rest.url}.")
            log.info("live: %s", self._reason)
            self._live.set()
            await self._pump(session)

    async def _ready_pipelines(self) -> None:
        schemas = await self.rest.schemas()
        self.pipelines = self._asked or (choose(schemas).id,)
        if missing := [id for id in self.pipelines if id not in schemas]:
            raise PipelineError(
                f"Scope has no pipeline {', '.join(missing)}; it has {', '.join(schemas)}."
            )
        known = max(CHUNK_FRAMES.get(id, MOST_CHUNK_FRAMES) for id in self.pipelines)
        self.sender.pace.told_frames = self._chunk_frames or known
        self._tell("loading", f"Loading {', '.join(self.pipelines)}.")
        status = await load(
            self.rest,
            self.pipelines,
            self.load_params,
            progress=lambda stage: self._tell("loading", stage),
            within=self.patience.load,
        )
        mains = [id for id in self.pipelines if schemas[id].is_main]
        painter = (mains or self.pipelines)[0]
        loaded = self.load_params if self.load_params is not None else status.load_params
        self.sender.situation = Situation(painter, schemas[painter], loaded)

    async def _pump(self, session: Session) -> None:
        """Send what is due and watch the frames, until they stop."""
        checked = 0.0
        while True:
            now = time.monotonic()
            if session.ended:
                raise SessionError(f"The session with Scope ended: {session.ended}.")
            if session.ready and (message := self.sender.due(now)):
                session.send(message)
            age = session.age(now) or 0.0
            if age < self.patience.stall:
                if self._state == "stalled":
                    self._tell("live", f"{', '.join(self.pipelines)} at {self.rest.url}.")
            elif now - checked >= self.patience.stall:
                checked = now
                await self._ask_after_stall(age)
            await asyncio.sleep(PUMP)

    async def _ask_after_stall(self, age: float) -> None:
        """No frames for a while: raise if the session is lost, else say that it is stalled."""
        known = self.health.server_start_time if self.health else None
        try:
            started = (await self.rest.health()).server_start_time
        except ScopeSilent:
            started = known  # busy, perhaps: it has until `give_up`
        if started != known:
            raise SessionError("Scope was restarted.")
        if self.sender.paused:
            return
        if age >= self.patience.give_up:
            raise SessionError(f"Scope sent no frame for {age:.0f} s although it is there.")
        self._tell("stalled", f"No frame for {age:.0f} s; waiting for Scope.")

    def _frame(self, frame: VideoFrame, arrived: float) -> None:
        self._frames += 1
        self.sender.heard_frame(arrived)
        for watcher in self._watchers:
            watcher(frame, arrived)

    def _tell(self, state: LinkState, reason: str) -> None:
        self._state, self._reason = state, reason
