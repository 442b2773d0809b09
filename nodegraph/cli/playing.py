"""Plays a show to its end with a display, whatever ends it, and tells what it came to."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from types import FrameType
from typing import Any

from nodegraph.cli.meters import display
from nodegraph.cli.terminal import err, out, print_json, print_problems, printable, say
from nodegraph.errors import PatchError
from nodegraph.host.desk import Desk
from nodegraph.host.document import Document
from nodegraph.host.opening import setting
from nodegraph.host.recovery import Lost, recover
from nodegraph.host.show import Show
from nodegraph.host.status import Summary
from nodegraph.words import plural


async def perform(
    show: Show,
    document: Document,
    *,
    settings: Mapping[str, str] | None = None,
    duration: float | None = None,
    strict: bool = False,
    first_frame_within: float | None = None,
    stay: bool = False,
) -> Summary:
    """Play a document. With `first_frame_within` it begins when the server paints, or raises.

    With `stay` it goes on when its sound has ended, and nothing needs to run from the start.
    An interrupt while it plays ends it as its last tick would; a second one ends everything.
    Raises `PatchError` if nothing of the patch can run, or, if strict, at its first problem.
    """
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(show)
        if settings:
            edit = setting(document.patch, settings, show.types)
            document.do(edit, "Set from the command line")
        if show.links:
            await show.rehearse(document)
        for link in show.links.values():
            await stack.enter_async_context(link)
        if show.link is not None and first_frame_within is not None:
            say(err(), "waiting for the first frame", "dim")
            await show.link.wait_live(first_frame_within)
        await show.open("main", document)
        deck = show.decks["main"]
        if deck.plan.problems and (strict or not (stay or deck.plan.all_steps)):
            raise PatchError(deck.plan.problems)
        return await _play(show, stack, document.name, duration, stay)


async def go_on(
    show: Show, lost: Lost, duration: float | None = None, *, stay: bool = False
) -> Summary:
    """Play on what a crash ended, where it ended, with Scope as it was."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(show)
        recover(lost, show.session)
        if show.link is not None:
            if "main" in lost.documents:
                await show.rehearse(lost.documents["main"])
            show.outgoing.restore(lost.notes.get("scope"))
        for link in show.links.values():
            await stack.enter_async_context(link)
        show.move(float(lost.notes.get("fade", 0.0)))
        for deck, document in lost.documents.items():
            await show.open(deck, document)
        title = next(iter(lost.documents.values())).name
        return await _play(show, stack, title, duration, stay)


async def _play(
    show: Show, stack: AsyncExitStack, title: str, duration: float | None, stay: bool
) -> Summary:
    document = show.decks["main"].document
    path = str(document.path or "") if document else ""
    stack.enter_context(_calm(show.stop))  # before anybody finds the show, and ends it
    await stack.enter_async_context(Desk(show, title, path))
    report = stack.enter_context(display(err()))
    return await show.play(duration=duration, report=report, stay=stay)


@contextmanager
def _calm(stop: Callable[[], None]) -> Iterator[None]:
    """Let the first signal to end the process call `stop`, and nothing else.

    A terminal that is closed ends nothing: `nodegraph tell stop` does.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        signal.signal(number, before[number])
        stop()

    ends = (signal.SIGINT, signal.SIGTERM)
    before: dict[int, Any] = {number: signal.signal(number, handle) for number in ends}
    if hasattr(signal, "SIGHUP"):
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, signal.SIG_IGN)
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
        f"slowest tick {summary.worst_ms:.1f} ms, {summary.messages} messages made"
        + (f", {plural(summary.restarts, 'engine')} replaced" if summary.restarts else ""),
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
