"""Reads the files that Scope's web page exports; each mistake is a sentence with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from nodegraph.errors import PatchError, Problem
from nodegraph.graph import jsontext
from nodegraph.graph.draft import Report
from nodegraph.graph.jsontext import Tree
from nodegraph.graph.rules import short
from nodegraph.scope.parameters import PARAMETERS, UnfitError
from nodegraph.scope.workflow import (
    DEFAULT_INTERPOLATION,
    DEFAULT_STEPS,
    SETTINGS,
    Entry,
    Told,
    WeightedTexts,
    Workflow,
)
from nodegraph.scope.workflow_file import FORMAT, OLD_NAMES, OVERRIDES, WHOLE

LONGEST = 100 * 3600.0  # seconds
MOST_PARTS = 400_000  # commas and brackets: what takes time to read
MOST_ENTRIES = 5000
MOST_PROMPTS = 64  # in one entry; the page has four
MOST_TEXT = 1_000_000  # characters of all prompts together
WAYS = ("linear", "slerp")

Members = dict[str, Tree]


class _Names(NamedTuple):
    """What the fields of an entry are called."""

    start: str
    end: str
    steps: str
    interpolation: str


_NEW = _Names("start_time", "end_time", "transition_steps", "temporal_interpolation_method")
_OLD = _Names("startTime", "endTime", "transitionSteps", "temporalInterpolationMethod")


def read(text: str | bytes, file: str | None = None, name: str = "") -> Told:
    """The workflow that a file holds, with remarks on what of it is not taken over.

    `name` is given to a Timeline, which has none. Raises PatchError with everything that is wrong.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    if sum(map(text.count, ",[{")) > MOST_PARTS:
        fault = f"has more than {MOST_PARTS:,} parts: this can hardly be a Scope file"
        raise PatchError([Problem(fault, file=file)])
    document = jsontext.read(text)
    reading = _Reading(Report(document, file))
    told = reading.told(document.value, name)
    if problems := reading.report.problems:
        raise PatchError(sorted(problems, key=lambda problem: problem.line or 0))
    return told


