"""`nodegraph render` and `nodegraph trace`: from a sound to a trace to numbers and a picture."""

from __future__ import annotations

import csv
import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy.linalg import qr

from nodegraph.cli.facts import column_facts, unfolded
from nodegraph.cli.plot import telling
from nodegraph.runtime.trace import Trace
from nodegraph.values import Clock, Prompt


@pytest.fixture
def trace_file(cli: Any, patch_file: Path, sound: Path, tmp_path: Path) -> Path:
    path = tmp_path / "show.trace"
    assert cli("render", patch_file, sound, "--out", path).exit_code == 0
    return path


def made(columns: dict[str, tuple[str, Any]], ticks: int) -> Trace:
    arrays = {}
    for port, (kind, values) in columns.items():
        arrays[port] = np.empty(ticks, object) if kind in ("prompts", "clock") else None
        if arrays[port] is None:
            arrays[port] = np.asarray(values, float)
        else:
            arrays[port][:] = values
    times = np.arange(1, ticks + 1) * 0.01
    return Trace(48_000, 480, times, arrays, {port: kind for port, (kind, _) in columns.items()})


def test_render_tells_what_the_trace_holds(
    cli: Any, patch_file: Path, sound: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.trace"
    told = json.loads(cli("render", patch_file, sound, "--out", out, "--json").stdout)
    trace = Trace.from_bytes(out.read_bytes())
    assert told["ticks"] == len(trace) == 2 * 48_000 // 512
    assert told["seconds"] == pytest.approx(2.0, abs=0.011)
    assert told["messages"] == len(trace.messages) > 1
    assert told["problems"] == []
    assert told["speed"] == pytest.approx(told["seconds"] / told["took"])


def test_render_sets_params_and_watches_less(
    cli: Any, patch_file: Path, sound: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.trace"
    options = ["--out", out, "--set", "hit.level=2", "--watch", "hit", "--watch", "level.peak"]
    assert cli("render", patch_file, sound, *options, "--duration", "1.5").exit_code == 0
    trace = Trace.from_bytes(out.read_bytes())
    assert not trace["hit.on"].any()
    assert "level.peak" in trace
    assert trace.duration == pytest.approx(1.5, abs=0.011)
    strange = cli("render", patch_file, sound, "--out", out, "--watch", "nobody")
    assert strange.exit_code == 1
    assert "--watch nobody" in strange.stderr


def test_render_twice_gives_the_same_bytes(
    cli: Any, patch_file: Path, tmp_path: Path, trace_file: Path, sound: Path
) -> None:
    again = tmp_path / "again.trace"
    cli("render", patch_file, sound, "--out", again)
    assert again.read_bytes() == trace_file.read_bytes()


def test_the_summary_agrees_with_numpy(cli: Any, trace_file: Path) -> None:
    told = json.loads(cli("trace", trace_file, "--json").stdout)
    trace = Trace.from_bytes(trace_file.read_bytes())
    columns = {column["port"]: column for column in told["columns"]}
    assert columns.keys() == trace.columns.keys()
    for port in ("level.rms", "ease.out", "seen.out"):
        column = trace[port]
        assert columns[port]["low"] == column.min()
        assert columns[port]["mean"] == pytest.approx(column.mean())
        assert columns[port]["high"] == column.max()
        assert columns[port]["changes"] == np.count_nonzero(np.diff(column))
    assert columns["hit.rise"]["count"] == 1
    assert columns["hit.rise"]["per_minute"] == pytest.approx(30.0, rel=0.01)
    sent = [name for _, message in trace.messages for name in message.body]
    assert told["messages"]["scope"]["noise_scale"] == sent.count("noise_scale")
    assert told["problems"] == []


def test_the_summary_for_people(cli: Any, trace_file: Path) -> None:
    lines = cli("trace", trace_file).stdout.splitlines()
    assert lines[0].startswith("Small [show]: 1.99 s, 187 ticks of 512 samples at 48000 Hz")
    assert next(line for line in lines if line.startswith("hit.rise")).split()[1] == "trigger"
    assert any("1 times, 30.1 a minute" in line for line in lines)
    assert not any(line.endswith(" ") for line in lines)


def test_only_narrows_and_refuses_what_is_not_there(cli: Any, trace_file: Path) -> None:
    told = json.loads(
        cli("trace", trace_file, "--only", "hit", "--only", "ease.out", "--json").stdout
    )
    assert [column["port"] for column in told["columns"]] == [
        "ease.out",
        "hit.fall",
        "hit.on",
        "hit.rise",
    ]
    refused = cli("trace", trace_file, "--only", "hot")
    assert refused.exit_code == 2
    assert "did you mean hit" in refused.stderr


def test_csv_reads_back_as_the_trace(cli: Any, trace_file: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    assert cli("trace", trace_file, "--csv", sheet).exit_code == 0
    assert sheet.read_bytes().count(b"\r\n") == sheet.read_bytes().count(b"\n")
    with sheet.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    trace = Trace.from_bytes(trace_file.read_bytes())
    assert [float(row["seconds"]) for row in rows] == trace.times.tolist()
    assert [float(row["ease.out"]) for row in rows] == trace["ease.out"].tolist()
    assert [row["hit.rise"] for row in rows].count("1") == 1
    assert {row["words.prompts"] for row in rows} == {"calm sea"}
    printed = cli("trace", trace_file, "--csv", "-", "--only", "ease.out").stdout
    assert [float(row["ease.out"]) for row in csv.DictReader(StringIO(printed))] == trace[
        "ease.out"
    ].tolist()


def test_a_clock_becomes_numbers() -> None:
    clocks = [Clock(120.0, n / 50, 4, 0.5) for n in range(100)]
    trace = unfolded(made({"beat.clock": ("clock", clocks)}, 100))
    facts = {each.port: each for each in column_facts(trace)}
    assert facts.keys() == {"beat.clock.bpm", "beat.clock.beats", "beat.clock.confidence"}
    assert (facts["beat.clock.bpm"].low, facts["beat.clock.bpm"].changes) == (120.0, 0)
    assert facts["beat.clock.beats"].high == 99 / 50


def test_facts_of_texts_and_of_nothing() -> None:
    one, two = (Prompt("calm"),), (Prompt("storm"),)
    (facts,) = column_facts(made({"p.out": ("prompts", [one, one, two, one])}, 4))
    assert (facts.distinct, facts.changes) == (2, 2)
    (empty,) = column_facts(made({"p.out": ("number", [])}, 0))
    assert (empty.changes, empty.mean) == (0, None)


def test_a_picture_is_drawn_of_what_moves(cli: Any, trace_file: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    pictures = [tmp_path / "all.png", tmp_path / "ease.png"]
    assert cli("trace", trace_file, "--plot", pictures[0]).exit_code == 0
    assert cli("trace", trace_file, "--plot", pictures[1], "--only", "ease").exit_code == 0
    sizes = []
    for path in pictures:
        with Image.open(path) as picture:
            sizes.append(picture.size)
            assert len(picture.convert("L").getcolors(256) or ()) > 20
    (wide, high), (_, low) = sizes
    assert wide > 1000
    assert high > 2 * low


@pytest.mark.parametrize(
    ("name", "only", "said"),
    [("x.nope", "ease", "Format 'nope' is not supported"), ("x.png", "words", "ever changes")],
)
def test_what_cannot_be_drawn(
    cli: Any, trace_file: Path, tmp_path: Path, name: str, only: str, said: str
) -> None:
    pytest.importorskip("matplotlib")
    result = cli("trace", trace_file, "--plot", tmp_path / name, "--only", only)
    assert result.exit_code == 2
    assert said in result.stderr


def test_without_matplotlib_it_says_how_to_get_it(
    cli: Any, trace_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    result = cli("trace", trace_file, "--plot", tmp_path / "x.png")
    assert result.exit_code == 2
    assert "pip install 'nodegraph[plot]'" in result.stderr


def test_the_telling_columns_are_those_of_a_pivoted_qr() -> None:
    rng = np.random.default_rng(5)
    ticks = 500
    free = {f"n{i}.out": rng.normal(size=ticks).cumsum() for i in range(8)}
    copies = {f"n{i}.scaled": 3.0 * free[f"n{i}.out"] + 7.0 for i in range(8)}
    columns = {port: ("number", values) for port, values in (free | copies).items()}
    columns["still.out"] = ("number", np.ones(ticks))
    columns["time.out"] = ("number", np.arange(ticks))
    trace = made(columns, ticks)
    chosen = telling(trace, 5)
    assert len({port.partition(".")[0] for port in chosen}) == 5  # never a thing and its copy

    ports = sorted(port for port in columns if port != "still.out")
    scaled = np.array([trace[port] / np.ptp(trace[port]) for port in ports])
    design = np.stack([np.ones(ticks), np.linspace(-1, 1, ticks)])
    residual = scaled - scaled @ design.T @ np.linalg.inv(design @ design.T) @ design
    pivots = qr(residual.T, pivoting=True, mode="economic")[2][:5]
    assert {ports[i].partition(".")[0] for i in pivots} == {
        port.partition(".")[0] for port in chosen
    }


def test_a_damaged_trace_is_refused(cli: Any, trace_file: Path) -> None:
    data = trace_file.read_bytes()
    for broken in (b"", data[: len(data) // 2], data.replace(b"ticks", b"tacks")):
        trace_file.write_bytes(broken)
        result = cli("trace", trace_file)
        assert result.exit_code == 2
        assert "trace" in result.stderr
        assert "Traceback" not in result.output
