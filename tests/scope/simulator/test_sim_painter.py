"""The pictures: the same again from the same, different where something is asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import many

from nodegraph.scope.simulator.lettering import letter, mark_number, read_number
from nodegraph.scope.simulator.painter import Look, paint
from nodegraph.scope.simulator.words import encode, oklab, srgb

SIZE = 192, 112
NEON = Look(encode("neon city"))


def apart(a: np.ndarray, b: np.ndarray) -> float:
    """Return the mean difference of two pictures in levels of 255."""
    return float(np.abs(a.astype(float) - b.astype(float)).mean())


def test_the_same_look_and_frame_give_the_same_pixels() -> None:
    assert np.array_equal(paint(NEON, 7, *SIZE), paint(replace(NEON), 7, *SIZE))


@pytest.mark.parametrize(
    "change",
    [
        {"embedding": encode("deep forest")},
        {"noise": 0.9},
        {"steps": 1},
        {"seed": 43},
        {"scene": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_thing_that_can_be_asked_for_shows(change: dict[str, object]) -> None:
    assert apart(paint(NEON, 5, *SIZE), paint(replace(NEON, **change), 5, *SIZE)) > 5


def test_motion_is_coherent() -> None:
    """A frame is nearer to the next than to one a second later, and never the same."""
    calm = replace(NEON, noise=0.1)
    now, soon, later = (paint(calm, frame, *SIZE) for frame in (0, 1, 20))
    assert 0 < apart(now, soon) < 0.5 * apart(now, later)


def test_a_blend_lies_between() -> None:
    a, b = encode("neon city"), encode("deep forest")
    ends = [paint(replace(NEON, embedding=e), 0, *SIZE) for e in (a, b)]
    near = paint(replace(NEON, embedding=(0.95 * a + 0.05 * b).astype(np.float32)), 0, *SIZE)
    assert apart(near, ends[0]) < apart(near, ends[1])


@pytest.mark.parametrize(
    ("words", "channel"),
    [("burning embers", 0), ("deep forest", 1), ("calm ocean", 2), ("red rose", 0)],
)
def test_words_of_a_colour_give_that_colour(words: str, channel: int) -> None:
    pictures = [paint(Look(encode(words)), frame, *SIZE) for frame in range(0, 200, 20)]
    assert int(np.mean(pictures, axis=(0, 1, 2)).argmax()) == channel


@settings(max_examples=many(25, 250), deadline=None)
@given(
    st.text(max_size=30), st.floats(0, 1), st.integers(0, 9), st.integers(0, 2**40), st.integers(0)
)
def test_anything_can_be_painted(
    text: str, noise: float, steps: int, seed: int, frame: int
) -> None:
    look = Look(encode(text), noise=noise, steps=steps, seed=seed)
    picture = paint(look, frame % 10**6, 64, 48)
    assert picture.shape == (48, 64, 3)
    assert picture.dtype == np.uint8


def test_oklab_is_the_published_one() -> None:
    """White, red, green and blue as B. Ottosson gives them."""
    colours = np.array([[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    expected = [[1, 0, 0], [0.628, 0.225, 0.126], [0.866, -0.234, 0.180], [0.452, -0.032, -0.312]]
    assert np.allclose(oklab(colours), expected, atol=2e-3)
    assert np.allclose(srgb(oklab(colours)), colours, atol=2e-3)


@settings(max_examples=many(20, 200), deadline=None)
@given(st.integers(0, 65535))
def test_a_number_is_read_back(number: int) -> None:
    picture = paint(NEON, 0, *SIZE)
    assert read_number(mark_number(picture, number)) == number


def test_an_unmarked_picture_has_no_number() -> None:
    assert all(read_number(paint(NEON, frame, *SIZE)) is None for frame in range(0, 100, 10))
    assert read_number(np.zeros((112, 192, 3), np.uint8)) is None
    assert read_number(np.full((112, 192, 3), 255, np.uint8)) is None


def test_a_caption_changes_only_the_foot_and_fits_any_text() -> None:
    picture = paint(NEON, 0, *SIZE)
    out = letter(picture, "a very long prompt " * 20, "noise 0.50  4 steps")
    assert np.array_equal(out[:-16], picture[:-16])
    assert apart(out[-16:], picture[-16:]) > 5
