"""An HTTP error as an exception that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from nodegraph.scope.answers import items, text
from nodegraph.scope.errors import ScopeRefused, ScopeUnreachable
from nodegraph.scope.secret import Secret

GATEWAY = (502, 503, 504, 520, 521, 522, 523, 524)
"""Said by what stands before a server; from 520 up by Cloudflare, before those of RunPod."""

GAVE_UP = (504, 524)
LONGEST = 600  # characters of a server's own words that are repeated

TO_DO: Final[Mapping[int, str]] = {
    401: "It wants a name and a password, as in https://NAME:PASSWORD@HOST.",
    403: "It does not allow that.",
    405: "This server has no such endpoint; `nodegraph scope` shows its version.",
    413: "Send less.",
    429: "Wait a moment before asking again.",
}
"""Where a server's own words do not say it."""


def refusal(
    url: str, method: str, path: str, status: int, body: object, secret: Secret | None
) -> ScopeRefused | ScopeUnreachable:
    """What an answer that is no success means.

    `body` is its JSON, or None where it has none; `secret` is taken out of what is repeated.
    """
    if body is None and status in GAVE_UP:
        return ScopeUnreachable(
            f"A gateway before {url} gave up waiting for Scope ({status}); what was asked for may "
            "still be under way there: look again in a while."
        )
    if body is None and status in GATEWAY:
        return ScopeUnreachable(
            f"A gateway answers at {url} ({status}), but Scope behind it does not; "
            "start Scope on that machine, or wait until it is up."
        )
    if 300 <= status < 400:
        detail = "it sends this elsewhere, but what is secret goes to the address given only"
    else:
        detail = _detail(body) or _phrase(status)
    if secret is not None:
        detail = secret.hidden_in(detail)
    if len(detail) > LONGEST:
        detail = detail[:LONGEST] + "…"
    hint = f" {TO_DO[status]}" if status in TO_DO else ""
    stop = "" if not hint or detail.endswith((".", "!", "?", "…")) else "."
    said = f"Scope refused {method} {path} ({status}): {detail}{stop}{hint}"
    return ScopeRefused(said, status, detail)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no reason given"


def _detail(body: object) -> str:
    """One line out of the three shapes of `detail`: a text, a list of faults, an object."""
    detail = body.get("detail") if isinstance(body, dict) else None
    if isinstance(detail, str):
        return detail
    if isinstance(detail, dict):
        busy = ", ".join(map(str, items(detail, "loaded_pipelines")[:8]))
        return (text(detail, "message") or "no reason given") + (busy and f" ({busy})")
    if isinstance(detail, list):
        faults = (one for one in detail[:8] if isinstance(one, dict))
        return "; ".join(
            f"{'.'.join(map(str, items(one, 'loc')[:8]))}: {text(one, 'msg')}" for one in faults
        )
    return ""
