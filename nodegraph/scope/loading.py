"""Ask a server for pipelines and wait until they are there.

The status of a real server must be read with care: right after a load request it may still tell
of what was there before; `error` is told once and never says why; and a pipeline that another
client exchanged looks loaded too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from nodegraph.scope.answers import Json, PipelineStatus, Schema
from nodegraph.scope.errors import PipelineError, ScopeError
from nodegraph.scope.graph import Wish, lay_out
from nodegraph.scope.load_rules import found_loras, refusals
from nodegraph.scope.rest import ScopeRest
from nodegraph.scope.serverlog import mark, telling_line

PREFERRED = "longlive"
Progress = Callable[[str], None]


def choose(schemas: Mapping[str, Schema]) -> Schema:
    """The pipeline to use when none is named: longlive, else the first that paints from text."""
    if PREFERRED in schemas:
        return schemas[PREFERRED]
    mains = [schema for schema in schemas.values() if schema.is_main]
    ranked = sorted(mains, key=lambda one: ("text" not in one.modes, not one.prompts))
    if not ranked:
        raise PipelineError("This Scope server offers no pipeline; install one of its plugins.")
    return ranked[0]


async def checked(
    rest: ScopeRest, schemas: Mapping[str, Schema], ids: Sequence[str], load_params: Json | None
) -> Json | None:
    """The load params as they may be sent, with the paths of LoRAs that were named.

    Raises PipelineError with every reason why these pipelines cannot be loaded with them.
    """
    if missing := [id for id in ids if id not in schemas]:
        raise PipelineError(
            f"Scope has no pipeline {', '.join(missing)}; it has {', '.join(schemas)}."
        )
    lay_out(Wish(tuple(ids)), schemas)
    if load_params is None:
        return None
    why = refusals([schemas[id] for id in ids], load_params)
    if load_params.get("loras") and not why:
        with suppress(ScopeError):  # the server knows what it has when it is asked to load it
            load_params, why = found_loras(load_params, await rest.loras())
    if why:
        raise PipelineError(f"{', '.join(ids)} cannot be loaded like this: {'; '.join(why)}.")
    return load_params


def is_loaded(status: PipelineStatus, ids: Sequence[str], load_params: Json | None) -> bool:
    """Whether that is what was asked for; any load params will do when None are asked for."""
    same = load_params is None or dict(load_params) == dict(status.load_params or {})
    return status.state == "loaded" and status.pipeline_id in ids and same


async def load(
    rest: ScopeRest,
    ids: Sequence[str],
    load_params: Json | None = None,
    *,
    progress: Progress | None = None,
    within: float = 900.0,
) -> PipelineStatus:
    """Have the pipelines loaded, unless they already are; asking again for the same is cheap.

    A chain is always asked for, because the status names only one of its pipelines.
    """
    if len(ids) == 1:
        status = await rest.pipeline_status()
        if is_loaded(status, ids, load_params):
            return status
    log_mark = await mark(rest)
    await rest.load_pipeline(ids, load_params)
    return await wait_loaded(
        rest, ids, load_params, progress=progress, within=within, log_mark=log_mark
    )


async def wait_loaded(
    rest: ScopeRest,
    ids: Sequence[str],
    load_params: Json | None = None,
    *,
    progress: Progress | None = None,
    within: float = 900.0,
    poll: float = 0.4,
    settle: float = 3.0,
    log_mark: int = 0,
) -> PipelineStatus:
    """Poll until the pipelines are loaded; `progress` gets each new stage in the server's words.

    A status may tell of before the request for `settle` seconds; after that it is believed.
    `log_mark` is where the server's log ended before the request.
    Raises PipelineError when loading fails, never begins, or takes longer than `within` seconds.
    """
    begun = quiet_since = time.monotonic()
    seen_loading = False
    stage: str | None = None
    names = ", ".join(ids)
    while (now := time.monotonic()) - begun < within:
        status = await rest.pipeline_status()
        match status.state:
            case "error":
                raise await _failure(rest, log_mark, f"Scope could not load {names}", status.error)
            case "loading":
                seen_loading, quiet_since = True, now
                if progress and status.stage and status.stage != stage:
                    stage = status.stage
                    progress(stage)
            case "loaded":
                believed = seen_loading or now - begun >= settle
                if is_loaded(status, ids, load_params or {}) or (
                    believed and status.pipeline_id in ids
                ):
                    return status
                if now - quiet_since >= settle:
                    other = f"Scope has {status.pipeline_id} loaded instead of {names}"
                    raise await _failure(
                        rest, log_mark, other, "another client may have asked for it"
                    )
            case "not_loaded":
                if now - quiet_since >= settle:
                    reason = "the reason was told to another reader, or loading never began"
                    raise await _failure(rest, log_mark, f"Scope did not load {names}", reason)
        await asyncio.sleep(poll)
    raise PipelineError(
        f"Scope is still loading {names} after {within:.0f} s; look at its window or log."
    )


async def _failure(rest: ScopeRest, log_mark: int, what: str, why: str | None) -> PipelineError:
    told = await telling_line(rest, log_mark) or why or "it does not say why; read the server's log"
    return PipelineError(f"{what}: {told}. `nodegraph scope {rest.url}` shows what it has.")
