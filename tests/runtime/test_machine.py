"""Programs of chunks in native code: they do what the text says, to the last bit, or nothing."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from itertools import product
from types import CellType as Cell
from types import FunctionType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import patch
from plain_kit import KNOWN, NEEDS, templates, values

from nodegraph import native
from nodegraph.compiler import compile_patch
from nodegraph.compiler.chunks import function_code
from nodegraph.compiler.machine import OPERATIONS
from nodegraph.compiler.translate import program_of
from nodegraph.graph import Node
from nodegraph.plugins import find
from nodegraph.runtime import Engine, machine
from nodegraph.runtime.guards import GUARDS

pytestmark = pytest.mark.skipif(
    not machine.NATIVE, reason="there is no native code here: no compiler when it was installed"
)

CHUNK = """def chunk(n, now, brought, V, N):
    nonlocal S·x
    x·out = {out}
    T·x = {state}
    made = (x·out,)
    if dist(made, made):
        raise ArithmeticError
    S·x = T·x
    N[V·x·out···V·x·out] = made
"""
READ = {
    **{name: f"P·x·{name}" for name in KNOWN},
    "a": "N[V·a·out]",
    "b": "V[V·b·out]",
    "dt": "dt",
    "state": "S·x",
    **{name: f"G·t·{name}" for name in NEEDS},
}
SLOTS = {"V·a·out": 0, "V·b·out": 1, "V·x·out": 2}


class Chunk:
    """A text in one of its two forms, with all that it reads and writes."""

    def __init__(self, text: str, names: dict[str, Any], *, native: bool) -> None:
        self.V, self.N = [7.0, names["b"], 5.0], [names["a"], 8.0, 5.0]
        self.cells = {f"P·x·{name}": Cell(value) for name, value in names.items()}
        self.cells |= {f"G·t·{name}": Cell(value) for name, value in NEEDS.items()}
        self.cells |= {name: Cell(slot) for name, slot in SLOTS.items()}
        self.cells["S·x"] = self.state = Cell(names["state"])
        self.cells["V·x·out···V·x·out"] = Cell(slice(2, 3))
        given = {**GUARDS, "dt": names["dt"], "rate": 48e3}
        self.run: Any
        if native:
            self.run = machine.machine(program_of(text), self.cells, given)
        else:
            code = function_code(text)
            lent = {name: Cell(None) for name in code.co_freevars}
            closure = tuple({**lent, **self.cells}[name] for name in code.co_freevars)
            self.run = FunctionType(code, given, None, None, closure)

    def outcome(self) -> Any:
        """What there is after a run, with what tells one zero from the other; or how it failed."""
        before = repr((self.N, self.state.cell_contents))
        try:
            self.run(3, 0.25, {}, self.V, self.N)
        except Exception as error:
            assert repr((self.N, self.state.cell_contents)) == before  # nothing has happened
            return type(error)
        return [(type(it), repr(it)) for it in (*self.N, *self.V, self.state.cell_contents)]


@given(templates((*KNOWN, "state")), templates((*KNOWN, "state")), values)
def test_a_program_does_what_its_text_does(out: str, state: str, names: dict[str, Any]) -> None:
    text = CHUNK.format(out=out.format_map(READ), state=state.format_map(READ))
    own = Chunk(text, names, native=True)
    if own.run is None:  # a part from behind, or a wrong number of parts
        return
    made, wanted = own.outcome(), Chunk(text, names, native=False).outcome()
    assert made in (wanted, ArithmeticError)


def arithmetic(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Expressions that can only fail at a division by zero."""
    leaves = st.sampled_from([*(f"{{{name}}}" for name in names), "0.5", "-3.0", "{HALF}"])

    def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        sign = st.sampled_from(["+", "-", "*", "/", "%", "//"])
        return st.one_of(
            st.builds("({} {} {})".format, inner, sign, inner),
            st.builds("({} if {} < {} else {})".format, inner, inner, inner, inner),
            st.builds("min({}, {}, {})".format, inner, inner, inner),
            st.builds("held({}, {}, {})".format, inner, inner, inner),
            st.builds("({} and {} or {})".format, inner, inner, inner),
        )

    return st.recursive(leaves, grown, max_leaves=8)


small = st.floats(-9.0, 9.0)


@given(
    arithmetic(("a", "b", "knob", "state")),
    st.fixed_dictionaries(dict.fromkeys(("a", "b", "knob", "state", "dt"), small)),
)
def test_a_program_gives_up_only_where_its_text_does(out: str, names: dict[str, Any]) -> None:
    text = CHUNK.format(out=out.format_map(READ), state="x·out")
    made, wanted = (Chunk(text, names, native=native).outcome() for native in (True, False))
    if made is not wanted and made is ArithmeticError:
        assert issubclass(wanted, ArithmeticError)
    else:
        assert made == wanted


