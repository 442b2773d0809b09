"""How pipelines are to be loaded, said on the command line: read, refused, handed on, and done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer

from nodegraph.cli.arguments import read_load
from nodegraph.scope.effects import NEEDS
from nodegraph.scope.simulator import Config, running

LORA = "https://huggingface.co/u/r/resolve/main/film.safetensors"


def test_options_as_load_params() -> None:
    assert read_load(None, None, []) is None
    loads = ["vae_type=tae", "vace_enabled=false", "base_seed=1", "base_seed=7", "a=b=c", "n=NaN"]
    assert read_load("medium-portrait", loads, ["film=0.8"]) == {
        "width": 432,
        "height": 768,
        "vae_type": "tae",
        "vace_enabled": False,
        "base_seed": 7,
        "a": "b=c",
        "n": "NaN",
        "loras": [{"path": "film", "scale": 0.8}],
    }
    assert read_load("64x48", ["width=32"], None) == {"width": 32, "height": 48}
    assert read_load(None, None, ["film", "/a=b/ink=-1"]) == {
        "loras": [{"path": "film", "scale": 1.0}, {"path": "/a=b/ink", "scale": -1.0}]
    }


@pytest.mark.parametrize(
    ("size", "loads", "loras", "told"),
    [
        ("huge", (), (), "'huge' is no size; say low, medium, high, low-portrait"),
        (None, ("vae_type",), (), "'vae_type' does not read as NAME=VALUE"),
        (None, ("=1",), (), "'=1' does not read as NAME=VALUE"),
        (None, (), ("film=much",), "'film=much' does not read as NAME=SCALE"),
        (None, (), ("film=nan",), "'film=nan' does not read as NAME=SCALE"),
        (None, (), ("=0.5",), "'=0.5' does not read as NAME=SCALE"),
    ],
)
def test_what_does_not_read(
    size: str | None, loads: tuple[str, ...], loras: tuple[str, ...], told: str
) -> None:
    with pytest.raises(typer.BadParameter, match=told):
        read_load(size, loads, loras)


def test_the_editor_hands_on_what_its_show_is_to_load(
    monkeypatch: pytest.MonkeyPatch, cli: Any
) -> None:
    said: list[str] = []

    def start(words: list[str]) -> None:
        said.extend(words)
        raise typer.Exit

    monkeypatch.setattr("nodegraph.editor.display.why_no_window", lambda: None)
    monkeypatch.setattr("nodegraph.cli.starting.start_show", start)
    options = ["--scope", "h:8000", "--size", "low", "--load", "vae_type=tae", "--lora", "film=2"]
    result = cli("edit", "pulse", "--pipeline", "gray", "--pipeline", "longlive", *options)
    assert result.exit_code == 0, result.stderr
    assert said[1:] == [
        *("--scope", "h:8000", "--size", "low", "--pipeline", "gray", "--pipeline", "longlive"),
        *("--load", "vae_type=tae", "--lora", "film=2"),
    ]


@pytest.mark.slow
def test_pipelines_are_loaded_or_refused_with_the_reason(cli: Any, tmp_path: Path) -> None:
    config = Config(folder=str(tmp_path), load_seconds=0.1, chunk_seconds=0.05)
    with running(config) as url:
        assert cli("scope", url, "loras", "install", LORA).exit_code == 0
        options = ("--size", "64x48", "--load", "vace_enabled=false", "--lora", "film=0.5")
        loaded = cli("scope", url, "load", "gray", "longlive", *options)
        assert loaded.exit_code == 0, loaded.stderr
        assert loaded.stdout.startswith("gray, longlive is loaded with width=64, height=48, vace_")
        for words, told in (
            (("--load", "seed=1"), "seed is read by no pipeline; say base_seed"),
            (("--load", "quantization=fp8_e4m3fn"), "does not go with VACE"),
            (("--size", "100x100"), "a multiple of 16, such as 96"),
            (("--lora", "oil"), "there is no LoRA 'oil' on the server; there is film"),
        ):
            refused = cli("scope", url, "load", "longlive", *words)
            assert (refused.exit_code, refused.stdout) == (2, "")
            assert told in refused.stderr
        assert "vace_enabled=False" in cli("scope", url).stdout, "it has what it had"


@pytest.mark.slow
def test_run_says_why_nothing_is_loaded(cli: Any, patch_file: Path, sound: Path) -> None:
    with running(Config(load_seconds=0.0, chunk_seconds=0.05)) as url:
        words = ("--scope", url, "--size", "100x100", "--audio", sound, "--json")
        result = cli("run", patch_file, *words)
    told = json.loads(result.stdout)
    assert "width of longlive is a multiple of 16, such as 96" in told["link"]["reason"]
    assert told["link"]["frames"] == 0
    assert result.exit_code == 1


def test_the_table_of_effects_is_printed(cli: Any) -> None:
    lines = cli("scope", "--effects").stdout.splitlines()
    assert [line.split()[0] for line in lines[1 : len(NEEDS) + 1]] == list(NEEDS)
    assert lines[-1].startswith("painters: longlive, streamdiffusionv2")
    rows = json.loads(cli("scope", "--effects", "--json").stdout)
    assert [row["parameter"] for row in rows] == list(NEEDS)
    with running(Config(honest=True)) as url:
        here = cli("scope", url, "--effects").stdout.splitlines()
    assert here[-1] == "painters: longlive"
