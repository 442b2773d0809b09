"""A performer at random: edits, gestures, undo and redo; and a process that is one until killed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from graph.random_edits import Words, random_edit

from nodegraph.graph import MoveNode, Node, Patch, SetParam, dump
from nodegraph.host import journal
from nodegraph.host.document import Document
from nodegraph.host.session import Session

START = Patch(
    name="start",
    nodes={name: Node("x.y", params={"x": 1}) for name in ("first", "second", "third")},
    layout={"first": (0, -0.0)},
)


def step(document: Document, random: Random) -> None:
    """Do one thing that can be done."""
    done, undone = document.labels()
    dice = random.random()
    if dice < 0.12 and done:
        document.undo()
    elif dice < 0.2 and undone:
        document.redo()
    elif dice < 0.5 and document.patch.nodes:  # a hand on a knob, or dragging a node
        node = sorted(document.patch.nodes)[0]
        move = MoveNode(node, (random.randint(0, 99), 0.5))
        turn = SetParam(node, "x", random.random())
        document.do(random.choice([move, turn, turn]), "Drag", gesture=f"drag {dice < 0.4}")
    else:
        document.do(random_edit(document.patch, random, Words()), f"edit {dice}")


def state(document: Document) -> tuple[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """All there is to see of a document."""
    return dump(document.patch), document.labels()


def walk(document: Document, seed: int) -> Iterator[None]:
    """Do things for ever; the same ones for the same seed."""
    random = Random(seed)
    while True:
        step(document, random)
        yield


def show(seed: int, folder: Path, acknowledge: Connection, every: int) -> None:
    """A show whose steps are acknowledged, a byte each, once they are journaled."""
    journal.SNAPSHOT_RECORDS = every
    session = Session(folder)
    document = Document(START, folder / "mine.json")
    session.open("main", document)
    for number, _ in enumerate(walk(document, seed), 1):
        if number % 10 == 0:
            session.note({"fade": number / 10})
        os.write(acknowledge.fileno(), b".")
