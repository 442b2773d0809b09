"""The words with which a node type is declared: node, inlet, param, outlet.

    @node("acme.smooth", outlets="out", state=0.0)
    def smooth(state: float, dt: float, value: float = inlet(0.0),
               time: float = param(0.1, "s", 0.001, 10.0)) -> tuple[float, float]:
        '''Ease a number towards its input.'''

A node type is one pure function and its signature is its declaration. An argument is an `inlet`
(arrives on a wire), a `param` (set by the user, or driven by a wire), or a context name that the
node asks for (see `nodegraph.nodetype.CONTEXT`). Annotations give the port kinds. What is wrong
with a declaration is raised on import as `SpecError`, all at once, with file and line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar, cast

from nodegraph.errors import SpecError
from nodegraph.nodetype import REQUIRED, NodeType
from nodegraph.signature import NO_STATE, Declared, Mark, place_of, read

_T = TypeVar("_T")
_Function = TypeVar("_Function", bound=Callable[..., Any])

_ATTRIBUTE = "__nodegraph__"

THEMES: Final = ("the themes of the patch at hand",)
"""For `choices`: the names of all themes that a patch can use, which no declaration can list."""


def inlet(
    default: _T = cast(Any, REQUIRED),  # noqa: B008 - a sentinel, never changed
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    *,
    kind: str | None = None,
    help: str = "",
    instead_of: str = "",
) -> _T:
    """Declare an argument that arrives on a wire.

    Without a default it must be wired. A default of None says that the node can do without: it
    gets None while nothing is wired. `unit`, `low` and `high` tell people what to expect; they do
    not limit what arrives. `kind` overrules the annotation.

    `instead_of` is an inlet of older versions that is gone. In their patches this one gets what was
    wired there, or if that is of another kind, what it was made from: the nearest outlet of its own
    kind further up.
    """
    mark = Mark("inlet", default, unit, low, high, kind=kind, help=help, instead_of=instead_of)
    return cast(_T, mark)


def param(
    default: _T,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    *,
    choices: Sequence[str] = (),
    curve: str = "linear",
    read: Callable[..., object] | None = None,
    help: str = "",
) -> _T:
    """Declare an argument that the user sets: a number from `low` to `high`, a switch, a text.

    A number needs a range; an `int` is a whole number. `choices` makes a menu of a text;
    with `THEMES` it is the name of a theme, to be looked up in the context `themes`. `curve` is how
    a slider divides its range: "linear" or "log". A param can be driven by a wire, and what
    arrives is then held within the range.

    `read` is how the node understands a text: a function of it that raises what is wrong with it,
    so that this is told before the node runs. It may ask for other params of the node, by name,
    and for `themes`, as the node may.
    """
    themes = choices is THEMES
    listed = () if themes else tuple(choices)
    return cast(
        _T, Mark("param", default, unit, low, high, listed, curve, None, help, themes, read)
    )


def outlet(
    name: str,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    *,
    kind: str | None = None,
    like: str | None = None,
    safe: bool | float | str | None = None,
    help: str = "",
) -> Declared:
    """Describe an outlet more closely than by its name: unit, expected range, kind.

    Without `kind` the return annotation tells. `like="value"` gives it the kind of whatever is
    wired to the inlet `value`, whose annotation is then `object`. When the node fails, the outlet
    holds its last value, or goes to the number, switch or text that is `safe`.
    """
    return Declared(name, unit, low, high, kind, like, safe, help)


def node(
    id: str,
    *,
    outlets: str | Sequence[str | Declared] = (),
    state: object = NO_STATE,
    title: str = "",
    aliases: str = "",
    version: int = 1,
    upgrade: Callable[[dict[str, Any], int], dict[str, Any]] | None = None,
    source: str | None = None,
    latch: bool = False,
    output: bool = False,
    rows: Callable[..., Any] | None = None,
    ahead: Callable[..., Any] | bool = False,
) -> Callable[[_Function], _Function]:
    """Make a function a node type; it stays the same function, and a test can call it.

    The function returns one value per outlet, in order; with `state` (its first value) it takes
    `state` and returns the next state before them. It never changes its arguments.

    - `id` is `plugin.name`, for ever; `version` and `upgrade(params, from_version)` carry the
      params of older patches over.
    - `outlets` are names, separated by spaces, or a list with `outlet(...)` among them.
    - `title` and `aliases` (comma-separated names from other tools) are for palettes.
    - `source` names the kind of source that brings this node its `audio` or `events`.
    - `latch` makes the outlet what the function returned one tick ago: only so may wires loop.
    - `output` runs the node even if nothing reads it.
    - `rows(size, rate, …params by name)` returns float32[k, size]; the function then gets
      `product`, that matrix times its one vector inlet. Nodes on one vector share one product.
    - `ahead(…arguments by name)` does the same for many ticks at once, where the sound is known
      beforehand: sounds, vectors and `product` have an axis of ticks more in front, numbers and
      switches are arrays of ticks; the state is that before the first tick, and then that after the
      last. With True the function itself can do that, for it works along the last axes.
    """

    if not isinstance(id, str):
        name = getattr(id, "__name__", "name")
        wanted = f'@node("plugin.{name}", outlets="out")'
        raise SpecError(f"{place_of(id)}: {name}: wants an id: {wanted}")

    def declare(function: _Function) -> _Function:
        type_ = read(
            function,
            id=id,
            outlets=outlets.split() if isinstance(outlets, str) else outlets,
            state=state,
            title=title,
            aliases=tuple(alias.strip() for alias in aliases.split(",") if alias.strip()),
            version=version,
            upgrade=upgrade,
            source=source,
            latch=latch,
            output=output,
            rows=rows,
            ahead=ahead,
        )
        setattr(function, _ATTRIBUTE, type_)
        return function

    return declare


def type_of(function: Callable[..., Any]) -> NodeType:
    """The node type that `@node` made of a function."""
    found = getattr(function, _ATTRIBUTE, None)
    if not isinstance(found, NodeType):
        name = getattr(function, "__qualname__", repr(function))
        raise SpecError(f"{name} is not a node type: put @node(…) above it before registering it")
    return found