class _Reading:
    """Reads one file. What is wrong goes into the report, and a default stands in for it."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.remarks: list[str] = []

    def told(self, top: Tree, name: str) -> Told:
        workflow = Workflow(name, ())
        if not isinstance(top, dict):
            self.say("a Scope file is an object, in braces: {…}", "")
        elif top.get("format") == FORMAT:
            workflow = self.workflow(top)
        elif "format" not in top and isinstance(top.get("prompts"), list):
            workflow = self.timeline(top, name)
        elif "nodegraph" in top:
            self.say("this is a patch already: open it as it is", "")
        elif "nodes" in top and "edges" in top:
            self.say("this is a graph without a timeline: open it in Scope's own editor", "")
        else:
            self.say(f'nothing says that this is a Scope file: it wants "format": "{FORMAT}"', "")
        return Told(workflow, tuple(self.remarks))

    def workflow(self, top: Members) -> Workflow:
        metadata = self.members(top, "metadata", "")
        name = metadata.get("name")
        if not isinstance(name, str):
            self.say("wants a text: the name of the workflow", "metadata.name")
        main, place = self.main_pipeline(top)
        usual = self.coming_in(top, _NEW, "", (DEFAULT_STEPS, DEFAULT_INTERPOLATION))
        timeline = self.members(top, "timeline", "")
        entries = [*self.entries(timeline, "entries", "timeline.entries", _NEW, usual)]
        if not entries:
            alone = self.prompts(top.get("prompts", []), "prompts")
            entries = [Entry(0.0, LONGEST, alone, *usual)] if alone else []
        if not entries:
            self.say("there are no prompts in this workflow: it has nothing to play", "timeline")
        if "graph" in top:
            self.remarks.append("its graph is not taken over: the patch has what it steers")
        params = self.members(main, "params", place)
        return Workflow(
            name if isinstance(name, str) else "",
            tuple(entries),
            self.settings(params, f"{place}.params", {name: name for name in SETTINGS}),
            self.choice(top, "interpolation_method", "", WAYS, "linear"),
            str(main.get("pipeline_id") or main.get("node_type_id") or ""),
            tuple(self.loras(main, place)),
        )

    def timeline(self, top: Members, name: str) -> Workflow:
        settings = self.members(top, "settings", "")
        overrides = self.members(settings, "schemaFieldOverrides", "settings")
        usual = (DEFAULT_STEPS, DEFAULT_INTERPOLATION)
        entries = tuple(self.entries(top, "prompts", "prompts", _OLD, usual))
        if not entries:
            self.say("the timeline is empty: it has nothing to play", "prompts")
        if settings.get("loras"):
            self.remarks.append("its LoRAs are not taken over: load them with the session")
        return Workflow(
            name,
            entries,
            self.settings(settings, "settings", OLD_NAMES)
            | self.settings(overrides, "settings.schemaFieldOverrides", OVERRIDES),
            pipeline=str(settings.get("pipelineId") or ""),
        )

    def main_pipeline(self, top: Members) -> tuple[Members, str]:
        """The pipeline that paints, and its place: the one with that role, else the first."""
        listed = top.get("pipelines")
        if not isinstance(listed, list) or not listed:
            self.say("wants a list with at least one pipeline", "pipelines")
            return {}, "pipelines"
        found = {n: each for n, each in enumerate(listed) if isinstance(each, dict)}
        if len(found) < len(listed):
            self.say("wants an object for each pipeline, in braces: {…}", "pipelines")
        main = [n for n, each in found.items() if each.get("role") == "main"] or [*found]
        if len(found) > 1:
            self.remarks.append(
                "of its pipelines only the main one is taken over; load the others with the session"
            )
        return (found[main[0]], f"pipelines[{main[0]}]") if main else ({}, "pipelines")

    def loras(self, main: Members, place: str) -> Iterator[tuple[str, float]]:
        listed = main.get("loras")
        for number, each in enumerate(listed if isinstance(listed, list) else ()):
            where = f"{place}.loras[{number}]"
            filename = each.get("filename") if isinstance(each, dict) else None
            if not isinstance(each, dict) or not isinstance(filename, str):
                self.say('wants an object with the "filename" of a LoRA', where)
            else:
                yield filename, self.number(each, "weight", where, -10.0, 10.0, 1.0)

    def entries(
        self, parent: Members, name: str, place: str, names: _Names, usual: tuple[int, str]
    ) -> Iterator[Entry]:
        """Entries in the order of their starts; of two that start together, the later in the
        file."""
        listed = parent.get(name, [])
        if not isinstance(listed, list):
            self.say(f"wants a list of entries, in brackets: […], not {short(listed)}", place)
            return
        if len(listed) > MOST_ENTRIES:
            self.say(f"has {len(listed)} entries: more than {MOST_ENTRIES} are not read", place)
        found: dict[float, Entry] = {}
        for number, each in enumerate(listed[:MOST_ENTRIES]):
            where = f"{place}[{number}]"
            if not isinstance(each, dict):
                self.say("wants an object, in braces: {…}", where)
                continue
            start = self.number(each, names.start, where, 0.0, LONGEST)
            end = self.number(each, names.end, where, 0.0, LONGEST, LONGEST)
            prompts = self.prompts(each.get("prompts"), f"{where}.prompts")
            if end > start:
                found[start] = Entry(
                    start, end, prompts, *self.coming_in(each, names, where, usual)
                )
        if sum(len(text) for entry in found.values() for text, _ in entry.prompts) > MOST_TEXT:
            self.say(f"the prompts have more than {MOST_TEXT:,} characters together", place)
        yield from (found[start] for start in sorted(found))

    def coming_in(
        self, members: Members, names: _Names, where: str, usual: tuple[int, str]
    ) -> tuple[int, str]:
        """How prompts come in: chunks and interpolation."""
        steps = self.number(members, names.steps, where, 0.0, 1000.0, usual[0])
        return round(steps), self.choice(members, names.interpolation, where, WAYS, usual[1])

    def prompts(self, value: Tree, place: str) -> WeightedTexts:
        if not isinstance(value, list) or len(value) > MOST_PROMPTS:
            self.say(f"wants a list of up to {MOST_PROMPTS} prompts, in brackets: […]", place)
            return ()
        found = []
        for number, each in enumerate(value):
            where = f"{place}[{number}]"
            text = each.get("text") if isinstance(each, dict) else None
            if not isinstance(each, dict) or not isinstance(text, str):
                self.say('wants an object such as {"text": "calm sea", "weight": 100}', where)
            else:
                weight = self.number(each, "weight", where, 0.0, 1000.0 * WHOLE, WHOLE)
                found.append((text, weight / WHOLE))
        return tuple(found)

    def settings(self, said: Members, place: str, names: Mapping[str, str]) -> dict[str, object]:
        """Clean values of what a file says; `names` tells what it calls which setting."""
        kept = {}
        for name, called in names.items():
            value = said.get(called)
            if value is None:
                continue
            try:
                kept[name] = PARAMETERS[name].clean(value)
            except UnfitError as unfit:
                self.say(f"{unfit}; it expects {PARAMETERS[name].expects}", f"{place}.{called}")
        return kept

    def number(
        self,
        members: Members,
        name: str,
        where: str,
        low: float,
        high: float,
        usual: float | None = None,
    ) -> float:
        value = members.get(name, usual)
        value = usual if value is None else value
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        expects = f"a number from {low:g} to {high:g}"
        said = "is missing" if value is None else f"is {short(value)}"
        self.say(f"{said}; it wants {expects}", f"{where}.{name}" if where else name)
        return low if usual is None else usual

    def choice(
        self, members: Members, name: str, where: str, choices: tuple[str, ...], usual: str
    ) -> str:
        value = members.get(name)
        if value is not None and value not in choices:
            fault = f"is {short(value)}; it wants {' or '.join(choices)}"
            self.say(fault, f"{where}.{name}" if where else name)
        return str(value) if value in choices else usual

    def members(self, parent: Members, name: str, where: str) -> Members:
        value = parent.get(name)
        if isinstance(value, dict):
            return value
        if value is not None:
            self.say("wants an object, in braces: {…}", f"{where}.{name}" if where else name)
        return {}

    def say(self, fault: str, field: str) -> None:
        self.report.add(Problem(fault, field=field))
