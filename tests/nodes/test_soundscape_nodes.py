"""MetaDJ Soundscape's nodes against what the original did: recorded traces and random runs."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kit import many
from soundscape_records import (
    ACCENT,
    GOLDEN,
    ROOT,
    WORDED,
    column,
    golden,
    recorded,
    rounded,
    spoken,
    symbols,
)

import nodegraph
from nodegraph import Prompt
from nodegraph.spec import type_of
from nodegraph.themes import shipped
from nodes._soundscape_engine import Course, Heard, busy, changed, frame, method, reset, settings
from nodes._soundscape_looks import PULSES, Drive, Look, custom
from nodes.soundscape import Levels, Pulse, analysis, beat
from nodes.soundscape_mapping import mapping, schedule

SAMPLE = Path(__file__).parent / "soundscape" / "fourfloor_128.json"
TICKS = 44100 / 512

FILES = ("click_120", "dynamics", "fourfloor_128", "loud_master_126", "silence", "sine_sweep")
HEARD = {
    "features.rms": ("rms", 1e-12),
    "features.centroid": ("spectralCentroid", 1e-9),
    "features.flatness": ("spectralFlatness", 1e-8),
    "features.rolloff": ("spectralRolloff", 1e-12),
    "features.zcr": ("zcr", 1e-12),
    "analysis.energy": ("energy", 1e-12),
    "analysis.brightness": ("brightness", 1e-12),
    "analysis.texture": ("texture", 2e-8),
    "analysis.derivative": ("energyDerivative", 1e-12),
    "analysis.peak": ("peakEnergy", 1e-12),
    "analysis.ceiling": ("ceiling", 1e-12),
    "beat.hit": ("isBeat", 0.0),
    "beat.bpm": ("bpm", 0.0),
    "beat.confidence": ("confidence", 1e-12),
}
TUNING = ("beat_boost", "spike_boost", "variation_blend", "motion_bias", "noise_ceiling")
SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "cinematic": {"reactivity": "cinematic"},
    "kinetic": {"reactivity": "kinetic"},
    "stable": {"motion_pace": "stable"},
    "dynamic": {"motion_pace": "dynamic"},
    "speed": {"denoising": "speed"},
    "quality": {"denoising": "quality"},
    "accent": {"accent": ACCENT},
    "tuning_first_launch": dict(zip(TUNING, (0.6, 0.6, 0.7, 0.85, 0.35), strict=True)),
    "tuning_max": dict(zip(TUNING, (1.4, 1.4, 1.35, 1.2, 1.0), strict=True)),
    **{
        f"custom_{name}": {"theme": "custom", "custom_prompt": "x", "custom_reactivity": name}
        for name in ("subtle", "balanced", "intense", "chaotic")
    },
}


def replay(rms: Sequence[Any], centroid: Sequence[Any], flatness: Sequence[Any]) -> list[Any]:
    """What analysis and beat make of recorded features: rows for the mapping."""
    levels, pulse, rows = Levels(), Pulse(), []
    for n, (r, c, f) in enumerate(zip(*map(column, (rms, centroid, flatness)), strict=True)):
        levels, *heard = analysis(levels, float(r), float(c), float(f))
        pulse, hit, bpm, confidence = beat(pulse, (n + 1) / TICKS, heard[0])
        rows.append((*heard, hit, bpm, confidence))
    return rows


def steer(rows: Sequence[Any], **params: Any) -> Iterator[tuple[Any, ...]]:
    """The outlets of the mapping for each row."""
    state = Course()
    for n, (energy, light, texture, rise, _peak, _ceiling, hit, bpm, sure) in enumerate(rows):
        inlets = (energy, light, texture, rise, hit, bpm, sure)
        state, *outlets = mapping(state, (n + 1) / TICKS, shipped(), *inlets, **params)
        yield tuple(outlets)


def compare(outlets: Sequence[tuple[Any, ...]], record: Any, look: Look, step: int = 1) -> None:
    """The mapping's outlets against a recorded theme. `step` is how seldom noise is recorded."""
    noise, prompts, began, _, target, way = zip(*outlets, strict=True)
    np.testing.assert_allclose(noise[::step], record["noiseScale"], rtol=0, atol=1e-12)
    names, said = symbols(look), record["promptChanges"]
    changes = [n for n in range(len(prompts)) if n == 0 or prompts[n] != prompts[n - 1]]
    assert [[n, spoken(prompts[n], names)] for n in changes] == [[n, rounded(p)] for n, p in said]
    begun = [
        [n, {"target": spoken(target[n], names), "num_steps": int(steps), "method": way[n]}]
        for n, steps in enumerate(began)
        if steps
    ]
    wanted = [[n, t | {"target": rounded(t["target"])}] for n, t in record["transitions"]]
    assert begun == wanted


