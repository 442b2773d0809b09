"""Look at a server and say what is there and what is wrong, in sentences; never raises for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import httpx

from nodegraph.scope.address import is_nearby
from nodegraph.scope.answers import Schema
from nodegraph.scope.errors import BadAddress, PipelineError, ScopeError
from nodegraph.scope.loading import choose
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.serverlog import telling_line
from nodegraph.scope.tiers import advice, worded
from nodegraph.scope.ways import GIVE_TURN, has_turn, ice_servers, urls_of

KNOWN_GOOD = "0.2.4"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what it was, whether it is well (None: neither), and in words."""

    what: str
    ok: bool | None
    text: str


Look = Callable[[ScopeRest], Awaitable[list[Finding]]]


async def diagnose(
    url: str, *, transport: httpx.AsyncBaseTransport | None = None, timeout: float = 5.0
) -> list[Finding]:
    """Everything worth knowing before a show, in the order in which it would fail."""
    try:
        rest = ScopeRest(url, transport=transport, timeout=timeout)
    except BadAddress as error:
        return [Finding("address", False, str(error))]
    async with rest:
        health = await _look("health", _health, rest)
        if any(finding.ok is False for finding in health):
            return health
        findings = health
        for what, look in LOOKS:
            findings += await _look(what, look, rest)
        return findings


async def _look(what: str, look: Look, rest: ScopeRest) -> list[Finding]:
    try:
        return await look(rest)
    except ScopeError as error:
        return [Finding(what, False, str(error))]


async def _health(rest: ScopeRest) -> list[Finding]:
    health = await rest.health()
    well = health.status in ("healthy", "ok")
    version = health.version
    seen = "" if version == KNOWN_GOOD else f" (this client was built against {KNOWN_GOOD})"
    return [
        Finding("health", well, f"{rest.url} is {health.status}."),
        Finding("version", None, f"Scope {version or 'of an unknown version'}{seen}."),
    ]


async def _hardware(rest: ScopeRest) -> list[Finding]:
    hardware = await rest.hardware()
    gpu = "none: no CUDA on that machine"
    if hardware.vram_gb:
        fits = advice(hardware.vram_gb)
        room = f"room for {worded(fits)}" if fits else "too little for any model"
        gpu = f"{hardware.vram_gb:.1f} GB: {room}"
    outputs = "; ".join(
        f"{name}: {'yes' if one.available else one.reason or 'no'}"
        for name, one in hardware.outputs.items()
    )
    return [
        Finding("GPU memory", bool(hardware.vram_gb) or None, gpu),
        Finding("video sharing", None, outputs or "none"),
    ]


async def _pipelines(rest: ScopeRest) -> list[Finding]:
    schemas = await rest.schemas()
    findings = [Finding("pipelines", bool(schemas), ", ".join(schemas) or "none")]
    try:
        chosen = choose(schemas)
    except PipelineError as error:
        return [*findings, Finding("default pipeline", False, str(error))]
    text = f"{chosen.name} ({chosen.id}), modes {', '.join(chosen.modes) or 'unknown'}"
    findings.append(Finding("default pipeline", None, text))
    for schema in schemas.values():
        if schema.requires_models or schema is chosen:
            look = partial(_models, schema, schema is chosen)
            findings += await _look(f"models of {schema.id}", look, rest)
    return findings


async def _models(schema: Schema, needed: bool, rest: ScopeRest) -> list[Finding]:
    models = await rest.models_status(schema.id)
    what = f"models of {schema.id}"
    if models.error:
        return [Finding(what, False, models.error)]
    if models.downloading:
        return [Finding(what, None, f"downloading, {models.percentage or 0:.0f} % of a file")]
    if models.downloaded:
        return [Finding(what, True, "on the server")]
    how = f"nodegraph scope {rest.url} models download {schema.id}"
    return [Finding(what, False if needed else None, f"not on the server; fetch them: {how}")]


async def _status(rest: ScopeRest) -> list[Finding]:
    status = await rest.pipeline_status()
    match status.state:
        case "loaded":
            params = ", ".join(
                f"{key}={value}" for key, value in (status.load_params or {}).items()
            )
            return [Finding("loaded", True, f"{status.pipeline_id} with {params or 'no params'}")]
        case "loading":
            return [Finding("loaded", None, f"loading: {status.stage or 'no stage told'}")]
        case "error":
            why = await telling_line(rest, 0) or f"see: nodegraph scope {rest.url} logs"
            return [Finding("loaded", False, f"the last load failed: {why}")]
        case _:
            return [Finding("loaded", None, "nothing; it is loaded when a patch is run")]


async def _sessions(rest: ScopeRest) -> list[Finding]:
    sessions = await rest.sessions()
    if not sessions:
        return [Finding("session", None, "nobody is connected")]
    rates = [f"{each.fps_out:.1f} fps" for each in sessions.values()]
    return [Finding("session", None, f"somebody is connected already ({', '.join(rates)})")]


async def _loras(rest: ScopeRest) -> list[Finding]:
    names = ", ".join(lora.name for lora in await rest.loras())
    return [Finding("LoRA files", None, names or "none")]


async def _plugins(rest: ScopeRest) -> list[Finding]:
    names = ", ".join(f"{one.name} {one.version or ''}".strip() for one in await rest.plugins())
    return [Finding("Scope plugins", None, names or "none")]


async def _ice(rest: ScopeRest) -> list[Finding]:
    servers = await ice_servers(rest)
    told = ", ".join(urls_of(servers)) or "none"
    if has_turn(servers):
        told += f"; whether they help tells: nodegraph scope {rest.url} try"
    elif is_nearby(rest.url):
        told = "none is needed, as the server is near"
    else:
        told += f"; if WebRTC does not connect, {GIVE_TURN}"
    return [Finding("ICE servers", None, told)]


async def _log(rest: ScopeRest) -> list[Finding]:
    return [Finding("last error", None, await telling_line(rest, 0) or "none in its log")]


LOOKS: tuple[tuple[str, Look], ...] = (
    ("hardware", _hardware),
    ("pipelines", _pipelines),
    ("loaded", _status),
    ("session", _sessions),
    ("LoRA files", _loras),
    ("Scope plugins", _plugins),
    ("ICE servers", _ice),
    ("last error", _log),
)
