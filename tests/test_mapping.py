"""What the shipped patches do to the picture, held to numbers: on the demo track, on other music.

The default mapping is that of `journey` and `demo`. `make test-slow` hears a few of the clips
beside the project, `make test-long` all of them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from kit import LONG, tone

import nodegraph
from nodegraph import Message, Trace
from nodegraph.cli.listening import MOST_CHANGES, Report, report
from nodegraph.cli.report import beats_of
from nodegraph.cli.tracks import Floats
from nodegraph.graph import load
from nodegraph.host import offline
from nodegraph.shipped import shipped_patches
from nodegraph.themes import shipped

pytestmark = pytest.mark.slow

CLIPS = Path(__file__).parents[2] / "shared" / "bench" / "beat" / "audio"
DEFAULT = ("journey", "demo")
CHUNK = 0.75
PARITY = {"soundscape"}
"""What a predecessor did, its limits too."""

WRITTEN = {"drift", "story"}
"""Patches that go their way by the clock, whatever they hear."""

HEARING = sorted(shipped_patches().keys() - PARITY - WRITTEN - {"avatar"})
"""Patches that steer by what they hear."""


@cache
def beats(sound: str, rate: int | None, /) -> Floats:
    return beats_of(played("journey", sound, rate), sound)


@cache
def _played(name: str, sound: str, rate: int | None, /) -> Trace:
    lasts = None if name in (*DEFAULT, "two_worlds") else 40.0
    return nodegraph.render(shipped_patches()[name], sound, rate=rate, duration=lasts, strict=True)


@cache
def _heard(name: str, sound: str, rate: int | None, /) -> Report:
    return report(_played(name, sound, rate), beats(sound, rate), chunk=CHUNK)


def played(name: str, sound: str = "demo", rate: int | None = None) -> Trace:
    return _played(name, sound, rate)


def heard(name: str, sound: str = "demo", rate: int | None = None) -> Report:
    return _heard(name, sound, rate)


def in_video_mode(trace: Trace) -> Trace:
    """The same show with video to paint over."""
    begin = Message("scope", {"input_mode": "video", "video": "test:"})
    others = [
        (n, replace(m, body={k: v for k, v in m.body.items() if k != "input_mode"}))
        for n, m in trace.messages
    ]
    return replace(trace, messages=((0, begin), *others))


def spread(column: Floats) -> float:
    low, high = np.percentile(column, (5.0, 95.0))
    return float(high - low)


class TestDefaultMapping:
    @pytest.mark.parametrize("name", DEFAULT)
    def test_prompts_change_at_a_musical_rate(self, name: str) -> None:
        assert 1.0 <= heard(name).prompt_changes_per_minute <= MOST_CHANGES

    @pytest.mark.parametrize("name", DEFAULT)
    def test_a_beat_moves_the_prompts_by_half_their_range_where_scope_gets_them(
        self, name: str
    ) -> None:
        prompts = heard(name).movement("prompts")
        assert prompts.beat >= 0.5
        assert prompts.on_beat >= 0.9
        assert prompts.hits_per_minute >= 10.0, "beats are shown"

    @pytest.mark.parametrize("name", DEFAULT)
    def test_a_beat_moves_the_noise_by_half_the_themes_range_in_video_mode(self, name: str) -> None:
        trace = in_video_mode(played(name))
        noise = report(trace, beats("demo", None), chunk=CHUNK).movement("noise_scale")
        assert (noise.low, noise.high) == (0.48, 0.68)
        assert noise.beat >= 0.5
        assert noise.used >= 0.5

    @pytest.mark.parametrize("name", DEFAULT)
    def test_the_picture_is_alive_and_the_server_is_not_flooded(self, name: str) -> None:
        found = heard(name)
        assert found.movement("prompts").used >= 0.5
        assert found.messages_per_minute <= 60.0 / CHUNK
        assert len(found.looks) >= 3
        assert found.looks[0][1] <= 0.6, "no look has nearly all of the time"
        assert found.still <= 0.5

    @pytest.mark.parametrize("name", DEFAULT)
    def test_what_does_nothing_in_text_mode_is_only_the_noise(self, name: str) -> None:
        assert [why.partition(" ")[0] for why in heard(name).vain] == ["noise_scale"]

    @pytest.mark.parametrize("name", DEFAULT if LONG else DEFAULT[:1])
    def test_it_does_the_same_at_both_rates(self, name: str) -> None:
        like(heard(name, rate=44_100), heard(name))  # at 48 kHz

    @pytest.mark.parametrize("block", [256, 1024] if LONG else [1024])
    def test_it_does_the_same_in_blocks_of_any_size(
        self, block: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(offline, "BLOCK", block)
        trace = nodegraph.render(shipped_patches()["journey"], "demo", strict=True)
        assert trace.block == block
        like(report(trace, beats("demo", None), chunk=CHUNK), heard("journey"))


def like(one: Report, other: Report) -> None:
    """Whether two reports tell of the same picture."""
    changes = one.prompt_changes_per_minute - other.prompt_changes_per_minute
    assert abs(changes) <= 2.0, "a look may come a bar sooner or later"
    for a, b in zip(one.movements, other.movements, strict=True):
        assert a.name == b.name
        assert a.used == pytest.approx(b.used, abs=0.1)
        assert a.beat == pytest.approx(b.beat, abs=0.1)
        assert a.hits_per_minute == pytest.approx(b.hits_per_minute, rel=0.15, abs=2.0)
    shares, others = dict(one.looks), dict(other.looks)
    moved = sum(abs(shares.get(t, 0.0) - others.get(t, 0.0)) for t in {*shares, *others})
    assert moved / 2 <= 0.15


class TestSilence:
    @pytest.mark.parametrize("name", HEARING)
    def test_is_truly_quiet(self, name: str) -> None:
        """Nothing is sent once it has begun, and no prompt changes."""
        nothing = np.zeros((20 * 48_000, 2), np.float32)
        trace = nodegraph.render(shipped_patches()[name], nothing, rate=48_000, strict=True)
        assert [m for n, m in trace.messages if trace.times[n] > 2.0] == []
        assert report(trace, np.zeros(0)).prompt_changes_per_minute == 0.0

    @pytest.mark.parametrize("name", DEFAULT)
    def test_leads_to_the_calm_look_in_a_fade_and_sound_leads_back(self, name: str) -> None:
        """As a pause does, and a device that is lost: both bring silence."""
        rate = 48_000
        loud = np.concatenate([tone(55.0, 0.25, rate), tone(440.0, 0.25, rate, 0.05)])
        song = np.tile(loud, (24, 1))
        sound = np.concatenate([song, np.zeros((10 * rate, 1), np.float32), song])
        patch = shipped_patches()[name]
        trace = nodegraph.render(patch, sound, {"steer.push": 0.0}, rate=rate, strict=True)
        calm = trace["steer.theme" if "steer.theme" in trace else "theme.theme"][0]
        look = next(v for v in calm.variations if v.on == "silence")
        shares = np.array(
            [
                sum(prompt.weight for prompt in prompts if prompt.text == calm.styled(look.text))
                for prompts in trace["steer.prompts"]
            ]
        )
        second = trace.times
        assert shares[(second > 6.0) & (second < 12.0)].max() == 0.0
        assert shares[(second > 18.0) & (second < 22.0)].min() >= 0.9
        assert shares[second > 30.0].max() == 0.0
        assert np.abs(np.diff(shares[second > 6.0])).max() <= 0.06, "it fades"
        assert trace["steer.level"][(second > 18.0) & (second < 22.0)].max() < 0.01


class TestSteadySound:
    @pytest.mark.parametrize("name", DEFAULT)
    def test_has_no_beats_and_an_energy_that_stands(self, name: str) -> None:
        """Two bass notes that beat against each other, and one so low that a short window trembles
        with its waves."""
        rate = 48_000
        bass = (tone(f, 12.0, rate, 0.3) for f in (41.2, 55.0))
        patch = shipped_patches()[name]
        trace = nodegraph.render(patch, sum(bass), rate=rate, strict=True)
        late = trace.times > 4.0
        assert not trace["beat.beat"][late].any()
        assert spread(trace["steer.level"][late]) < 0.1
        assert not trace["steer.transition"][late & (trace.times > 9.0)].any()


class TestBrightness:
    def test_is_alive_over_a_song(self) -> None:
        assert spread(played("demo")["sparkle.out"]) > 0.5

    def test_uses_more_than_half_of_the_range_of_what_it_drives(self) -> None:
        assert heard("two_worlds").movement("prompts").used > 0.5


@pytest.mark.parametrize("name", HEARING)
def test_no_shipped_patch_changes_prompts_more_than_twelve_times_a_minute(name: str) -> None:
    found = heard(name)
    assert found.prompt_changes_per_minute <= MOST_CHANGES
    assert found.messages_per_minute <= 60.0 / CHUNK
    assert found.movements, "it steers something that acts in text mode"


@pytest.mark.parametrize("name", sorted(shipped_patches().keys() - PARITY))
def test_a_patch_that_sends_noise_says_that_it_acts_in_video_mode_only(name: str) -> None:
    patch = load(shipped_patches()[name])
    if any(wire.target.port == "noise_scale" for wire in patch.wires):
        assert "noise_scale" in patch.note
        assert "video mode" in patch.note


def clips() -> list[Path]:
    found = sorted(CLIPS.glob("*.ogg"))
    return found if LONG else found[40::40]


@pytest.mark.skipif(not CLIPS.is_dir(), reason="the music of the benchmark is not here")
@pytest.mark.parametrize("clip", clips(), ids=lambda clip: clip.stem)
@pytest.mark.parametrize("name", [*DEFAULT, "two_worlds"])
def test_the_numbers_hold_on_other_music(name: str, clip: Path) -> None:
    found = heard(name, str(clip))
    prompts = found.movement("prompts")
    least = 0.5 if not clip.stem.startswith(("nobeat", "degraded")) else 0.0
    assert found.prompt_changes_per_minute <= MOST_CHANGES
    assert prompts.used >= least, "what is no music need not move the picture"
    if prompts.on_beat * prompts.hits_per_minute >= 6.0:
        assert prompts.beat >= 0.5


class TestThemesThatComeAlong:
    """What they have ranges for moves as Scope gets it, where it acts."""

    def test_steps_move_with_a_look_and_a_beat_brings_in_its_own(self) -> None:
        journey, theme = shipped_patches()["journey"], shipped()["volcano"]
        trace = nodegraph.render(journey, "demo", {"theme.theme": "volcano"}, duration=40.0)
        found = report(trace, beats("demo", None), chunk=CHUNK)
        steps = found.movement("denoising_step_list")
        assert (steps.low, steps.high) == (4.0, 2.0)
        assert steps.used >= 0.5
        changes = np.flatnonzero(np.diff(trace["steer.denoising_steps"])) + 1
        assert len(changes)
        assert trace["steer.transition"][changes].all()
        struck = next(each for each in theme.variations if each.on == "beat")
        assert theme.styled(struck.text) in dict(found.looks)
        assert found.movement("prompts").beat >= 0.5

    def test_the_vace_scale_moves_where_video_leads(self) -> None:
        scale = heard("avatar").movement("vace_context_scale")
        assert (scale.low, scale.high) == (0.7, 1.3)
        assert scale.used >= 0.5
