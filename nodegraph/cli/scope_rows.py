"""How what a Scope server has reads in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from nodegraph.cli.scope_deeds import Models
from nodegraph.scope.answers import (
    ApiKey,
    Asset,
    Done,
    LoraFile,
    PluginInfo,
    PluginReload,
    Recording,
)

_HEADS: Mapping[type, Sequence[str]] = {
    LoraFile: ("LoRA", "size", "path on the server"),
    Asset: ("asset", "size", "path on the server"),
    ApiKey: ("service", "key", "variable on the server"),
    PluginInfo: ("plugin", "version", "pipelines"),
    Models: ("pipeline", "models", ""),
}


def heads(answers: Sequence[object]) -> Sequence[str]:
    """The heads of the three columns; none for an empty table."""
    return _HEADS.get(type(answers[0]), ()) if answers else ()


def row(answer: object) -> tuple[str, str, str]:
    """One answer in three cells, some of them empty."""
    match answer:
        case LoraFile():
            shared = " (everybody's)" if answer.read_only else ""
            return answer.name + shared, f"{answer.size_mb:g} MB", answer.path
        case Asset():
            return answer.name, f"{answer.size_mb:g} MB", answer.path
        case ApiKey():
            has = {"env_var": "in its environment", "stored": "stored"}
            state = has.get(answer.source or "", "yes") if answer.is_set else "none"
            return answer.id, state, answer.env_var or ""
        case PluginInfo():
            newer = f" ({answer.latest_version} is out)" if answer.update_available else ""
            ids = ", ".join(one.id for one in answer.pipelines)
            return answer.name, (answer.version or "") + newer, ids
        case Models():
            return answer.pipeline, answer.state, ""
        case Recording():
            words = (answer.state or "done").replace("_", " ")
            return words, "", ""
        case Done() | PluginReload():
            return answer.message or "done", "", ""
        case Path():
            return str(answer), "", ""
        case _:
            return str(answer), "", ""
