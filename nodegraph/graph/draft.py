"""Make a patch of a JSON document: each part is taken if it is sound, and is a problem if not."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from nodegraph.errors import PatchError, Problem
from nodegraph.graph.frozen import JSON, freeze
from nodegraph.graph.jsontext import Document, Tree
from nodegraph.graph.migrate import FORMAT, migrate
from nodegraph.graph.model import (
    GROUP_FIELDS,
    MODES,
    NODE_FIELDS,
    PATCH_FIELDS,
    Group,
    Node,
    Patch,
    Position,
    Wire,
    position,
)
from nodegraph.graph.rules import NESTED, THEMED, path, short, violations

MAX_PROBLEMS = 1000

_TYPE = re.compile(r"([^\s@]+)(?:@([1-9][0-9]{0,8}))?")


class Report:
    """All that is wrong with a document. It grows; what is wrong inside JSON is there first."""

    def __init__(self, document: Document, file: str | None = None) -> None:
        self.lines = document.lines
        self.file = file
        self.problems = [replace(problem, file=file) for problem in document.problems]
        self.unread = [problem.field or "" for problem in document.problems]

    def add(self, problem: Problem) -> None:
        """Note a problem, unless it only follows from JSON that could not be read there."""
        field = problem.field or ""
        if len(self.problems) > MAX_PROBLEMS or any(_within(each, field) for each in self.unread):
            return
        line = _line(self.lines, field)
        if len(self.problems) == MAX_PROBLEMS:
            problem = Problem("more is wrong than these: mend them first")
        self.problems.append(replace(problem, file=self.file, line=line, field=field or None))


class Draft:
    """A patch that is being read, of the object at a place of its document.

    The place of a definition is `subpatches.voice`, that of the patch itself is empty. A definition
    is of the `version` of its file unless it says its own.
    """

    def __init__(self, report: Report, value: Tree, place: str = "", version: int = 0) -> None:
        self.report = report
        self.value = value
        self.place = place
        self.version = version

    def patch(self) -> Patch:
        """Read it all, and keep what makes a patch that is whole."""
        top = self.current()
        entries = self.members(top, "nodes")
        nodes = {name: self.node(path("nodes", name), entry) for name, entry in entries.items()}
        wires = dict(self.wires(top))
        groups = dict(self.groups(top))
        layout = dict(self.layout(top))
        exposed = dict(self.texts(top, "exposed", "wants the address of a param: 'node.param'"))
        subpatches = dict(self.subpatches(top))
        broken = set()
        rules = violations(entries.keys(), wires.items(), groups, layout, exposed, subpatches)
        for problem in rules:
            broken.add(problem.field)
            self.add(problem)
        sound = {
            name: node
            for name, node in nodes.items()
            if node is not None and path("nodes", name) not in broken
        }
        return Patch(
            name=self.text(top, "name"),
            note=self.text(top, "note"),
            nodes=sound,
            wires=tuple(
                wire
                for index, wire in wires.items()
                if f"wires[{index}]" not in broken
                and wire.source.node in sound
                and wire.target.node in sound
            ),
            groups={
                name: replace(group, nodes=tuple(node for node in group.nodes if node in sound))
                for name, group in groups.items()
                if path("groups", name) not in broken
            },
            layout={node: at for node, at in layout.items() if node in sound},
            requires=dict(self.texts(top, "requires", "wants the plugin's major version as text")),
            themes=self.themes(top),
            subpatches={
                name: subpatch
                for name, subpatch in subpatches.items()
                if path("subpatches", name) not in broken
            },
            exposed={
                name: address
                for name, address in exposed.items()
                if path("exposed", name) not in broken and address.partition(".")[0] in sound
            },
            extra=self.values(_others(top, PATCH_FIELDS), ""),
        )

    def current(self) -> dict[str, Tree]:
        """Return the object in the current format; empty if it cannot be had."""
        top = self.value
        if not isinstance(top, dict):
            self.say("a patch is an object, in braces: {…}", "")
            return {}
        version = top.get("nodegraph", self.version)
        if type(version) is not int or version < 0:
            self.say(f"wants the format of the file, a number up to {FORMAT}", "nodegraph")
            return top
        if version > FORMAT:
            fault = (
                f"the patch was saved by a newer nodegraph, in format {version}; "
                f"this one reads up to {FORMAT}: update nodegraph"
            )
            self.say(fault, "nodegraph")
            return {}
        if "nodes" not in top:
            self.say("this is not a patch: it has no nodes", "")
        self.version = version
        return migrate(top, version)

    def node(self, where: str, entry: Tree) -> Node | None:
        if not isinstance(entry, dict):
            self.say('a node wants an object such as {"type": "plugin.name@1"}', where)
            return None
        params = self.values(self.members(entry, "params", where), path(where, "params"))
        extra = self.values(_others(entry, NODE_FIELDS), where)
        kind = entry.get("type")
        match = _TYPE.fullmatch(kind) if isinstance(kind, str) else None
        if match is None:
            given = f", not {short(kind)}" if "type" in entry else ""
            self.say(f"wants the type of the node as 'plugin.name@1'{given}", path(where, "type"))
            return None
        mode, solo = self.text(entry, "mode", where), entry.get("solo", False)
        if mode not in MODES:
            self.say(f"wants 'bypass' or 'mute', not {short(mode)}", path(where, "mode"))
            mode = ""
        if not isinstance(solo, bool):
            self.say(f"wants true or false, not {short(solo)}", path(where, "solo"))
            solo = False
        return Node(match[1], int(match[2] or 1), params, mode, solo, extra)

    def wires(self, top: dict[str, Tree]) -> Iterator[tuple[int, Wire]]:
        entries = top.get("wires", [])
        if not isinstance(entries, list):
            self.say("wants a list of wires, in brackets: […]", "wires")
            return
        for index, entry in enumerate(entries):
            if not isinstance(entry, str):
                self.say("a wire wants text: 'node.outlet -> node.inlet'", f"wires[{index}]")
                continue
            try:
                yield index, Wire.parse(entry)
            except PatchError as error:
                self.say(error.problems[0].text, f"wires[{index}]")

    def groups(self, top: dict[str, Tree]) -> Iterator[tuple[str, Group]]:
        for name, entry in self.members(top, "groups").items():
            group = self.group(path("groups", name), entry)
            if group is not None:
                yield name, group

    def group(self, where: str, entry: Tree) -> Group | None:
        if not isinstance(entry, dict):
            self.say('a group wants an object such as {"title": "…", "nodes": [...]}', where)
            return None
        nodes = entry.get("nodes", [])
        if not isinstance(nodes, list) or not all(isinstance(node, str) for node in nodes):
            self.say("wants a list of node ids", path(where, "nodes"))
            nodes = []
        names = tuple(str(node) for node in nodes)
        title, color = self.text(entry, "title", where), self.text(entry, "color", where)
        extra = self.values(_others(entry, GROUP_FIELDS), where)
        try:
            return Group(title, color, names, extra)
        except PatchError as error:
            self.say(error.problems[0].text, path(where, "color"))
            return Group(title, "", names, extra)

    def layout(self, top: dict[str, Tree]) -> Iterator[tuple[str, Position]]:
        for name, entry in self.members(top, "layout").items():
            try:
                yield name, position(entry)
            except ValueError as fault:
                self.say(str(fault), path("layout", name), name)

    def themes(self, top: dict[str, Tree]) -> dict[str, dict[str, JSON]]:
        if self.place:
            if "themes" in top:
                self.say(THEMED, "themes")
            return {}
        entries = self.members(top, "themes")
        return {
            name: self.values(self.members(entries, name, "themes"), path("themes", name))
            for name in entries
        }

    def subpatches(self, top: dict[str, Tree]) -> Iterator[tuple[str, Patch]]:
        if self.place:
            if "subpatches" in top:
                self.say(NESTED, "subpatches")
            return
        for name, entry in self.members(top, "subpatches").items():
            where = path("subpatches", name)
            if isinstance(entry, dict):
                yield name, Draft(self.report, entry, where, self.version).patch()
            else:
                self.say('a subpatch wants an object such as {"nodes": {…}}', where)

    def texts(self, top: dict[str, Tree], name: str, wants: str) -> Iterator[tuple[str, str]]:
        """Yield the members of a field that are text, as they should be."""
        for key, value in self.members(top, name).items():
            if isinstance(value, str):
                yield key, value
            else:
                self.say(wants, path(name, key))

    def members(self, parent: dict[str, Tree], name: str, where: str = "") -> dict[str, Tree]:
        """Return a field that is an object; it may be absent."""
        value = parent.get(name, {})
        if isinstance(value, dict):
            return value
        self.say("wants an object, in braces: {…}", path(where, name))
        return {}

    def text(self, parent: dict[str, Tree], name: str, where: str = "") -> str:
        """Return a field that is text; it may be absent."""
        value = parent.get(name, "")
        if isinstance(value, str):
            return value
        self.say(f"wants text, not {short(value)}", path(where, name))
        return ""

    def values(self, members: dict[str, Tree], where: str) -> dict[str, JSON]:
        """Return those members whose values can be kept."""
        kept: dict[str, JSON] = {}
        for name, value in members.items():
            try:
                kept[name] = freeze(value)
            except ValueError as fault:
                self.say(f"cannot be kept: {fault}", path(where, name))
        return kept

    def say(self, fault: str, field: str, node: str | None = None) -> None:
        self.add(Problem(fault, field=field, node=node))

    def add(self, problem: Problem) -> None:
        """Report a problem of this patch, at its place in the document."""
        if self.place:  # a node in there is none of the patch's own
            field = f"{self.place}.{problem.field}" if problem.field else self.place
            problem = Problem(problem.text, field=field)
        self.report.add(problem)


def _others(entry: dict[str, Tree], known: Collection[str]) -> dict[str, Tree]:
    return {name: value for name, value in entry.items() if name not in known}


def _within(place: str, field: str) -> bool:
    """Say whether `place` is `field` or lies inside it."""
    if not place.startswith(field):
        return False
    return not field or place[len(field) : len(field) + 1] in ("", ".", "[")


def _line(lines: Mapping[str, int], field: str) -> int:
    """Return the line of a field, or else of the nearest one around it."""
    while field and field not in lines:
        field = field[: max(field.rfind("."), field.rfind("["), 0)]
    return lines.get(field, 1)
