"""Ranked search: what people type from habit finds what they mean, first and fast."""

from __future__ import annotations

import time

import pytest
from editor.drawn import built_in

from nodegraph.editor.aliases import ALIASES
from nodegraph.editor.fitting import distance
from nodegraph.editor.search import Searcher, TypeSearch, ranked

TYPES = built_in()
SEARCH = TypeSearch(TYPES.values())


def best(query: str, among: int = 1) -> list[str]:
    return [hit.item.id for hit in SEARCH.find(query)[:among]]


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("lfo", "generate.lfo"),
        ("LFO CHOP", "generate.lfo"),
        ("cycle~", "generate.lfo"),
        ("lag", "shape.lag"),
        ("lag chop", "shape.lag"),
        ("slide~", "shape.lag"),
        ("smoo", "shape.smooth"),
        ("smoother", "shape.smooth"),
        ("adc~", "audio.device"),
        ("math", "shape.math"),
        ("thresh", "logic.threshold"),
        ("s&h", "logic.hold"),
        ("sample and hold", "logic.hold"),
        ("clip text encode", "prompt.text"),
        ("cliptextencode", "prompt.text"),
        ("perlin", "generate.noise"),
        ("bpm", "beat.manual"),
        ("beat track", "beat.tracker"),
        ("tracker", "beat.tracker"),
        ("expr", "shape.expression"),
        ("spigot", "logic.gate"),
        ("send", "flow.send"),
        ("scope~", "flow.probe"),
        ("comment", "flow.note"),
        ("fft", "audio.spectrum"),
        ("zmap", "shape.remap"),
        ("counter", "logic.counter"),
        ("theme.steer", "theme.steer"),
        ("audio lev", "audio.level"),
        ("thrshld", "logic.threshold"),
    ],
)
def test_what_is_meant_comes_first(query: str, meant: str) -> None:
    assert meant in best(query, 2 if query in ("bpm", "lag chop", "comment") else 1)


def test_every_name_and_alias_finds_its_type() -> None:
    for type_ in TYPES.values():
        assert type_.id in best(type_.id)
        assert type_.id in best(type_.title, 3)
        for alias in (*type_.aliases, *ALIASES.get(type_.id, ())):
            assert type_.id in best(alias, 12), alias


def test_the_table_of_aliases_adds_to_what_types_say() -> None:
    assert ALIASES.keys() <= TYPES.keys()
    for id, aliases in ALIASES.items():
        own = {alias.lower() for alias in TYPES[id].aliases}
        assert not own & {alias.lower() for alias in aliases}, id
        assert len(set(aliases)) == len(aliases), id


def test_a_hit_says_by_which_other_name() -> None:
    hit = SEARCH.find("cycle~")[0]
    assert hit.why == "cycle~"
    assert SEARCH.find("lfo")[0].why == ""


def test_what_was_used_lately_comes_first_among_equals() -> None:
    plain = [hit.item.id for hit in SEARCH.find("cross")]
    assert {"flow.crossfade", "prompt.crossfade"} <= set(plain[:3])
    for id in ("flow.crossfade", "prompt.crossfade"):
        assert SEARCH.find("cross", recent=["audio.level", id])[0].item.id == id
    assert SEARCH.find("", recent=["shape.lag", "audio.level"])[1].item.id == "audio.level"
    assert SEARCH.find("lfo", recent=["generate.noise"])[0].item.id == "generate.lfo"


def test_only_what_fits_is_offered_the_closest_first() -> None:
    found = SEARCH.find("", distance=lambda type_: distance(type_, "clock", "inlet"))
    ids = [hit.item.id for hit in found]
    assert ids[0] in ("beat.clock", "beat.divide", "beat.phase", "generate.lfo")
    assert "prompt.text" not in ids
    assert "prompt.text" not in [
        hit.item.id
        for hit in SEARCH.find("prompt", distance=lambda type_: distance(type_, "audio", "inlet"))
    ]


def test_nothing_asked_finds_all_by_family_and_nonsense_finds_nothing() -> None:
    assert len(SEARCH.find("")) == len(TYPES)
    assert SEARCH.find("xyzzy") == []
    assert SEARCH.find("lfo xyzzy") == []


def test_anything_with_a_label_is_ranked() -> None:
    labels = {"a": "Save as…", "b": "Save", "c": "Unsaved work", "d": "Align left"}
    assert ranked(labels, "save") == ["b", "a", "c"]
    assert ranked(labels, "al") == ["d"]
    assert ranked(labels, "alft") == ["d"]
    fields = Searcher(["x"], lambda item: [("first", 1.0, ""), ("second", 0.5, "by the second")])
    assert fields.find("sec")[0].why == "by the second"


def test_it_takes_less_than_5_ms() -> None:
    took = []
    for query in ("l", "lag", "audio", "smooth number", "e", "zzz", "dlytm"):
        begun = time.thread_time()
        SEARCH.find(query)
        took.append(time.thread_time() - begun)
    took.sort()
    assert took[len(took) // 2] < 0.005, took
