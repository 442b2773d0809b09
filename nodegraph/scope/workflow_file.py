"""Writes a workflow as the two kinds of file that Scope's web page imports.

`*.scope-workflow.json`, format 1.0, is read by Scope 0.1.6 and later, Timeline 2.1 by those before.
Both give seconds, and weights of which 100 is a whole one. The same workflow gives the same text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import PureWindowsPath

from nodegraph.scope.situation import RUNTIME_MERGE
from nodegraph.scope.workflow import SETTINGS, Entry, WeightedTexts, Workflow

FORMAT, FORMAT_VERSION = "scope-workflow", "1.0"
TIMELINE_VERSION = "2.1"
SCOPE_VERSION, OLDEST_SCOPE = "0.2.4", "0.1.6"
"""The release whose page these files are made for, and the first that has the importer."""

WHOLE = 100.0
"""The weight that Scope's page writes for 1."""

OLD_NAMES = {
    "input_mode": "inputMode",
    "denoising_step_list": "denoisingSteps",
    "noise_scale": "noiseScale",
    "noise_controller": "noiseController",
    "manage_cache": "manageCache",
    "kv_cache_attention_bias": "kvCacheAttentionBias",
}
"""Settings as Timeline 2.1 calls them."""

OVERRIDES = {name: name for name in SETTINGS if name not in OLD_NAMES}
"""Those that stand in its `schemaFieldOverrides`."""


def dump_workflow(workflow: Workflow, created: str) -> str:
    """The text of a `*.scope-workflow.json`, made at a time such as 2026-05-01T20:00:00.000Z."""
    first = workflow.entries[0]
    return _text(
        {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "metadata": {
                "name": workflow.name,
                "created_at": created,
                "scope_version": SCOPE_VERSION,
            },
            "pipelines": [
                {
                    "pipeline_id": workflow.pipeline,
                    "pipeline_version": "1.0.0",
                    "source": {"type": "builtin"},
                    "role": "main",
                    "loras": [*_loras(workflow)],
                    "params": _named(workflow, {name: name for name in SETTINGS}),
                }
            ],
            "timeline": {
                "entries": [
                    {
                        "start_time": _number(entry.start),
                        "end_time": _number(entry.end),
                        "prompts": _prompts(entry.prompts),
                        "transition_steps": entry.steps,
                        "temporal_interpolation_method": entry.interpolation,
                    }
                    for entry in workflow.entries
                ]
            },
            "prompts": _prompts(first.prompts),
            "interpolation_method": workflow.blend,
            "transition_steps": first.steps,
            "temporal_interpolation_method": first.interpolation,
            "min_scope_version": OLDEST_SCOPE,
        }
    )


def timeline_leaves_out(workflow: Workflow) -> Iterator[str]:
    """What a Timeline 2.1 has no place for, but its name."""
    if workflow.loras:
        yield "its LoRAs are not in the file: a Timeline 2.1 has no place for them"
    if workflow.blend != "linear":
        yield f"the blend {workflow.blend} is not in the file: a Timeline 2.1 is linear"


def dump_timeline(workflow: Workflow, created: str) -> str:
    """The text of a Timeline 2.1, without what it has no place for."""
    return _text(
        {
            "prompts": [*map(_old_entry, workflow.entries)],
            "settings": {
                "pipelineId": workflow.pipeline,
                **_named(workflow, OLD_NAMES),
                "loras": [],
                "schemaFieldOverrides": _named(workflow, OVERRIDES),
            },
            "version": TIMELINE_VERSION,
            "exportedAt": created,
        }
    )


def _old_entry(entry: Entry) -> Mapping[str, object]:
    return {
        "startTime": _number(entry.start),
        "endTime": _number(entry.end),
        "prompts": _prompts(entry.prompts),
        "transitionSteps": entry.steps,
        "temporalInterpolationMethod": entry.interpolation,
    }


def _loras(workflow: Workflow) -> Iterator[Mapping[str, object]]:
    for number, (path, scale) in enumerate(workflow.loras, 1):
        yield {
            "id": f"l{number}",
            "filename": PureWindowsPath(path).name,  # which knows both kinds of slash
            "weight": _number(scale),
            "merge_mode": RUNTIME_MERGE,
            "sha256": None,
            "provenance": None,
        }


def _prompts(prompts: WeightedTexts) -> list[Mapping[str, object]]:
    return [{"text": text, "weight": _number(weight * WHOLE)} for text, weight in prompts]


def _number(value: float) -> float | int:
    """A number as JavaScript writes it: whole ones without a point."""
    rounded = round(value, 4)
    return int(rounded) if rounded.is_integer() else rounded


def _named(workflow: Workflow, names: Mapping[str, str]) -> dict[str, object]:
    """The settings that `names` has, under the names that it gives them."""
    settings = workflow.settings
    return {name: _plain(settings[own]) for own, name in names.items() if own in settings}


def _plain(value: object) -> object:
    """A setting as JSON has it."""
    if isinstance(value, float):
        return _number(value)
    return list(value) if isinstance(value, tuple) else value


def _text(document: Mapping[str, object]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
