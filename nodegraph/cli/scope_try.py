"""`nodegraph scope URL try`: a session of a few seconds, to know that pictures come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from nodegraph.scope.answers import Done, Json
from nodegraph.scope.errors import SessionError
from nodegraph.scope.feed import Feed, FeedTrack
from nodegraph.scope.graph import lay_out
from nodegraph.scope.ground import initial_parameters, prepare, wanted
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.sender import Sender
from nodegraph.scope.session import Session

SECONDS = 5.0
LOAD_WITHIN = 900.0


async def try_out(
    rest: ScopeRest, pipelines: Sequence[str], load: Json | None, tell: Callable[[str], None]
) -> Done:
    """Load them, paint, and say how well that comes through; what works on video gets a test
    picture. Raises ScopeError with the reason why nothing comes."""
    ground = await prepare(rest, pipelines, load, LOAD_WITHIN, lambda _, stage: tell(stage))
    sender, feed = Sender(), Feed()
    sender.situation = ground.situation
    if "text" not in ground.schemas[ground.situation.pipeline].modes:
        sender.set({"input_mode": "video", "video": "test"}, time.monotonic())
    wish = wanted(sender, ground, ())
    feed.show(wish.video, ground.size(sender.mode))
    layout = lay_out(wish, ground.schemas)
    parameters = initial_parameters(sender, layout, ground.schemas)
    track = FeedTrack(feed) if layout.graph else None
    tell("Waiting for the first frame.")
    begun = time.monotonic()
    async with Session(rest, layout.pipelines, parameters, track=track) as session:
        first = time.monotonic() - begun
        await session.measure()
        await asyncio.sleep(SECONDS)
        await session.measure()
        if session.ended:
            raise SessionError(f"The session did not last for {SECONDS:g} s: {session.ended}.")
        frame, traffic = session.intake.newest, session.traffic
        assert frame is not None  # a session without one does not open
        return Done(
            f"{', '.join(layout.pipelines)}: the first picture of {frame.width} × {frame.height} "
            f"came after {first:.1f} s, then {session.intake.fps(time.monotonic()):.1f} a second; "
            f"{traffic.bitrate / 1e6:.1f} Mbit/s, {traffic.loss:.1%} of the packets lost"
        )
