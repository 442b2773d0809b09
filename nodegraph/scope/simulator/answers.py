"""The answers that never change while the simulator runs."""

from __future__ import annotations

from typing import Any

VERSION = "0.2.4"

PAGE = "<!doctype html><title>Scope</title>\n"
PAGE_HEADERS = {
    "cache-control": "no-cache, no-store, must-revalidate",
    "pragma": "no-cache",
    "expires": "0",
}

_INPUTS = {
    "ndi": ("NDI", "Receive video over the network. Needs the NDI SDK.", False),
    "spout": ("Spout", "Receive video from programs on the same Windows machine.", False),
    "syphon": ("Syphon", "Receive video from programs on the same Mac.", False),
    "video_file": ("Video File", "Read video from a file on the server.", True),
}

ICE_SERVERS: dict[str, Any] = {
    "iceServers": [{"urls": ["stun:stun.l.google.com:19302"], "username": None, "credential": None}]
}
HARDWARE: dict[str, Any] = {
    "vram_gb": None,
    **{
        name: {"available": False, "reason": f"{label} is simulated", "install_hint": hint}
        for name, label, hint in (
            ("spout", "Spout", "Run Scope itself on Windows."),
            ("ndi", "NDI", "Run Scope itself with the NDI SDK."),
            ("syphon", "Syphon", "Run Scope itself on macOS."),
        )
    },
}
INPUT_SOURCES: dict[str, Any] = {
    "input_sources": [
        {"source_id": key, "source_name": name, "source_description": text, "available": there}
        for key, (name, text, there) in _INPUTS.items()
    ]
}
CLOUD: dict[str, Any] = {
    "connected": False,
    "connecting": False,
    "error": None,
    "connect_stage": None,
    "webrtc_connected": False,
    "app_id": None,
    "connection_id": None,
    "credentials_configured": False,
    "stats": None,
    "last_close_code": None,
    "last_close_reason": None,
}
ONBOARDING: dict[str, Any] = {
    "completed": False,
    "inference_mode": None,
    "onboarding_style": None,
    "referral_source": None,
    "use_case": None,
}


def input_source_problem(kind: str) -> tuple[int, str] | None:
    """Return the status and the reason why a source kind has no list, or None if it has one."""
    if kind not in _INPUTS:
        return 404, f"Unknown input source type '{kind}'. Available types: {list(_INPUTS)}"
    if not _INPUTS[kind][2]:
        return 400, f"Input source '{kind}' is not available on this system."
    return None
