"""What the editor says of a wire before it is drawn is what the compiler says of it after."""

from __future__ import annotations

from collections.abc import Collection
from random import Random

import pytest
from editor.drawn import WITHOUT_LINKS, any_wire, built_in, random_patch
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import many, patch, wire

from nodegraph.compiler.check import check
from nodegraph.editor.fitting import Through, distance, inlet_for, outlet_for, pairs, through
from nodegraph.editor.instances import inside, with_instances
from nodegraph.editor.wiring import Verdict, Wiring
from nodegraph.graph import AddWire, Node, Patch, Port, RemoveWire, Wire
from nodegraph.nodetype import REQUIRED
from nodegraph.theme import Themes
from nodegraph.values import CONVERTERS

TYPES = built_in()


def complaints(made: Patch) -> Collection[str]:
    """What the compiler says of the wires of a patch."""
    _, problems, _ = check(made, TYPES, {}, {}, Themes())
    return {each.text for each in problems if each.field == "wires"}


def told(made: Patch, source: str, target: str) -> Verdict:
    drawn = wire(f"{source} -> {target}")
    return Wiring(made, TYPES).verdict(*drawn)


@pytest.mark.parametrize("source", WITHOUT_LINKS[:: many(4, 1)])
def test_every_pair_of_ports(source: str) -> None:
    """Each outlet of a type to every inlet and param of all types."""
    ids = {f"t{i}": id for i, id in enumerate(WITHOUT_LINKS)}
    made = Patch(nodes={"a": Node(source), **{id: Node(type_) for id, type_ in ids.items()}})
    wiring = Wiring(made, TYPES)
    for outlet in TYPES[source].outlets:
        wires = [
            Wire(Port("a", outlet), Port(id, name))
            for id, type_ in ids.items()
            for name in TYPES[type_].targets
        ]
        # The any-inlets of one node carry one kind: each is asked about alone.
        firsts: dict[str, list[Wire]] = {}
        for each in wires:
            is_any = TYPES[ids[each.target.node]].targets[each.target.port].kind == "any"
            firsts.setdefault(each.target.port if is_any else "", []).append(each)
        for some in firsts.values():
            drawn = made.evolve(wires=tuple(sorted(some)))
            faults = complaints(drawn)
            misfits = {fault.partition(" wants ")[0]: fault for fault in faults}
            messages = {fault.partition("(in ")[2].rstrip(")") for fault in faults}
            for each in some:
                verdict = wiring.verdict(*each)
                misfit = misfits.get(str(each.target))
                assert verdict.fits == (misfit is None and str(each) not in messages), each
                assert misfit is None or misfit == verdict.reason


@settings(max_examples=many(50, 1_000), deadline=None)
@given(st.randoms(use_true_random=False))
def test_what_is_allowed_compiles_and_what_is_refused_does_not(random: Random) -> None:
    made = random_patch(random)
    assert not complaints(made)
    wiring = Wiring(made, TYPES)
    for _ in range(10):
        drawn = any_wire(made, random)
        if drawn is None:
            continue
        verdict = wiring.verdict(*drawn)
        faults = complaints(AddWire(drawn).apply(made))
        assert verdict.fits == (not faults), (drawn, verdict, faults)


def test_reasons_name_the_converter_that_there_is() -> None:
    made = patch({"mic": "audio.device", "lag": "shape.lag", "say": "prompt.text"})
    verdict = told(made, "mic.audio", "lag.value")
    assert verdict.converter == "audio.level"
    assert verdict.reason.endswith("gives audio; put an audio.level between them")
    assert told(made, "say.prompts", "lag.value").converter == ""
    without = {id: type_ for id, type_ in TYPES.items() if id != "audio.level"}
    assert Wiring(made, without).verdict(Port("mic", "audio"), Port("lag", "value")).converter == ""


def test_loops_are_told_node_by_node_and_open_through_a_delay() -> None:
    lags = {"a": "shape.lag", "b": "shape.lag", "c": "shape.lag", "z": "flow.delay"}
    made = patch(lags, ["a.out -> b.value", "b.out -> c.value", "c.out -> z.value"])
    assert "each other: a -> b -> c -> a; put a flow.delay" in told(made, "c.out", "a.value").reason
    assert "a -> a" in told(made, "a.out", "a.value").reason
    assert told(made, "z.out", "a.value").fits


def test_ports_of_any_kind_carry_that_of_the_first_wired() -> None:
    made = patch(
        {
            "gate": "logic.gate",
            "say": "prompt.text",
            "lfo": "generate.lfo",
            "lag": "shape.lag",
            "other": "logic.gate",
        },
        ["gate.out -> lag.value", "other.out -> gate.value"],
    )
    wiring = Wiring(made, TYPES)
    assert wiring.outlet_kind(Port("gate", "out")) == "number"
    refused = wiring.verdict(Port("say", "prompts"), Port("other", "value"))
    assert refused.reason == "other.value would carry prompts then, and lag.value wants number"
    assert wiring.verdict(Port("lfo", "out"), Port("other", "value")).fits
    unknown = wiring.verdict(Port("lfo", "nothing"), Port("other", "value"))
    assert "lfo.nothing is not known" in unknown.reason


