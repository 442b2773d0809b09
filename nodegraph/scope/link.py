"""Scope for a whole show: connects, loads, steers, watches the frames, and comes back by itself.

    async with ScopeLink("127.0.0.1:8000", on_frame=show) as link:
        link.set({"prompts": [("calm sea", 1.0)], "transition_steps": 4})

The server is watched by its frames, because its sockets tell of a death only half a minute later.
While there is no session, `set` keeps collecting; a new session starts with the full state. So it
does when something is wished for that a session cannot change, such as a graph with video in it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import NoReturn, Self

from av import VideoFrame

from nodegraph.errors import Problem
from nodegraph.scope.answers import Health, Json
from nodegraph.scope.company import Company
from nodegraph.scope.decoding import spoilt_before
from nodegraph.scope.errors import ScopeError, SessionError
from nodegraph.scope.faults import Fault, Lost, fault_of
from nodegraph.scope.feed import Feed, FeedTrack
from nodegraph.scope.graph import Layout, lay_out
from nodegraph.scope.ground import Ground, initial_parameters, prepare, wanted
from nodegraph.scope.link_stats import LinkState, LinkStats, Patience
from nodegraph.scope.reception import OnFrame, OnSound, guarded
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.sender import Sender
from nodegraph.scope.session import OnMessage, Session
from nodegraph.scope.sight import Sight
from nodegraph.scope.waiting import either
from nodegraph.scope.watch import Watch

log = logging.getLogger(__name__)

PUMP = 0.005  # seconds between two looks at the sender
_TO_END = 15.0  # seconds within which a session is ended on both sides, whatever happens
PASSING: tuple[Fault, ...] = ("unreachable", "restarted", "ended", "silent", "unloaded", "changed")
"""What is over as soon as the server is there again; all else is likely to come back."""


class ScopeLink:
    """A server that is steered and shown for as long as the link is open.

    `pipelines` are loaded with `load_params` (None: whatever they are loaded with already is
    fine); without any the server's longlive is used, or else its first that paints from text.
    `chunk_frames` is for a pipeline of which `protocol.CHUNK_FRAMES` does not know how many frames
    it makes in one go.
    `on_frame`, `on_sound`, `on_message` and `views`, which get the pictures of further pipelines of
    a chain by their ids, are called on the event loop. `rest` answers questions about the server,
    `health` is what it last said of itself. All methods belong to the event loop's thread; from
    another one use `loop.call_soon_threadsafe(link.set, params)`.

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
        on_sound: OnSound | None = None,
        views: Mapping[str, OnFrame] | None = None,
        patience: Patience | None = None,
        chunk_frames: int | None = None,
    ) -> None:
        self.pipelines = self._asked = tuple(pipelines)
        self.load_params = load_params
        self.sender = Sender()
        self.feed = Feed()
        self._chunk_frames = chunk_frames
        self.patience = patience or Patience()
        self.rest = ScopeRest(url, timeout=self.patience.answer)
        self._watchers = [(on_frame, guarded(on_frame))]
        self._on_message = guarded(on_message)
        self._on_sound = guarded(on_sound)
        self._views = dict(views or {})
        self._state: LinkState = "connecting"
        self._reason = f"Connecting to {self.rest.url}."
        self._session: Session | None = None
        self._task: asyncio.Task[None] | None = None
        self.health: Health | None = None  # its start time changes when the server restarts
        self._company = Company()
        self._sight = Sight()
        self._fault: Fault = ""
        self._trouble = ""  # why the last attempt failed, until one succeeds
        self._frames = self._dropped = self._sessions = 0
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
        while self._task and not self._task.done():
            self._task.cancel()  # again, should a library have swallowed the last one
            await asyncio.wait([self._task], timeout=_TO_END)
        self._task = None
        await asyncio.to_thread(self.feed.close)
        await self.rest.aclose()
        self._tell("closed", "The link is closed.")

    def set(self, params: Mapping[str, object]) -> list[Problem]:
        """Wish for these values; what cannot be sent comes back as problems."""
        return self.sender.set(params, time.monotonic())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wished for and has no effect on what is loaded, as it is now, which is not known
        until a server has been reached; what is wrong with the video that goes in; other clients.
        """
        feed = (Problem(self.feed.problem, field="video"),) if self.feed.problem else ()
        return (*self.sender.problems, *feed, *self._company.problems(time.monotonic()))

    def watch(self, on_frame: OnFrame) -> None:
        """Show every frame to one more who wants to see it."""
        self._watchers.append((on_frame, guarded(on_frame)))

    def unwatch(self, on_frame: OnFrame) -> None:
        """Show no more frames to one who wanted to see them."""
        self._watchers = [each for each in self._watchers if each[0] is not on_frame]

    async def wait_live(self, within: float) -> None:
        """Wait until frames come; SessionError with the current reason if none do in time."""
        try:
            async with asyncio.timeout(within):
                await self._live.wait()
        except TimeoutError:
            raise SessionError(self._reason) from None

    @property
    def newest(self) -> VideoFrame | None:
        """The newest frame of this session, or None."""
        return self._session.intake.newest if self._session else None

    @property
    def stats(self) -> LinkStats:
        """How it is doing, now."""
        now = time.monotonic()
        session = self._session
        intake = session.intake if session else None
        return LinkStats(
            state=self._state,
            reason=self._reason,
            pipelines=self.pipelines,
            fps=intake.fps(now) if intake else 0.0,
            frames=self._frames,
            age=intake.age(now) if intake else None,
            changes=self.sender.changes,
            sent=self.sender.sent,
            merged=self.sender.merged,
            chunk_seconds=self.sender.pace.chunk,
            sessions=self._sessions,
            decode=intake.decode(now) if intake else 0.0,
            bitrate=session.traffic.bitrate if session else 0.0,
            loss=session.traffic.loss if session else 0.0,
            dropped=self._dropped,
            sounds=session.reception.sounds if session else 0,
            fault=self._fault,
        )

    async def _run(self) -> None:
        """Connect, and connect again, for ever; the pause grows until a session has been live."""
        pause = self.patience.retry
        logged = ""
        while True:
            self._live.clear()
            begun, sessions = time.monotonic(), self._sessions
            bug: Exception | None = None
            try:
                await self._one_session()
            except ScopeError as error:
                reason, self._fault = str(error), fault_of(error)
            except Exception as error:  # a bug or an odd peer must not end the show
                reason, bug = f"Unexpected {type(error).__name__}: {error}.", error
                self._fault = fault_of(error)
            if self._fault == "changed":
                continue
            if reason != logged:
                log.warning("%s", reason, exc_info=bug)
                logged = reason
            proven = time.monotonic() - begun >= self.patience.proven
            if self._sessions > sessions and (proven or self._fault in PASSING):
                pause, logged = self.patience.retry, ""
            self._trouble = f" Before that: {reason}"
            if self._fault == "unreachable":
                pause = min(pause, self.patience.unreachable)
            self._tell("waiting", f"{reason} Connecting again in {pause:g} s.")
            await asyncio.sleep(pause)
            pause = min(2 * pause, self.patience.longest_retry)

    async def _one_session(self) -> NoReturn:
        """From nothing to frames to their end; always leaves by an exception."""
        self._tell("connecting", f"Connecting to {self.rest.url}.{self._trouble}")
        self.health = await self.rest.health()
        ground = await prepare(
            self.rest, self._asked, self.load_params, self.patience.load, self._tell
        )
        asked = time.monotonic()
        await self.rest.health()  # over a connection that is open already
        self.sender.pace.round_trip = time.monotonic() - asked
        self.pipelines = ground.pipelines
        self.sender.pace.told_frames = self._chunk_frames or ground.chunk_frames
        self.sender.situation = ground.situation
        layout = self._layout(ground)
        names = ", ".join(layout.pipelines)
        self._tell("starting", f"Waiting for the first frame of {names}.")
        session = Session(
            self.rest,
            layout.pipelines,
            initial_parameters(self.sender, layout, ground.schemas),
            on_frame=self._frame,
            on_message=self._hear,
            on_views=[self._views[id] for id in layout.views],
            on_sound=self._on_sound if ground.makes_sound else None,
            track=FeedTrack(self.feed) if layout.graph else None,
            first_frame_within=self.patience.first_frame,
        )
        async with session:
            self._session, self._sight, self._fault, self._trouble = session, Sight(), "", ""
            self._sessions += 1
            live = f"{names} at {self.rest.url}."
            self._tell("live", live)
            log.info("live: %s", live)
            self._live.set()
            known = self.sender, self._company, self.patience, self.health.server_start_time
            watch = Watch(self.rest, session, *known, live, self._tell)
            await either(self._pump(session, layout, ground), watch.run())

    def _layout(self, ground: Ground) -> Layout:
        """What a session has to be for all that is wished for; and the video that goes in."""
        wish = wanted(self.sender, ground, self._views)
        self.feed.show(wish.video, ground.size(self.sender.mode))
        return lay_out(wish, ground.schemas)

    async def _pump(self, session: Session, layout: Layout, ground: Ground) -> NoReturn:
        """Send what is due, until the session ends or has to be another."""
        changes = -1
        while True:
            if session.ended:
                raise Lost("ended", f"The session with Scope ended: {session.ended}.")
            if changes != self.sender.changes:
                changes = self.sender.changes
                if self._layout(ground) != layout:
                    raise Lost("changed", "What goes in or out is another: a new session begins.")
            now = time.monotonic()
            if session.ready and (message := self.sender.due(now)):
                session.send(message)
                self._sight.sent(message, now)
            await asyncio.sleep(PUMP)

    def _hear(self, message: Json) -> None:
        self._company.hear(message, self.sender, time.monotonic())
        self._on_message(message)

    def _frame(self, frame: VideoFrame, arrived: float) -> None:
        self._frames += 1
        self._dropped += spoilt_before(frame)
        self.sender.heard_frame(arrived)
        self._sight.seen(frame, arrived)
        self.sender.pace.measured = self._sight.latency
        for _, watcher in self._watchers:
            watcher(frame, arrived)

    def _tell(self, state: LinkState, reason: str) -> None:
        self._state, self._reason = state, reason
