"""YAML: the values of the core schema, positions, and limits."""

from __future__ import annotations

import pytest

from reconciler.yaml_lines import YamlDocument, YamlError, parse_yaml

TEXT = "# first\nowner: x\nmetadata:\n  properties: {a: 1, b: [1, {c: 2}]}\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("2027-03-01", "2027-03-01"),
        ("010", "010"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("10", 10),
        ("-1.5", -1.5),
        ("1e3", 1000.0),
        ("~", None),
        ("", None),
        ("9" * 5000, "9" * 5000),
        ("{a: &x {b: 1}, c: {<<: *x, d: 2}}", {"a": {"b": 1}, "c": {"b": 1, "d": 2}}),
    ],
)
def test_value(text: str, value: object) -> None:
    assert parse_yaml(text) == value


@pytest.mark.parametrize(
    ("path", "of_key", "place"),
    [
        (["owner"], True, "f.yaml:2:1"),
        (["owner"], False, "f.yaml:2:8"),
        (["metadata", "properties", "b"], True, "f.yaml:4:22"),
        (["metadata", "properties", "b", 1, "c"], False, "f.yaml:4:33"),
        (["metadata", "missing"], False, "f.yaml:4:3"),
        ([], False, "f.yaml:2:1"),
    ],
)
def test_place(path: list[str | int], of_key: bool, place: str) -> None:
    assert str(YamlDocument("f.yaml", parse_yaml(TEXT), TEXT).locate(path, of_key=of_key)) == place


@pytest.mark.parametrize("text", ['{"owner": 1,\n"x": 2}', "a: 'x\n\n  owner: 1'\nowner: 2\n", "? owner\n: 1\n"])
def test_place_of_a_key_in_other_styles(text: str) -> None:
    found = YamlDocument("f.yaml", parse_yaml(text), text).locate(["owner"], of_key=True)

    line = text.splitlines()[found.line - 1]
    assert line[found.column - 1 :].lstrip('"').startswith("owner")


@pytest.mark.parametrize(
    "text", ["!!python/object/apply:os.system [x]", "? [1]\n: 2", "a: 1\n---\nb: 2", "%", "'", "a: b: c"]
)
def test_what_is_not_yaml(text: str) -> None:
    with pytest.raises(YamlError) as caught:
        parse_yaml(text)
    assert caught.value.message.startswith("is not YAML: ")
    assert caught.value.line >= 1


@pytest.mark.parametrize(
    "text", ["[" * 1_000_000, "- " * 500_000, "{a: " * 250_000, "\n".join(" " * i + "a:" for i in range(1300))]
)
def test_depth(text: str) -> None:
    with pytest.raises(YamlError, match="is nested deeper than 100 levels"):
        parse_yaml(text)


def test_hundred_levels_are_fine() -> None:
    assert parse_yaml("[" * 100 + "]" * 100)


def test_depth_through_aliases() -> None:
    text = "".join(f"a{i}: &a{i} [{f'*a{i - 1}' if i else ''}]\n" for i in range(120))

    with pytest.raises(YamlError, match="is nested deeper than 100 levels"):
        parse_yaml(text)
