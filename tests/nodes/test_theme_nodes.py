"""Themes: the ready ones are complete, and one of your own is like them in every way."""

from __future__ import annotations

from nodegraph import Prompt, Range, Theme, Variation
from nodegraph.themes import shipped
from nodes.theme import custom, preset, read

PLAIN = Theme(
    "plain", "Plain", "a field", ("calm",), ("a storm", "a fire"), (Range("noise_scale", 0.2, 0.6),)
)


def test_preset_by_number_goes_round() -> None:
    ids = list(shipped())
    for number, at in ((0, 0), (1, 1), (len(ids), 0), (-1, -1)):
        assert preset(shipped(), float(number), ids[0]).id == ids[at]
    assert preset(shipped(), 2.0, theme=ids[1]).id == ids[3]


def test_custom_theme() -> None:
    made = custom("Mine", " a lake ", "calm, , blue", "a wave\n\n a flood ", 0.3, 0.5, "linear")
    assert made == Theme(
        "custom",
        "Mine",
        "a lake",
        ("calm", "blue"),
        (Variation("a wave", "energy"), Variation("a flood", "energy")),
        (Range("noise_scale", 0.3, 0.5, "linear"),),
    )
    assert custom("Mine", " a lake ") is custom("Mine", " a lake ")


def test_read_takes_a_theme_apart() -> None:
    own, variation, low, high, name, reference = read(PLAIN, 3.0)
    assert own == (Prompt("a field, calm"),)
    assert variation == (Prompt("a fire, calm"),)
    assert (low, high, name, reference) == (0.2, 0.6, "Plain", "")
    assert read(Theme("none", "None", ""))[:2] == ((), ())