def test_receives_carry_what_is_sent() -> None:
    made = patch(
        {
            "say": "prompt.text",
            "send": ("flow.send", {"name": "look"}),
            "get": ("flow.receive", {"name": "look"}),
            "lag": "shape.lag",
        },
        ["say.prompts -> send.value"],
    )
    assert Wiring(made, TYPES).outlet_kind(Port("get", "out")) == "prompts"
    assert not told(made, "get.out", "lag.value").fits


def test_the_best_ports_are_found() -> None:
    assert inlet_for(TYPES["shape.lag"], "number") == "value"
    assert inlet_for(TYPES["audio.level"], "prompts") is None
    assert inlet_for(TYPES["generate.lfo"], "number") in TYPES["generate.lfo"].params
    assert inlet_for(TYPES["generate.lfo"], "trigger") in TYPES["generate.lfo"].inlets
    assert outlet_for(TYPES["beat.tracker"], "clock") == "clock"
    assert outlet_for(TYPES["scope.output"], "number") is None
    assert through(TYPES["shape.lag"], "number", "number") == Through("value", "out")
    assert through(TYPES["logic.gate"], "prompts", "prompts") == Through("value", "out")
    assert through(TYPES["logic.gate"], "prompts", "number") is None
    assert through(TYPES["audio.level"], "number", "number") is None
    near, far = (distance(TYPES[id], "trigger", "inlet") for id in ("logic.counter", "shape.lag"))
    assert near is not None
    assert far is not None
    assert near < far
    assert distance(TYPES["theme.preset"], "theme", "inlet") is None
    assert pairs(TYPES["audio.device"], TYPES["audio.level"])[0] == ("audio", "audio")


@pytest.mark.parametrize("kinds", sorted(CONVERTERS))
def test_every_converter_converts(kinds: tuple[str, str]) -> None:
    assert through(TYPES[CONVERTERS[kinds]], *kinds) is not None


def test_instances_have_the_ports_of_their_definition() -> None:
    definition = patch(
        {
            "level": "flow.inlet",
            "look": "flow.inlet",
            "lag": ("shape.lag", {"attack": 2.0}),
            "out": "flow.outlet",
            "same": "flow.outlet",
        },
        ["level.out -> lag.value", "lag.out -> out.value", "look.out -> same.value"],
    ).evolve(exposed={"rise": "lag.attack"}, note="Ease.\n\nA lag.")
    needing = patch(
        {
            "sound": "flow.inlet",
            "voice": "subpatch.voice",
            "level": "audio.level",
            "out": "flow.outlet",
        },
        ["sound.out -> level.audio", "level.rms -> voice.level", "voice.out -> out.value"],
    )
    types = with_instances(
        TYPES, {"voice": definition, "hall": needing, "self": patch({"me": "subpatch.self"})}
    )
    voice = types["subpatch.voice"]
    assert {name: inlet.kind for name, inlet in voice.inlets.items()} == {
        "level": "number",
        "look": "any",
    }
    assert voice.outlets["out"].kind == "number"
    assert voice.outlets["same"].like == "look"
    assert voice.params["rise"].default == 2.0
    assert voice.params["rise"].unit == "s"
    assert voice.summary == "Ease."
    hall = types["subpatch.hall"]
    assert hall.inlets["sound"].kind == "audio"
    assert hall.inlets["sound"].default is REQUIRED
    assert hall.outlets["out"].kind == "number"
    made = patch(
        {"say": "prompt.text", "v": "subpatch.voice", "lag": "shape.lag"}, ["v.out -> lag.value"]
    )
    wiring = Wiring(made, types)
    assert not wiring.verdict(Port("say", "prompts"), Port("v", "level")).fits
    assert wiring.verdict(Port("say", "prompts"), Port("v", "look")).fits
    assert wiring.verdict(Port("lag", "out"), Port("v", "rise")).fits  # the compiler knows loops
    here = inside(types)
    assert not here["flow.inlet"].inlets
    within = Wiring(definition, here)
    assert within.verdict(Port("look", "out"), Port("lag", "value")).fits
    cut = RemoveWire(wire("level.out -> lag.value")).apply(definition)
    assert with_instances(TYPES, {"voice": cut})["subpatch.voice"].inlets["level"].kind == "any"


def test_each_inlet_of_an_instance_carries_a_kind_of_its_own() -> None:
    both = patch(
        {"a": "flow.inlet", "b": "flow.inlet", "x": "flow.outlet", "y": "flow.outlet"},
        ["a.out -> x.value", "b.out -> y.value"],
    )
    types = with_instances(TYPES, {"both": both})
    made = patch(
        {"v": "subpatch.both", "say": "prompt.text", "lfo": "generate.lfo", "lag": "shape.lag"},
        ["say.prompts -> v.a", "v.y -> lag.value"],
    )
    wiring = Wiring(made, types)
    assert wiring.outlet_kind(Port("v", "x")) == "prompts"
    assert wiring.outlet_kind(Port("v", "y")) == "any"
    assert wiring.verdict(Port("lfo", "out"), Port("v", "b")).fits
    refused = wiring.verdict(Port("say", "prompts"), Port("v", "b"))
    assert refused.reason == "v.b would carry prompts then, and lag.value wants number"
    assert not wiring.verdict(Port("v", "x"), Port("lag", "attack")).fits
    around = AddWire(wire("v.x -> v.a")).apply(made)
    assert Wiring(around, types).outlet_kind(Port("v", "x")) == "number"
