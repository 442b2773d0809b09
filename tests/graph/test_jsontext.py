"""The reader of JSON against the standard library's, and against hostile text."""

from __future__ import annotations

import json
import math
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nodegraph.graph import JSON
from nodegraph.graph.jsontext import MAX_DEPTH, MAX_PROBLEMS, read


@given(data=st.data(), ascii_only=st.booleans(), indent=st.sampled_from([None, 0, 3]))
def test_reads_what_the_standard_library_writes(
    data: st.DataObject, values: SearchStrategy[JSON], ascii_only: bool, indent: int | None
) -> None:
    value = data.draw(values)
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    document = read(text)
    assert document.problems == ()
    assert repr(document.value) == repr(json.loads(text))  # tells 1 from 1.0, and -0.0 from 0.0


def _strict(text: str) -> object:
    def refuse(name: str) -> None:
        raise ValueError(name)

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("twice")
        return dict(pairs)

    value = json.loads(text, parse_constant=refuse, object_pairs_hook=unique)
    for number in _numbers(value):
        if math.isinf(number) or (isinstance(number, int) and not -(2**63) <= number < 2**63):
            raise ValueError("large")
    return value


def _numbers(value: object) -> list[float]:
    match value:
        case bool() | None | str():
            return []
        case int() | float():
            return [value]
        case list():
            return [number for item in value for number in _numbers(item)]
        case dict():
            return [number for item in value.values() for number in _numbers(item)]
    raise AssertionError(value)


@given(st.text(st.sampled_from('{}[]",:\\u 0123456789.eE+-truefalsn\n\t\v\x85\xa0'), max_size=14))
@example("1e400")
@example("-")
@example("[\v1]")
@example("01")
@example("1.")
@example('{"a":1,"a":2}')
@example("[1,]")
def test_refuses_exactly_what_a_strict_reader_refuses(text: str) -> None:
    document = read(text)
    try:
        expected = _strict(text)
    except ValueError:
        assert document.problems, text
    else:
        if not _has_lone_surrogate(text):
            assert document.problems == ()
            assert repr(document.value) == repr(expected)


def _has_lone_surrogate(text: str) -> bool:
    try:
        json.dumps(json.loads(text), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


@given(st.binary(max_size=60))
def test_any_bytes_give_a_document(data: bytes) -> None:
    document = read(data)
    for problem in document.problems:
        assert problem.line is not None
        assert 1 <= problem.line <= data.count(b"\n") + 1
        str(problem).encode()  # can be printed, whatever the bytes were


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{"a": 1\n "b": 2}', 2, 2),
        ('{"a": tru}', 1, 7),
        ('{"a": "x\\q"}', 1, 9),
        ('{\n\n  "a" 1}', 3, 7),
        ("[1, 2", 1, 6),
        ('["é", é]', 1, 7),
    ],
)
def test_a_fault_has_line_and_column(text: str, line: int, column: int) -> None:
    problem = read(text).problems[0]
    assert problem.line == line
    assert problem.text.endswith(f"(column {column})")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}),
        ('{"a": 1,, "b": 2,}', {"a": 1, "b": 2}),
        ('{"a": [1, 2}', {"a": [1, 2]}),
        ('{a: 1, "b": 2}', {"b": 2}),
        ('{"b": 2', {"b": 2}),
        ('{"b": 2]}', {"b": 2}),
        ('{"b": 2, 7}', {"b": 2}),
        ('{"b" 2}', {"b": 2}),
    ],
)
def test_reads_on_after_a_fault(text: str, value: object) -> None:
    document = read(text)
    assert len(document.problems) <= 2
    assert document.problems
    assert document.value == value


def test_nesting_is_read_to_its_limit() -> None:
    at_limit = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert read(at_limit).problems == ()
    assert "deeper" in read(f"[{at_limit}]").problems[0].text


HOSTILE = {
    "lists": b"[" * 5_000_000,
    "objects": b'{"a":' * 1_000_000,
    "closers": b"[" + b"]" * 5_000_000,
    "quotes": b"[" + b'"' * 5_000_000,
    "open text": b'{"a":"' + b"\\n" * 2_500_000,
    "blanks": b"{" + b" \n" * 2_500_000,
    "commas": b"[" + b"," * 5_000_000,
    "digits": b"[" + b"1" * 5_000_000,
    "decimals": b"[0." + b"1" * 5_000_000,
    "word": b"{" + b"x" * 5_000_000,
    "zeros": b"\0" * 5_000_000,
    "not UTF-8": b"[" + b"\xff" * 5_000_000,
    "long name": b'{"' + b"k" * 1_000_000 + b'":[' + b"0," * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_quick_and_says_so_briefly(name: str) -> None:
    began = time.process_time()
    document = read(HOSTILE[name])
    assert time.process_time() - began < 2.0
    assert 1 <= len(document.problems) <= MAX_PROBLEMS + 1
    assert all(len(str(problem)) < 500 for problem in document.problems)


@pytest.mark.parametrize("comment", ["// mine", "# mine", "/* mine,\n   too */", "/* no end"])
def test_a_comment_is_one_problem_that_says_where_notes_go(comment: str) -> None:
    first = read(f'{{"a": 1, {comment}\n"b": 2}}').problems[0]
    assert "no comments" in first.text
    assert '"note"' in first.text
    if "no end" not in comment:
        document = read(f'{comment}\n{{"a": [1, {comment}\n 2]}}')
        assert document.value == {"a": [1, 2]}
        assert len(document.problems) == 2
    assert read('{"a": "http://x # y"}').problems == ()