@pytest.mark.parametrize("name", [*native.code.FUNCTIONS_1, *native.code.FUNCTIONS_2])
def test_functions_are_those_of_python(name: str) -> None:
    """The C library's, as `math` has them."""
    function, pairs = getattr(math, name), name in native.code.FUNCTIONS_2
    many = [0.0, -0.0, 1e-300, 1.0, -1.0, 0.3, -2.5, math.pi, 7.0, 710.0, 1e9, 1e300]
    arguments = f"{READ['a']}, {READ['b']}" if pairs else READ["a"]
    text = CHUNK.format(out=f"G·t·math.{name}({arguments})", state="0.0")
    for each in product(many, repeat=1 + pairs):
        try:
            wanted = function(*each)
        except (ArithmeticError, ValueError):
            wanted = math.nan
        names = dict(zip("ab", (*each, 0.0), strict=False))
        chunk = Chunk(text, {**names, "state": 0.0, "dt": 0.01}, native=True)
        outcome = chunk.outcome()
        assert (outcome is ArithmeticError) == (not math.isfinite(wanted)), each
        assert outcome is ArithmeticError or repr(chunk.N[2]) == repr(wanted), each


def test_the_types_that_come_with_it_run_in_native_code() -> None:
    """Each plain one does, and never gives up on what numbers may be."""
    types = find().types
    plain = sorted(id for id, type_ in types.items() if type_.body and type_.body.plain)
    assert len(plain) >= 9
    nodes = {f"n{number}": Node(id) for number, id in enumerate(plain * 3)}
    nodes["lfo"] = Node("generate.lfo")
    wires = [
        f"lfo.out -> {id}.{inlet}"
        for id, node in nodes.items()
        if id != "lfo"
        for inlet, it in types[node.type].inlets.items()
        if it.kind in ("number", "any")
    ]
    made = patch({id: (node.type, node.params) for id, node in nodes.items()}, wires)
    engine = Engine(compile_patch(made, types), rate=48_000, block=512)
    runs = [chunk for chunk, _ in engine.running.quick if not isinstance(chunk, FunctionType)]
    assert runs
    for _ in range(50):
        engine.tick({})
        running = engine.running
        for run in runs:
            run(engine.ticks, 0.0, {}, running.news, running.values)  # raises if it gives up


def test_a_plan_does_the_same_without_native_code(monkeypatch: pytest.MonkeyPatch) -> None:
    types = find().types
    shape = ("shape.lag", "shape.auto_range", "shape.smooth", "logic.threshold")
    nodes = {"lfo": Node("generate.lfo", params={"rate": 3.0})}
    nodes |= {f"n{number}": Node(shape[number % 4]) for number in range(16)}
    wires = [f"lfo.out -> n{number}.value" for number in range(16)]
    plan = compile_patch(patch({i: (n.type, n.params) for i, n in nodes.items()}, wires), types)
    engines = [Engine(plan, rate=48_000, block=512)]
    monkeypatch.setattr(machine, "NATIVE", False)
    engines.append(Engine(plan, rate=48_000, block=512))
    assert {len({type(run) for run, _ in it.running.quick}) for it in engines} == {1, 2}
    for _ in range(300):
        for engine in engines:
            engine.tick({})
        assert repr(engines[0].values) == repr(engines[1].values)
        assert repr(engines[0].states) == repr(engines[1].states)


def test_operations_have_the_same_numbers_on_both_sides() -> None:
    assert native.code.OPERATIONS == OPERATIONS


def test_whoever_wants_can_do_without() -> None:
    told = "from nodegraph.runtime.machine import NATIVE; print(NATIVE)"
    made = subprocess.run(
        [sys.executable, "-c", told],
        env={**os.environ, "NODEGRAPH_PURE": "1"},
        capture_output=True,
        check=True,
    )
    assert made.stdout.split() == [b"False"]


def test_what_is_no_program_is_refused() -> None:
    text = CHUNK.format(out="N[V·a·out] * P·x·knob", state="x·out")
    good = program_of(text)
    assert good is not None
    names = {"a": 1.0, "b": 1.0, "knob": 2.0, "state": 0.0, "dt": 0.01}
    chunk = Chunk(text, names, native=True)
    assert chunk.outcome() is not ArithmeticError
    assert chunk.N[2] == 2.0
    for broken in (
        good._replace(code=good.code[:-10]),
        good._replace(code=b"\xff" * 10 + good.code),
        good._replace(made=(9999,)),
        good._replace(kept=((77, 2),)),
        good._replace(reads=((0, 9999),)),
        good._replace(slots=(("V·a·out", False, 9999),)),
        good._replace(constants=(None,)),
        good._replace(globals=((2, "G·t·math"),)),
    ):
        assert machine.machine(broken, chunk.cells, {"dt": 0.01}) is None


def test_a_float_that_somebody_else_holds_is_not_changed() -> None:
    text = CHUNK.format(out="N[V·a·out] + 1.0", state="x·out")
    names = {"a": 1.0, "b": 1.0, "state": 0.0, "dt": 0.01}
    chunk = Chunk(text, names, native=True)
    chunk.outcome()
    held, state = chunk.N[2], chunk.state.cell_contents
    chunk.N[0] = 5.0
    chunk.outcome()
    assert (held, state, chunk.N[2], chunk.state.cell_contents) == (2.0, 2.0, 6.0, 6.0)
