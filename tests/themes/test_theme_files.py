"""Theme files: written as they were read, and each mistake is a sentence with its line."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph import Lora, Range, Theme, Variation
from nodegraph.errors import PatchError
from nodegraph.portable import plain, rich
from nodegraph.scope.parameters import PARAMETERS as SCOPE
from nodegraph.theme import CURVES, MOTIONS, PARAMETERS, PROFILES, TRIGGERS
from nodegraph.themes import data_of, dump, load, parse, shipped

HERE = Path(__file__).parent
SHIPPED = sorted((HERE.parents[1] / "patches" / "themes").glob("*"))

# How each file in the folder `mistakes` differs from sound.theme.json, in a sentence.
MISTAKES = {
    "colour": "7: palette[1]: '17b6b2' is no colour: write it as '#rrggbb', with digits and a-f",
    "comma": "13: style: a comma before ']': remove it (column 37)",
    "curve": "10: ranges.noise_scale.curve: there is no curve 'exponent'; "
    "did you mean exponential?",
    "end": '4: loras.loras/ink.safetensors: wants both ends of its range: add "high"',
    "field": "14: variatons: is read by nobody; did you mean variations?",
    "motion": "6: motion: there is no motion 'sleepy'; choose one of calm, steady, driving",
    "parameter": "10: ranges.noise: Scope has no number 'noise'; did you mean noise_scale?",
    "prompt": '1: a theme wants to say what to paint: add "prompt": "…"',
    "range": "11: ranges.vace_context_scale.high: 15 is outside 0 to 2; 2 is used",
    "trigger": "16: variations[1].on: there is no trigger 'drops'; did you mean drop?",
}

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(str.strip).filter(bool)
COLOUR = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


def several(of: st.SearchStrategy[str], most: int = 4) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(of, max_size=most).map(tuple)


@st.composite
def ranges(draw: st.DrawFn) -> tuple[Range, ...]:
    names = sorted(draw(st.sets(st.sampled_from(sorted(PARAMETERS)))))
    ends = [st.floats(*PARAMETERS[name]) for name in names]
    curves = st.sampled_from(sorted(CURVES))
    return tuple(
        Range(name, draw(end), draw(end), draw(curves))
        for name, end in zip(names, ends, strict=True)
    )


SCALES = st.floats(-10.0, 10.0)
THEMES = st.builds(
    Theme,
    id=st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True),
    name=TEXT,
    prompt=TEXT,
    style=several(TEXT),
    variations=st.lists(st.builds(Variation, TEXT, st.sampled_from(TRIGGERS))).map(tuple),
    ranges=ranges(),
    negative=TEXT | st.just(""),
    palette=several(COLOUR),
    denoising=st.sampled_from(["", *PROFILES]),
    motion=st.sampled_from(sorted(MOTIONS)),
    loras=st.dictionaries(TEXT, st.tuples(SCALES, SCALES), max_size=3).map(
        lambda found: tuple(Lora(path, *found[path]) for path in sorted(found))
    ),
    reference=TEXT | st.just(""),
)


@given(THEMES)
def test_a_theme_travels_as_plain_data(theme: Theme) -> None:
    assert rich(msgpack.unpackb(msgpack.packb(plain(theme)))) == theme


def test_a_theme_of_an_older_trace_has_variations_by_energy() -> None:
    told = {"Theme": ["dusk", "Dusk", "a lake", ["film"], ["fire"], [{"Range": ["x", 0, 1, "y"]}]]}
    theme = rich(told)
    assert theme.variations == (Variation("fire", "energy"),)
    assert (theme.style, theme.ranges, theme.motion) == (
        ("film",),
        (Range("x", 0, 1, "y"),),
        "steady",
    )


@given(THEMES)
def test_a_theme_is_what_its_file_says(theme: Theme) -> None:
    text = dump(data_of(theme))
    file = parse(text.encode(), theme.id)
    assert file.problems == ()
    assert file.theme == theme
    assert dump(file.data) == text


def test_only_what_differs_from_the_default_is_written() -> None:
    theme = Theme("neon_city", "Neon City", "a street", variations=(Variation("a lane"),))
    assert data_of(theme) == {"prompt": "a street", "variations": ({"text": "a lane"},)}


def test_a_file_reads_line_by_line() -> None:
    path = HERE / "sound.theme.json"
    file = load(path)
    assert file.problems == ()
    assert dump(file.data) == path.read_text("utf-8")
    assert file.theme.ranges[0] == Range("noise_scale", 0.5, 0.7, "exponential")
    assert file.theme.variations[1] == Variation("the sea rises in glass towers", "drop")


def test_what_this_version_does_not_know_is_kept() -> None:
    text = (HERE / "sound.theme.json").read_text("utf-8")
    text = text.replace('  "style"', '  "smell": {"salt": [1, {}], "tar": null},\n  "style"')
    file = parse(text, "sound")
    assert file.problems == ()
    assert '\n  "smell": {\n    "salt": [1, {}],\n    "tar": null\n  },\n' in dump(file.data)
    assert parse(dump(file.data), "sound").data == file.data


@pytest.mark.parametrize("name", MISTAKES)
def test_a_planted_mistake_is_one_sentence(name: str) -> None:
    path = HERE / "mistakes" / f"{name}.theme.json"
    (problem,) = load(path).problems
    assert str(problem) == f"{path}:{MISTAKES[name]}"


def test_every_planted_mistake_is_looked_at() -> None:
    files = {path.name for path in (HERE / "mistakes").iterdir()}
    assert files == {f"{name}.theme.json" for name in MISTAKES}
    assert len(files) == 10


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: the file is empty: it wants to begin with {"),
        ("[]", "line 1: a theme is an object, in braces: {…}"),
        ("{}", 'nothing says that this is a theme: begin it with "nodegraph_theme": 1'),
        ('{"nodegraph": 1, "nodes": {}}', "this is a patch, not a theme"),
        ('{"nodegraph_theme": 2}', "saved by a newer nodegraph, in format 2"),
        ('{"nodegraph_theme": "1"}', "wants the format of the file"),
        ('{"nodegraph_theme": 1, "prompt": 7}', "prompt: wants text, not 7"),
        ('{"nodegraph_theme": 1, "prompt": " "}', "a theme wants to say what to paint"),
    ],
)
def test_what_is_no_theme_is_one_sentence(text: str, sentence: str) -> None:
    (problem,) = parse(text, "x").problems
    assert sentence in str(problem)


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ('"style": "calm"', "style: wants a list of texts, in brackets: […], not 'calm'"),
        ('"style": [1]', "style[0]: wants text, not 1"),
        ('"negative": null', "negative: wants text, not null"),
        ('"motion": {"a": true}', "there is no motion {'a': true}; choose one of calm"),
        ('"denoising": ["speed"]', "there is no denoising profile ['speed']; choose one of"),
        ('"variations": ["a storm"]', 'such as {"text": "…", "on": "beat"}, not \'a storm\''),
        ('"variations": [{"on": "beat"}]', "a variation wants to say what to paint"),
        ('"ranges": []', "ranges: wants an object, in braces: {…}"),
        ('"ranges": {"noise_scale": 0.5}', 'such as {"low": 0.5, "high": 0.7}, not 0.5'),
        ('"loras": {"a": {"low": true, "high": 1}}', "loras.a.low: wants a number from -10 to 10"),
        ('"denoising": "fast"', "there is no denoising profile 'fast'; choose one of speed, "),
    ],
)
def test_a_field_of_another_shape_is_one_sentence(field: str, sentence: str) -> None:
    file = parse(f'{{"nodegraph_theme": 1, "prompt": "a lake",\n{field}}}', "x")
    (problem,) = file.problems
    assert problem.line == 2
    assert sentence in str(problem)
    assert file.theme.prompt == "a lake"


def test_all_mistakes_are_told_at_once() -> None:
    text = '{"nodegraph_theme": 1,\n"name": 1,\n"motion": 2,\n"palette": [3, "red"]}'
    file = parse(text, "My Look", "my.theme.json")
    assert [(p.file, p.line) for p in file.problems] == [
        ("my.theme.json", line) for line in (1, 1, 2, 3, 4, 4)
    ]
    assert "'My Look' is no name for a theme" in file.problems[0].text
    assert file.theme == Theme("My Look", "My Look", "")


@given(st.binary(max_size=80) | TEXT)
def test_anything_is_read_or_told(text: str | bytes) -> None:
    assert parse(text, "x").problems


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(PatchError, match="is not there: check the name"):
        load(tmp_path / "gone.theme.json")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_what_comes_along_is_sound_and_complete(path: Path) -> None:
    file = load(path)
    theme = file.theme
    assert file.problems == ()
    assert dump(file.data) == path.read_text("utf-8") == dump(data_of(theme))
    assert len(theme.prompt.split()) >= 20
    assert 3 <= len(theme.style) <= 8
    assert len(theme.palette) == 5
    by = [variation.on for variation in theme.variations]
    assert 2 <= by.count("energy") <= 3
    assert by.count("drop") == by.count("silence") == 1
    assert all(len(variation.text.split()) >= 8 for variation in theme.variations)
    noise = theme.range("noise_scale")
    assert (noise.low, noise.high) == (0.48, 0.68)
    assert shipped()[theme.id] == theme


def test_what_comes_along_shares_no_sentence() -> None:
    texts = [
        text
        for theme in shipped().values()
        for text in (theme.prompt, *(variation.text for variation in theme.variations))
    ]
    assert len(set(texts)) == len(texts)
    assert len(shipped()) == len(SHIPPED) >= 15


@pytest.mark.slow
def test_a_wheel_brings_them_along(tmp_path: Path) -> None:
    """Installed, they lie inside the package."""
    wheel = pytest.importorskip("hatchling.builders.wheel", reason="needs the extra dev")
    (built,) = wheel.WheelBuilder(str(HERE.parents[1])).build(directory=str(tmp_path))
    with ZipFile(built) as files:
        for path in SHIPPED:
            assert files.read(f"nodegraph/patches/themes/{path.name}") == path.read_bytes()


def test_limits_are_those_of_scope() -> None:
    for name in PARAMETERS.keys() & SCOPE.keys():
        assert PARAMETERS[name] == (SCOPE[name].low, SCOPE[name].high)
    assert PARAMETERS.keys() - SCOPE.keys() == {"denoising_steps"}  # which is a list there
