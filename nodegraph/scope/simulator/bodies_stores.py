"""The request bodies for what a server keeps and follows: LoRAs, plugins, keys, tempo, OSC, DMX."""

from __future__ import annotations

from nodegraph.scope.simulator.bodies import GRAPH
from nodegraph.scope.simulator.validate import (
    Field,
    boolean,
    integer,
    list_of,
    mapping,
    mapping_of,
    model,
    needed,
    number,
    one_of,
    preset,
    string,
    text,
)

_BPM = number(20.0, 300.0)
_PORT = Field(integer(1024, 65_535))
_PLACE = {
    "repo_id": Field(string),
    "hf_filename": Field(string),
    "model_id": Field(string),
    "version_id": Field(string),
    "url": Field(string),
}

START = model(
    {
        "pipeline_id": Field(string),
        "input_mode": preset(string, "text"),
        "prompts": Field(list_of(mapping)),
        "input_source": Field(mapping),
        "graph": Field(GRAPH),
        "parameters": Field(mapping),
        "node_parameters": Field(mapping_of(mapping)),
    }
)

LORA_INSTALL = model({"url": needed(string), "filename": Field(string)})
LORA_DOWNLOAD = model(
    {
        "source": needed(one_of("huggingface", "civitai", "url")),
        **_PLACE,
        "subfolder": Field(string),
        "expected_sha256": Field(string),
        "civitai_token": Field(string),
    }
)
PROVENANCE = model({"source": needed(one_of("huggingface", "civitai", "url", "local")), **_PLACE})

KEY = model({"value": needed(text(1))})

PLUGIN_INSTALL = model(
    {
        "package": needed(string),
        "editable": preset(boolean, False),
        "upgrade": preset(boolean, False),
        "force": preset(boolean, False),
        "pre": preset(boolean, False),
    }
)
PLUGIN_RELOAD = model({"force": preset(boolean, False)})

CLOUD = model({"app_id": Field(string), "api_key": Field(string), "user_id": Field(string)})
ONBOARDING = model(
    {
        "completed": Field(boolean),
        "inference_mode": Field(string),
        "onboarding_style": Field(string),
        "referral_source": Field(string),
        "use_case": Field(string),
    }
)

TEMPO = model(
    {
        "source": needed(one_of("link", "midi_clock")),
        "midi_device": Field(string),
        "bpm": preset(_BPM, 120.0),
        "beats_per_bar": preset(integer(1, 16), 4),
    }
)
BPM = model({"bpm": needed(_BPM)})

OSC_SETTINGS = model({"log_all_messages": needed(boolean)})
OSC_INVENTORY = model(
    {
        "paths": needed(
            list_of(
                model(
                    {
                        "osc_address": needed(string),
                        "type": needed(string),
                        "description": Field(string),
                        "min": Field(number()),
                        "max": Field(number()),
                        "node_id": Field(string),
                        "param": Field(string),
                        "pipeline_id": Field(string),
                        "group": Field(string),
                    },
                    extra=True,
                )
            )
        )
    }
)

_DMX = {
    "enabled": Field(boolean),
    "log_all_messages": Field(boolean),
    "preferred_port": _PORT,
}
DMX_SETTINGS = model(_DMX)
DMX_CONFIG = model({**_DMX, "mappings": Field(list_of(mapping))})
DMX_RESTART = model({"preferred_port": _PORT})

_SOURCE = model(
    {
        "type": needed(one_of("builtin", "pypi", "git", "local")),
        "plugin_name": Field(text(1)),
        "plugin_version": Field(string),
        "package_spec": Field(string),
    }
)
_LORAS = preset(
    list_of(
        model(
            {
                "filename": needed(text(0, 255)),
                "provenance": Field(model({"source": needed(string), **_PLACE})),
            }
        ),
        most=100,
    ),
    [],
)
WORKFLOW = model(
    {
        "pipelines": preset(
            list_of(
                model({"pipeline_id": needed(text(1)), "source": needed(_SOURCE), "loras": _LORAS}),
                most=150,
            ),
            [],
        ),
        "nodes": preset(
            list_of(
                model(
                    {"node_type_id": needed(text(1)), "source": needed(_SOURCE), "loras": _LORAS}
                ),
                most=150,
            ),
            [],
        ),
        "min_scope_version": Field(string),
    }
)
