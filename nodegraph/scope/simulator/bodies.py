"""The request bodies the server checks: `Parameters`, the load, the offer and the rest."""

from __future__ import annotations

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
)

_METHOD = one_of("linear", "slerp")
_PROMPTS = list_of(
    model({"text": needed(string), "weight": preset(number(low=0.0), 1.0)}),
)
_TRANSITION = model(
    {
        "target_prompts": needed(_PROMPTS),
        "num_steps": preset(integer(low=0), 4),
        "temporal_interpolation_method": preset(_METHOD, "linear"),
    }
)
_NODE = model(
    {
        "id": needed(string),
        "type": needed(one_of("source", "pipeline", "sink", "record", "node")),
        "pipeline_id": Field(string),
        "node_type_id": Field(string),
        "params": Field(mapping),
        "source_mode": Field(string),
        "source_name": Field(string),
        "source_flip_vertical": preset(boolean, False),
        "tempo_sync": preset(boolean, False),
        "sink_mode": Field(string),
        "sink_name": Field(string),
    }
)
_EDGE = model(
    {
        "from": needed(string),
        "from_port": needed(string),
        "to_node": needed(string),
        "to_port": needed(string),
        "kind": preset(one_of("stream", "parameter"), "stream"),
    }
)
GRAPH = model({"nodes": needed(list_of(_NODE)), "edges": needed(list_of(_EDGE))})

PARAMETERS = model(
    {
        "input_mode": Field(one_of("text", "video")),
        "prompts": Field(_PROMPTS),
        "prompt_interpolation_method": preset(_METHOD, "linear"),
        "transition": Field(_TRANSITION),
        "noise_scale": Field(number(0.0, 1.0)),
        "noise_controller": Field(boolean),
        "denoising_step_list": Field(list_of(integer())),
        "manage_cache": Field(boolean),
        "reset_cache": Field(boolean),
        "kv_cache_attention_bias": Field(number(0.01, 1.0)),
        "lora_scales": Field(
            list_of(model({"path": needed(string), "scale": needed(number(-10.0, 10.0))}))
        ),
        "output_sinks": Field(
            mapping_of(model({"enabled": preset(boolean, False), "name": preset(string, "")}))
        ),
        "vace_enabled": Field(boolean),
        "vace_ref_images": Field(list_of(string)),
        "vace_use_input_video": Field(boolean),
        "vace_context_scale": preset(number(0.0, 2.0), 1.0),
        "pipeline_ids": Field(list_of(string)),
        "graph": Field(GRAPH),
        "first_frame_image": Field(string),
        "last_frame_image": Field(string),
        "images": Field(list_of(string)),
        "recording": Field(boolean),
        "node_id": Field(string),
    },
    extra=True,
)
"""What `initialParameters` and `POST /api/v1/session/parameters` must fit; other keys pass."""

_CONNECTION = {
    "user_id": Field(string),
    "connection_id": Field(string),
    "connection_info": Field(mapping),
}

OFFER = model(
    {
        "sdp": needed(string),
        "type": needed(string),
        "initialParameters": Field(PARAMETERS),
        **_CONNECTION,
    }
)

CANDIDATES = model(
    {
        "candidates": needed(
            list_of(
                model(
                    {
                        "candidate": needed(string),
                        "sdpMid": Field(string),
                        "sdpMLineIndex": Field(integer()),
                    }
                )
            )
        )
    }
)

LOAD = model(
    {
        "pipelines": Field(
            list_of(
                model(
                    {
                        "node_id": needed(string),
                        "pipeline_id": needed(string),
                        "load_params": Field(mapping),
                    }
                )
            )
        ),
        "pipeline_ids": Field(list_of(string)),
        "load_params": Field(mapping),
        **_CONNECTION,
    }
)

CHUNK = model({"frames": needed(integer(low=1)), "seconds": needed(number(0.001, 60.0))})
"""What `POST /simulator/chunk` takes; no real server has it."""

DOWNLOAD = model({"pipeline_id": needed(string)})
