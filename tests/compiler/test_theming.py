"""Themes on their way from the patch to the nodes that ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from kit import catalogue, engine, patch, run

import nodegraph
from nodegraph import THEMES, Theme, Variation, inlet, node, param
from nodegraph.compiler import Plan, compile_patch
from nodegraph.declaration import declare, declared
from nodegraph.errors import EditError, FaultError, PatchError, SpecError
from nodegraph.graph import Node, Patch, SetTheme, Within, dump, parse
from nodegraph.runtime.shipping import Packer, Unpacker
from nodegraph.spec import type_of
from nodegraph.themes import shipped
from nodes.flow import subpatch_outlet
from nodes.theme import custom, preset, read


@node("t.list", outlets="name")
def listed(themes: Mapping[str, Theme], names: str = param("")) -> str:
    """Name the last of a list of themes."""
    return [themes[name].name for name in names.splitlines()][-1]


@node("t.say", outlets="out", state=0)
def say(state: int, names: str = param("")) -> tuple[int, str]:
    """Say one line after the other."""
    lines = names.splitlines()
    return state + 1, lines[state % len(lines)]


@node("t.follow", outlets="name", state=0)
def follow(
    state: int,
    themes: Mapping[str, Theme],
    theme: str = param("astral", choices=THEMES),
    count: float = inlet(0.0),
) -> tuple[int, str]:
    """Name a theme, and count the ticks."""
    return state + 1, f"{themes[theme].prompt} {state}"


def painted(name: str, themes: Mapping[str, Theme]) -> str:
    if not themes[name].style:
        raise ValueError(f"{name} has no style")
    return themes[name].style[0]


@node("t.style", outlets="style")
def style(themes: Mapping[str, Theme], name: str = param("astral", read=painted)) -> str:
    """Name the first style of a theme."""
    return painted(name, themes)


TYPES = catalogue(listed, say, follow, style, custom, preset, read, subpatch_outlet)
LAKE = {"prompt": "a lake", "ranges": {"noise_scale": {"low": 0.1, "high": 0.2}}}


def themed(
    nodes: Mapping[str, str | tuple[str, Mapping[str, Any]]],
    wires: tuple[str, ...] = (),
    **themes: Mapping[str, Any],
) -> Patch:
    return patch(nodes, wires).evolve(themes=Patch(themes=themes).themes)


LOOK = {"look": ("theme.preset", {"theme": "lake"}), "parts": "theme.read"}
WIRES = ("look.theme -> parts.theme",)


def told(plan: Plan) -> list[tuple[str | None, str]]:
    return [(problem.field, problem.text) for problem in plan.problems]


def test_a_patch_plays_its_own_themes() -> None:
    made = themed(LOOK, WIRES, lake=LAKE)
    values = run(made, TYPES, 2)
    assert values["parts.name"][-1] == "Lake"
    assert (values["parts.noise_low"][-1], values["parts.noise_high"][-1]) == (0.1, 0.2)
    trace = nodegraph.render(made, params={"look.theme": "ocean"}, duration=0.1)
    assert trace["parts.name"][-1] == "Ocean"
    with pytest.raises(
        PatchError, match=r"look\.theme: there is no theme 'laek'; did you mean lake"
    ):
        nodegraph.render(made, params={"look.theme": "laek"}, duration=0.1)


def test_a_theme_of_the_patch_goes_before_one_that_comes_along() -> None:
    nodes = {**LOOK, "look": ("theme.preset", {"theme": "forge"})}
    values = run(themed(nodes, WIRES, forge=LAKE), TYPES, 1)
    assert values["parts.noise_low"] == [0.1]
    assert values["look.theme"][0].id == "forge"
    assert shipped()["forge"].range("noise_scale").low == 0.48


def test_inside_a_subpatch_there_are_the_themes_of_the_patch() -> None:
    inside = patch({**LOOK, "name": "flow.outlet"}, (*WIRES, "parts.name -> name.value"))
    made = Patch(
        nodes={"a": Node("subpatch.look"), "b": Node("t.list", params={"names": "lake"})},
        subpatches={"look": inside},
        themes={"lake": LAKE},
    )
    values = run(made, TYPES, 1)
    assert values["a/parts.name"] == values["b.name"] == ["Lake"]
    with pytest.raises(EditError, match="a definition has no themes of its own"):
        Within("look", SetTheme("lake", LAKE))


def test_an_unknown_theme_is_told_with_what_may_be_meant() -> None:
    plan = compile_patch(themed({"look": ("theme.preset", {"theme": "laek"})}, lake=LAKE), TYPES)
    fault = "there is no theme 'laek'; did you mean lake?; 'astral' is used"
    assert told(plan) == [("nodes.look.params.theme", fault)]
    plan = compile_patch(patch({"look": ("theme.preset", {"theme": "xyzzy"})}), TYPES)
    ((_, fault),) = told(plan)
    assert fault.startswith("there is no theme 'xyzzy'; there are amethyst, arcade, astral, ")


def test_what_is_wrong_with_a_theme_is_told_with_its_place() -> None:
    made = themed(LOOK, WIRES, lake={**LAKE, "motion": "clam", "ranges": {"noise_scale": 1}})
    plan = compile_patch(made, TYPES)
    fields = [field for field, _ in told(plan)]
    assert fields == ["themes.lake.ranges.noise_scale", "themes.lake.motion"]
    assert engine(plan).plan.themes["lake"].prompt == "a lake"


def test_a_driven_param_takes_the_themes_there_are() -> None:
    nodes = {"say": ("t.say", {"names": "lake\nnowhere\nocean"}), "look": "theme.preset"}
    values = run(themed(nodes, ("say.out -> look.theme",), lake=LAKE), TYPES, 3)
    assert [theme.id for theme in values["look.theme"]] == ["lake", "astral", "ocean"]


def test_a_node_that_asks_for_a_theme_that_is_not_there_rests_with_a_sentence() -> None:
    made = patch({"set": ("t.list", {"names": "ocean\nforg"})})
    (problem,) = engine(compile_patch(made, TYPES), strict=False).problems
    assert "there is no theme 'forg'; did you mean forge?" in problem.text
    with pytest.raises(FaultError):
        engine(compile_patch(made, TYPES))


def test_a_theme_comes_and_goes_while_states_stand() -> None:
    nodes = {"f": ("t.follow", {"theme": "lake"}), "other": "t.follow"}
    made = patch(nodes)
    playing = engine(compile_patch(made, TYPES))

    def after(edit: SetTheme) -> list[str]:
        nonlocal made
        made = edit.apply(made)
        playing.swap(compile_patch(made, TYPES, before=playing.plan))
        playing.tick({})
        return [str(playing.value(f"{id}.name")) for id in nodes]

    astral = shipped()["astral"].prompt
    playing.tick({})
    assert playing.value("f.name") == f"{astral} 0"
    assert after(SetTheme("lake", LAKE)) == ["a lake 1", f"{astral} 1"]
    assert playing.plan.problems == ()
    assert after(SetTheme("lake", {"prompt": "a pond"})) == ["a pond 2", f"{astral} 2"]
    assert after(SetTheme("astral", {"prompt": "a star"})) == ["a pond 3", "a star 3"]
    assert after(SetTheme("lake", None)) == ["a star 4", "a star 4"]
    assert [problem.node for problem in playing.plan.problems] == ["f"]


def test_who_reads_what_is_in_a_theme_is_checked_again_when_that_changes() -> None:
    made = themed({"s": ("t.style", {"name": "lake"}), "f": "t.follow"}, lake=LAKE)
    bare = compile_patch(made, TYPES)
    fault = ("nodes.s.params.name", "lake has no style")
    assert told(bare) == [fault]
    dressed = compile_patch(
        SetTheme("lake", {**LAKE, "style": ["ink"]}).apply(made), TYPES, before=bare
    )
    assert told(dressed) == []
    assert told(compile_patch(made, TYPES, before=dressed)) == [fault]
    assert dressed.by_id["f"] is bare.by_id["f"]


def test_a_param_is_set_to_the_themes_there_are() -> None:
    playing = engine(compile_patch(themed({"f": "t.follow"}, lake=LAKE), TYPES))
    for name, prompt in (("lake", "a lake"), ("nowhere", shipped()["astral"].prompt)):
        assert playing.set_param("f", "theme", name)
        playing.tick({})
        assert str(playing.value("f.name")).startswith(prompt)


def test_only_a_theme_that_changed_is_sent_again() -> None:
    packer, unpacker = Packer(), Unpacker(TYPES)
    sizes = []
    for low in (0.1, 0.2, 0.3):
        ranges = {"noise_scale": {"low": low, "high": 0.9}}
        plan = compile_patch(themed(LOOK, WIRES, lake={**LAKE, "ranges": ranges}), TYPES)
        packed = packer.pack(plan)
        arrived = unpacker.unpack(packed)
        assert arrived.themes == plan.themes
        assert [*arrived.themes] == [*plan.themes]
        assert arrived.themes["lake"].range("noise_scale").low == low
        sizes.append(len(packed))
    assert sizes[1] < sizes[0] / 5
    assert sizes[2] == sizes[1]
    gone = unpacker.unpack(packer.pack(compile_patch(patch(LOOK, WIRES), TYPES)))
    assert "lake" not in gone.themes


def test_a_declaration_tells_that_a_param_names_a_theme() -> None:
    type_ = declared(declare(type_of(preset)))
    assert type_.params["theme"].themes
    assert type_.params["theme"].choices == ()
    assert "themes" in type_.context
    with pytest.raises(SpecError, match="param theme names a theme and must be annotated str"):

        @node("t.wrong", outlets="out")
        def wrong(theme: bool = param(True, choices=THEMES)) -> float:
            """Be wrong."""
            return 0.0


def test_a_patch_file_carries_its_themes_line_by_line() -> None:
    made = themed(LOOK, WIRES, lake={**LAKE, "variations": [{"text": "a wave"}], "smell": "tar"})
    text = dump(made)
    assert parse(text).problems == ()
    assert dump(parse(text).patch) == text
    assert (
        """  "themes": {
    "lake": {
      "prompt": "a lake",
      "ranges": {
        "noise_scale": {"high": 0.2, "low": 0.1}
      },
      "smell": "tar",
      "variations": [
        {"text": "a wave"}
      ]
    }
  }
"""
        in text
    )


def test_a_patch_from_before_there_were_themes_plays_as_it_did() -> None:
    old = """{"nodegraph": 1, "nodes": {
        "look": {"type": "theme.preset@1", "params": {"theme": "forge"}},
        "own": {"type": "theme.custom@1", "params": {"prompt": "a lake", "variations": "a wave"}},
        "parts": {"type": "theme.read@1"}
    }, "wires": ["look.theme -> parts.theme"]}"""
    reading = parse(old)
    assert reading.problems == ()
    assert reading.patch.themes == {}
    assert '"themes"' not in dump(reading.patch)
    values = run(reading.patch, TYPES, 1)
    assert values["parts.prompts"][0][0].text.startswith("tracking low along the floor of a vast ")
    assert values["own.theme"][0].variations == (Variation("a wave"),)
