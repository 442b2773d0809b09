"""Declaring node types: what a signature says, and what is wrong with it, with file and line."""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from pathlib import Path
from typing import Any

import pytest

from nodegraph import (
    Audio,
    Clock,
    Message,
    Prompts,
    Theme,
    Trigger,
    Vector,
    inlet,
    node,
    outlet,
    param,
)
from nodegraph.errors import SpecError, UpgradeError
from nodegraph.spec import type_of


@node("acme.smooth", outlets="out", state=0.0)
def smooth(
    state: float,
    dt: float,
    value: float = inlet(0.0),
    rise: float = param(0.02, "s", 0.001, 10.0),
    fall: float = param(0.30, "s", 0.001, 10.0),
) -> tuple[float, float]:
    """Ease a number towards its input: quick up, slow down.

    More about it.
    """
    y = value + (state - value) * exp(-dt / (rise if value > state else fall))
    return y, y


def test_the_signature_is_the_declaration() -> None:
    type_ = type_of(smooth)
    assert str(type_) == "acme.smooth@1"
    assert type_.family == "acme"
    assert type_.title == "Smooth"
    assert type_.summary == "Ease a number towards its input: quick up, slow down."
    assert type_.context == {"state", "dt"}
    assert type_.inlets["value"].kind == "number"
    rise = type_.params["rise"]
    assert (rise.default, rise.unit, rise.low, rise.high) == (0.02, "s", 0.001, 10.0)
    assert type_.outlets["out"].kind == "number"
    assert type_.file.endswith("test_spec.py")


def test_the_function_stays_a_function_with_its_declared_defaults() -> None:
    assert smooth(0.0, 1 / 60, value=1.0) == smooth(0.0, 1 / 60, 1.0, 0.02, 0.3)


def test_every_kind_is_read_from_annotations() -> None:
    @node("t.kinds", outlets="n b t s a v c p th m")
    def kinds(
        n: float = inlet(0.0),
        b: bool = inlet(False),
        t: Trigger = inlet(False),
        s: str = inlet(""),
        a: Audio = inlet(),
        v: Vector | None = inlet(None),
        c: Clock = inlet(Clock()),
        p: Prompts = inlet(()),
        th: Theme | None = inlet(None),
        any_: object = inlet(None),
    ) -> tuple[float, bool, Trigger, str, Audio, Vector, Clock, Prompts, Theme, Message | None]:
        """All kinds."""
        raise NotImplementedError

    type_ = type_of(kinds)
    kinds_ = [
        "number",
        "boolean",
        "trigger",
        "string",
        "audio",
        "vector",
        "clock",
        "prompts",
        "theme",
    ]
    assert [inlet.kind for inlet in type_.inlets.values()] == [*kinds_, "any"]
    assert [outlet.kind for outlet in type_.outlets.values()] == [*kinds_, "message"]
    assert type_.is_output


def test_a_context_name_may_be_a_param_of_the_node() -> None:
    @node("t.lfo", outlets="out")
    def lfo(now: float, rate: float = param(1.0, "Hz", 0.1, 10.0)) -> float:
        """Oscillate."""
        return now * rate

    assert type_of(lfo).context == {"now"}


def mistakes(declare: Callable[[], object]) -> str:
    with pytest.raises(SpecError) as caught:
        declare()
    for line in str(caught.value).splitlines():
        assert "test_spec.py:" in line
    return str(caught.value)


def test_all_mistakes_are_told_at_once_with_file_and_line() -> None:
    def declare() -> None:
        @node("Bad", outlets="out", state=(0, ([],)))
        def bad(value, width: float = param(3.0), mode: str = param("a", choices=["b", "c"])):  # type: ignore[no-untyped-def]  # wrong on purpose
            return value

    found = mistakes(declare)
    for text in (
        "argument 'value' is neither an inlet(…), nor a param(…), nor one of state, dt",
        "the id must read plugin.name",
        "it has no docstring",
        "does not take the argument state",
        "its state is or holds a list, which can be changed in place",
        "param width is a number and needs a range",
        "param mode: its default 'a' is not one of its choices",
        "there is no port kind for out: annotate",
    ):
        assert text in found


