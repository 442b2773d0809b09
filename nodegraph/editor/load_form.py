"""What a Scope server is to load, as a form: what it offers, and what does not go together. Pure.

What a server is told goes by the rules of `nodegraph.scope.load_rules`, which say why not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal

from nodegraph.scope import tiers
from nodegraph.scope.answers import Schema
from nodegraph.scope.effects import idle
from nodegraph.scope.load_rules import IN_VAIN, refusals
from nodegraph.scope.pipelines import BUILT_IN
from nodegraph.scope.situation import RUNTIME_MERGE, Situation

Json = Mapping[str, Any]
Schemas = Mapping[str, Json]

SIZES: Final[Mapping[str, tuple[int, int] | None]] = {
    "as the pipeline has it": None,
    **{f"{width} × {height}": (width, height) for width, height in tiers.SIZES.values()},
}
"""Low, medium and high in 16:9 and 9:16."""

_SIDES: Final = frozenset({"width", "height"})
_KNOWN: Final = frozenset(each.name for each in fields(Schema))


@dataclass(frozen=True)
class Choice:
    """A setting with which a pipeline can be loaded. `choices` are for texts, else it is empty;
    `kind` is "text", "switch" or "number"."""

    name: str
    title: str
    kind: str
    default: object
    choices: tuple[str, ...] = ()
    help: str = ""


@dataclass
class LoadForm:
    """What is chosen so far. `before` and `after` are ids of pipelines that work on the video that
    goes in and on the picture, or empty; `loras` has the scale of each by its path.
    """

    pipeline: str = ""
    before: str = ""
    after: str = ""
    size: str = next(iter(SIZES))
    chosen: dict[str, object] = field(default_factory=dict)
    loras: dict[str, float] = field(default_factory=dict)
    movable: bool = False
    """Whether the LoRAs can be scaled while it paints."""

    @property
    def chain(self) -> list[str]:
        """All that is to be loaded, by id."""
        return [id for id in (self.before, self.pipeline, self.after) if id]

    def params(self, schemas: Schemas) -> Json | None:
        """What to load it with: only what is not its default; None if all of it is."""
        defaults = {each.name: each.default for each in choices(schemas, self.pipeline)}
        made: dict[str, object] = {
            name: value
            for name, value in self.chosen.items()
            if name in defaults and value != defaults[name]
        }
        if sides := SIZES.get(self.size):
            made |= {"width": sides[0], "height": sides[1]}
        if self.loras:
            made["loras"] = [{"path": path, "scale": it} for path, it in self.loras.items()]
            if self.movable:
                made["lora_merge_mode"] = RUNTIME_MERGE
        return made or None

    def refusals(self, schemas: Schemas) -> list[str]:
        """Why it cannot be loaded like this; none if it can."""
        return refusals(self._schemas(schemas), self.params(schemas) or {})

    def doubts(self, schemas: Schemas, mode: str, vram_gb: float | None) -> list[str]:
        """What speaks against it all the same: the mode that is wished for, too little memory."""
        at = Situation(
            self.pipeline,
            params={"input_mode": mode},
            before=(self.before,) if self.before else (),
        )
        large = tiers.too_large(self._schemas(schemas), self.params(schemas) or {}, vram_gb)
        return [*(each.text for each in idle(at)), *([large] if large else [])]

    def _schemas(self, schemas: Schemas) -> list[Schema]:
        return [schema_of(schemas, id) for id in self.chain]


def schema_of(schemas: Schemas, id: str) -> Schema:
    """A pipeline as the show tells of it, in the form in which rules are about it."""
    told = schemas.get(id) or {}
    return Schema(**{"id": id, **{name: it for name, it in told.items() if name in _KNOWN}})


def pipelines(
    schemas: Schemas | None, usage: Literal["", "preprocessor", "postprocessor"] = ""
) -> tuple[str, ...]:
    """The ids of pipelines that can stand alone, or of those that stand before or after another;
    those that take prompts first."""
    found = {
        id: one
        for id, one in (schemas or {}).items()
        if (usage in (one.get("usage") or ()) if usage else not one.get("usage"))
    }
    return tuple(sorted(found, key=lambda id: (not found[id].get("prompts"), id)))


def title_of(schemas: Schemas | None, id: str) -> str:
    """What a pipeline is called, and what it needs."""
    schema = (schemas or {}).get(id) or {}
    vram = schema.get("vram_gb")
    return f"{schema.get('name') or id}{f', {vram:g} GB' if vram else ''}"


def by_role(schemas: Schemas | None, loaded: Sequence[str]) -> LoadForm:
    """A form that begins with the pipelines that are loaded, else with the first there is."""

    def first(ids: Sequence[str]) -> str:
        return next((id for id in loaded if id in ids), "")

    mains = pipelines(schemas)
    return LoadForm(
        first(mains) or next(iter(mains), ""),
        first(pipelines(schemas, "preprocessor")),
        first(pipelines(schemas, "postprocessor")),
    )


def choices(schemas: Schemas | None, pipeline: str) -> tuple[Choice, ...]:
    """What can be chosen before a pipeline is loaded, but for its size, in the schema's order."""
    config = ((schemas or {}).get(pipeline) or {}).get("config") or {}
    found = []
    for name, told in (config.get("properties") or {}).items():
        ui = told.get("ui") or {}
        vain = pipeline in BUILT_IN and name in IN_VAIN
        if not ui.get("is_load_param") or name in _SIDES or vain:
            continue
        made = _choice(name, told, config.get("$defs") or {})
        if made is not None:
            found.append((ui.get("order", 1000), made))
    return tuple(made for _, made in sorted(found, key=lambda each: each[0]))


def _choice(name: str, told: Json, defined: Json) -> Choice | None:
    kinds = [_resolved(each, defined) for each in told.get("anyOf") or (told,)]
    kind: Json = next((each for each in kinds if each.get("type") != "null"), {})
    title = str(told.get("title") or name.replace("_", " ").capitalize())
    default, text = told.get("default"), str(told.get("description") or "")
    if options := kind.get("enum"):
        words = tuple(str(each) for each in options)
        optional = len(kinds) > 1
        return Choice(name, title, "text", default, ("", *words) if optional else words, text)
    match kind.get("type"):
        case "boolean":
            return Choice(name, title, "switch", bool(default), (), text)
        case "integer" | "number" if isinstance(default, int | float):
            return Choice(name, title, "number", default, (), text)
    return None


def _resolved(told: Json, defined: Json) -> Json:
    ref = str(told.get("$ref") or "")
    found: Json = defined.get(ref.rpartition("/")[2]) or told if ref else told
    return found
