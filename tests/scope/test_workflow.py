"""Scope files: what a render becomes, what the page demands of it, and the way back to a patch."""

from __future__ import annotations

import asyncio
import json
import re
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import catalogue, patch

from nodegraph import Message, Patch, Prompt, Trace, render
from nodegraph.errors import NodegraphError, PatchError
from nodegraph.graph import dump
from nodegraph.plugins import Catalogue
from nodegraph.scope.pace import GUESS
from nodegraph.scope.parameters import PARAMETERS
from nodegraph.scope.simulator import build_app
from nodegraph.scope.workflow import SETTINGS, Entry, Told, Workflow, recorded
from nodegraph.scope.workflow_file import dump_timeline, dump_workflow
from nodegraph.scope.workflow_patch import patch_of, script
from nodegraph.scope.workflow_reading import read
from nodes._timeline import timeline
from nodes.generate import constant, lfo
from nodes.prompt import crossfade, prompt
from nodes.prompt_time import cycle, schedule
from nodes.scope import output
from nodes.shape import expression

MADE = "2026-05-01T20:00:00.000Z"
TYPES = Catalogue(
    catalogue(prompt, crossfade, cycle, schedule, output, constant, expression, lfo), {}
)
SHARED = Path(__file__).parents[3] / "shared/bench/scope-captures/openapi-0.2.4.json"

# The example of the format, as Scope 0.2.4 writes it.
PAGE = """{
 "format":"scope-workflow","format_version":"1.0",
 "metadata":{"name":"My set","created_at":"2026-05-01T20:00:00.000Z","scope_version":"0.2.4"},
 "pipelines":[
  {"pipeline_id":"longlive","pipeline_version":"1.0.0","source":{"type":"builtin"},"role":"main",
   "loras":[{"id":"l1","filename":"arcane.safetensors","weight":0.8,"merge_mode":"runtime_peft",
             "sha256":null,"provenance":null}],
   "params":{"height":320,"width":576,"quantization":null,
             "denoising_step_list":[1000,750,500,250],"manage_cache":true,
             "vace_enabled":false,"input_mode":"text","base_seed":42}}],
 "timeline":{"entries":[
  {"start_time":0,"end_time":20,"prompts":[{"text":"calm sea","weight":100}],
   "transition_steps":4,"temporal_interpolation_method":"slerp"}]},
 "prompts":[{"text":"calm sea","weight":100}],
 "interpolation_method":"linear","transition_steps":4,"temporal_interpolation_method":"slerp",
 "min_scope_version":"0.2.0"
}"""
OLD = """{"prompts":[
 {"startTime":0,"endTime":30,"prompts":[{"text":"a","weight":100}],
  "transitionSteps":8,"temporalInterpolationMethod":"linear"},
 {"startTime":30,"endTime":42.5,"prompts":[{"text":"b","weight":75},{"text":"c","weight":25}]}],
 "settings":{"pipelineId":"longlive","inputMode":"text","resolution":{"height":320,"width":576},
   "denoisingSteps":[1000,750,500,250],"noiseScale":0.7,"noiseController":true,"manageCache":true,
   "quantization":null,"kvCacheAttentionBias":1.0,"loras":[],
   "loraMergeStrategy":"permanent_merge","schemaFieldOverrides":{"base_seed":7}},
 "version":"2.1","exportedAt":"2026-02-20T12:00:00.000Z"}"""