def declared(**options: Any) -> Callable[[], object]:
    def declare() -> None:
        arguments = {"id": "t.x", **options}

        @node(**arguments)
        def x(
            a: float = inlet(0.0),
            v: Vector = inlet(),
            p: float = param(0.5, "", 0.0, 1.0),
        ) -> float:
            """Test."""
            return a

    return declare


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"outlets": "a b"}, "there is no port kind for a, b: annotate what the function returns"),
        ({"outlets": "a b"}, "as a tuple of 2, one of float, int"),
        ({"outlets": "a b", "state": 0.0}, "as a tuple of 3, the state and then one of float"),
        ({"outlets": "out", "version": 2}, "version 2 needs upgrade="),
        ({"outlets": "out", "latch": True}, "a latch has a state and one outlet"),
        ({"outlets": [outlet("out", like="a")]}, "like='a' names no inlet annotated object"),
        ({"outlets": "out", "rows": lambda size, rate, q: None}, "rows= asks for 'q'"),
    ],
)
def test_wrong_options_are_told(options: dict[str, Any], text: str) -> None:
    assert text in mistakes(declared(**options))


def test_a_decorator_without_its_id_is_told() -> None:
    def declare() -> None:
        @node  # type: ignore[arg-type]  # as one forgets it
        def smooth(value: float = inlet(0.0)) -> float: ...

    assert 'smooth: wants an id: @node("plugin.smooth", outlets="out")' in mistakes(declare)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda: param(5.0, "", 0.0, 1.0), "default 5.0 is outside 0.0 to 1.0"),
        (lambda: param(0.5, "", 1.0, 0.0), "is empty or endless"),
        (lambda: param(0.5, "", 0.0, 1.0, curve="log"), "a log curve needs a range above 0"),
        (lambda: param(0.5, "", 0.0, 1.0, curve="wavy"), "curve is 'linear' or 'log'"),
        (lambda: param("x", "", 0.0, 1.0), "its default 'x' is not a number"),
    ],
)
def test_wrong_params_are_told(made: Callable[[], Any], text: str) -> None:
    def declare() -> None:
        @node("t.x", outlets="out")
        def x(p: float = made()) -> float:
            """Test."""
            return p

    assert text in mistakes(declare)


def test_a_reader_of_a_text_asks_only_for_what_there_is() -> None:
    def declare() -> None:
        @node("t.x", outlets="out")
        def x(
            text: str = param("", read=lambda text, themes, more, gone: text),
            more: float = param(0.5, "", 0.0, 1.0, read=float),
        ) -> float:
            """Test."""
            return more

    found = mistakes(declare)
    assert "param text: read= asks for 'gone', which is no param and not themes" in found
    assert "asks for 'more'" not in found
    assert "param more: read= reads a text; annotate it str" in found


def test_context_that_nothing_brings_is_told() -> None:
    def declare() -> None:
        @node("t.x", outlets="out")
        def x(audio: Audio, product: Vector, state: float) -> float:
            """Test."""
            return 0.0

    found = mistakes(declare)
    assert "asks for audio but declares no source" in found
    assert "asks for product but declares no rows=" in found
    assert "asks for state but declares none" in found


def test_an_undecorated_function_is_told() -> None:
    with pytest.raises(SpecError, match="is not a node type: put @node"):
        type_of(lambda: None)


def test_params_are_carried_over_or_the_line_that_failed_is_named() -> None:
    def rename(params: dict[str, Any], version: int) -> Any:
        if params.get("list"):
            return [params]
        return {"rise": params["time"] / version}  # this line

    @node("a.b", outlets="out", version=2, upgrade=rename)
    def made(rise: float = param(1.0, "s", 0.0, 10.0)) -> float:
        """Ease."""
        return rise

    type_ = type_of(made)
    assert type_.carry_over({"time": 4.0}, 1) == {"rise": 4.0}
    lines = Path(__file__).read_text("utf-8").splitlines()
    line = next(n for n, text in enumerate(lines, 1) if text.endswith("# this line"))
    with pytest.raises(UpgradeError) as caught:
        type_.carry_over({"tine": 4.0}, 1)
    assert str(caught.value) == f"KeyError: 'time' ({__file__}:{line})"
    with pytest.raises(UpgradeError, match=rf"'list' object .*\({__file__}:{type_.line}\)"):
        type_.carry_over({"list": True}, 1)
