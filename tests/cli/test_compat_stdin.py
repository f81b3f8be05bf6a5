"""`compat --stdin`: an answer for every line, whatever the line holds."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from subprocess import PIPE, Popen
from typing import Any

import pytest

from reconciler.operations import compat_lines
from tests.repositories import Outcome, Repository, record

Ask = Callable[..., list[dict[str, Any]]]

OLD = json.dumps(record("Order", "id"))
WITH_TOTAL = json.dumps(record("Order", "id", {"name": "total", "type": "int"}))
WITH_DEFAULT = json.dumps(record("Order", "id", {"name": "total", "type": "int", "default": 0}))
MISSING_DEFAULT = "READER_FIELD_MISSING_DEFAULT_VALUE"


def request(**fields: Any) -> dict[str, Any]:
    return {"id": 1, "format": "AVRO", "mode": "BACKWARD", "new": OLD, "existing": [OLD]} | fields


@pytest.fixture
def run(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], Outcome]:
    """A function that gives bytes to the command."""

    def give(content: bytes) -> Outcome:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        return repository.run_plain("compat", "--stdin")

    return give


@pytest.fixture
def ask(run: Callable[[bytes], Outcome]) -> Ask:
    """A function that gives lines (a dict is written as JSON) to the command, and reads its answers."""

    def give(*lines: bytes | dict[str, Any]) -> list[dict[str, Any]]:
        done = run(b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines))
        assert (done.exit_code, done.err) == (0, "")
        return [json.loads(answer) for answer in done.out.splitlines()]

    return give


def test_a_request_is_answered_with_its_differences(ask: Ask) -> None:
    answers = ask(request(id="a", new=WITH_TOTAL), request(id="b", new=WITH_DEFAULT))

    assert answers == [
        {
            "id": "a",
            "compatible": False,
            "differences": [{"type": MISSING_DEFAULT, "path": "/fields/1", "compatible": False, "against": 1}],
        },
        {"id": "b", "compatible": True, "differences": []},
    ]


def test_against_counts_the_existing_versions_from_the_oldest(ask: Ask) -> None:
    transitive = request(new=WITH_TOTAL, existing=[OLD, WITH_DEFAULT, OLD], mode="BACKWARD_TRANSITIVE")
    latest_only = request(new=WITH_TOTAL, existing=[OLD, WITH_DEFAULT], mode="BACKWARD")

    answers = ask(transitive, latest_only)

    assert [[d["against"] for d in answer["differences"]] for answer in answers] == [[3, 1], []]


def test_nothing_to_be_compatible_with(ask: Ask) -> None:
    answers = ask(request(existing=[]), request(new='"string"', mode="NONE"))

    assert [answer["compatible"] for answer in answers] == [True, True]


def test_existing_versions_may_have_another_format(ask: Ask) -> None:
    schema = '{"type": "object"}'

    answers = ask(request(existing=[schema], existing_formats=["JSON"]))

    assert [d["type"] for d in answers[0]["differences"]] == ["FORMAT_CHANGED"]


def test_a_format_without_rules_is_an_error(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.compatibility.JUDGED_FORMATS", frozenset({"AVRO"}))

    answers = ask(request(format="JSON", new="{}", existing=["{}"]))

    assert answers == [{"id": 1, "error": "JSON schemas are not judged yet"}]


def entry(name: str, schema: str) -> dict[str, Any]:
    return {"name": name, "subject": name, "version": 1, "schema": schema}


MONEY = json.dumps(record("Money", {"name": "currency", "type": "com.acme.Currency"}))
CURRENCY = json.dumps({"type": "enum", "name": "Currency", "namespace": "com.acme", "symbols": ["EUR", "USD"]})
FEWER = json.dumps({"type": "enum", "name": "Currency", "namespace": "com.acme", "symbols": ["EUR"]})
PRICED = json.dumps(record("Order", {"name": "price", "type": "com.acme.Money"}))


def test_references_may_use_each_other_and_each_version_has_its_own(ask: Ask) -> None:
    new = [entry("com.acme.Money", MONEY), entry("com.acme.Currency", FEWER)]
    old = [entry("com.acme.Currency", CURRENCY), entry("com.acme.Money", MONEY)]

    answers = ask(request(new=PRICED, existing=[PRICED], references={"new": new, "existing": [old]}))

    assert answers[0]["differences"] == [
        {
            "type": "MISSING_ENUM_SYMBOLS",
            "path": "/fields/0/type/fields/0/type/symbols",
            "compatible": False,
            "against": 1,
        }
    ]


def test_a_reference_is_found_by_what_it_defines_when_its_name_is_another(ask: Ask) -> None:
    references = {"new": [entry("x", MONEY), entry("y", CURRENCY)]}

    answers = ask(request(new=PRICED, existing=[], references=references))

    assert answers == [{"id": 1, "compatible": True, "differences": []}]


def test_references_of_json_and_protobuf_schemas(ask: Ask) -> None:
    order = '{"properties": {"total": {"$ref": "money.json"}}}'
    by_ref = {"new": [entry("money.json", '{"$ref": "unit.json"}'), entry("unit.json", '{"type": "integer"}')]}
    message = 'syntax = "proto3"; import "m.proto"; message Order { Money total = 1; }'
    by_import = {"new": [entry("m.proto", 'syntax = "proto3"; message Money { int64 units = 1; }')]}

    answers = ask(
        request(format="JSON", new=order, existing=[], references=by_ref),
        request(format="PROTOBUF", new=message, existing=[], references=by_import),
    )

    assert [answer.get("compatible") for answer in answers] == [True, True], answers


def imported(schema: str, version: int) -> list[dict[str, Any]]:
    return [{"name": "money.proto", "subject": "money", "version": version, "schema": schema}]


def test_imports_are_compared_unless_they_are_the_same_version_of_a_subject(ask: Ask) -> None:
    order = 'syntax = "proto3"; import "money.proto"; message Order { shop.Money total = 1; }'
    old, new = (f'syntax = "proto3"; package shop; message Money {{ {kind} v = 1; }}' for kind in ("string", "int32"))

    other, same = ask(
        *(
            request(
                format="PROTOBUF",
                new=order,
                existing=[order],
                references={"new": imported(new, version), "existing": [imported(old, 1)]},
            )
            for version in (2, 1)
        )
    )

    assert [(d["type"], d["path"]) for d in other["differences"]] == [
        ("FIELD_SCALAR_KIND_CHANGED", "#/Money/1"),
        ("FIELD_NAMED_TYPE_CHANGED", "#/Order/1"),
    ]
    assert same == {"id": 1, "compatible": True, "differences": []}


def test_the_same_version_of_a_subject_is_not_compared_whatever_its_texts_declare(ask: Ask) -> None:
    old, new = (
        f'syntax = "proto3"; import "money.proto"; message Order {{ Money m = 1; {more} }}'
        for more in ("Note n = 2;", "")
    )
    texts = [f'syntax = "proto3"; message Money {{ {kind} v = 1; }}' for kind in ("string", "int32")]
    references = {"new": imported(texts[1], 3), "existing": [imported(texts[0] + " message Note {}", 3)]}

    (answer,) = ask(request(format="PROTOBUF", new=new, existing=[old], references=references))

    assert [(d["type"], d["path"]) for d in answer["differences"]] == [("FIELD_REMOVED", "#/Order/2")]


def test_a_protobuf_file_sees_references_that_it_does_not_import(ask: Ask) -> None:
    order = 'syntax = "proto3"; message Order { shop.Money total = 1; }'
    money = imported('syntax = "proto3"; package shop; message Money {}', 1)

    seen, unseen = ask(
        request(format="PROTOBUF", new=order, existing=[], references={"new": money}),
        request(format="PROTOBUF", new=order, existing=[]),
    )

    assert seen == {"id": 1, "compatible": True, "differences": []}
    assert unseen["error"] == 'new, line 1, column 36: "shop.Money" is not defined.'


def test_an_import_that_is_not_there_is_an_error_where_a_type_of_it_is_used(ask: Ask) -> None:
    head = 'syntax = "proto3"; import "rules.proto"; message Order '
    options, used = head + "{ string id = 1 [(rules.pattern) = '.*']; }", head + "{ rules.Rule rule = 1; }"

    judged, refused, refused_too = ask(
        request(format="PROTOBUF", new=options, existing=[options.replace("'.*'", "''")]),
        request(format="PROTOBUF", new=used, existing=[options]),
        request(format="PROTOBUF", new=options, existing=[used]),
    )

    assert judged == {"id": 1, "compatible": True, "differences": []}
    missing = 'line 1, column 20: import "rules.proto" is not among the schema\'s references'
    assert [answer["error"] for answer in (refused, refused_too)] == [
        f"new, {missing}",
        f"existing version 1, {missing}",
    ]


def test_references_of_json_schemas_by_whole_addresses_and_into_definitions(ask: Ask) -> None:
    order = '{"type": "object", "properties": {"a": {"$ref": "http://x.example/money.json#/definitions/m"}}}'
    old, new = (
        [{"name": "http://x.example/money.json", "schema": f'{{"definitions": {{"m": {{"type": "{kind}"}}}}}}'}]
        for kind in ("number", "string")
    )

    (answer,) = ask(
        request(format="JSON", new=order, existing=[order], references={"new": new, "existing": [old]}),
    )

    assert [(d["type"], d["path"]) for d in answer["differences"]] == [("TYPE_CHANGED", "#/properties/a")]


PATHS: list[tuple[str, str, str, list[str]]] = [
    # format, old, new, paths of what differs
    (
        "JSON",
        '{"properties": {"a/b": {"type": "string"}, "c~d": {"type": "string"}}}',
        '{"properties": {"a/b": {"type": "integer"}, "c~d": {"type": "integer"}}}',
        ["#/properties/a/b", "#/properties/c~d"],
    ),
    ("JSON", '{"type": "number"}', '{"type": "number", "maximum": 1e400}', ["#/maximum"]),
    ("JSON", "true", "false", ["#/"]),
    ("AVRO", '["null", "int"]', '"long"', ["/0"]),
    ("AVRO", '{"type": "map", "values": "long"}', '{"type": "map", "values": "int"}', ["/values"]),
    ("PROTOBUF", "message A { optional int32 a = 1; }", "message A { optional string a = 1; }", ["#/A/1"]),
    (
        "PROTOBUF",
        'syntax = "proto3"; message A { message B { oneof c { int32 d = 7; } } }',
        'syntax = "proto3"; message A { message B { oneof c { string d = 7; } } }',
        ["#/A/B/c/7"],
    ),
]


@pytest.mark.parametrize(("schema_format", "old", "new", "paths"), PATHS)
def test_paths_are_spelled_as_registries_do(ask: Ask, schema_format: str, old: str, new: str, paths: list[str]) -> None:
    (answer,) = ask(request(format=schema_format, new=new, existing=[old]))

    assert [difference["path"] for difference in answer["differences"]] == paths


HOSTILE: list[tuple[str, str]] = [
    # format, a schema that has no verdict
    ("JSON", '{"$ref": "#"}'),
    ("JSON", '{"$ref": "#/definitions/a", "definitions": {"a": {"$ref": "#/definitions/a"}}}'),
    ("JSON", "[" * 10_000),
    ("JSON", " "),
    ("AVRO", "int"),
    ("AVRO", '"int"\0'),
    ("AVRO", '{"type": "array", "items": ' * 10_000 + '"int"' + "}" * 10_000),
    ("PROTOBUF", 'syntax = "proto3";\0message A {}'),
    ("PROTOBUF", 'syntax = "proto3";' + "message A {" * 10_000 + "}" * 10_000),
    ("PROTOBUF", 'syntax = "proto3"; message A { Unknown a = 1; }'),
]


@pytest.mark.parametrize(("schema_format", "schema"), HOSTILE, ids=[f"{row[0]} {row[1][:30]}" for row in HOSTILE])
def test_a_schema_that_has_no_verdict_is_an_error_on_either_side(ask: Ask, schema_format: str, schema: str) -> None:
    good = {"AVRO": '"int"', "JSON": "{}", "PROTOBUF": 'syntax = "proto3"; message A {}'}[schema_format]

    answers = ask(
        request(format=schema_format, new=schema, existing=[good]),
        request(format=schema_format, new=good, existing=[schema]),
    )

    assert [answer.keys() for answer in answers] == [{"id", "error"}] * 2
    assert not any("defect" in answer["error"] for answer in answers)


BAD_REFERENCES: list[tuple[str, list[dict[str, Any]], str]] = [
    ("missing", [], "com.acme.Money"),
    ("missing further on", [entry("com.acme.Money", MONEY)], "com.acme.Currency"),
    ("unreadable", [entry("com.acme.Money", "{")], "the reference `com.acme.Money` cannot be read"),
    ("twice", [entry("x", MONEY), entry("x", CURRENCY)], "two references called `x`"),
    (
        "a circle",
        [
            entry("com.acme.Money", MONEY),
            entry("com.acme.Currency", json.dumps(record("Currency", {"name": "m", "type": "com.acme.Money"}))),
        ],
        "cycle",
    ),
]


@pytest.mark.parametrize(
    ("references", "words"), [row[1:] for row in BAD_REFERENCES], ids=[r[0] for r in BAD_REFERENCES]
)
def test_references_that_cannot_be_resolved(ask: Ask, references: list[dict[str, Any]], words: str) -> None:
    of_new = request(new=PRICED, existing=[], references={"new": references})
    of_old = request(existing=[PRICED], references={"existing": [references]})

    answers = ask(of_new, of_old)

    assert [answer.keys() for answer in answers] == [{"id", "error"}] * 2
    assert all(words in answer["error"] for answer in answers)


BAD_LINES: list[tuple[bytes | dict[str, Any], Any, str]] = [
    # line, id of the answer, words of the error
    (b"", None, "JSON"),
    (b"nonsense", None, "JSON"),
    (b'{"id": 1', None, "JSON"),
    (b"[1, 2]", None, "object"),
    (b"null", None, "object"),
    (b"\xff\xfe{}", None, ""),
    (b'{"id": "x", "new": "\xff"}', None, ""),
    (b"[" * 100_000, None, "recursion"),
    (b'{"id": ' + b"[" * 50 + b"]" * 50 + b"}", None, "id"),
    (b'{"id": NaN}', None, "finite"),
    ({}, None, "id: Field required"),
    ({"id": "x"}, "x", "format: Field required"),
    ({k: v for k, v in request().items() if k != "new"}, 1, "new: Field required"),
    ({k: v for k, v in request().items() if k != "existing"}, 1, "existing: Field required"),
    ({k: v for k, v in request().items() if k != "mode"}, 1, "mode: Field required"),
    (request(format="XML"), 1, "format"),
    (request(mode="SIDEWAYS"), 1, "'FULL_TRANSITIVE'"),
    (request(policy="HARSH"), 1, "policy"),
    (request(new=7), 1, "new"),
    (request(existing=OLD), 1, "existing"),
    (request(existing=[None]), 1, "existing.0"),
    (request(references=[]), 1, "references"),
    (request(references={"new": [{"name": "x"}]}), 1, "references.new.0.schema: Field required"),
    (request(references={"existing": [[], []]}), 1, "references.existing has 2 entries for 1 existing versions"),
    (request(existing_formats=["AVRO", "AVRO"]), 1, "existing_formats has 2 entries for 1 existing versions"),
    (request(new="{"), 1, "new, line 1, column 2: not JSON"),
    (request(new='{"type": "recrod"}'), 1, "recrod"),
    (request(new="[" * 10_000), 1, "new"),
    (request(new='"\ud800"'), 1, ""),
    (request(existing=["{"]), 1, "existing version 1, line 1, column 2"),
    (request(existing=["{", OLD], mode="BACKWARD_TRANSITIVE"), 1, "existing version 1, line 1, column 2"),
    (request(format="PROTOBUF", new='syntax = "proto3"; message A { int32 a = 1 }', existing=[]), 1, "new, line 1"),
    (request(format="JSON", new='{"type": 7}', existing=[]), 1, "new, line 1"),
]


@pytest.mark.parametrize(("line", "request_id", "words"), BAD_LINES, ids=[str(i) for i in range(len(BAD_LINES))])
def test_a_bad_line_is_answered_with_an_error_and_the_next_one_as_ever(
    ask: Ask, line: bytes | dict[str, Any], request_id: Any, words: str
) -> None:
    bad, good = ask(line, request(id="good"))

    assert bad.keys() == {"id", "error"}
    assert bad["id"] == request_id
    assert words in bad["error"]
    assert "defect" not in bad["error"]
    assert good == {"id": "good", "compatible": True, "differences": []}


def test_empty_lists_are_as_good_as_none(ask: Ask) -> None:
    nothing = {"references": {"new": [], "existing": []}, "existing_formats": [], "metadata": {"existing": []}}

    (answer,) = ask(request(**nothing))

    assert answer == {"id": 1, "compatible": True, "differences": []}


def test_versions_that_the_mode_does_not_look_at_need_not_be_readable(ask: Ask) -> None:
    # A registry reads no version that it does not compare: refusing here what it accepts would be a wrong answer.
    answers = ask(
        request(existing=["{", OLD]),
        request(existing=["{"], mode="NONE"),
        request(existing=["{", OLD], mode="FULL_TRANSITIVE", metadata=in_groups("2", "1", "2")),
    )

    assert answers == [{"id": 1, "compatible": True, "differences": []}] * 3


UNFIT = json.dumps(record("Order", "id", {"name": "total", "type": "int", "default": "none"}))
UNFIT_MONEY = json.dumps(record("Money", {"name": "units", "type": "int", "default": "none"}))
DEFAULT = '"default"'
WHY = 'the default "none" of field `{}` is not of its type "int"'
HELD: list[tuple[str, str]] = [
    ("a comment", f"// an order\n{OLD}"),
    ("a name in another alphabet", json.dumps(record("Größe", "id"))),
    ("a namespace that is none", json.dumps(record("Order", "id")).replace("com.acme", "com.my-shop")),
    (
        "a default that is no symbol",
        '{"type": "record", "name": "Order", "fields": [{"name": "id", "type":'
        ' {"type": "enum", "name": "E", "symbols": ["A"]}, "default": "B"}]}',
    ),
]


@pytest.mark.parametrize("text", [row[1] for row in HELD], ids=[row[0] for row in HELD])
def test_avro_schemas_are_compared_that_registries_take_and_files_must_not_have(ask: Ask, text: str) -> None:
    (answer,) = ask(request(new=text, existing=[text], mode="FULL"))

    assert answer == {"id": 1, "compatible": True, "differences": []}


def test_a_default_of_another_type_is_taken_from_an_old_version_only(ask: Ask) -> None:
    of_old, of_new, of_reference = ask(
        request(new=OLD, existing=[UNFIT], mode="FULL"),
        request(new=UNFIT, existing=[OLD]),
        request(new=PRICED, existing=[], references={"new": [entry("com.acme.Money", UNFIT_MONEY)]}),
    )

    assert of_old == {"id": 1, "compatible": True, "differences": []}
    assert of_new == {"id": 1, "error": f"new, line 1, column {UNFIT.index(DEFAULT) + 1}: {WHY.format('total')}"}
    assert WHY.format("units") in of_reference["error"]


def test_a_type_that_is_used_twice_differs_twice_as_registries_tell_it(ask: Ask) -> None:
    old, new = (record("Money", *fields) for fields in ((), ("units",)))

    (answer,) = ask(request(new=json.dumps(used_twice(new)), existing=[json.dumps(used_twice(old))]))

    assert [(d["type"], d["path"]) for d in answer["differences"]] == [
        (MISSING_DEFAULT, "/fields/0/type/fields/0"),
        (MISSING_DEFAULT, "/fields/0/type/fields/0"),
    ]


def used_twice(kind: dict[str, Any]) -> dict[str, Any]:
    return record("Order", {"name": "total", "type": kind}, {"name": "fee", "type": kind["name"]})


def test_json_schemas_are_compared_that_registries_read_and_the_meta_schema_refuses(ask: Ask) -> None:
    negative, none = '{"type": "string", "maxLength": -1}', '{"anyOf": []}'

    answers = ask(
        request(format="JSON", new='{"type": "string"}', existing=[negative]),
        request(format="JSON", new='{"type": "string"}', existing=[none]),
        request(format="JSON", new=none, existing=[none]),
    )

    assert [[(d["type"], d["path"]) for d in answer["differences"]] for answer in answers] == [
        [("MAX_LENGTH_REMOVED", "#/maxLength")],
        [("TYPE_CHANGED", "#/")],
        [],
    ]


def test_keys_that_are_not_known_are_ignored(ask: Ask) -> None:
    answers = ask(
        request(colour="red", metadata={"new": {"properties": {}}, "existing": [None], "more": 1}, policy="LENIENT"),
        request(references=None, metadata=None, policy=None, existing_formats=None),
    )

    assert [answer["compatible"] for answer in answers] == [True, True]


def in_groups(new: str | None, *existing: str | None) -> dict[str, Any]:
    """Metadata that names the group `major`, and its value in each schema; None for one without metadata."""

    def entry(major: str | None) -> dict[str, Any] | None:
        return {"properties": {"major": major, "owner": "shop"}} if major else None

    return {"compatibilityGroup": "major", "new": entry(new), "existing": [entry(value) for value in existing]}


@pytest.mark.parametrize(
    ("metadata", "against"),
    [
        (in_groups("2", "1", "2", "1"), [2]),
        (in_groups("1", "1", "2", "1"), [1, 3]),
        (in_groups("3", "1", "2", "1"), []),
        (in_groups(None, "1", None, "1"), [2]),
        (in_groups("1", None, None, None), []),
        ({"compatibilityGroup": "major", "new": None}, [1, 2, 3]),
        ({"compatibilityGroup": "major", "new": {"major": "2"}, "existing": [{"major": "1"}, {"major": "2"}, {}]}, [2]),
        ({**in_groups("2", "1", "2", "1"), "compatibilityGroup": None}, [1, 2, 3]),
    ],
)
def test_only_versions_of_the_same_compatibility_group_are_compared(
    ask: Ask, metadata: dict[str, Any], against: list[int]
) -> None:
    (answer,) = ask(request(mode="BACKWARD_TRANSITIVE", new=WITH_TOTAL, existing=[OLD] * 3, metadata=metadata))

    assert sorted(difference["against"] for difference in answer["differences"]) == against


def test_a_mode_that_looks_at_one_version_looks_at_the_newest_of_the_group(ask: Ask) -> None:
    (answer,) = ask(request(new=WITH_TOTAL, existing=[WITH_TOTAL, OLD], metadata=in_groups("1", "1", "2")))

    assert answer == {"id": 1, "compatible": True, "differences": []}


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({**in_groups("1", "1"), "compatibilityGroup": 7}, "metadata.compatibilityGroup"),
        ({**in_groups("1", "1"), "new": {"properties": {"major": 1}}}, "metadata.new.properties.major"),
        (in_groups("1", "1", "1"), "metadata.existing has 2 entries for 1 existing versions"),
    ],
)
def test_groups_that_cannot_be_told_are_an_error(ask: Ask, metadata: dict[str, Any], words: str) -> None:
    (answer,) = ask(request(metadata=metadata))

    assert answer.keys() == {"id", "error"}
    assert words in answer["error"]


def test_the_policy_decides_what_breaks_in_json_schema_only(ask: Ask) -> None:
    new, old = '{"properties": {"a": {"type": "string"}}}', '{"properties": {}}'
    json_request = request(format="JSON", new=new, existing=[old])

    strict, lenient, avro = ask(
        json_request | {"policy": "STRICT"},
        json_request | {"policy": "LENIENT"},
        request(new=WITH_TOTAL, policy="LENIENT"),
    )

    assert [answer["compatible"] for answer in (strict, lenient, avro)] == [False, True, False]
    assert [(d["type"], d["compatible"]) for d in lenient["differences"]] == [
        ("OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", True)
    ]


def test_a_line_that_is_too_long_is_passed_over(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compat_lines, "MAX_LINE", 1_000)

    long, good = ask(request(new=" " * 5_000), request(id="good"))

    assert long == {"id": None, "error": "the line is longer than 1,000 bytes"}
    assert good["compatible"] is True


def test_the_last_line_needs_no_end(run: Callable[[bytes], Outcome]) -> None:
    done = run(b"\xef\xbb\xbf" + json.dumps(request()).encode())

    assert json.loads(done.out) == {"id": 1, "compatible": True, "differences": []}


def test_no_lines_no_answers(run: Callable[[bytes], Outcome]) -> None:
    assert run(b"") == Outcome(0, "", "")


def test_what_does_no_harm_and_has_no_name_at_confluent_is_not_told(ask: Ask) -> None:
    (answer,) = ask(request(mode="FULL", new=WITH_DEFAULT))

    assert answer == {"id": 1, "compatible": True, "differences": []}


def test_each_answer_comes_before_the_next_line_is_sent_and_a_closed_pipe_ends_it_quietly() -> None:
    command = [sys.executable, "-c", "from reconciler.cli import main; main()", "compat", "--stdin"]
    with Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        for number in range(3):
            process.stdin.write(json.dumps(request(id=number)).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdout.close()
        with suppress(BrokenPipeError):  # it may have ended before the last of them
            process.stdin.write((json.dumps(request()).encode() + b"\n") * 3)
            process.stdin.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (0, b"")


def test_a_closed_stdin_is_an_error(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)

    done = repository.run_plain("compat", "--stdin")

    assert done.exit_code == 1
    assert done.err.startswith("error: --stdin has nothing to read: stdin is closed")


def test_a_defect_of_ours_is_an_answer_too(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError("no")

    monkeypatch.setattr("reconciler.compatibility.check", break_down)

    (answer,) = ask(request())

    assert answer == {"id": 1, "error": "this is a defect of schemafed: ZeroDivisionError: no"}
