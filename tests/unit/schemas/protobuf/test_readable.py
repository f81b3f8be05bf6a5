"""What registries read of files that the compiler refuses, and what they refuse too."""

from __future__ import annotations

import random
import re

import pytest

from reconciler.errors import SchemaError
from reconciler.model import Format
from reconciler.repository.assembly import Part, assemble
from reconciler.repository.sources import ReadSchema, SchemaFile
from reconciler.repository.walk import SourceFile
from reconciler.schemas import Parsed, parse_strictly, protobuf
from reconciler.schemas.protobuf.compiler import raise_if_rejected
from reconciler.schemas.protobuf.readable import find_undefined, is_grammatical
from tests.corpus import needs_corpus, read_text, records

PROTO3 = 'syntax = "proto3"; '

READ = [
    ("message M {} enum A { UNKNOWN = 0; } enum B { UNKNOWN = 0; }", "already defined"),
    ("enum A { X = 1; }", "must be zero"),
    ("enum A { X = 0; Y = 0; }", "allow_alias"),
    ("enum A {}", "at least one value"),
    ("message M { oneof c {} }", "Expected type name"),
    ("message M { int32 a = 1; int32 b = 1; }", "already been used"),
    ("message M { int32 a = 1; string a = 2; }", "already defined"),
    ('message M { reserved 1; reserved "a"; int32 a = 1; }', "reserved"),
    ('message M { reserved 5 to 9, "a"; int32 b = 1; int32 c = 1; }', "Expected field number range"),
    ("message M { int32 a = 0; }", "positive"),
    ("message M { int32 a = 2147483647; }", "greater than"),
    ("message M { int32 foo_bar = 1; int32 fooBar = 2; }", "JSON name"),
    ("message M { int32 a = 1 [default = 3]; }", "default values"),
    ("message M { int32 a = 1 [(my.option).x = { b: [1, 2] c { d: 'e' } }, (.other) = -1.5e3]; }", "unknown"),
    ("option no_such_option = ON; message M {}", "unknown"),
    (
        "message M { repeated E e = 1; message E { option map_entry = true; string key = 1; M value = 2; } }",
        "map_entry",
    ),
    ("message M { oneof c { map<string, int32> m = 1; } }", "not allowed in oneofs"),
    ("message M { map<float, M> m = 1; }", "Key in map fields"),
    ("message M { message N {} message N {} }", "already defined"),
    ("package a; package b;", "Multiple package"),
    ("message M { repeated group G = 1 { int32 a = 1; } G h = 2; }", "Groups are not supported"),
    ("message M { extensions 100 to max; }", "not allowed in proto3"),
    ("message M {} extend M { int32 a = 100; }", "does not declare 100"),
    ("message A { " * 40 + "int32 a = 1;" + " }" * 40, "recursion limit"),
    ("message M { A.B b = 1; message A {} } message A { message B {} }", "is resolved to"),
    ("message M { google.protobuf.Timestamp t = 1; google.type.Money m = 2; }", "not defined"),
    ('import "no/such.proto"; message M { string a = 1 [(no.such) = true]; }', "not among the schema's references"),
    ("message M { // a\u00a0blank\n int32 a = 1; int32 b = 1; /* and\u2003more */ }", "already been used"),
]

REFUSED = [
    "message M { int32 a = 1 }",
    "message M { int32 a = 1; ",
    "message M { int32 a = 1; } }",
    "message M { int32 a = 1; } /* open",
    "message M { int32 a = 1; } /*/",
    'option java_package = "open; message M {}',
    "message M { int32 a; }",
    "message M { a = 1; }",
    "message M { int32 a = -1; }",
    "message M { int32 a = 2147483648; }",
    "message M { int32 a = 0x" + "f" * 5000 + "; }",
    "message M { int32 a = " + "9" * 5000 + "; }",
    "message M { int32 a = 1 [deprecated]; }",
    "message M { int32 a = 1 []; }",
    "message M { int32 a = 1 [a = 1,]; }",
    "message M { int32 a = 1 [a b = 1]; }",
    "message M { required int32 a = 1; }",
    "message M { repeated map<string, int32> a = 1; }",
    "message M { oneof c { optional int32 a = 1; } }",
    "message M { reserved; }",
    "message M { rpc A(M) returns (M); }",
    "message 1M {}",
    "message M-N {}",
    "message M;",
    "import foo;",
    "import public;",
    "package .a;",
    "option = 1;",
    "option a;",
    "int32 a = 1;",
    "enum E { A; }",
    "service S { int32 a = 1; }",
    "service S { rpc A(M) returns M; } message M {}",
    "service S { rpc A(stream) returns (M); } message M {}",
    "message M { \0 }",
    "message M\u00a0{}",
    "message M {} message M {}",
    "message M {} enum M { A = 0; }",
    "service S {} service S {}",
    'message M {} syntax = "proto3";',
    "message M { N n = 1; }",
    "message M { map<string, N> n = 1; }",
    "message M { oneof c { N n = 1; } }",
    "message M { message O { .p.N n = 1; } }",
    "message M { N n = 1; int32 a = 2; int32 b = 2; }",
    "message M {} service S { rpc A(M) returns (stream N); }",
    "extend N { int32 a = 1; }",
    'import "no/such.proto"; message M { no.Such a = 1; }',
]


