"""Thousands of damaged patch files: each is read as far as it goes, and nothing is raised."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from kit import many

from nodegraph.graph import Node, Patch, Port, Wire, dump, parse

TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[-+.\w]+|[{}\[\],:]')
VALUES: list[object] = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "a.b -> c.d",
    "x",
    [],
    [1, 2],
    {},
    {"type": "x"},
    [[]],
    1e300,
]
JUNK = [b"", b"NaN", b"1e999", b"'x'", b"// no", b'"\\ud83d"', b"\xff", b"[[[", b"}", b"01", b"\v"]
ROUNDS = many(50, 4_000)


def _large() -> bytes:
    nodes = {f"n{i}": Node("made.up", i + 1, {"p": i / 3, "q": [i, "é"]}) for i in range(12)}
    wires = tuple(Wire(Port(f"n{i}", "out"), Port(f"n{i * 5 % 12}", f"in{i}")) for i in range(12))
    return dump(Patch("large", "", nodes, wires, layout={"n3": (1, 2)})).encode()


def _flip(text: bytes, random: Random) -> bytes:
    damaged = bytearray(text)
    for _ in range(random.randint(1, 4)):
        damaged[random.randrange(len(damaged))] = random.randrange(256)
    return bytes(damaged)


def _cut(text: bytes, random: Random) -> bytes:
    a, b = sorted(random.choices(range(len(text) + 1), k=2))
    return random.choice([text[:a], text[a:], text[:a] + text[b:], text[:b] + text[a:]])


def _swap_tokens(text: bytes, random: Random) -> bytes:
    spans = [match.span() for match in TOKEN.finditer(text)]
    (a, b), (c, d) = sorted(random.sample(spans, 2))
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def _replace_token(text: bytes, random: Random) -> bytes:
    spans = [match.span() for match in TOKEN.finditer(text)]
    a, b = random.choice(spans)
    return text[:a] + random.choice(JUNK) + text[b:]


def _change_type(text: bytes, random: Random) -> bytes:
    tree = json.loads(text)
    at = tree
    while True:
        key = random.choice(list(at) if isinstance(at, dict) else range(len(at)))
        inner = at[key]
        if not isinstance(inner, dict | list) or not inner or random.random() < 0.3:
            at[key] = random.choice(VALUES)
            return json.dumps(tree).encode()
        at = inner


@pytest.mark.parametrize("damage", [_flip, _cut, _swap_tokens, _replace_token, _change_type])
@pytest.mark.parametrize("sample", ["everything.json", "format0.json", "format1.json", "large"])
def test_damage_is_reported_and_never_raised(
    sample: str, damage: Callable[[bytes, Random], bytes], golden: Path
) -> None:
    text = _large() if sample == "large" else (golden / sample).read_bytes()
    random = Random(f"{sample} {damage.__name__}")
    reported = 0
    for _ in range(ROUNDS):
        damaged = damage(text, random)
        reading = parse(damaged, "damaged.json")
        reported += bool(reading.problems)
        for problem in reading.problems:
            assert problem.line is not None or problem.field is not None, damaged
            assert problem.file == "damaged.json"
            str(problem).encode()
        again = parse(dump(reading.patch))  # what was read is whole, and can be saved
        assert again.problems == ()
        assert dump(again.patch) == dump(reading.patch)
        if _not_json(damaged):
            assert reading.problems, damaged
    assert reported > ROUNDS / 4


def _not_json(text: bytes) -> bool:
    try:
        json.loads(text.decode().removeprefix("\ufeff"))
    except ValueError:
        return True
    return False
