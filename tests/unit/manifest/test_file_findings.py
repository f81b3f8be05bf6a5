"""What is said about keys and values that a file should not have."""

from __future__ import annotations

import pytest

from reconciler.file_findings import check_document
from reconciler.manifest import FORMATS, Defaults, Sidecar
from reconciler.yaml_lines import YamlDocument, parse_yaml

MODES = "one of: NONE, BACKWARD, BACKWARD_TRANSITIVE, FORWARD, FORWARD_TRANSITIVE, FULL, FULL_TRANSITIVE"
SIDECAR_KEYS = (
    "known keys here: compatibility, inherited_mode, settings, owner, tags, registries, "
    "subject, metadata, rules, references, waivers, manage"
)


@pytest.mark.parametrize(
    ("text", "place", "code", "message", "fix"),
    [
        (
            "compatability: FULL",
            "f:1:1",
            "UNKNOWN_KEY",
            "unknown key `compatability`; did you mean `compatibility`?",
            SIDECAR_KEYS,
        ),
        (
            "compatibility: BACKWRD",
            "f:1:16",
            "INVALID_VALUE",
            "`BACKWRD` is not a compatibility mode; did you mean `BACKWARD`?",
            MODES,
        ),
        (
            "compatibility: full",
            "f:1:16",
            "INVALID_VALUE",
            "`full` is not a compatibility mode; did you mean `FULL`?",
            MODES,
        ),
        ("owner: 12", "f:1:8", "INVALID_VALUE", "`owner` must be text, not a number (`12`)", 'write "12" in quotes'),
        ("owner: ''", "f:1:8", "INVALID_VALUE", "`owner` is empty", "give it a value, or remove the key"),
        ("tags: a", "f:1:7", "INVALID_VALUE", "`tags` must be a list, not text (`a`)", None),
        ("manage: yes", "f:1:9", "INVALID_VALUE", "`manage` must be `true` or `false`, not text (`yes`)", None),
        ("- a", "f:1:1", "INVALID_VALUE", "the file must be a mapping of keys to values, not a list", None),
        (
            "owner: false",
            "f:1:8",
            "INVALID_VALUE",
            "`owner` must be text, not true or false (`false`)",
            'write "false" in quotes',
        ),
        ("1: x", "f:1:1", "INVALID_VALUE", "key `1` must be text", 'write "1" in quotes'),
        (
            "metadata:\n  tag: {}",
            "f:2:3",
            "UNKNOWN_KEY",
            "unknown key `tag`; did you mean `tags`?",
            "known keys here: properties, tags, sensitive",
        ),
        (
            "references:\n  - {name: a}",
            "f:2:5",
            "MISSING_KEY",
            "key `subject` is missing in `references[0]`",
            "add `subject: ...`",
        ),
        (
            "references: [{name: a, subject: b, version: 1}]",
            "f:1:14",
            "INVALID_VALUE",
            "`references[0]`: a pin needs both `version` and `file`, and a reference that follows the tree neither",
            None,
        ),
        ("registries: []", "f:1:13", "INVALID_VALUE", "`registries` is empty", "give it a value, or remove the key"),
    ],
)
def test_finding(text: str, place: str, code: str, message: str, fix: str | None) -> None:
    model, findings = check_document(Sidecar, YamlDocument("f", parse_yaml(text), text))

    assert model is None
    assert [(str(f.location), f.code, f.message, f.fix) for f in findings] == [(place, code, message, fix)]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("avrp", f"`files.*.x`: `avrp` is not a format; one of: {', '.join(FORMATS)}"),
        ("{formt: avro}", "unknown key `formt`; did you mean `format`?"),
        ("1", "`files.*.x` must be a mapping of keys to values, not a number (`1`)"),
    ],
)
def test_finding_of_a_file_rule(rule: str, message: str) -> None:
    text = f'files: {{"*.x": {rule}}}'
    _, findings = check_document(Defaults, YamlDocument("f", parse_yaml(text), text))

    assert [f.message for f in findings] == [message]


def test_all_findings_of_a_file_at_once() -> None:
    text = "ownr: x\ntags: a\ncompatibility: X\n"
    _, findings = check_document(Sidecar, YamlDocument("f", parse_yaml(text), text))

    assert {f.location.line for f in findings if f.location} == {1, 2, 3}


def test_empty_file_is_an_empty_mapping() -> None:
    model, findings = check_document(Sidecar, YamlDocument("f", None, ""))

    assert model == Sidecar() and findings == ()
