"""What travels on wires, and counts, in a few words that a person reads."""

from __future__ import annotations

from nodegraph.values import Clock, Prompt, Theme


def plural(count: int, noun: str) -> str:
    """`1 engine`, `2 engines`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def words(value: object) -> str:
    """A value as one line of text: `calm sea`, `calm sea 0.7 + storm 0.3`, `128.0 bpm`."""
    match value:
        case Prompt():
            return f"{value.text} {value.weight:g}"
        case Clock():
            return f"{value.bpm:.1f} bpm, beat {value.beats:.2f}"
        case Theme():
            return value.name
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.4g}"
        case (Prompt(),):
            return value[0].text
        case tuple() | list():
            joint = " + " if any(isinstance(part, Prompt) for part in value) else ", "
            return joint.join(map(words, value))
        case _:
            return str(value)
