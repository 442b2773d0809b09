"""Stories: scripts that are read, scenes that begin by time, by hand and by word."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import patch
from kit import run as play

from nodegraph import Clock, OscEvent, Prompt
from nodegraph.plugins import find
from nodegraph.themes.library import shipped
from nodes._story import MOODS, PACES, Story
from nodes._story import story as story_of
from nodes.story import story

Run = Callable[..., list[tuple[Any, ...]]]

MARKDOWN = """
# The harbour

mood: calm
setting: at dawn

[0:00] fishing boats
leaving the quay
> They left at four.

[0:03]
gulls *0.4 | open water *0.6

# The storm
mood: tense
pace: driving
pause: 2 s

waves like walls

when: Land ahead!
setting:
pace: cut
- a lighthouse, far away
"""


def read(script: str) -> Story:
    return story_of(script, tuple(shipped()))


def began(results: list[tuple[Any, ...]], per_second: float = 10.0) -> list[tuple[float, float]]:
    """Seconds and number of each scene that begins."""
    return [
        (round((n + 1) / per_second, 3), scene)
        for n, (*_, scene, changed) in enumerate(results)
        if changed
    ]


class TestReading:
    def test_markdown_is_scenes(self) -> None:
        unit, scenes, _ = read(MARKDOWN)
        assert unit == "seconds"
        assert [scene.prompts for scene in scenes] == [
            (Prompt("fishing boats leaving the quay, at dawn"),),
            (Prompt("gulls, at dawn", 0.4), Prompt("open water, at dawn", 0.6)),
            (Prompt("waves like walls, at dawn"),),
            (Prompt("a lighthouse, far away"),),
        ]
        assert [scene.title for scene in scenes] == ["The harbour"] * 2 + ["The storm"] * 2
        assert [scene.theme for scene in scenes] == ["ocean", "ocean", "forge", "forge"]
        assert [scene.steps for scene in scenes] == [
            PACES["steady"],
            PACES["steady"],
            PACES["driving"],
            0.0,
        ]
        assert [scene.hold for scene in scenes] == [0.0, 0.0, 2.0, 0.0]
        assert [scene.moment and scene.moment.rest for scene in scenes] == [0.0, 3.0, None, None]
        assert [scene.cue for scene in scenes] == [(), (), (), ("land", "ahead")]

    def test_plain_paragraphs_are_scenes(self) -> None:
        _, scenes, _ = read("a fox\nin the snow\n\n\nan owl: watching\n\n[not closed")
        assert [scene.prompts[0].text for scene in scenes] == [
            "a fox in the snow",
            "an owl: watching",
            "[not closed",
        ]

    def test_a_time_within_a_paragraph_begins_a_scene(self) -> None:
        _, scenes, _ = read("[0:00] a fox\n[0:10] an owl")
        assert [scene.prompts[0].text for scene in scenes] == ["a fox", "an owl"]

    def test_moods_are_of_shipped_themes(self) -> None:
        assert set(MOODS.values()) <= shipped().keys()

    @pytest.mark.parametrize(
        ("script", "told"),
        [
            ("mood: cosy\n\na fox", "line 1: there is no mood 'cosy'; there are calm, joyful"),
            ("a fox\npace: fast", "line 2: there is no pace 'fast'; there are cut, driving"),
            ("a fox\n\nseting: snow", "line 3: there is no 'seting'; did you mean setting?"),
            ("theme: forje\na fox", "line 1: there is no theme 'forje'; did you mean forge?"),
            ("when: …\na fox", "line 1: when: wants the words that are to be heard"),
            ("pause: long\na fox", "line 1: 'long' is no length of a pause; write it as 8 s"),
            ("[soon] a fox", "line 1: [soon] is no time; write it as 0:45, 90 s or bar 33"),
            ("[0:10] a\n[0:10] b", "line 2: this does not come after the time above"),
            ("[0:10] a\n[bar 3] b", "line 2: this is in bars, times above in seconds"),
            ("a fox\n\n[0:10]\n", "the last lines belong to no scene; write below them what"),
        ],
    )
    def test_mistakes_are_sentences(self, script: str, told: str) -> None:
        with pytest.raises(ValueError, match=re.escape(told)):
            read(script)

    def test_all_mistakes_are_told_at_once(self) -> None:
        with pytest.raises(ValueError, match=r"line 1: .*; line 2: .*; line 3: "):
            read("mood: x\npace: y\n[z] a")

    @given(st.text("ab:[]0159. s#>-*|\\\n", max_size=80))
    def test_any_text_is_a_story_or_refused(self, script: str) -> None:
        with suppress(ValueError):
            for scene in read(script).scenes:
                assert all(prompt.weight > 0.0 for prompt in scene.prompts)


class TestTelling:
    def test_scenes_begin_at_their_times(self, run: Run, per_second: float) -> None:
        results = run(story, [{}] * round(5 * per_second), per_second, script=MARKDOWN)
        assert [scene for _, scene in began(results, per_second)] == [0.0, 1.0]
        assert began(results, per_second)[1][0] == pytest.approx(3.0, abs=1.01 / per_second)
        prompts, steps, theme, title, _, _ = results[-1]
        assert prompts[0] == Prompt("gulls, at dawn", 0.4)
        assert (steps, theme, title) == (PACES["steady"], "ocean", "The harbour")

    def test_by_hand_and_back(self, run: Run) -> None:
        ticks = [{"next": n in (5, 9, 30), "back": n == 20} for n in range(40)]
        results = run(story, ticks, 10.0, script="a\n\nb\n\nc")
        assert began(results) == [(0.1, 0.0), (0.6, 1.0), (1.0, 2.0), (2.1, 1.0), (3.1, 2.0)]
        assert [prompts[0].text for prompts, *_ in results[::10]] == ["a", "c", "b", "c"]

    def test_the_last_scene_stays(self, run: Run) -> None:
        results = run(story, [{"next": True}] * 10, 10.0, script="a\n\nb")
        assert began(results) == [(0.1, 0.0), (0.2, 1.0)]

    def test_a_pause_keeps_hands_waiting(self, run: Run) -> None:
        ticks = [{"next": n in (3, 5)} for n in range(60)]
        results = run(story, ticks, 10.0, script="pause: 2 s\na\n\nb\n\nc")
        assert began(results) == [(0.1, 0.0), (2.1, 1.0)]

    def test_times_stand_whatever_hands_do(self, run: Run) -> None:
        script = "[0:00] a\n[0:02] b\n\nc\n\n[0:04] d"
        ticks = [{"next": n == 25, "back": n == 30} for n in range(60)]
        results = run(story, ticks, 10.0, script=script)
        assert began(results) == [(0.1, 0.0), (2.0, 1.0), (2.6, 2.0), (3.1, 1.0), (4.0, 3.0)]

    def test_a_scene_begins_when_its_cue_is_heard(self, run: Run) -> None:
        heard = ["", "the dragoness sleeps", "the dragoness sleeps", "And the DRAGON, awake!", ""]
        ticks = [{"heard": text} for text in heard]
        results = run(story, ticks, 10.0, script="a cave\n\nwhen: the dragon\nfire\n\nsmoke")
        assert [scene for *_, scene, _ in results] == [0.0, 0.0, 0.0, 1.0, 1.0]

    def test_a_first_scene_may_wait(self, run: Run) -> None:
        ticks = [{"heard": "go" if n == 5 else ""} for n in range(8)]
        results = run(story, ticks, 10.0, script="when: go\na cave")
        assert results[0] == ((), 0.0, "", "", -1.0, False)
        assert began(results) == [(0.6, 0.0)]
        assert began(run(story, [{}] * 30, 10.0, script="[0:02] a cave")) == [(2.0, 0.0)]

    def test_a_restart_begins_anew(self, run: Run) -> None:
        ticks = [{"restart": n == 40} for n in range(80)]
        results = run(story, ticks, 10.0, script="[0:00] a\n[0:03] b")
        assert began(results) == [(0.1, 0.0), (3.0, 1.0), (4.1, 0.0), (7.1, 1.0)]

    def test_bars_follow_the_clock(self, run: Run) -> None:
        ticks = [{"clock": Clock(120.0, n / 50.0, 4, 1.0)} for n in range(700)]
        results = run(story, ticks, 100.0, script="[bar 1] a\n[bar 3] b")
        assert began(results, 100.0) == [(0.01, 0.0), (4.01, 1.0)]
        with pytest.raises(ValueError, match="wire a clock"):
            run(story, [{}], script="[bar 1] a")

    def test_an_edit_that_shortens_the_script_keeps_a_scene(self) -> None:
        state, *_ = story(story_state("a\n\nb\n\nc", 2), 0.1, shipped(), script="a\n\nb\n\nc")
        state, prompts, *_ = story(state, 0.1, shipped(), script="a")
        assert prompts == (Prompt("a"),)

    def test_no_script_paints_nothing(self, run: Run) -> None:
        assert run(story, [{"next": True}], script="") == [((), 0.0, "", "", -1.0, False)]


def story_state(script: str, scene: int) -> Any:
    """The state in which a story is at a scene."""
    from nodes.story import Told

    state = Told()
    for n in range(scene + 1):
        state, *_ = story(state, 0.1, shipped(), next=n > 0, script=script)
    return state


def test_a_story_steers_themes_and_is_steered_by_what_is_heard() -> None:
    """Words that a recogniser sends by OSC call a scene, whose mood calls a theme."""
    made = patch(
        {
            "ear": ("osc.in", {"address": "/heard"}),
            "tale": ("story.script", {"script": "mood: calm\nsea\n\nwhen: fire\nmood: tense\nred"}),
            "theme": "theme.preset",
            "read": "theme.read",
            "seen": "flow.probe",
        },
        [
            "ear.text -> tale.heard",
            "tale.theme -> theme.theme",
            "theme.theme -> read.theme",
            "read.name -> seen.value",
        ],
    )
    said = {5: (OscEvent(0.0, "/heard", ("fire in the hold",)),)}
    columns = play(made, find().types, 10, lambda n: {"ear": said.get(n, ())})
    assert columns["read.name"] == ["Ocean"] * 5 + ["Forge"] * 5
    assert columns["tale.scene"] == [0.0] * 5 + [1.0] * 5
