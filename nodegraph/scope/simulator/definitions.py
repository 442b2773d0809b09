"""What Scope's own graphs can be made of, as `GET /api/v1/nodes/definitions` lists it."""

from __future__ import annotations

from collections.abc import Mapping

from nodegraph.scope.simulator.schema_fields import Json


def _port(name: str, kind: str, description: str = "", *, required: bool = True) -> Json:
    return {
        "name": name,
        "port_type": kind,
        "required": required,
        "description": description,
        "default_value": None,
    }


_SCHEDULER: Json = {
    "node_type_id": "scheduler",
    "display_name": "Scheduler",
    "category": "timing",
    "description": "Fires triggers at set times.",
    "inputs": [
        _port("start", "trigger", "Play, pause", required=False),
        _port("reset", "trigger", "From 0 again", required=False),
    ],
    "outputs": [
        _port("tick", "number", "Ticks so far"),
        _port("elapsed", "number", "Seconds"),
        _port("is_playing", "boolean", "Whether it runs"),
    ],
    "params": [
        {
            "name": "triggers",
            "param_type": "string",
            "default": [],
            "description": "When, and on which port: { time, port_name }",
            "ui": {"widget": "trigger_list"},
            "convertible_to_input": False,
        },
        {
            "name": "loop",
            "param_type": "boolean",
            "default": False,
            "description": "Begin again at the end",
            "ui": None,
            "convertible_to_input": True,
        },
        {
            "name": "duration",
            "param_type": "number",
            "default": 30.0,
            "description": "Seconds until the end; 0: there is none",
            "ui": {"min": 0, "max": 3600, "step": 0.1},
            "convertible_to_input": True,
        },
    ],
    "continuous": True,
    "pipeline_meta": None,
    "plugin_name": None,
}


def node_definitions(schemas: Mapping[str, Json]) -> list[Json]:
    """Return the registered pipelines and the scheduler, the one node that is none."""
    return [*(_pipeline(entry) for entry in schemas.values()), _SCHEDULER]


def _pipeline(entry: Json) -> Json:
    prompts = [_port("prompts", "string")] if entry["supports_prompts"] else []
    return {
        "node_type_id": entry["id"],
        "display_name": entry["name"],
        "category": "pipeline",
        "description": entry["description"],
        "inputs": [_port(name, "video") for name in entry["inputs"]] + prompts,
        "outputs": [_port(name, "video") for name in entry["outputs"]],
        "params": [],
        "continuous": False,
        "pipeline_meta": entry,
        "plugin_name": entry["plugin_name"],
    }
