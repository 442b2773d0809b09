"""The live display of a show: meters in a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from math import log10
from time import monotonic

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from nodegraph.cli.terminal import printable, say
from nodegraph.host.status import Status
from nodegraph.scope.link_stats import LinkStats
from nodegraph.words import plural, words

PLAIN_EVERY = 5.0
"""Seconds between two lines where there is no terminal."""

_METER = 24
_NUMBER = re.compile(r"\d[\d.]*")
_FLOOR = -60.0  # dB at the left end of the level meter
_MOST_PROBLEMS = 5
_STATES = {"live": "green", "stalled": "red", "waiting": "red", "closed": "dim"}


@contextmanager
def display(console: Console) -> Iterator[Callable[[Status], None]]:
    """A function to report to, while the block runs. A terminal that is closed ends nothing."""
    if not console.is_terminal:
        yield _plain_lines(console)
        return
    live = Live(console=console, auto_refresh=False, vertical_overflow="crop")

    def report(status: Status) -> None:
        with suppress(OSError):
            live.update(face(status), refresh=True)

    live.start()
    try:
        yield report
    finally:
        with suppress(OSError):
            live.stop()


def face(status: Status) -> RenderableType:
    """Everything at a glance; what matters least comes last, where a small terminal ends."""
    sent = dict(sorted(status.sent.items(), key=_interest))
    width = max(map(len, ("engine", *status.probes, *sent)))
    rows = _rows(width)
    rows.add_row("", _head(status))
    rows.add_row("level", _level(status))
    rows.add_row("beat", _beat(status))
    if status.theme is not None:
        rows.add_row("theme", _line((printable(status.theme), "bold")))
    rows.add_row("engine", _engine(status))
    rows.add_row("scope", _link(status.link, status.messages))
    for name, link in status.links.items():
        rows.add_row(name, _link(link, 0))
    _add_values(rows, status.probes)
    problems = status.problems[:_MOST_PROBLEMS]
    more = len(status.problems) - len(problems)
    lines = [Text(printable(str(problem)), "yellow") for problem in problems]
    if more:
        lines.append(Text(f"and {more} more", "yellow"))
    values = _rows(width)
    _add_values(values, sent)
    return Group(rows, *lines, values)


def _rows(width: int) -> Table:
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", justify="right", no_wrap=True, min_width=width)
    rows.add_column()
    return rows


def bar(share: float, width: int = _METER, style: str = "cyan") -> Text:
    """A bar that is filled to `share` (0..1), to an eighth of a cell."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    full, part = divmod(eighths, 8)
    filled = "█" * full + (" ▏▎▍▌▋▊▉"[part] if part else "")
    return Text.assemble((filled, style), ("·" * (width - len(filled)), "dim"))


def _plain_lines(console: Console) -> Callable[[Status], None]:
    begun, lines = monotonic(), 0
    told: set[str] = set()

    def report(status: Status) -> None:
        nonlocal lines
        for problem in status.problems:
            text = str(problem)
            if (kind := _NUMBER.sub("", text)) not in told:  # a number in it that moves is no news
                told.add(kind)
                say(console, printable(text), "yellow")
        if (gone := int((monotonic() - begun) // PLAIN_EVERY)) > lines:
            lines = gone
            say(console, plain_line(status))

    return report


def plain_line(status: Status) -> str:
    """The same in one line of plain text."""
    parts = [f"{_clock(status.seconds)}  {status.ticks} ticks, {status.overruns} overruns"]
    if status.bpm is not None:
        parts.append(f"{status.bpm:.1f} bpm")
    if status.theme is not None:
        parts.append(printable(status.theme))
    parts.append(f"{status.messages} messages")
    if status.link is not None:
        link = status.link
        parts.append(f"scope {link.state}, {link.frames} frames, {link.fps:.1f} fps")
    if status.problems:
        parts.append(f"problem: {printable(str(status.problems[0]))}")
    return ", ".join(parts)


def _line(*parts: Text | str | tuple[str, str]) -> Text:
    """Parts as one line, which is cut short rather than wrapped."""
    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")


def _head(status: Status) -> Text:
    """The decks with the fader between them, and how far the sound is, unless it goes round."""
    main, following = (printable(status.names.get(deck, "")) for deck in ("main", "next"))
    length = ""
    if status.duration and status.seconds <= status.duration:
        length = f" / {_clock(status.duration)}"
    shown = Text(main, "bold")
    if following:
        shown.append_text(_line("  ", bar(status.fade, 8), "  ", (following, "bold")))
    return _line(shown, f"   {_clock(status.seconds)}{length}")


def _level(status: Status) -> Text:
    level = 20 * log10(status.level) if status.level > 0 else -120.0
    style = "red" if status.peak >= 1.0 else "green"
    filled = bar(1 - level / _FLOOR, style=style)
    return _line(filled, f"  {max(level, -120.0):6.1f} dB", f"   peak {status.peak:.2f}")


def _beat(status: Status) -> Text:
    lamp = Text("●  ", "bold yellow" if status.beat else "dim")
    if status.bpm is None:
        return _line(lamp, "no tempo")
    tempo = f"{status.bpm:5.1f} bpm  "
    sure = "" if status.confidence is None else f"  sure {status.confidence:.0%}"
    return _line(lamp, tempo, bar(status.phase or 0.0, 8, "yellow"), sure)


def _engine(status: Status) -> Text:
    style = "red" if status.load > 0.8 else "cyan"
    overruns = Text(f"  {status.overruns} overruns", "red" if status.overruns else "dim")
    replaced = f"  {plural(status.restarts, 'engine')} replaced" if status.restarts else ""
    return _line(
        bar(status.load, style=style), f"  {status.load:4.0%}", overruns, (replaced, "yellow")
    )


def _link(link: LinkStats | None, messages: int) -> Text:
    if link is None:
        return _line((f"no server; {messages} messages", "dim"))
    return _line(
        (link.state, _STATES.get(link.state, "yellow")),
        f"  {link.fps:4.1f} fps  {link.frames} frames  {link.sent} sent  ",
        (printable(link.reason), "dim"),
    )


def _interest(item: tuple[str, object]) -> tuple[bool, bool, str]:
    """What the music moves comes first: prompts, then numbers, then switches and choices."""
    name, value = item
    return name != "prompts", not isinstance(value, float), name


def _add_values(rows: Table, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        shown = _line(printable(words(value)))
        if isinstance(value, float) and 0.0 <= value <= 1.0:
            shown = _line(bar(value), f"  {value:.3f}")
        rows.add_row(Text(printable(name)), shown)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)  # the sound is a moment behind who tells
    return f"{minutes}:{rest:02}"
