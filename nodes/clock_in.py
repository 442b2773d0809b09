"""Clocks from outside: MIDI clock and Ableton Link."""

from __future__ import annotations

from typing import NamedTuple

from nodegraph import Clock, LinkEvent, MidiEvent, Trigger, node, outlet, param

_PULSES = 24
"""Of MIDI clock to a beat."""

_MEMORY = 48
"""Pulses that the line through their times reaches back: two beats."""

_FAR = 0.5
"""Of a pulse's length: what is further off is an accident, or another tempo."""

_ACCIDENTS = 4
"""So many in a row are another tempo."""

_GONE = 4.0
"""Pulses that may be missing before the clock counts as gone, and then the least seconds."""
_GONE_SECONDS = 0.25

_SLOWEST, _FASTEST = 60.0 / 20.0 / _PULSES, 60.0 / 300.0 / _PULSES
"""Seconds from pulse to pulse."""


class Pulses(NamedTuple):
    """A line through the times of pulses.

    `next` is the number of the pulse that comes next, `due` the seconds until then, `period` those
    from pulse to pulse. `known` counts the pulses that the line goes through, `far` those in a row
    that were far off it.
    """

    next: int = 0
    due: float = 0.0
    period: float = 0.02
    known: int = 0
    far: int = 0
    playing: bool = True
    placed: bool = False
    """Whether it was ever said where the music begins."""

    def heard(self, ago: float) -> Pulses:
        """One more pulse.

        What is off the line bends it, as least squares over all pulses would while there are few,
        and by as much as the last of them from then on (the alpha-beta filter of expanding memory,
        Brookner, "Tracking and Kalman Filtering Made Easy", 1998, chapter 1).
        """
        off = -ago - self.due
        if self.known < 1:
            return self._replace(next=self.next + 1, due=self.period - ago, known=1, far=0)
        if self.known == 1:  # two make a line
            period = max(_FASTEST, min(_SLOWEST, self.period + off))
            return self._replace(next=self.next + 1, due=period - ago, period=period, known=2)
        far = self.far + 1 if abs(off) > _FAR * self.period else 0
        if far == _ACCIDENTS:
            return self._replace(next=self.next + 1, due=self.period - ago, known=1, far=0)
        off = max(-_FAR * self.period, min(_FAR * self.period, off))
        n = min(_MEMORY, self.known + 1)
        alpha, beta = 2.0 * (2 * n - 1) / (n * (n + 1)), 6.0 / (n * (n + 1))
        period = max(_FASTEST, min(_SLOWEST, self.period + beta * off))
        due = self.due + alpha * off + period
        return self._replace(next=self.next + 1, due=due, period=period, known=n, far=far)

    @property
    def gone(self) -> bool:
        """Whether no pulse has come for too long."""
        return -self.due > max(_GONE * self.period, _GONE_SECONDS)

    @property
    def beats(self) -> float:
        """Where the music is at the end of the tick."""
        return (self.next - self.due / self.period) / _PULSES


@node(
    "midi.clock",
    source="midi",
    outlets=[
        "clock",
        outlet("bpm", "1/min", 0.0, 300.0, help="0 while there is none"),
        outlet("playing", help="it was not stopped"),
        outlet("start", help="it was started or went on"),
    ],
    state=Pulses(),
    title="MIDI Clock",
    aliases="MIDI In CHOP, midiclock, sync~, MIDI Sync, DAW Sync, Song Position",
)
def midi_clock(
    state: Pulses,
    dt: float,
    events: tuple[MidiEvent, ...],
    device: str = param("", help="Name of the port, or a part of it; empty hears all there are"),
    meter: int = param(4, "beats", 1, 16, help="Beats in a bar"),
) -> tuple[Pulses, Clock, float, bool, Trigger]:
    """Follow the MIDI clock of a drum machine, a mixer or another program.

    Pulses come with the jitter of their cable; a line through the last two beats of them does not
    have it. Where the bar begins is known once it was started or told its song position; until
    then that is a guess, and the confidence at most a half. Stopped, or without a pulse for a
    quarter of a second, it has no tempo.
    """
    now = state._replace(due=state.due - dt)
    started = False
    for event in events:
        match event.kind:
            case "clock":
                now = now._replace(known=0) if now.gone else now
                now = now.heard(event.ago)
            case "start":
                now, started = now._replace(next=0, playing=True, placed=True), True
            case "continue":
                now, started = now._replace(playing=True), True
            case "position":
                now = now._replace(next=event.value * (_PULSES // 4), placed=True)
            case "stop":
                now = now._replace(playing=False)
    if now.known < 2 or now.gone or not now.playing:
        stands = max(0.0, (now.next - 1) / _PULSES)
        return now, Clock(0.0, stands, int(meter), 0.0), 0.0, now.playing, started
    bpm = 60.0 / (_PULSES * now.period)
    confidence = (1.0 if now.placed else 0.5) * min(1.0, now.known / _PULSES)
    return now, Clock(bpm, now.beats, int(meter), confidence), bpm, True, started


class Session(NamedTuple):
    """What was heard of a session last, carried on to now, and how long ago that was."""

    bpm: float = 0.0
    beats: float = 0.0
    peers: int = 0
    playing: bool = False
    age: float = 3600.0


@node(
    "link.clock",
    source="link",
    outlets=[
        "clock",
        outlet("bpm", "1/min", 0.0, 999.0, help="0 while nobody else takes part"),
        outlet("peers", help="how many others take part"),
        outlet("playing", help="their transport runs, where they share that"),
    ],
    state=Session(),
    title="Ableton Link",
    aliases="Ableton Link CHOP, abl_link~, Link, Live, Traktor, Serato",
)
def link_clock(
    state: Session,
    dt: float,
    events: tuple[LinkEvent, ...],
    meter: int = param(4, "beats", 1, 16, help="Beats in a bar, the same as in the others"),
) -> tuple[Session, Clock, float, float, bool]:
    """Follow the tempo that the programs on this network share by Ableton Link.

    It follows and never leads. Alone in a session it has no tempo, so that another clock may.
    """
    now = state._replace(beats=state.beats + state.bpm / 60.0 * dt, age=state.age + dt)
    if events:
        ago, bpm, beats, peers, playing = events[-1]
        now = Session(bpm, beats + bpm / 60.0 * ago, peers, playing, ago)
    if now.age > 1.0 or not now.peers:
        alone = now._replace(peers=0, bpm=0.0)
        return alone, Clock(0.0, now.beats, int(meter), 0.0), 0.0, 0.0, False
    clock = Clock(now.bpm, now.beats, int(meter), 1.0)
    return now, clock, now.bpm, float(now.peers), now.playing


NODES = (midi_clock, link_clock)
