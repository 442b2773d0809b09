"""Scope's HTTP endpoints, each a method that returns a typed answer or raises a `ScopeError`.

A status of 200 proves nothing: a server with its web page built answers every unknown GET with
that page. So an answer counts only when it is JSON of the expected shape.

    transport    one exchange: time-outs, sizes, what is asked twice; `refusals`, `files`
    server       health, hardware, restart, log, cloud
    keys         keys of other services
    pipelines    schemas, loading, models
    sessions     offers, parameters, metrics, sessions without a client
    recordings   begin, end, fetch
    loras        list, install, remove
    assets       list, upload, fetch
    inputs       NDI, Spout, Syphon, files
    plugins      list, install, remove, reload; workflows
    control      tempo, OSC, DMX
"""

from __future__ import annotations

from nodegraph.scope.rest.assets import AssetsRest
from nodegraph.scope.rest.control import ControlRest
from nodegraph.scope.rest.files import Progress
from nodegraph.scope.rest.inputs import InputsRest
from nodegraph.scope.rest.keys import KeysRest
from nodegraph.scope.rest.loras import LorasRest
from nodegraph.scope.rest.pipelines import Loading, PipelinesRest
from nodegraph.scope.rest.plugins import PluginsRest
from nodegraph.scope.rest.recordings import RecordingsRest
from nodegraph.scope.rest.server import ServerRest
from nodegraph.scope.rest.sessions import SessionsRest

__all__ = ["Loading", "Progress", "ScopeRest"]


class ScopeRest(
    ServerRest,
    KeysRest,
    PipelinesRest,
    SessionsRest,
    RecordingsRest,
    LorasRest,
    AssetsRest,
    InputsRest,
    PluginsRest,
    ControlRest,
):
    """Everything that one server can be asked; see `Transport` for how."""
