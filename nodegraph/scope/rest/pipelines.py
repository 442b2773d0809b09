"""Pipelines: what there is, what to load, how loading goes, and their model files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nodegraph.scope.answers import (
    Done,
    Json,
    ModelStatus,
    NodeDefinition,
    PipelineStatus,
    Schema,
    mapping,
    mappings,
)
from nodegraph.scope.rest.transport import Transport


@dataclass(frozen=True, slots=True)
class Loading:
    """A pipeline to load under the id of a node of a graph, with params of its own."""

    node_id: str
    pipeline_id: str
    load_params: Mapping[str, object] = field(default_factory=dict)


class PipelinesRest(Transport):
    """Endpoints about pipelines."""

    async def schemas(self) -> dict[str, Schema]:
        """Every pipeline the server has, by id."""
        body = await self._object("GET", "/api/v1/pipelines/schemas")
        pipelines = mapping(body, "pipelines")
        return {id: Schema.of(id, one) for id, one in pipelines.items() if isinstance(one, dict)}

    async def node_definitions(self) -> list[NodeDefinition]:
        """What Scope's own graphs can be made of (since 0.2.4)."""
        body = await self._object("GET", "/api/v1/nodes/definitions")
        return [NodeDefinition.from_json(one) for one in mappings(body, "nodes")]

    async def pipeline_status(self) -> PipelineStatus:
        """What is loaded. An `error` is told to one reader only, so let nothing else poll."""
        body = await self._object("GET", "/api/v1/pipeline/status", once=True)
        return PipelineStatus.from_json(body)

    async def load_pipeline(self, ids: Sequence[str], load_params: Json | None = None) -> None:
        """Ask for these pipelines, and for all others to go. Returns at once; see `loading`."""
        body = {"pipeline_ids": list(ids), "load_params": dict(load_params or {})}
        await self._object("POST", "/api/v1/pipeline/load", json=body)

    async def load_graph(self, wanted: Sequence[Loading]) -> None:
        """The same with an id and params for each (since 0.1.8): two of a kind, or a graph's."""
        asked = [
            {
                "node_id": one.node_id,
                "pipeline_id": one.pipeline_id,
                "load_params": dict(one.load_params),
            }
            for one in wanted
        ]
        await self._object("POST", "/api/v1/pipeline/load", json={"pipelines": asked})

    async def models_status(self, pipeline_id: str) -> ModelStatus:
        """Whether the pipeline's model files are on the server."""
        query = {"pipeline_id": pipeline_id}
        body = await self._object("GET", "/api/v1/models/status", params=query)
        return ModelStatus.from_json(body)

    async def download_models(self, pipeline_id: str) -> Done:
        """Have the server fetch them; returns at once, `models_status` says how far it is.

        Raises ScopeRefused (409) while it does that already.
        """
        body = {"pipeline_id": pipeline_id}
        return Done.from_json(await self._object("POST", "/api/v1/models/download", json=body))
