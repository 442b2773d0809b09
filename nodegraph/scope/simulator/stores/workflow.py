"""Whether a server has what a workflow needs: `POST /api/v1/workflow/resolve`, without effects."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from nodegraph.scope.simulator.answers import VERSION

Item = dict[str, Any]


def resolve(
    workflow: Mapping[str, Any], schemas: Mapping[str, Any], loras: Collection[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what is there and what is missing, of pipelines, nodes, plugins and LoRAs."""
    wanted = [*workflow.get("pipelines", ()), *workflow.get("nodes", ())]
    items = [item for each in wanted for item in _items(each, schemas, loras)]
    least = workflow.get("min_scope_version")
    warnings = []
    if least and _ordered(least) > _ordered(VERSION):
        warnings.append(f"This workflow needs Scope {least} or later; this is {VERSION}.")
    can = all(each["status"] != "missing" or each["kind"] == "lora" for each in items)
    return {"can_apply": can, "items": items, "warnings": warnings}


def _items(
    node: Mapping[str, Any], schemas: Mapping[str, Any], loras: Collection[Mapping[str, Any]]
) -> Iterator[Item]:
    id = node.get("pipeline_id") or node.get("node_type_id")
    kind, source = "pipeline" if node.get("pipeline_id") else "node", node["source"]
    known = id in schemas or id == "scheduler"
    if known:
        yield _item(kind, str(id), "ok")
    elif source["type"] == "builtin":
        yield _item(kind, str(id), "missing", f"{id} is not in this server")
    else:
        plugin = source.get("plugin_name") or source.get("package_spec") or str(id)
        action = f"Install the plugin {plugin}"
        yield _item("plugin", plugin, "missing", f"{id} comes with it", action, source)
    for lora in node.get("loras") or ():
        name = lora["filename"]
        if any(_same(name, one) for one in loras):
            yield _item("lora", name, "ok")
        else:
            where = lora.get("provenance")
            action = f"Download {name}" if where else f"Put {name} into the LoRA folder"
            yield _item("lora", name, "missing", "not on this server", action, where)


def _item(
    kind: str,
    name: str,
    status: str,
    detail: str | None = None,
    action: str | None = None,
    source: Mapping[str, Any] | None = None,
) -> Item:
    return {
        "kind": kind,
        "name": name,
        "status": status,
        "detail": detail,
        "action": action,
        "can_auto_resolve": bool(source) and (source or {}).get("type") not in ("local", "builtin"),
    }


def _same(name: str, lora: Mapping[str, Any]) -> bool:
    """By full path, by base name, then by stem."""
    path = PurePath(lora["path"])
    return name in (str(path), path.name, path.stem)


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())
