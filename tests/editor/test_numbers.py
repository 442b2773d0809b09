"""What is typed into a number means what people expect, and nonsense gets a short sentence."""

from __future__ import annotations

from contextlib import suppress
from math import isnan, nan, pi

import pytest
from editor.drawn import built_in
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.editor.numbers import (
    NumberError,
    at_share,
    held,
    read_number,
    share,
    show_amount,
    show_number,
)
from nodegraph.nodetype import Param


def param(
    unit: str = "",
    low: float = -1e6,
    high: float = 1e6,
    curve: str = "linear",
    default: float = 1.0,
    integer: bool = False,
) -> Param:
    return Param("amount", "number", default, unit, low, high, (), curve, integer, "")


PLAIN, UNIT = param(), param(low=0.0, high=10.0)
SECONDS, HERTZ = param("s", 0.0, 60.0), param("Hz", 20.0, 20_000.0, "log")


@pytest.mark.parametrize(
    ("typed", "among", "now", "meant"),
    [
        ("3.5", PLAIN, 0, 3.5),
        (" -2 ", PLAIN, 0, -2),
        ("1e-3", PLAIN, 0, 0.001),
        ("3,5", PLAIN, 0, 3.5),
        ("1/16", PLAIN, 0, 0.0625),
        ("(2+3)*4", PLAIN, 0, 20),
        ("2^3", PLAIN, 0, 8),
        ("2 pi", PLAIN, 0, None),
        ("2*pi", PLAIN, 0, 2 * pi),
        ("sqrt(2)^2", PLAIN, 0, 2),
        ("min(3, 4)", PLAIN, 0, 3),
        ("*2", PLAIN, 8, 16),
        ("/2", PLAIN, 8, 4),
        ("+10", PLAIN, 8, 18),
        ("+=3", PLAIN, 8, 11),
        ("-=3", PLAIN, 8, 5),
        ("*=1/2", PLAIN, 8, 4),
        ("-3", PLAIN, 8, -3),
        ("-3", UNIT, 8, 5),
        ("50%", UNIT, 0, 5),
        ("+10%", UNIT, 5, 6),
        ("-=10%", UNIT, 5, 4),
        ("*50%", UNIT, 5, 2.5),
        ("50%", HERTZ, 0, (20 * 20_000) ** 0.5),
        ("50%", param("%", 0, 100), 0, 50),
        ("440Hz", HERTZ, 0, 440),
        ("1.2 kHz", HERTZ, 0, 1200),
        ("1.2k", HERTZ, 0, 1200),
        ("A4", HERTZ, 0, 440),
        ("c#3", HERTZ, 0, 138.591),
        ("Bb2", HERTZ, 0, 116.541),
        ("20ms", SECONDS, 0, 0.02),
        ("1/4 s", SECONDS, 0, 0.25),
        ("2 min", SECONDS, 0, 60),
        ("+20ms", SECONDS, 1, 1.02),
        ("5Hz", SECONDS, 0, 0.2),
        ("20ms", HERTZ, 0, 50),
        ("120bpm", HERTZ, 0, 20),
        ("2Hz", param("1/min", 1, 300), 0, 120),
        ("120 bpm", param("1/min", 1, 300), 0, 120),
        ("1 oct", param("semitones", -48, 48), 0, 12),
        ("3 dB", param("dB", -60, 24), 0, 3),
        ("2k", PLAIN, 0, 2000),
        ("max", UNIT, 0, 10),
        ("min", UNIT, 5, 0),
        ("default", UNIT, 5, 1),
        ("99", UNIT, 0, 10),
        ("2.6", param(integer=True), 0, 3),
    ],
)
def test_what_is_typed(typed: str, among: Param, now: float, meant: float | None) -> None:
    if meant is None:
        with pytest.raises(NumberError):
            read_number(typed, among, now)
    else:
        assert read_number(typed, among, now) == pytest.approx(meant, rel=1e-5)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "type a number"),
        ("x" * 300, "this is too long for a number"),
        ("1/0", "nothing can be divided by zero"),
        ("/0", "nothing can be divided by zero"),
        ("9**9**9", "this is beyond all numbers"),
        ("1e999", "this is beyond all numbers"),
        ("exp(1e6)", "this is beyond all numbers"),
        ("hello", "'hello' is no unit that is known here"),
        ("3 dB", "amount has no unit: dB does not fit"),
        ("2 + * 3", "'2 + * 3' is no number"),
        ("__import__('os')", "\"__import__('os')\" is no number"),
        ("(-8)^0.5", "'(-8)^0.5' is no number"),
        ("sqrt(-1)", "'sqrt(-1)' is no number"),
        ("True", "'True' is no unit that is known here"),
        ("[1,2]", "'[1.2]' is no number"),
        ("(" * 150, None),
    ],
)
def test_nonsense_is_told_in_a_short_sentence(typed: str, why: str | None) -> None:
    with pytest.raises(NumberError) as raised:
        read_number(typed, PLAIN, 1.0)
    assert len(str(raised.value)) < 80
    assert why is None or str(raised.value) == why


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_number_in_range_or_a_sentence(typed: str) -> None:
    with suppress(NumberError):
        assert 0.0 <= read_number(typed, UNIT, 3.0) <= 10.0


@given(st.text("0123456789.+-*/()%^ehzmsk ", max_size=12))
def test_whatever_looks_like_a_formula_too(typed: str) -> None:
    test_whatever_is_typed_is_a_number_in_range_or_a_sentence.hypothesis.inner_test(typed)  # type: ignore[attr-defined]  # what hypothesis keeps there


@pytest.mark.parametrize(
    ("value", "among", "text"),
    [
        (0.25, SECONDS, "0.25 s"),
        (0.02, SECONDS, "20 ms"),
        (1234.5, HERTZ, "1.234 kHz"),
        (440.0, HERTZ, "440 Hz"),
        (12.0, PLAIN, "12"),
        (1 / 3, PLAIN, "0.3333"),
        (-1e-9, PLAIN, "-1e-09"),
        (12_345_678.0, PLAIN, "1.23e+07"),
        (50.0, param("%", 0, 100), "50%"),
        (3.0, param(integer=True), "3"),
        (0.0, SECONDS, "0 s"),
        (nan, PLAIN, "–"),
        (float("inf"), PLAIN, "∞"),
    ],
)
def test_what_is_shown(value: float, among: Param, text: str) -> None:
    assert show_number(value, among) == text


def test_an_amount_needs_no_param() -> None:
    assert show_amount(0.5) == "0.5"
    assert show_amount(0.5, "s") == "0.5 s"
    assert show_amount(-0.0) == "0"
    assert show_amount(3.0, "beats", whole=True) == "3 beats"


@given(st.sampled_from([UNIT, HERTZ, SECONDS]), st.floats(0.0, 1.0))
def test_share_and_its_reverse(among: Param, part: float) -> None:
    assert share(at_share(part, among), among) == pytest.approx(part, abs=1e-9)
    assert share(1e9, among) == 1.0
    assert share(-1e9, among) == 0.0


@given(st.sampled_from(sorted(built_in())), st.floats(-1e6, 1e6))
def test_what_is_shown_can_be_typed(id: str, value: float) -> None:
    for each in built_in()[id].params.values():
        if each.kind == "number":
            number = held(value, each)
            typed = read_number(show_number(number, each), each, 0.0)
            assert typed == pytest.approx(number, rel=1e-2, abs=1e-6)
    assert not isnan(value)
