"""What decides whether a parameter acts: pipeline, mode, load params, hardware, other wishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nodegraph.scope.answers import Hardware, Json, Schema, mapping, mappings, strings, text
from nodegraph.scope.pipelines import BUILT_IN

RUNTIME_MERGE, PERMANENT_MERGE = "runtime_peft", "permanent_merge"
MERGES = (PERMANENT_MERGE, RUNTIME_MERGE)
"""How a LoRA is joined to a model; the first unless another is said, and then for good."""


@dataclass(frozen=True, slots=True)
class Situation:
    """The painting pipeline, what its server says of it, how it is loaded, what is wished.

    `load_params` and `hardware` are None where they are not known. `params` are cleaned, by their
    names in `parameters`. `before` are pipelines of its chain that work on video on its way to it.
    """

    pipeline: str
    schema: Schema | None = None
    load_params: Json | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    hardware: Hardware | None = None
    before: tuple[str, ...] = ()

    @property
    def known(self) -> Schema | None:
        """What the server says of the pipeline, else what is known of one that Scope brings."""
        return self.schema or BUILT_IN.get(self.pipeline)

    @property
    def mode(self) -> str:
        """Whether pictures are made from `text` or from `video`."""
        return mode_of(self.params)

    def modes(self, name: str) -> tuple[str, ...]:
        """The modes in which the schema says that a parameter acts; none if it does not say."""
        config = self.schema.config if self.schema else {}
        return strings(mapping(mapping(mapping(config, "properties"), name), "ui"), "modes")


def mode_of(params: Mapping[str, object]) -> str:
    """`text` or `video`: whatever is not video counts as text, as on the server."""
    return "video" if params.get("input_mode") == "video" else "text"


def runtime_loras(load_params: Json) -> tuple[str, ...]:
    """The paths of the LoRAs that are loaded such that their scales can be moved."""
    common = load_params.get("lora_merge_mode")
    return tuple(
        text(one, "path") or ""
        for one in mappings(load_params, "loras")
        if (one.get("merge_mode") or common) == RUNTIME_MERGE
    )


def loaded_lora(name: str, load_params: Json) -> str:
    """The path of a LoRA whose scale can be moved, which may be named by its file alone; of what is
    not loaded the name as it is."""
    files = {
        path.replace("\\", "/").rpartition("/")[2]: path for path in runtime_loras(load_params)
    }
    return files.get(name, name)
