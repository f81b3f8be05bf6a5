"""YAML that we write: it reads back as what was meant, and files of people stay as they laid them out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.yaml_lines import parse_yaml
from reconciler.yaml_writing import with_key, with_value, write_yaml

ODD = ["1e3", "0x1F", "012", "true", "yes", "null", "~", "2026-01-01", "12:30:00", "+.5", "", "<<", "- a", "#", "a: b"]
texts = st.one_of(st.sampled_from(ODD), st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
values = st.recursive(texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
mappings = st.dictionaries(texts, values, max_size=4)


@given(mappings)
def test_what_is_written_reads_back(content: dict[str, object]) -> None:
    assert (parse_yaml(write_yaml(content)) or {}) == content


@given(mappings, mappings)
def test_a_key_is_set_and_everything_else_means_what_it_meant(content: dict[str, object], value: object) -> None:
    text = write_yaml(content) if content else ""

    assert parse_yaml(with_key(text, "metadata", value)) == {**content, "metadata": value}
    assert (parse_yaml(with_key(text, "metadata", None)) or {}) == {k: v for k, v in content.items() if k != "metadata"}


CASES = [
    pytest.param("", "FULL", "compatibility: FULL\n", id="nothing yet"),
    pytest.param("owner: x", "FULL", "owner: x\ncompatibility: FULL\n", id="no newline at the end"),
    pytest.param("---\nowner: x\n", "FULL", "---\nowner: x\ncompatibility: FULL\n", id="a marked beginning"),
    pytest.param(
        "# ours\ncompatibility: FULL  # since May\nowner: x\n",
        "NONE",
        "# ours\ncompatibility: NONE  # since May\nowner: x\n",
        id="comments",
    ),
    pytest.param("compatibility: 'FULL'\n", "NONE", "compatibility: NONE\n", id="quotes"),
    pytest.param("owner: x\ncompatibility: FULL\n", None, "owner: x\n", id="removed"),
    pytest.param("owner: x\n", None, "owner: x\n", id="removed and not there"),
    pytest.param("compatibility: FULL\n", None, "", id="the last one removed"),
    pytest.param("{compatibility: FULL, owner: x}\n", "NONE", "owner: x\ncompatibility: NONE\n", id="flow style"),
    pytest.param('owner: x\n"compatibility": FULL\n', "NONE", "owner: x\ncompatibility: NONE\n", id="a quoted key"),
    pytest.param(
        "a: |\n  compatibility: x\n", "FULL", "a: |\n  compatibility: x\ncompatibility: FULL\n", id="in a text"
    ),
]


@pytest.mark.parametrize(("text", "value", "expected"), CASES)
def test_a_file_of_people_stays_as_they_laid_it_out(text: str, value: str | None, expected: str) -> None:
    assert with_key(text, "compatibility", value) == expected


def test_a_nested_value_is_replaced_with_all_of_its_lines() -> None:
    text = "# a\nmetadata:\n  tags:\n    id:\n    - PII\n\n  sensitive: [x]\n# b\nwaivers:\n- code: A\n  reason: b\n"

    changed = with_key(with_key(text, "metadata", {"properties": {"retention": "1e3"}}), "waivers", None)

    assert changed == "# a\nmetadata:\n  properties:\n    retention: '1e3'\n# b\n"


SETTINGS = """\
# ours
registries:
  orders: {kind: confluent, compatibility: FULL, url: "http://x"}  # the first
  laptop:
    kind: local   # a file
    compatibility: "BACKWARD"  # since May
    settings:
      normalize: true
"""


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        ("registries.orders.compatibility", "NONE", "compatibility: FULL,", "compatibility: NONE,"),
        ("registries.orders.compatibility", None, "compatibility: FULL, ", ""),
        ("registries.orders.url", None, ', url: "http://x"', ""),
        ("registries.laptop.compatibility", "FULL", '"BACKWARD"', "FULL"),
        ("registries.laptop.compatibility", None, '    compatibility: "BACKWARD"  # since May\n', ""),
        ("registries.laptop.settings.normalize", False, "true", "false"),
        ("registries.laptop.settings.normalize", {"a": "0x1", "b": [1, "no"]}, "true", "{a: '0x1', b: [1, 'no']}"),
        ("registries.laptop.settings.normalize", "on: #1", "true", "'on: #1'"),
    ],
)
def test_a_value_within_takes_the_place_of_another(path: str, value: object, before: str, after: str) -> None:
    assert with_value(SETTINGS, path.split("."), value) == SETTINGS.replace(before, after)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (SETTINGS, "registries.asia.compatibility"),
        (SETTINGS, "registries.orders.kind.more"),
        ("", "registries.orders"),
        ("a: &x {mode: FULL}\nb: *x\n", "b.mode"),
        ("a: &x {mode: FULL}\nb: {<<: *x}\n", "b.mode"),
    ],
)
def test_what_is_not_there_or_cannot_be_changed_alone_is_left(text: str, path: str) -> None:
    assert with_value(text, path.split("."), "NONE") is None
