"""JSON text with its places: strict reading, writing numbers as they were, pointers to lines."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.errors import SchemaError
from reconciler.schemas.json_positions import (
    MAX_DEPTH,
    duplicate_keys,
    load_json,
    locate,
    pointer,
    raise_if_half_pair,
    render_json,
)

TEXT = """{
  "type": "object",
  "properties": {
    "a/b": {"type": "string"},
    "tags": [1, {"deep": 2.50}]
  },
  "type": "array"
}"""

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("", (1, 1)),
        ("#", (1, 1)),
        ("/properties", (3, 3)),
        ("/properties/a~1b/type", (4, 13)),
        ("#/properties/a~1b/type", (4, 13)),
        ("#/properties/a%7E1b", (3, 3)),
        ("/properties/tags/0", (5, 14)),
        ("/properties/tags/1/deep", (5, 18)),
        ("/properties/tags/7", (5, 5)),
        ("/properties/tags/1/deep/deeper", (5, 18)),
        ("/type", (7, 3)),
        ("#/", (1, 1)),
        ("nonsense", (1, 1)),
    ],
)
def test_a_pointer_leads_to_its_line_or_to_the_nearest_enclosing_one(path: str, place: tuple[int, int]) -> None:
    assert locate(TEXT, path) == place


def test_a_text_without_a_value_has_no_places() -> None:
    assert locate(" \n", "/a") is None


def test_a_percent_encoded_part_is_found_as_well() -> None:
    assert locate('{"a b":\n{"c":1}}', "#/a%20b/c") == (2, 2)


@pytest.mark.parametrize(
    ("text", "words", "line", "column"),
    [
        ("", "empty", 1, 1),
        ('{"a": 1,}', "comma with nothing after it", 1, 9),
        ('{\n "a": tru\n}', "expecting value", 2, 7),
        ('// first\n{"a": 1}', "comment", 1, 1),
        ('{"a": 1, /* here */ "b": 2}', "comment", 1, 10),
        ('{"a":\n NaN}', "NaN is not JSON", 2, 2),
        ("[1, -Infinity]", "-Infinity is not JSON", 1, 5),
        ("\ufeff{}", "byte-order mark", 1, 1),
        ("<html></html>", "markup", 1, 1),
        ('{"a": "x\ny"}', "control character", 1, 9),
        ('["' + "x", "unterminated", 1, 2),
        ('{"a": "\ud800"}', "half a surrogate pair", 1, 8),
        ('{"a": 1} {}', "extra data", 1, 10),
        ("[" + "7" * 5000 + "]", "5000 digits", 1, 2),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "levels deep", 1, MAX_DEPTH + 1),
        ("[" * 200_000, "levels deep", 1, MAX_DEPTH + 1),
        ('{"a":' * 200_000, "levels deep", 1, 5 * MAX_DEPTH + 1),
    ],
)
def test_what_is_not_json_is_told_with_its_place(text: str, words: str, line: int, column: int) -> None:
    with pytest.raises(SchemaError) as caught:
        load_json(text)
    assert words in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.fix


def test_the_greatest_depth_is_read_and_written() -> None:
    text = "[" * MAX_DEPTH + "1.0" + "]" * MAX_DEPTH
    assert render_json(load_json(text)) == text
    assert json.loads(render_json(load_json(text), indent=2)) == json.loads(text)


def test_a_constant_within_a_string_is_text() -> None:
    assert load_json('["NaN", "// no comment"]') == ["NaN", "// no comment"]


def test_numbers_are_written_as_they_were() -> None:
    text = '[1,1.0,1.00,1e3,1E+3,-0.10,12345678901234567890,{"a":2.50,"b":[],"c":{}}]'
    assert render_json(load_json(text)) == text
    assert '"a": 2.50,' in render_json(load_json(text), indent=2)


def test_half_a_surrogate_pair_stays_an_escape() -> None:
    text = render_json(load_json('{"pattern": "[\\ud800-\\udfff]", "title": "\\u00e9"}'))
    assert text == '{"pattern":"[\\ud800-\\udfff]","title":"é"}'
    assert text.encode()


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{"doc": "\\ud800"}', 1, 9),
        ('{\n  "\\udfff": 1}', 2, 3),
        ('["\\u00e9",\n "a \\uD83D b"]', 2, 2),
        ('["\\ud83d\\ude00", "\\ude00\\ud83d"]', 1, 18),
    ],
)
def test_half_a_surrogate_pair_that_an_escape_spells_is_told_with_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(SchemaError) as caught:
        raise_if_half_pair(text)

    assert (caught.value.code, caught.value.line, caught.value.column) == ("HALF_SURROGATE_PAIR", line, column)
    assert caught.value.message.encode()


@pytest.mark.parametrize("text", ['["\\ud83d\\ude00", "\\u00e9"]', '["\\\\ud800"]', '"\U0001f600"', "{}"])
def test_whole_pairs_and_escaped_backslashes_are_no_halves(text: str) -> None:
    raise_if_half_pair(text)

    assert load_json(text) is not None


def test_of_a_key_twice_the_last_one_counts_and_is_told() -> None:
    assert load_json(TEXT) == {"type": "array", "properties": {"a/b": {"type": "string"}, "tags": [1, {"deep": 2.5}]}}
    assert duplicate_keys(TEXT) == ("/type",)
    assert duplicate_keys('[{"a": {"b": 1, "b": 2}, "c": 1}, {"c": 1}]') == ("/0/a/b",)


@settings(deadline=None)
@given(values)
def test_writing_is_what_python_writes(value: object) -> None:
    assert render_json(load_json(json.dumps(value)), indent=2) == json.dumps(value, indent=2, ensure_ascii=False)
    assert json.loads(render_json(load_json(json.dumps(value)), sort_keys=True)) == value


@settings(deadline=None)
@given(st.text(alphabet='{}[]",:\\ab1 \n'), st.text(alphabet="/ab1~#%"))
def test_no_text_and_no_path_make_locating_fail(text: str, path: str) -> None:
    place = locate(text, path)
    assert place is None or (1 <= place[0] <= text.count("\n") + 1 and place[1] >= 1)
    assert isinstance(duplicate_keys(text), tuple)


@pytest.mark.parametrize("path", ["/a/b", "//b", "/fields/0/type"])
def test_text_without_keys_is_searched_as_far_as_it_makes_sense(path: str) -> None:
    assert locate('{ :"x"{ "b": {"c": 1}', path) in ((1, 1), (1, 9))


@settings(deadline=None)
@given(values)
def test_every_value_is_found_by_its_pointer(value: object) -> None:
    text = json.dumps(value, indent=1)
    lines = text.split("\n")
    for path, part in _parts(value, ()):
        line, column = locate(text, pointer(path)) or (0, 0)
        rest = lines[line - 1][column - 1 :]
        assert rest.startswith(json.dumps(path[-1]) if path and isinstance(path[-1], str) else json.dumps(part)[0])


def _parts(value: object, path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], object]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(path, value), *(part for key, member in members for part in _parts(member, (*path, key)))]