def parsed(text: str, dependencies: dict[str, Parsed] | None = None) -> protobuf.ParsedProtobuf:
    return protobuf.parse(protobuf.read(text), dependencies or {})


@pytest.mark.parametrize(("text", "words"), READ, ids=[text[:60] for text, _ in READ])
def test_what_is_read_although_the_compiler_refuses_it(text: str, words: str) -> None:
    schema = parsed(PROTO3 + text)

    assert schema.violation and words in schema.violation.message
    assert schema.types.main.top
    with pytest.raises(SchemaError, match=re.escape(schema.violation.message)):
        parse_strictly(Format.PROTOBUF, schema.document, {})


@pytest.mark.parametrize("text", REFUSED, ids=[text[:60] for text in REFUSED])
def test_what_is_refused(text: str) -> None:
    with pytest.raises(SchemaError):
        parsed(PROTO3 + text)


@pytest.mark.parametrize(
    "text",
    [
        "message M { int32 a = 1; optional int32 b = 1; }",
        'syntax = "proto2"; message M { int32 a = 1; optional int32 b = 1; }',
        'syntax = "proto4"; message M { int32 a = 1; }',
        'syntax = "2023"; message M { int32 a = 1; }',
        'edition = "proto3"; message M { int32 a = 1; }',
        'edition = "2099"; message M { int32 a = 1; }',
        'edition = "2023"; message M { optional int32 a = 1; }',
        'edition = "2023"; message M { repeated group G = 1 {} }',
        'syntax = "proto3"; syntax = "proto3"; message M { int32 a = 1; }',
        '; syntax = "proto3"; message M { int32 a = 1; }',
        'message M { } syntax = "proto2";',
    ],
)
def test_what_the_first_line_does_not_allow(text: str) -> None:
    with pytest.raises(SchemaError):
        parsed(text)


def test_of_two_faults_the_one_is_told_that_registries_mind() -> None:
    with pytest.raises(SchemaError) as caught:
        parsed(PROTO3 + "\nmessage M {\n  int32 a = 1; int32 b = 1;\n  oneof c { Money m = 2; }\n}")

    error = caught.value
    assert (error.message, error.line, error.column) == (
        "`Money` is declared neither here nor in what is imported",
        4,
        13,
    )


def test_labels_of_proto2() -> None:
    text = "message M { required int32 a = 1; optional int32 b = 1; map<string, M> m = 2; oneof c { M d = 3; } }"

    assert parsed(text).violation
    assert parsed('syntax = "proto2"; ' + text).violation


def test_a_file_that_is_right_has_no_violation() -> None:
    assert parsed(PROTO3 + "message M {}").violation is None


def test_what_imports_do_wrong_is_a_violation_too() -> None:
    wrong = parsed(PROTO3 + "enum A { X = 1; }")
    schema = parsed(PROTO3 + 'import "a.proto"; message M { A a = 1; }', {"a.proto": wrong})

    assert schema.violation and "`a.proto` is wrong in line 1" in schema.violation.message


def test_imports_of_imports_and_what_is_given_without_an_import_are_seen() -> None:
    inner = parsed(PROTO3 + "message I {}")
    middle = parsed(PROTO3 + 'import "i.proto"; message O {}', {"i.proto": inner})

    schema = parsed(PROTO3 + "message M { I i = 1; O o = 2; }", {"o.proto": middle})

    assert schema.types.find("M", "I") and schema.types.find("M", "O")


