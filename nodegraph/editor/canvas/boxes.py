"""Draws boxes: a card for each, and what stands on it as soon as it is seen from near enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import dearpygui.dearpygui as dpg

from nodegraph.editor.canvas import brush
from nodegraph.editor.canvas.brush import Item
from nodegraph.editor.canvas.camera import CLOSE, FAR
from nodegraph.editor.canvas.details import Details
from nodegraph.editor.canvas.heading import ROUND, Heading
from nodegraph.editor.canvas.hitting import OnPort
from nodegraph.editor.canvas.lettering import width
from nodegraph.editor.canvas.odd import NOTE_LINE
from nodegraph.editor.canvas.pieces import Box
from nodegraph.editor.canvas.plane import Rect
from nodegraph.editor.canvas.shape import HEAD, INSET, SMALL, TEXT, Run
from nodegraph.editor.look.colours import CLEAR, Colour, faded, mixed
from nodegraph.editor.look.theme import Look


class Card:
    """One box as items of Dear PyGui."""

    def __init__(self, box: Box, parent: Item, look: Look) -> None:
        self.box = box
        self.details: Details | None = None
        self.visible = True
        self._heading: Heading | None = None
        self._look = look
        self._heat = 0.0
        self.root = brush.layer(parent)
        self._build()

    def update(self, box: Box) -> bool:
        """Become another box of the same id, touching what differs; whether all was built anew."""
        old, self.box = self.box, box
        if _looks(old) != _looks(box):
            dpg.delete_item(self.root, children_only=True)
            self.details = self._heading = None
            self._build()
            return True
        if (old.x, old.y) != (box.x, box.y):
            brush.move(self.root, box.x, box.y)
        if old.selected != box.selected:
            self._outline()
        if self.details is not None and old.params != box.params:
            self.details.show_params(old, box)
        return False

    @property
    def lacks_details(self) -> bool:
        """Whether there is more to draw than was seen until now."""
        return self.details is None and not self.box.shape.is_plain

    def show_from(self, nearness: int, letters: float) -> None:
        """Show as much as can be read from there, with a title of that size; what was never shown
        before is made now."""
        if nearness >= CLOSE and self.lacks_details:
            self.details = Details(self.box, self._middle, self._look)
        if self.details is not None:
            self.details.show(nearness)
        if self._heading is not None:
            self._heading.show(nearness, letters)
        brush.show(self._near, nearness != FAR)
        brush.show(self._far, nearness == FAR)

    def set_visible(self, visible: bool) -> None:
        """Show the box, or leave it out as it is not in the window."""
        if visible != self.visible:
            self.visible = visible
            brush.show(self.root, visible)

    def heat(self, share: float) -> None:
        """Glow by how slow the node is, 0..1."""
        if abs(share - self._heat) > 0.02:
            self._heat = share
            dpg.configure_item(self._shadow, fill=self._glow())
            if not self.box.shape.dot:
                brush.place_rect(self._shadow, self._halo)

    def _glow(self) -> Colour:
        colours = self._look.colours
        if not self._heat:
            return colours.shadow
        return faded(mixed(colours.warning, colours.problem, self._heat), 0.25 + self._heat * 0.6)

    @property
    def _halo(self) -> Rect:
        """What lies around the card: its shadow, or its glow."""
        shape = self.box.shape
        shadow = Rect(-1.0, 2.0, shape.width + 1.0, shape.height + 4.0)
        return shadow.grown(2.0 + 7.0 * self._heat if self._heat else 0.0)

    def _build(self) -> None:
        box, colours = self.box, self._look.colours
        wide, high = box.shape.width, box.shape.height
        brush.move(self.root, box.x, box.y)
        if box.shape.dot:
            self._build_dot()
            return
        self._far = brush.rect(self.root, Rect(0, 0, wide, high), colours.raised)
        self._near = brush.layer(self.root)
        self._shadow = brush.rect(self._near, self._halo, self._glow(), ROUND + 2.0)
        if box.shape.note:
            self._build_note()
            return
        self._heading = Heading(box, self._near, self._look)
        self._frame = self._heading.body
        self._middle = brush.layer(self._near)
        self._outline()
        if box.mode:
            veil = faded(colours.canvas, 0.45 if box.mode == "bypass" else 0.65)
            brush.rect(self._near, Rect(0, 0, wide, high), veil, ROUND)
        self._badges()

    def _build_dot(self) -> None:
        """A knot in a wire, seen from everywhere."""
        box, colours = self.box, self._look.colours
        tone = colours.kind(box.shape.marks[-1].kind)
        radius = box.shape.width / 2
        self._near, self._far = brush.layer(self.root), brush.layer(self.root)
        parts = (radius + 3.0, self._glow()), (radius, tone), (radius, CLEAR)
        self._shadow, _, self._frame = (
            int(dpg.draw_circle((radius,) * 2, reach, color=CLEAR, fill=fill, parent=self._near))
            for reach, fill in parts
        )
        self._outline()

    def _build_note(self) -> None:
        box, colours = self.box, self._look.colours
        wide, high = box.shape.width, box.shape.height
        paper = mixed(colours.canvas, colours.accent, 0.07)
        self._frame = brush.rect(self._near, Rect(0, 0, wide, high), paper, 4.0)
        brush.rect(self._near, Rect(0, 0, 3.0, high), faded(colours.accent, 0.7))
        for row, line in enumerate(box.shape.note):
            for run in line.runs:
                self._run(run, INSET + run.x, 10.0 + row * NOTE_LINE)
        self._outline()

    def _run(self, run: Run, x: float, y: float) -> None:
        """Words of a note. The font has two weights and does not slant: that is a tint instead."""
        colours, long = self._look.colours, width(run.text, TEXT)
        plain = mixed(colours.text, colours.dim, 0.4)
        tones = {"strong": colours.text, "slanted": mixed(plain, colours.accent, 0.45)}
        tones |= {"link": colours.kind("number"), "code": colours.text}
        if run.tone == "code":
            area = Rect(x - 2.0, y - 1.0, x + long + 2.0, y + TEXT + 3.0)
            brush.rect(self._near, area, faded(colours.text, 0.1), 3.0)
        if run.tone == "link":
            ends = [(x, y + TEXT + 2.0), (x + long, y + TEXT + 2.0)]
            brush.line(self._near, ends, faded(tones["link"], 0.6), 1.0)
        font = self._look.fonts.strong if run.tone == "strong" else None
        brush.text(self._near, (x, y), run.text, TEXT, tones.get(run.tone, plain), font)

    def _outline(self) -> None:
        box, colours = self.box, self._look.colours
        far = mixed(colours.raised, colours.family(box.shape.family), 0.45)
        if box.selected:
            colour, thick, far = colours.accent, 2.0, colours.accent
        elif box.problem or box.ghost:
            colour, thick, far = faded(colours.problem, 0.85), 1.5, colours.problem
        else:
            colour, thick = mixed(colours.line, colours.faint, 0.25), 1.0
        dpg.configure_item(self._frame, color=colour, thickness=thick)
        if not box.shape.dot:
            dpg.configure_item(self._far, fill=far if not box.mode else faded(far, 0.4))

    def _badges(self) -> None:
        """What is wrong, and how the node is switched, at the right of the title."""
        box, look = self.box, self._look
        colours, right = look.colours, box.shape.width - 8.0
        if box.problem:
            middle = (right - 8.0, HEAD / 2)
            dpg.draw_circle(middle, 8.0, color=CLEAR, fill=colours.problem, parent=self._near)
            at = (middle[0] - 2.2, middle[1] - 7.0)
            brush.text(self._near, at, "!", 14.0, colours.canvas, look.fonts.strong)
            right -= 22.0
        tag = "solo" if box.solo else box.mode
        if tag:
            wide = width(tag, SMALL, True) + 12.0
            ground = colours.accent if box.solo else colours.warning
            area = Rect(right - wide, 7.0, right, HEAD - 7.0)
            brush.rect(self._near, area, ground, 8.0)
            at = (area.left + 6.0, (HEAD - SMALL) / 2 - 0.5)
            brush.text(self._near, at, tag, SMALL, colours.on_accent, look.fonts.strong)


class Boxes:
    """All boxes that are drawn, by id."""

    def __init__(self, parent: Item, look: Look) -> None:
        self.cards: dict[str, Card] = {}
        self._parent, self._look = parent, look

    def refresh(
        self, boxes: Mapping[str, Box], changed: Iterable[str], gone: Iterable[str]
    ) -> list[Card]:
        """Follow a change of the scene; what is new stays hidden until it is seen to be shown.

        Gives the visible cards that were built anew and have yet to be shown as they are seen.
        """
        anew: list[Card] = []
        for id in gone:
            dpg.delete_item(self.cards.pop(id).root)
        for id in changed:
            card = self.cards.get(id)
            if card is None:
                card = self.cards[id] = Card(boxes[id], self._parent, self._look)
                card.set_visible(False)
            elif card.update(boxes[id]) and card.visible:
                anew.append(card)
        return anew

    def light(self, lit: frozenset[OnPort] | None, ids: Iterable[str]) -> None:
        """Dim all ports but some, of these boxes; None lights them all again."""
        for id in ids:
            details = self.cards[id].details
            if details is not None:
                details.light(lit)

    def lift(self, id: str) -> None:
        """Draw a box above all others."""
        dpg.move_item(self.cards[id].root, parent=self._parent)


def _looks(box: Box) -> tuple[object, ...]:
    """What a box has to be built anew for."""
    return (
        box.shape,
        box.mode,
        box.solo,
        box.ghost,
        box.problem,
        box.inlets,
        box.outlets,
        _driven(box),
    )


def _driven(box: Box) -> tuple[str, ...]:
    return tuple(shown.driver for shown in box.params)
