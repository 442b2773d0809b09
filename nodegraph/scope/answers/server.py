"""What a server says of itself: health, hardware, log, keys, cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from nodegraph.scope.answers.reading import Json, Told, number, text, told


@dataclass(frozen=True, slots=True)
class Health(Told):
    """`GET /health`. `server_start_time` (Unix seconds) changes when the server restarts."""

    status: str = "unknown"
    version: str | None = None
    server_start_time: float | None = None


@dataclass(frozen=True, slots=True)
class Output(Told):
    """A way to share video that the server's machine has or lacks (Spout, NDI, Syphon)."""

    available: bool = False
    reason: str | None = None
    hint: str | None = told("install_hint", None)


@dataclass(frozen=True, slots=True)
class Hardware(Told):
    """`GET /api/v1/hardware/info`; `vram_gb` is None without CUDA."""

    vram_gb: float | None = None
    outputs: Mapping[str, Output] = field(default_factory=dict)

    @classmethod
    def from_json(cls, body: Json) -> Self:
        outputs: dict[str, Output] = {}
        for key, value in body.items():
            if isinstance(value, dict):
                outputs[key] = Output.from_json(value)
            elif isinstance(value, bool) and key.endswith("_available"):  # up to 0.2.3
                outputs[key.removesuffix("_available")] = Output(value)
        return cls(number(body, "vram_gb"), outputs)


@dataclass(frozen=True, slots=True)
class Log(Told):
    """The newest lines of the server's log, and where to read on."""

    lines: tuple[str, ...] = ()
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ApiKey(Told):
    """A service whose key the server can hold; what the key is, nobody is told.

    `source` is `env_var` or `stored`, `env_var` the variable that the server reads.
    """

    id: str = ""
    name: str = ""
    description: str = ""
    is_set: bool = False
    source: str | None = None
    env_var: str | None = None
    url: str | None = told("key_url", None)


@dataclass(frozen=True, slots=True)
class Cloud(Told):
    """Whether the server hands its work on to the cloud; `stage` while it is connecting."""

    connected: bool = False
    connecting: bool = False
    credentials: bool = told("credentials_configured", False)
    app_id: str | None = None
    stage: str | None = told("connect_stage", None)
    error: str | None = None
    stats: Json = field(default_factory=dict)
    close_code: int | None = told("last_close_code", None)
    close_reason: str | None = told("last_close_reason", None)


@dataclass(frozen=True, slots=True)
class Onboarding(Told):
    """What the server's web page remembers of a first visit."""

    completed: bool = False
    inference_mode: str | None = None
    onboarding_style: str | None = None
    referral_source: str | None = None
    use_case: str | None = None


@dataclass(frozen=True, slots=True)
class Done(Told):
    """The server's own words on what it did."""

    message: str = ""

    @classmethod
    def from_json(cls, body: Json) -> Self:
        return cls(text(body, "message") or text(body, "status") or "")