def test_of_fields_that_share_a_number_the_last_counts_and_members_of_oneofs_are_last() -> None:
    schema = parsed(PROTO3 + "message M { oneof c { int32 a = 1; } int32 b = 1; int32 d = 2; int32 e = 2; }")

    fields = schema.file.top.messages["M"].fields
    assert {number: field.name for number, field in fields.items()} == {1: "a", 2: "e"}


def test_descriptors_are_refused_with_the_violation(capfd: pytest.CaptureFixture[str]) -> None:
    schema = parsed(PROTO3 + "enum A { X = 1; }")

    with pytest.raises(SchemaError) as caught:
        _ = schema.descriptors
    assert caught.value is schema.violation
    assert capfd.readouterr() == ("", "")


def test_a_file_of_the_repository_is_held_to_the_compiler() -> None:
    text = PROTO3 + "\nenum A { X = 1; }"
    read = ReadSchema(SchemaFile(SourceFile("a.proto", ""), Format.PROTOBUF, "a"), protobuf.read(text), None)

    assembly = assemble({"a.proto": Part(read, (), "a")})

    (finding,) = assembly.findings
    assert (finding.code, str(finding.location)) == ("SCHEMA_INVALID", "a.proto:2:14")


@needs_corpus
def test_what_the_compiler_takes_is_grammatical_and_defined() -> None:
    for path, record in records(Format.PROTOBUF).items():
        if record["valid"] and not record["references"]:
            schema = parsed(read_text(path))
            assert schema.violation is None, path
            assert is_grammatical(schema.document.definition, protobuf.scanned_of(schema.document)), path
            assert find_undefined(schema.statements, schema.types) is None, path


TEXTS = [
    """syntax = "proto3"; package a.b; import "google/protobuf/any.proto"; option java_package = "x";
    message M { option deprecated = true; int32 a = 1 [deprecated = true, json_name = "q"]; map<string, N> m = 3;
      oneof c { string s = 4; M t = 5; } reserved 9, 11 to 13; reserved "z"; google.protobuf.Any any = 17; }
    message N { .a.b.M m = 0x1; message I { optional E e = 1; } enum E { Z = 0; Y = -1 [deprecated = true]; } }
    service S { option deprecated = false; rpc A(M) returns (stream N) { option idempotency_level = IDEMPOTENT; } }""",
    """syntax = "proto2"; import "google/protobuf/descriptor.proto";
    message M { required int32 a = 1 [default = -3]; optional group G = 2 { optional string s = 1; } reserved 20;
      extensions 100 to 199, 500 to max; extend M { optional bytes x = 101 [default = "a\\"b" 'c']; } }
    extend google.protobuf.FieldOptions { optional M opt = 50000; }
    message K { optional int32 z = 1 [(opt) = { a: 1 g { s: "x" } }]; oneof o { int32 q = 7; group H = 8 { } } }
    enum E { option allow_alias = true; A = 0; B = 0; reserved -1, 5 to max; reserved "x"; }""",
    """edition = "2023"; option features.field_presence = IMPLICIT; message M { reserved foo, bar;
    int32 a = 1 [features.field_presence = EXPLICIT]; repeated int32 b = 2; } enum E { reserved x; A = 0; }""",
]
WORDS = '{ } ; = 1 int32 message x , [ ] ( ) "s" optional repeated enum . - < > oneof 2 option to max /* N map public'
WORD = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[\w.]+|\S')


@pytest.mark.parametrize("seed", range(150))
def test_words_are_lost_swapped_or_added(seed: int) -> None:
    chance = random.Random(seed)
    words = WORD.findall(chance.choice(TEXTS))
    for _ in range(chance.choice([1, 1, 2])):
        place = chance.randrange(len(words))
        words[place : place + chance.choice([0, 1])] = chance.choice([[], [chance.choice(WORDS.split())]])
    document = protobuf.read(" ".join(words))

    try:
        raise_if_rejected(document.definition, {})
    except SchemaError:
        try:
            assert protobuf.parse(document, {}).types
        except SchemaError as error:
            assert error.message
    else:
        assert is_grammatical(document.definition, protobuf.scanned_of(document))