def test_a_recorded_beat() -> None:
    record = json.loads(SAMPLE.read_text("utf-8"))
    rows = replay(record["rms"], record["centroid"], record["flatness"])
    energy, _, _, _, peak, _, hits, bpm, confidence = zip(*rows, strict=True)
    tenth = record["every10"]
    np.testing.assert_allclose(energy[::10], tenth["energy"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(peak[::10], tenth["peak"], rtol=0, atol=1e-12)
    assert [n for n, hit in enumerate(hits) if hit] == record["hits"]
    for n, tempo, sure in record["bpm"]:
        assert (bpm[n], confidence[n]) == (tempo, pytest.approx(sure, abs=1e-12))
    theme = record | {"noiseScale": tenth["noise"], "promptChanges": record["prompts"]}
    compare(list(steer(rows)), theme, WORDED["astral"], 10)


@golden
@pytest.mark.parametrize("name", FILES[:: many(2, 1)])
def test_recorded_audio(name: str) -> None:
    record = recorded("traces", name)
    frames = record["frames"]
    trace = nodegraph.render(ROOT / "patches/soundscape.json", GOLDEN / f"audio/{name}.flac")
    assert (len(trace), trace.rate, trace.problems) == (record["meta"]["frames"], 44100, ())
    np.testing.assert_allclose(trace.times * 1000.0, frames["t"], rtol=1e-12)
    for port, (recorded_as, tolerance) in HEARD.items():
        np.testing.assert_allclose(
            trace[port], column(frames[recorded_as]), rtol=0, atol=tolerance, err_msg=port
        )
    names = ("noise_scale", "prompts", "transition", "denoising_steps", "target", "interpolation")
    outlets = list(zip(*(trace[f"mapping.{name}"] for name in names), strict=True))
    compare(outlets, record["themes"]["astral"], WORDED["astral"])


@pytest.mark.slow
@golden
@pytest.mark.parametrize("name", FILES[:: many(2, 1)])
def test_recorded_features_under_every_recorded_theme(name: str) -> None:
    record = recorded("traces", name)
    frames = record["frames"]
    rows = replay(frames["rms"], frames["spectralCentroid"], frames["spectralFlatness"])
    columns = ("energy", "brightness", "texture", "energyDerivative", "peakEnergy", "ceiling")
    columns += ("isBeat", "bpm", "confidence")
    for values, recorded_as in zip(zip(*rows, strict=True), columns, strict=True):
        expected = column(frames[recorded_as])
        np.testing.assert_allclose(values, expected, rtol=0, atol=1e-12, err_msg=recorded_as)
    for id, theme in record["themes"].items():
        compare(list(steer(rows, theme=id)), theme, WORDED[id])


@pytest.mark.slow
@golden
@pytest.mark.parametrize("name", [*SETTINGS][:: many(3, 1)])
def test_recorded_settings(name: str) -> None:
    record = recorded("traces", "fourfloor_128_settings")
    frames, params = record["frames"], SETTINGS[name]
    rows = replay(frames["rms"], frames["spectralCentroid"], frames["spectralFlatness"])
    outlets = list(steer(rows, **params))
    own = custom("x", "high quality, detailed", params.get("custom_reactivity", "subtle"), "pulse")
    look = own if "custom" in name else WORDED["astral"]
    compare(outlets, record["themes"][name], look)
    assert json.loads(f"[{outlets[0][3]}]") == record["themes"][name]["denoisingSteps"]


def invented(theme: Mapping[str, Any]) -> Look:
    """A theme of a random run as a look. Its id stands for its text."""
    id, beats, varied = theme["id"], theme["beats"], theme["variations"]
    drives = (
        Drive("noise_scale", m["curve"], m["sensitivity"], m["invert"])
        for source in ("energy", "brightness", "texture")
        for m in theme[source]
        if m["parameter"] == "noiseScale"
    )
    spikes = varied and varied["trigger"] == "energy_spike"
    return Look(
        id,
        id,
        tuple(f"{id}~V{i}" for i in range(varied["count"])) if spikes else (),
        theme["noiseScale"]["min"],
        theme["noiseScale"]["max"],
        tuple(drives),
        beats["intensity"] * PULSES[beats["action"]] if beats["enabled"] else None,
        beats.get("cooldownMs") or 200.0,
        varied["blendDuration"] if varied else 8,
    )


def tuned(values: Mapping[str, float]) -> dict[str, float]:
    """Tuning values held to the ranges of the mapping's params, under the names of `settings`."""
    params = type_of(mapping).params
    original = ("beatBoost", "spikeBoost", "spikeVariationWeight", "tempoThreshold")
    given = (*(values[f"{name}Scale"] for name in original), values["noiseCeiling"])
    held = {
        name: min(max(value, params[name].low or 0.0), params[name].high or 0.0)
        for name, value in zip(TUNING, given, strict=True)
    }
    held["variation"] = held.pop("variation_blend")
    held["tempo"] = held.pop("motion_bias")
    held["ceiling"] = held.pop("noise_ceiling")
    return held


@pytest.mark.slow
@golden
@pytest.mark.parametrize("seed", range(1, 16))
def test_random_runs(seed: int) -> None:
    run = recorded("fuzz", f"fuzz_{seed:02d}")
    looks = {theme["id"]: invented(theme) for theme in run["themes"]}
    texts = {t: f"{i}~{s}" for i, look in looks.items() for t, s in symbols(look).items()}
    for id, accent in itertools.product(looks, range(3)):
        texts[f"accent {accent}"] = f"{id}~A:accent {accent}"
    look, chosen, own = looks[run["init"]["theme"]], {}, "1000, 750, 500, 250"
    course = Course(look)
    for step in run["steps"]:
        now = floor(step["t"])
        for call, *given in step.get("ops", ()):
            match call, given:
                case "setTheme", [id, announced] if id != look.id:
                    look = looks[id]
                    course = changed(course, look, now, announced)
                case "markExternalTransitionActive", [steps]:
                    course = busy(course, now, steps)
                case "resetState", []:
                    course = reset(course)
                case "setMotionPaceProfile", [pace]:
                    chosen["pace"] = pace
                case "setReactivityProfile", [profile]:
                    chosen["reactivity"] = profile
                case "setPromptOverlay", [overlay]:
                    overlay = overlay or {"text": "", "weight": 0.25}
                    chosen["accent"] = overlay["text"]
                    chosen["accent_weight"] = min(max(overlay["weight"], 0.05), 1.0)
                case "setRuntimeTuning", [values]:
                    chosen |= tuned(values)
                case "setDenoisingSteps", [steps]:
                    own = ", ".join(map(str, steps))
        energy, light, texture, rise, hit, bpm, sure = step["in"]
        heard = Heard(energy, light, texture, rise, bool(hit), bpm or 0.0, sure)
        course, noise, prompts, transition = frame(course, look, settings(**chosen), heard, now)

        def named(said: Sequence[Prompt], look: Look = look) -> list[list[object]]:
            whole = ((texts[p.text], round(p.weight, 12)) for p in said)
            return [
                [s.split("~")[1] if "A:" in s else s.removeprefix(f"{look.id}~"), w]
                for s, w in whole
            ]

        wanted = step["out"]
        assert noise == pytest.approx(wanted["noiseScale"], abs=1e-12)
        assert named(prompts) == rounded(wanted["prompts"])
        assert json.loads(f"[{schedule(own, 'balanced')}]") == wanted["steps"]
        begun = transition and {
            "target": named(transition.target),
            "num_steps": transition.steps,
            "method": method(transition.target),
        }
        due = wanted.get("transition")
        assert begun == (due and due | {"target": rounded(due["target"])})
