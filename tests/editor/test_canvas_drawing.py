"""What is drawn: items of Dear PyGui are kept, and only those that have to change are touched.

Items can be made and asked without a screen; nothing is rendered here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from inspect import isfunction
from math import nan
from typing import Any

import numpy as np
import pytest
from editor.canvas_kit import TYPES
from numpy.typing import NDArray

dpg = pytest.importorskip("dearpygui.dearpygui")

from nodegraph.editor.canvas.camera import Camera  # noqa: E402
from nodegraph.editor.canvas.hands import Sketch  # noqa: E402
from nodegraph.editor.canvas.hitting import OnPort, Places  # noqa: E402
from nodegraph.editor.canvas.minimap import Minimap, outline  # noqa: E402
from nodegraph.editor.canvas.paper import Paper  # noqa: E402
from nodegraph.editor.canvas.plane import Rect  # noqa: E402
from nodegraph.editor.canvas.scene import Facts, Scene  # noqa: E402
from nodegraph.editor.canvas.tips import Tip  # noqa: E402
from nodegraph.editor.look.theme import Look  # noqa: E402
from nodegraph.editor.wiring import Wiring  # noqa: E402
from nodegraph.errors import Problem  # noqa: E402
from nodegraph.graph import (  # noqa: E402
    Group,
    MoveNode,
    Node,
    Patch,
    Port,
    RemoveNode,
    SetMode,
    SetParam,
    Wire,
)

WIRE = Wire(Port("wave", "out"), Port("ease", "value"))
PATCH = Patch(
    nodes={
        "beat": Node("beat.manual"),
        "ease": Node("shape.lag"),
        "far": Node("shape.smooth"),
        "turned": Node("shape.remap"),
        "wave": Node("generate.lfo"),
        "words": Node("flow.note", params={"text": "# Hear"}),
    },
    wires=(WIRE, Wire(Port("wave", "out"), Port("turned", "out_high"))),
    layout={
        "beat": (0, 600),
        "ease": (300, 0),
        "far": (50_000, 0),
        "turned": (600, 0),
        "wave": (0, 0),
        "words": (300, 600),
    },
    groups={"pair": Group("Pair", "#336699", ("ease", "wave"))},
)
CAMERA = Camera(-100.0, -100.0, 1.0, 0.0, 0.0, 1200.0, 1000.0)


class Values:
    """A show whose numbers a test sets."""

    def __init__(self) -> None:
        self.numbers: dict[str, float] = {}
        self.pasts: dict[str, NDArray[np.float64]] = {}
        self.counts: dict[str, int] = {}
        self.ticks = 0
        self.vectors: dict[str, tuple[float, ...]] = {}

    def newest(self, port: str) -> float:
        return self.numbers.get(port, nan)

    def history(self, port: str, most: int = 512) -> NDArray[np.float64]:
        return self.pasts.get(port, np.zeros(0))[-most:]

    def fired(self, port: str) -> int:
        return self.counts.get(port, 0)

    def value(self, port: str) -> object:
        return self.vectors.get(port)


class Drawn:
    """A paper that shows a patch."""

    def __init__(self) -> None:
        self.look = Look("dark")
        self.scene = Scene()
        self.places = Places(self.scene)
        self.values = Values()
        window = dpg.add_window()
        self.paper = Paper(
            window, self.look, self.scene, self.places, self.values, lambda port: port
        )

    def show(self, patch: Patch, **more: Any) -> None:
        change = self.scene.refresh(Facts(patch, TYPES, Wiring(patch, TYPES), **more))
        self.places.refresh(change)
        self.paper.take(change)

    def see(self, camera: Camera) -> None:
        self.paper.follow(camera)
        for _ in range(30):  # what is seen for the first time is made within some frames
            self.paper.tick()

    def items(self, id: str) -> list[int]:
        return list(below(self.paper.boxes.cards[id].root))

    def texts(self, id: str) -> list[str]:
        """Each line of letters that stands on a box."""
        texts = [dpg.get_item_configuration(i)["text"] for i in self.items(id) if is_text(i)]
        return [line for text in texts for line in text.splitlines() if line]


def below(item: int) -> Iterator[int]:
    for slot in dpg.get_item_children(item).values():
        for child in slot:
            yield child
            yield from below(child)


def is_text(item: int) -> bool:
    return str(dpg.get_item_type(item)).endswith("DrawText")


@pytest.fixture
def drawn() -> Iterator[Drawn]:
    dpg.create_context()
    made = Drawn()
    made.show(PATCH)
    made.see(CAMERA)
    yield made
    dpg.destroy_context()


def test_a_turned_param_changes_its_own_letters_and_nothing_else(drawn: Drawn) -> None:
    before = {id: drawn.items(id) for id in PATCH.nodes}
    drawn.show(SetParam("ease", "attack", 1.25).apply(PATCH))
    assert {id: drawn.items(id) for id in PATCH.nodes} == before
    assert "1.25 s" in drawn.texts("ease")


def test_a_node_that_is_switched_is_drawn_anew_and_no_other(drawn: Drawn) -> None:
    before = {id: drawn.items(id) for id in PATCH.nodes}
    drawn.show(SetMode("ease", "bypass").apply(PATCH))
    after = {id: drawn.items(id) for id in PATCH.nodes}
    assert {id for id in before if before[id] != after[id]} == {"ease"}
    assert "bypass" in drawn.texts("ease")
    assert "attack" in drawn.texts("ease"), "it is seen near, so all of it is there at once"


def test_a_moved_node_keeps_its_items(drawn: Drawn) -> None:
    before, cord = drawn.items("ease"), drawn.paper.cords.drawn[WIRE].item
    drawn.show(MoveNode("ease", (320, 40)).apply(PATCH))
    assert drawn.items("ease") == before
    assert drawn.paper.cords.drawn[WIRE].item == cord
    end = dpg.get_item_configuration(cord)["p4"]
    assert end[:2] == pytest.approx(list(drawn.scene.cords[WIRE].end))


def test_a_removed_node_takes_its_items_along(drawn: Drawn) -> None:
    root, cord = drawn.paper.boxes.cards["ease"].root, drawn.paper.cords.drawn[WIRE].item
    drawn.show(RemoveNode("ease").apply(PATCH))
    assert not dpg.does_item_exist(root)
    assert not dpg.does_item_exist(cord)


def test_what_is_out_of_the_window_is_hidden_and_never_made(drawn: Drawn) -> None:
    cards = drawn.paper.boxes.cards
    assert [id for id in cards if cards[id].visible] == [id for id in PATCH.nodes if id != "far"]
    assert cards["far"].details is None
    assert cards["ease"].details is not None
    drawn.see(CAMERA.centred(50_090.0, 50.0))
    assert [id for id in cards if cards[id].visible] == ["far"]
    assert cards["far"].details is not None
    assert not dpg.get_item_configuration(cards["ease"].root)["show"]
    assert not dpg.get_item_configuration(drawn.paper.cords.drawn[WIRE].item)["show"]


def test_from_far_away_boxes_are_blocks(drawn: Drawn) -> None:
    card = drawn.paper.boxes.cards["ease"]
    assert card.details is not None
    drawn.see(CAMERA.zoomed(0.12, 0.0, 0.0))
    shown = [
        dpg.get_item_configuration(item)["show"] for item in dpg.get_item_children(card.root, 2)
    ]
    assert shown == [True, False]
    drawn.see(CAMERA)
    shown = [
        dpg.get_item_configuration(item)["show"] for item in dpg.get_item_children(card.root, 2)
    ]
    assert shown == [False, True]


def test_from_a_distance_titles_grow_and_params_go(drawn: Drawn) -> None:
    card = drawn.paper.boxes.cards["ease"]

    def title() -> float:
        sizes = [
            dpg.get_item_configuration(item)["size"]
            for item in drawn.items("ease")
            if is_text(item) and dpg.get_item_configuration(item)["text"] == "ease"
        ]
        return float(max(sizes))

    assert title() == 15.0
    drawn.see(CAMERA.zoomed(0.5, 0.0, 0.0))
    assert card.details is not None
    assert dpg.get_item_configuration(card.details.fine)["show"]
    assert title() == 21.0
    drawn.see(CAMERA.zoomed(0.3, 0.0, 0.0))
    assert not dpg.get_item_configuration(card.details.fine)["show"]
    assert dpg.get_item_configuration(card.details.root)["show"], "ports and the curve stay"
    assert title() > 21.0


def test_a_knot_is_drawn_in_the_colour_of_what_it_carries(drawn: Drawn) -> None:
    dot = {"dot": Node("flow.reroute")}
    drawn.show(
        PATCH.evolve(nodes={**PATCH.nodes, **dot}, layout={**PATCH.layout, "dot": (500, 60)})
    )
    drawn.see(CAMERA.panned(1.0, 0.0))
    root = drawn.paper.boxes.cards["dot"].root
    assert dpg.get_item_configuration(root)["show"]
    assert not any(is_text(item) for item in drawn.items("dot"))
    wire = Wire(Port("wave", "out"), Port("dot", "value"))
    drawn.show(drawn.scene.facts.patch.evolve(wires=(*PATCH.wires, wire)))
    wanted = [channel / 255 for channel in drawn.look.colours.kind("number")[:3]]
    fills = [
        dpg.get_item_configuration(item).get("fill", [0.0] * 3)[:3] for item in drawn.items("dot")
    ]
    assert pytest.approx(wanted, abs=0.01) in fills


def test_a_box_that_is_taken_lies_on_top(drawn: Drawn) -> None:
    def order() -> list[str]:
        cards = {card.root: id for id, card in drawn.paper.boxes.cards.items()}
        return [cards[item] for item in dpg.get_item_children(drawn.paper._layers[2], 2)]

    before = order()
    drawn.paper.lift("ease")
    assert order() == [*(id for id in before if id != "ease"), "ease"]


def test_problems_and_notes_are_written(drawn: Drawn) -> None:
    drawn.show(PATCH, problems={"ease": (Problem("it failed"),)})
    assert "!" in drawn.texts("ease")
    assert drawn.texts("words") == ["Hear"]


def test_ports_are_dimmed_and_lit_again(drawn: Drawn) -> None:
    details = drawn.paper.boxes.cards["ease"].details
    assert details is not None

    def fills() -> list[float]:
        return [dpg.get_item_configuration(d.items[0])["fill"][3] for d in details.marks]

    before = fills()
    drawn.paper.light(frozenset({OnPort(Port("ease", "value"), "in")}))
    after = fills()
    assert after[0] == before[0]
    assert all(now < then / 2 for now, then in zip(after[1:], before[1:], strict=True))
    drawn.paper.light(None)
    assert fills() == before


def test_numbers_curves_and_switches_follow_the_values(drawn: Drawn) -> None:
    values = drawn.values
    values.numbers = {"wave.out": 0.75, "beat.clock.bpm": 128.0}
    values.pasts = {"wave.out": np.sin(np.linspace(0, 20, 480)) / 2 + 0.5}
    values.counts = {"beat.beat": 0}
    for _ in range(12):
        drawn.paper.tick()
    assert "0.75" in drawn.texts("wave")
    assert "128.0" in drawn.texts("beat")
    assert "0.75" in drawn.texts("turned"), "a driven param shows what drives it"
    curve = drawn.paper.boxes.cards["wave"].details.curve  # type: ignore[union-attr]  # it is near
    assert curve is not None
    heights = {round(y) for _, y, *_ in dpg.get_item_configuration(curve.traces[0].line)["points"]}
    assert len(heights) > 10
    halo = next(
        mark.halo
        for mark in drawn.paper.boxes.cards["beat"].details.marks  # type: ignore[union-attr]
        if mark.flashes == "beat.beat"
    )
    values.counts["beat.beat"] = 1
    for _ in range(3):
        drawn.paper.tick()
    assert dpg.get_item_configuration(halo)["show"]
    for _ in range(3):
        drawn.paper.tick()
    assert not dpg.get_item_configuration(halo)["show"]


def test_a_curve_that_goes_on_is_the_one_that_is_drawn_at_once(drawn: Drawn) -> None:
    past, lines = np.sin(np.arange(2000.0) ** 1.2), []
    for first in (600, 1499):  # followed for long, or looked at only at the end
        drawn.paper.live.forget()
        for ticks in range(first, 1500):
            drawn.values.ticks = ticks
            drawn.values.pasts = {"wave.out": past[ticks - 511 : ticks]}
            drawn.paper.tick()
        for _ in range(6):  # whose turn it was before may have its last piece yet to come
            drawn.paper.tick()
        curve = drawn.paper.boxes.cards["wave"].details.curve  # type: ignore[union-attr]
        assert curve is not None
        lines.append(dpg.get_item_configuration(curve.traces[0].line)["points"])
    assert len(lines[0]) > 30
    assert np.allclose(*lines, atol=0.01), "but for its range, which closes slowly"


def test_a_wire_glows_while_something_happens_on_it(drawn: Drawn) -> None:
    for step in range(24):
        drawn.values.numbers["wave.out"] = step % 2
        drawn.paper.tick()
    assert drawn.paper.cords.drawn[WIRE].level > 0
    for _ in range(90):
        drawn.paper.tick()
    assert drawn.paper.cords.drawn[WIRE].level == 0


def test_other_colours_are_taken_on(drawn: Drawn) -> None:
    drawn.look.dress("light", 1.0)
    drawn.paper.redraw()
    drawn.see(CAMERA)
    assert set(drawn.paper.boxes.cards) == set(PATCH.nodes)
    letters = [
        dpg.get_item_configuration(item)["color"][:3]
        for item in drawn.items("ease")
        if is_text(item)
    ]
    wanted = [channel / 255 for channel in drawn.look.colours.text[:3]]
    assert pytest.approx(wanted, abs=0.01) in letters


def test_the_overlay_is_empty_when_nothing_is_to_be_said(drawn: Drawn) -> None:
    overlay, sketch = drawn.paper.overlay, Sketch()
    root = drawn.paper._layers[-1]
    empty = len(list(below(root)))
    sketch.loose, sketch.loose_fits = ((0.0, 0.0), (50.0, 60.0)), False
    sketch.hint = "No: it gives numbers"
    overlay.draw(CAMERA, drawn.scene, sketch, (5.0, 5.0))
    words = [dpg.get_item_configuration(i)["text"] for i in below(root) if is_text(i)]
    assert words == ["No: it gives numbers"]
    overlay.draw(CAMERA, drawn.scene, Sketch(), (5.0, 5.0))
    assert len(list(below(root))) == empty


def test_a_tip_is_drawn_once_until_there_is_another(drawn: Drawn) -> None:
    root = drawn.paper._layers[-1]

    def shown(tip: Tip) -> list[int]:
        drawn.paper.overlay.draw(CAMERA, drawn.scene, Sketch(), (5.0, 5.0), tip)
        return list(below(root))

    first = Tip("lfo.out", "0.5")
    assert (items := shown(first)) == shown(first)
    assert not set(items) & set(shown(Tip("lfo.out", "0.5")))


def test_the_minimap_leads_to_the_place_under_the_mouse(drawn: Drawn) -> None:
    minimap: Minimap = drawn.paper.minimap
    assert minimap.place(5.0, 5.0) is None
    corner = minimap.corner
    left = minimap.place(corner.left + 1, corner.middle[1])
    right = minimap.place(corner.right - 1, corner.middle[1])
    assert left is not None
    assert right is not None
    assert left[0] < 500 < 49_500 < right[0]
    minimap.shown = False
    minimap.follow(CAMERA)
    assert minimap.place(*corner.middle) is None


def test_there_is_no_minimap_while_all_is_seen(drawn: Drawn) -> None:
    minimap: Minimap = drawn.paper.minimap
    drawn.show(MoveNode("far", (900, 0)).apply(PATCH))
    assert minimap.place(*minimap.corner.middle) is None
    drawn.see(CAMERA.panned(400.0, 0.0))
    assert minimap.place(*minimap.corner.middle) is not None


def test_many_boxes_are_drawn_as_their_outline() -> None:
    rects = [
        Rect(x * 200.0, y * 200.0, x * 200.0 + 150, y * 200.0 + 150)
        for x in range(40)
        for y in range(25)
    ]
    world = Rect.around(rects)
    assert world is not None
    few = outline(rects, world)
    assert 0 < len(few) < len(rects) / 4
    area = sum(rect.width * rect.height for rect in few)
    assert 0.5 < area / (world.width * world.height) < 1.0


# What a frame costs, in calls of Dear PyGui.


def grid(count: int) -> Patch:
    """Pairs of an oscillator and what eases it, one above the other; the first ones are seen."""
    ids = [f"n{number:04}" for number in range(count)]
    wires = [
        Wire(Port(one, "out"), Port(other, target))
        for one, other in zip(ids[::2], ids[1::2], strict=True)
        for target in ("value", "attack")
    ]
    return Patch(
        nodes={id: Node("shape.lag" if i % 2 else "generate.lfo") for i, id in enumerate(ids)},
        wires=tuple(wires),
        layout={id: (i // 10 * 260.0, i % 10 * 320.0) for i, id in enumerate(ids)},
    )


def calls_of(drawn: Drawn, monkeypatch: pytest.MonkeyPatch, swing: float) -> Counter[str]:
    """What is called in twelve frames while all numbers go up and down by so much."""
    calls = Counter[str]()

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def count(*args: object, **more: object) -> Any:
            calls[name] += 1
            return function(*args, **more)

        return count

    columns = [f"{id}.out" for id in drawn.scene.boxes]
    with monkeypatch.context() as patched:
        for name, function in [*vars(dpg).items()]:
            if isfunction(function):
                patched.setattr(dpg, name, counted(name, function))
        for frame in range(24):  # after twelve all have had their turns
            if frame == 12:
                calls.clear()
            number = 0.5 + swing * (-1) ** frame
            drawn.values.numbers = dict.fromkeys(columns, number)
            past = 0.5 + swing * np.sin(np.arange(480) / 7 + frame)
            drawn.values.pasts = dict.fromkeys(columns, past)
            drawn.values.ticks += 7
            drawn.paper.follow(CAMERA)
            drawn.paper.tick()
    return calls


def test_a_box_is_made_of_few_items(drawn: Drawn) -> None:
    def shown(item: int) -> int:
        items = dpg.get_item_children(item, 2)
        return sum(1 + shown(i) for i in items if dpg.get_item_configuration(i)["show"])

    drawn.see(CAMERA.zoomed(0.7, 0.0, 0.0))
    root = drawn.paper.boxes.cards["wave"].root
    assert drawn.texts("wave"), "it is seen near"
    assert 20 < shown(root) < 45, "seven params, four ports, two of them with numbers, a curve"


def test_a_frame_costs_nothing_while_nothing_moves(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn.show(grid(200))
    drawn.see(CAMERA)
    assert not calls_of(drawn, monkeypatch, 0.0)


def test_what_moves_costs_the_same_however_much_there_is_besides(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for count in (200, 1000):
        drawn.show(grid(count))
        drawn.see(CAMERA)
        found.append(calls_of(drawn, monkeypatch, 0.4))
    assert found[0] == found[1]
    seen = sum(card.visible for card in drawn.paper.boxes.cards.values())
    assert 10 < seen < 40
    assert 0 < found[0].total() < 12 * 2 * seen, "boxes have their turns; none is written each time"
