"""Plays a show to its end with a display, whatever ends it, and tells what it came to."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from types import FrameType

from nodegraph.cli.meters import display
from nodegraph.cli.terminal import err, out, print_json, print_problems, printable, say
from nodegraph.host.live import Show, Summary
from nodegraph.scope.link import ScopeLink


async def perform(
    show: Show,
    link: ScopeLink | None,
    *,
    duration: float | None,
    title: str,
    first_frame_within: float | None = None,
) -> Summary:
    """Play a show. With `first_frame_within` it begins when the server paints, or raises.

    An interrupt while it plays ends it as its last tick would; a second one ends everything.
    """
    async with AsyncExitStack() as stack:
        if link is not None:
            link.set(show.first_wishes())
            await stack.enter_async_context(link)
            if first_frame_within is not None:
                say(err(), "waiting for the first frame", "dim")
                await link.wait_live(first_frame_within)
        report = stack.enter_context(display(err(), title))
        stack.enter_context(_calm(show.stop))
        return await show.play(link, duration=duration, report=report)


@contextmanager
def _calm(stop: Callable[[], None]) -> Iterator[None]:
    """Let the first signal to end the process call `stop`, and nothing else."""

    def handle(number: int, frame: FrameType | None) -> None:
        signal.signal(number, before[number])
        stop()

    names = ("SIGINT", "SIGTERM", "SIGHUP")  # a terminal that is closed sends the last one
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def print_summary(summary: Summary, as_json: bool, **more: object) -> None:
    """Tell on stdout what a show came to; `more` are further facts for JSON."""
    link = summary.link
    fps = link.frames / summary.seconds if link and summary.seconds else None
    if as_json:
        facts = {name: getattr(summary, name) for name in summary.__dataclass_fields__}
        print_json({**facts, "mean_fps": fps, **more})
        return
    console = out()
    say(
        console,
        f"played {summary.seconds:.1f} s: {summary.ticks} ticks, {summary.overruns} overruns, "
        f"slowest tick {summary.worst_ms:.1f} ms, {summary.messages} messages made",
    )
    if link is not None and fps is not None:
        applied = f", {more['applied']} applied" if more.get("applied") is not None else ""
        say(
            console,
            printable(
                f"scope: {link.sent} messages sent{applied}; {link.frames} frames received, "
                f"{fps:.1f} a second on average; {link.reason}"
            ),
        )
    print_problems(summary.problems)
