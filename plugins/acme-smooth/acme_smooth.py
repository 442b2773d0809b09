from math import exp
from nodegraph import hookimpl, inlet, node, param

@node("acme.smooth", outlets="out", state=0.0)
def smooth(state: float, dt: float, value: float = inlet(0.0),
           rise: float = param(0.02, "s", 0.001, 10.0),
           fall: float = param(0.30, "s", 0.001, 10.0)) -> tuple[float, float]:
    """Ease a number towards its input: quick up, slow down."""
    y = value + (state - value) * exp(-dt / (rise if value > state else fall))
    return y, y

@hookimpl
def register_nodes(register):
    register(smooth)