def shape(value: object) -> object:
    """The names and JSON types in a value; lists by what their items have in common."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) else type(value).__name__


def sent(*bodies: tuple[int, Mapping[str, object]], ticks: int = 1000) -> Trace:
    """A trace at 100 ticks a second that sent these bodies."""
    return Trace(
        rate=48_000,
        block=480,
        times=np.arange(1, ticks + 1) / 100.0,
        columns={},
        kinds={},
        messages=tuple((n, Message("scope", dict(body))) for n, body in bodies),
    )


def painted(trace: Trace) -> tuple[list[float], list[tuple[Prompt, ...]]]:
    """From when on Scope is asked for which prompts."""
    changes = [(n, m.body["prompts"]) for n, m in trace.messages if "prompts" in m.body]
    return [float(trace.times[n]) for n, _ in changes], [prompts for _, prompts in changes]


def looks(*texts: str) -> tuple[Prompt, ...]:
    return tuple(Prompt(text, 1.0 / len(texts)) for text in texts)


class TestRecorded:
    def test_each_change_is_an_entry(self) -> None:
        trace = sent(
            (0, {"prompts": looks("a"), "transition_steps": 4, "interpolation": "slerp"}),
            (299, {"prompts": looks("b"), "transition_steps": 0}),
            (500, {"noise_scale": 0.5}),
            (699, {"prompts": looks("a", "b")}),
        )
        told = recorded(trace, "longlive", "show")
        assert told.workflow.entries == (
            Entry(0.0, 3.0, (("a", 1.0),), 4, "slerp"),
            Entry(3.0, 7.0, (("b", 1.0),), 0, "slerp"),
            Entry(7.0, 10.0, (("a", 0.5), ("b", 0.5)), 0, "slerp"),
        )
        assert told.workflow.settings == {"noise_scale": 0.5}
        assert told.remarks == ()

    def test_what_moves_faster_than_a_chunk_is_merged_and_the_last_comes(self) -> None:
        trace = sent(*((n, {"prompts": (("a", 1.0), ("b", n / 100))}) for n in range(130)))
        entries = recorded(trace, "longlive").workflow.entries
        assert [entry.start for entry in entries] == [0.0, GUESS, 2 * GUESS]
        assert entries[1].prompts == (("a", 1.0), ("b", 0.73))
        assert entries[2].prompts == (("a", 1.0), ("b", 1.29))

    def test_a_change_that_is_taken_back_within_a_chunk_leaves_nothing(self) -> None:
        trace = sent(*((n, {"prompts": looks(x)}) for n, x in ((0, "a"), (20, "b"), (40, "a"))))
        assert [entry.start for entry in recorded(trace, "longlive").workflow.entries] == [0.0]

    def test_what_a_file_cannot_hold_is_told(self) -> None:
        trace = sent(
            (0, {"prompts": looks("a"), "noise_scale": 0.2, "blend": "slerp"}),
            (1, {"noise_scale": 0.25, "reset_cache": True}),
            (2, {"noise_scale": 0.3, "lora_scales": (("lora/ink.safetensors", 0.5),)}),
        )
        workflow, remarks = recorded(trace, "longlive")
        assert workflow.settings == {"noise_scale": 0.2}
        assert workflow.blend == "slerp"
        assert workflow.loras == (("lora/ink.safetensors", 0.5),)
        assert remarks == (
            "noise_scale moves; a Scope file holds one value of it, the first: 0.2",
            "reset_cache is not in the file: Scope has no place for it there",
        )

    def test_of_several_servers_one_is_chosen(self) -> None:
        trace = sent((0, {"left:prompts": looks("a")}), (9, {"right:prompts": looks("b")}))
        (entry,) = recorded(trace, "longlive", server="right").workflow.entries
        assert (entry.start, entry.prompts) == (0.1, (("b", 1.0),))
        with pytest.raises(NodegraphError, match="choose one of its servers: left, right"):
            recorded(trace, "longlive")

    def test_nothing_to_paint_is_a_sentence(self) -> None:
        with pytest.raises(NodegraphError, match="no prompts were sent to Scope"):
            recorded(sent((0, {"noise_scale": 0.5})), "longlive")


WORKFLOW = Workflow(
    "My set",
    (Entry(0.0, 20.0, (("calm sea", 1.0),)), Entry(20.0, 31.25, (("x", 0.7), ("y", 0.3)), 0)),
    {"input_mode": "text", "denoising_step_list": (1000, 500), "noise_scale": 0.4, "base_seed": 42},
    "slerp",
    loras=(("C:\\loras\\arcane.safetensors", 0.8),),
)


class TestTheFormat:
    def test_names_and_types_are_those_of_the_page(self) -> None:
        ours, theirs = json.loads(dump_workflow(WORKFLOW, MADE)), json.loads(PAGE)
        params = ours["pipelines"][0].pop("params")
        assert {name: shape(it) for name, it in params.items()} == {
            "input_mode": "str",
            "denoising_step_list": ["number"],
            "noise_scale": "number",
            "base_seed": "number",
        }
        theirs["pipelines"][0].pop("params")
        assert shape(ours) == shape(theirs)
        assert list(ours) == list(theirs)

    def test_the_page_would_take_it(self) -> None:
        """The checks of the import dialog and of what it calls, one by one."""
        made = json.loads(dump_workflow(WORKFLOW, MADE))
        assert made["format"] == "scope-workflow"
        assert isinstance(made["metadata"]["name"], str)
        for pipeline in made["pipelines"]:
            assert pipeline["source"]["type"] in ("builtin", "pypi", "git", "local")
            assert pipeline["pipeline_id"]
            assert isinstance(pipeline["params"], dict)
            assert [lora["filename"] for lora in pipeline["loras"]] == ["arcane.safetensors"]
        for entry in made["timeline"]["entries"]:
            assert entry["start_time"] < entry["end_time"]
            assert isinstance(entry["prompts"], list)

    def test_a_server_has_what_it_takes(self) -> None:
        async def answer() -> Any:
            transport = httpx.ASGITransport(app=build_app())
            async with httpx.AsyncClient(transport=transport, base_url="http://scope") as http:
                body = json.loads(dump_workflow(WORKFLOW, MADE))
                return (await http.post("/api/v1/workflow/resolve", json=body)).json()

        told = asyncio.run(answer())
        assert told["can_apply"]
        assert [(item["kind"], item["name"], item["status"]) for item in told["items"]] == [
            ("pipeline", "longlive", "ok"),
            ("lora", "arcane.safetensors", "missing"),
        ]
        assert told["warnings"] == []

    @pytest.mark.skipif(not SHARED.is_file(), reason="the captures of a real server are not here")
    def test_the_server_that_was_captured_would_take_it(self) -> None:
        text = json.loads(SHARED.read_text("utf-8"))["body"]
        schemas = (json.loads(text) if isinstance(text, str) else text)["components"]["schemas"]
        pipeline = json.loads(dump_workflow(WORKFLOW, MADE))["pipelines"][0]
        source, lora = schemas["WorkflowPipelineSource"], schemas["WorkflowLoRA"]
        assert pipeline["source"]["type"] in source["properties"]["type"]["enum"]
        assert set(source["required"]) <= pipeline["source"].keys()
        assert len(pipeline["loras"]) <= schemas["WorkflowNode"]["properties"]["loras"]["maxItems"]
        for each in pipeline["loras"]:
            assert set(lora["required"]) <= each.keys()
            assert len(each["filename"]) <= lora["properties"]["filename"]["maxLength"]

    def test_a_timeline_has_the_old_names(self) -> None:
        ours, theirs = json.loads(dump_timeline(WORKFLOW, MADE)), json.loads(OLD)
        assert shape(ours["prompts"][0]) == shape(theirs["prompts"][0])
        assert ours["settings"].keys() <= theirs["settings"].keys()
        assert ours["settings"]["denoisingSteps"] == [1000, 500]
        assert ours["settings"]["schemaFieldOverrides"] == {"base_seed": 42}
        assert (ours["version"], list(ours)) == ("2.1", list(theirs))

    def test_the_same_show_is_the_same_text(self) -> None:
        assert dump_workflow(WORKFLOW, MADE) == dump_workflow(WORKFLOW, MADE)
        assert '"weight": 70\n' in dump_workflow(WORKFLOW, MADE)


class TestReading:
    def test_a_file_of_the_page(self) -> None:
        workflow, remarks = read(PAGE)
        assert workflow == Workflow(
            "My set",
            (Entry(0.0, 20.0, (("calm sea", 1.0),), 4, "slerp"),),
            {
                "input_mode": "text",
                "denoising_step_list": (1000, 750, 500, 250),
                "manage_cache": True,
                "base_seed": 42,
            },
            "linear",
            "longlive",
            (("arcane.safetensors", 0.8),),
        )
        assert remarks == ()

    def test_a_timeline(self) -> None:
        workflow, _ = read(OLD, name="old")
        assert workflow.name == "old"
        assert workflow.entries == (
            Entry(0.0, 30.0, (("a", 1.0),), 8, "linear"),
            Entry(30.0, 42.5, (("b", 0.75), ("c", 0.25)), 4, "slerp"),
        )
        assert workflow.settings["noise_scale"] == 0.7
        assert workflow.settings["base_seed"] == 7

    def test_without_a_timeline_the_prompts_play(self) -> None:
        document = json.loads(PAGE)
        del document["timeline"]
        (entry,) = read(json.dumps(document))[0].entries
        assert (entry.start, entry.prompts) == (0.0, (("calm sea", 1.0),))

    def test_entries_are_put_in_order_and_empty_ones_dropped(self) -> None:
        document = json.loads(PAGE)
        (one,) = document["timeline"]["entries"]
        document["timeline"]["entries"] = [
            one | {"start_time": 30, "end_time": 40},
            one | {"start_time": 5, "end_time": 5},
            one,
        ]
        assert [each.start for each in read(json.dumps(document))[0].entries] == [0.0, 30.0]

    def test_what_is_not_taken_over_is_told(self) -> None:
        document = json.loads(PAGE)
        document["pipelines"].insert(0, {"pipeline_id": "gray", "role": "preprocessor"})
        document["graph"] = {"nodes": [], "edges": []}
        workflow, remarks = read(json.dumps(document))
        assert workflow.pipeline == "longlive"
        assert [remark.split(":")[0] for remark in remarks] == [
            "of its pipelines only the main one is taken over; load the others with the session",
            "its graph is not taken over",
        ]

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ('"scope-workflow"', '"other"', ":1: nothing says that this is a Scope file"),
            ('"My set"', "7", ":3: metadata.name: wants a text: the name of the workflow"),
            ('"start_time":0', '"start_time":"0"', "start_time: is '0'; it wants a number from 0"),
            ('"start_time":0,', "", ":12: timeline.entries[0].start_time: is missing; it wants a"),
            ('"start_time":0', '"start_time":-1', "is -1; it wants a number from 0 to 360000"),
            ('"end_time":20', '"end_time":1e999', ":12: timeline.entries[0].end_time: "),
            ('[{"text":"calm sea","weight":100}]', '["sea"]', 'wants an object such as {"text": '),
            ('"weight":100', '"weight":-1', ":12: timeline.entries[0].prompts[0].weight: is -1"),
            ('"transition_steps":4', '"transition_steps":"x"', ":13: timeline.entries[0].transit"),
            ('"slerp"}', '"fast"}', "is 'fast'; it wants linear or slerp"),
            ("[1000,750,500,250]", '"x"', ":9: pipelines[0].params.denoising_step_list: it is"),
            ('"input_mode":"text"', '"input_mode":"hum"', "it expects text or video"),
            ('"filename":"arcane.safetensors",', "", 'wants an object with the "filename" of a'),
            ('"entries":[', '"entries":{}, "x":[', "wants a list of entries, in brackets"),
        ],
    )
    def test_mistakes_are_sentences_with_a_place(self, old: str, new: str, told: str) -> None:
        assert old in PAGE
        with pytest.raises(PatchError) as refusal:
            read(PAGE.replace(old, new, 1), "x.json")
        assert re.match(r"x\.json:\d+: ", str(refusal.value))
        assert told in str(refusal.value)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "the file is empty"),
            ("[]", "a Scope file is an object, in braces"),
            ("{}", "nothing says that this is a Scope file"),
            ('{"nodegraph": 1, "nodes": {}}', "this is a patch already"),
            ('{"nodes": [], "edges": []}', "this is a graph without a timeline"),
            ('{"version": "2.1", "prompts": []}', "the timeline is empty"),
            ('{"format": "scope-workflow"}', "pipelines: wants a list with at least one pipeline"),
            ("[" * 100_000, "nested deeper than"),
            ('{"prompts": [' + "{}," * 9000 + "{}]}", "has 9001 entries: more than 5000 are not"),
            (f"[{'0,' * 400_000}0]", "has more than 400,000 parts"),
            ('{"a": 1', "the file ends inside the object"),
        ],
    )
    def test_other_files_are_refused(self, text: str, told: str) -> None:
        with pytest.raises(PatchError) as refusal:
            read(text, "x.json")
        assert told in str(refusal.value)

    def test_a_novel_is_no_timeline(self) -> None:
        with pytest.raises(PatchError, match="more than 1,000,000 characters together"):
            read(PAGE.replace("calm sea", "sea" * 400_000))

    def test_all_mistakes_are_told_at_once(self) -> None:
        broken = PAGE.replace('"My set"', "1").replace('"end_time":20', '"end_time":true')
        with pytest.raises(PatchError) as refusal:
            read(broken)
        assert [problem.line for problem in refusal.value.problems] == [3, 12]

    @given(st.data())
    def test_no_value_anywhere_does_more_than_be_refused(self, data: st.DataObject) -> None:
        """Any place of a good file holds something else."""
        document = json.loads(data.draw(st.sampled_from((PAGE, OLD))))
        places: list[tuple[Any, Any]] = []

        def visit(value: Any) -> None:
            names = value if isinstance(value, dict) else range(len(value))
            for name in names:
                places.append((value, name))
                if isinstance(value[name], dict | list):
                    visit(value[name])

        visit(document)
        parent, name = data.draw(st.sampled_from(places))
        parent[name] = data.draw(JSON)
        try:
            told = read(json.dumps(document))
        except PatchError as refusal:
            told = None
            problems = refusal.problems
            assert problems
        if told is not None:
            dump(patch_of(told.workflow)[0])


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)

TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30).map(str.strip)
WEIGHT = st.integers(1, 20_000).map(lambda hundredths: hundredths / 10_000)
PROMPTS = st.lists(st.tuples(TEXT.filter(bool), WEIGHT), max_size=4).map(tuple)


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    starts = sorted(draw(st.sets(st.integers(0, 5_000_000), min_size=1, max_size=6)))
    ends = [*starts[1:], starts[-1] + 750]
    interpolation = st.sampled_from(("linear", "slerp"))
    values: dict[str, st.SearchStrategy[object]] = {
        "input_mode": st.sampled_from(("text", "video")),
        "denoising_step_list": st.sets(st.integers(1, 1000), min_size=1, max_size=6).map(
            lambda steps: tuple(sorted(steps, reverse=True))
        ),
        "noise_scale": st.integers(0, 10_000).map(lambda n: n / 10_000),
        "noise_controller": st.booleans(),
        "manage_cache": st.booleans(),
        "kv_cache_attention_bias": st.integers(100, 10_000).map(lambda n: n / 10_000),
        "vace_context_scale": st.integers(0, 20_000).map(lambda n: n / 10_000),
        "base_seed": st.integers(0, 2**31 - 1),
    }
    assert tuple(values) == SETTINGS
    return Workflow(
        draw(st.text(st.characters(exclude_categories=("Cs",)), max_size=20)),
        tuple(
            Entry(
                start / 1000,
                end / 1000,
                draw(PROMPTS),
                draw(st.sampled_from((0, 2, 4, 32))),
                draw(interpolation),
            )
            for start, end in zip(starts, ends, strict=True)
        ),
        draw(st.fixed_dictionaries({}, optional=values)),
        draw(interpolation),
        loras=(("ink.safetensors", 0.5),) * draw(st.integers(0, 1)),
    )


class TestThereAndBack:
    @given(workflows())
    def test_a_workflow_is_read_as_it_was_written(self, workflow: Workflow) -> None:
        text = dump_workflow(workflow, MADE)
        back = read(text).workflow
        assert back == close(workflow)
        assert dump_workflow(back, MADE) == text

    @given(workflows())
    def test_a_timeline_is_read_as_it_was_written(self, workflow: Workflow) -> None:
        text = dump_timeline(workflow, MADE)
        back = read(text, name=workflow.name).workflow
        assert back.entries == close(workflow).entries
        assert back.settings == workflow.settings
        assert dump_timeline(back, MADE) == text

    @given(workflows())
    def test_a_schedule_plays_what_the_entries_say(self, workflow: Workflow) -> None:
        found = timeline(script(workflow.entries))
        assert found.unit == "seconds"
        for entry, played in zip(workflow.entries, found.entries, strict=True):
            assert played.moment.at(4) == pytest.approx(entry.start, abs=1e-9)
            assert (
                played.prompts
                == close(workflow, Prompt).entries[workflow.entries.index(entry)].prompts
            )
            assert (played.steps, played.interpolation) == (entry.steps, entry.interpolation)

    def test_a_render_comes_back_at_the_same_times(self) -> None:
        show = patch(
            {
                "wave": ("generate.lfo", {"rate": 0.05}),
                "day": ("prompt.text", {"text": "a day | \\ *0.5"}),
                "night": ("prompt.text", {"text": "(night) at sea"}),
                "mix": "prompt.crossfade",
                "noise": ("generate.constant", {"value": 0.45}),
                "scope": ("scope.output", {"transition_steps": 0, "manage_cache": True}),
            },
            [
                "wave.out -> mix.x",
                "day.prompts -> mix.a",
                "night.prompts -> mix.b",
                "mix.prompts -> scope.prompts",
                "noise.out -> scope.noise_scale",
            ],
        )
        first = render(show, duration=40.0, catalogue=TYPES, strict=True)
        told = recorded(first, "longlive", "waves")
        made, _ = patch_of(read(dump_workflow(told.workflow, MADE)).workflow)
        second = render(made, duration=40.0 + GUESS, catalogue=TYPES, strict=True)
        assert self.lateness(first, second) <= GUESS + 0.011
        assert second.messages[0][1].body["manage_cache"] is True
        assert second.messages[0][1].body["noise_scale"] == 0.45
        # What comes out once comes out for ever.
        again = recorded(second, "longlive", "waves")
        assert again.workflow.entries == told.workflow.entries
        assert patch_of(again.workflow)[0] == made

    def lateness(self, first: Trace, second: Trace) -> float:
        """How late, at the most, the second asks for what the first asked for, in s: at any time
        it asks for something that the first asked for not longer ago than that."""
        wanted_at, wanted = painted(first)
        worst = 0.0
        for at, prompts in zip(*painted(second), strict=True):
            known = bisect_right(wanted_at, at + 1e-9)
            latest = max(n for n in range(known) if alike(wanted[n], prompts))
            over = wanted_at[latest + 1] if latest + 1 < len(wanted_at) else np.inf
            worst = max(worst, at - over)
        last = painted(second)[1][-1]
        assert alike(last, wanted[-1])
        return worst

    def test_what_a_patch_has_of_a_workflow(self) -> None:
        made, remarks = patch_of(WORKFLOW)
        assert {id: (node.type, dict(node.params)) for id, node in made.nodes.items()} == {
            "schedule": (
                "prompt.schedule",
                {"script": "0:00 (4 slerp) calm sea\n0:20 (cut slerp) x *0.7 | y *0.3"},
            ),
            "scope": ("scope.output", {"blend": "slerp"}),
            "noise_scale": ("generate.constant", {"value": 0.4}),
            "denoising_steps": ("generate.constant", {"value": 2.0}),
            "seed": ("shape.expression", {"text": "42"}),
        }
        assert len(remarks) == 3
        trace = render(made, duration=1.0, catalogue=TYPES, strict=True)
        body = trace.messages[0][1].body
        assert (body["base_seed"], body["noise_scale"], body["blend"]) == (42, 0.4, "slerp")
        assert len(body["denoising_step_list"]) == 2


def alike(some: Any, others: Any) -> bool:
    return [t for t, _ in some] == [t for t, _ in others] and all(
        abs(a - b) < 0.005 for (_, a), (_, b) in zip(some, others, strict=True)
    )


def close(workflow: Workflow, pair: Any = lambda text, weight: (text, weight)) -> Workflow:
    """The same, but for what floats lose on the way."""
    return Workflow(
        workflow.name,
        tuple(
            entry._replace(
                prompts=tuple(pair(t, pytest.approx(w, abs=1e-9)) for t, w in entry.prompts)
            )
            for entry in workflow.entries
        ),
        workflow.settings,
        workflow.blend,
        workflow.pipeline,
        workflow.loras,
    )


def test_settings_are_parameters() -> None:
    assert set(SETTINGS) <= PARAMETERS.keys()
    assert isinstance(Told(WORKFLOW, ()), tuple)
    assert isinstance(patch_of(WORKFLOW)[0], Patch)
