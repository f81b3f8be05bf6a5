"""When two Protobuf texts are the same schema."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model import Dialect
from reconciler.schemas import Parsed, protobuf

BASE = """syntax = "proto2";
package a.b;
import "google/protobuf/any.proto";
import "google/protobuf/descriptor.proto";
option java_package = "x";
// Doc.
message M {
  optional int32 x = 1 [default = 16, deprecated = true];
  repeated E y = 2;
  oneof o { string p = 3; string q = 4; }
  reserved 8;
  option deprecated = true;
  message Inner { optional M m = 1; }
}
enum E { A = 0; B = 1; }
service S { rpc R(M) returns (M); }
extend google.protobuf.FieldOptions { optional Rule rule = 50000; }
message Rule { optional string s = 1; repeated int32 n = 2; optional Rule r = 3; }
message Ruled { optional string f = 1 [(rule) = { s: "a", n: [1, 2], r: { s: "b" } }]; }
"""

SAME = {
    "comments": ("// Doc.\n", "/* Other. */ "),
    "layout": ("\n  ", "\n\n      "),
    "one line": ("\n  oneof", " oneof"),
    "option before or after a field": ("  option deprecated = true;\n", ""),
    "file option's place": ('option java_package = "x";\n', ""),
    "number base": ("y = 2;", "y = 0x2;"),
    "octal": ("reserved 8;", "reserved 010;"),
    "quotes": ('"x"', "'x'"),
    "joined strings": ('"google/protobuf/any.proto"', '"google/protobuf/any.proto"'),
    "empty statement": ("enum E {", ";enum E {"),
    "semicolon after a block": ("B = 1; }", "B = 1; };"),
    "empty rpc body": ("returns (M);", "returns (M) {}"),
    "default after other options": ("[default = 16, deprecated = true]", "[deprecated = true, default = 16]"),
    "separators of message values": ('{ s: "a", n: [1, 2], r: { s: "b" } }', "{ s: 'a' n: [1,2]; r { s: \"b\" } }"),
    "escapes": ('s: "a"', 's: "\\x61"'),
    "adjacent strings": ('s: "b"', 's: "" "b"'),
}
MOVED = {
    "option before or after a field": "message M {\n  option deprecated = true;",
    "file option's place": 'option java_package = "x";\nenum E {',
}
DIFFERENT = {
    "field order": ("optional int32 x = 1 [default = 16, deprecated = true];\n  repeated E y = 2;", None),
    "import order": (
        'import "google/protobuf/any.proto";\nimport "google/protobuf/descriptor.proto";',
        'import "google/protobuf/descriptor.proto";\nimport "google/protobuf/any.proto";',
    ),
    "option's value": ('"x"', '"y"'),
    "qualified name": ("repeated E y", "repeated a.b.E y"),
    "leading dot": ("repeated E y", "repeated .a.b.E y"),
    "label": ("repeated E y", "optional E y"),
    "number": ("y = 2", "y = 5"),
    "name": (" y = 2", " z = 2"),
    "package": ("a.b", "a.c"),
    "enum value": ("B = 1", "B = 2"),
    "default": ("default = 16", "default = 17"),
    "reserved": ("reserved 8", "reserved 9"),
    "moved out of the oneof": ("oneof o { string p = 3; string", "optional string p = 3; oneof o { string"),
    "string's content": ('s: "b"', 's: "\\""'),
    "escaped backslash": ('s: "b"', 's: "\\\\xff"'),
    "public import": ('import "google/protobuf/any', 'import public "google/protobuf/any'),
    "service": ("returns (M)", "returns (stream M)"),
}


SPELLING = frozenset({"qualified name", "leading dot"})
"""What Pulsar does not see, which keeps descriptors."""


def parsed(text: str) -> Parsed:
    return protobuf.parse(protobuf.read(text), {})


def canonical(text: str, dialect: Dialect = Dialect.CONFLUENT) -> str:
    return protobuf.canonical(parsed(text), dialect)


@pytest.mark.parametrize("case", SAME)
def test_what_makes_no_new_version(case: str) -> None:
    old, new = SAME[case]
    text = BASE.replace(old, new)
    if case in MOVED:
        text = text.replace(MOVED[case].split("\n")[-1] if case.startswith("file") else "message M {", MOVED[case])
    assert old in BASE
    assert canonical(text) == canonical(BASE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("message A {}", "option java_package = 'x';"),
        ("import public 'google/protobuf/any.proto';", "import 'google/protobuf/api.proto';"),
        ("package p;", "import 'google/protobuf/any.proto';"),
        ("service S {}", "message A {}"),
        ("enum E { Z = 0;", "option deprecated = true; }"),
        ("enum E { Z = 0;", "reserved 5; }"),
        ("message M { oneof o { int32 a = 1; }", "int32 b = 2; }"),
        ("message M { message N {}", "int32 b = 2; }"),
        ("message M { int32 b = 2;", "reserved 5; }"),
        ("message M { enum E { Z = 0; }", "oneof o { int32 a = 1; } }"),
        ("message M {} service S { rpc A(M) returns (M);", "option deprecated = true; }"),
    ],
)
def test_the_order_between_groups_makes_no_new_version(one: str, other: str) -> None:
    opening = one.find("{ ") + 1 if "{ " in one and other.endswith(" }") else 0
    head, inner = one[:opening], one[opening:]
    closing = " }" if opening else ""
    text = f"{head}{inner} {other.removesuffix(closing)}{closing}"
    turned = f"{head}{other.removesuffix(closing)} {inner}{closing}"
    assert text != turned
    assert canonical('syntax = "proto3";' + text) == canonical('syntax = "proto3";' + turned)


@pytest.mark.parametrize("case", DIFFERENT)
def test_what_makes_a_new_version(case: str) -> None:
    old, new = DIFFERENT[case]
    text = BASE.replace(old, new if new is not None else "\n".join(reversed(old.split("\n"))), 1)
    assert old in BASE and text != BASE
    for dialect in Dialect:
        is_same = dialect is Dialect.PULSAR and case in SPELLING
        assert (canonical(text, dialect) == canonical(BASE, dialect)) is is_same


@pytest.mark.parametrize(
    ("comment", "counts"),
    [
        ("message A { // of x\n int32 x = 1; }", True),
        ("// of A\nmessage A { int32 x = 1; }", True),
        ("message A { int32 x = 1; // of x\n }", True),
        ("message A { int32 x /* within */ = 1; }", False),
        ("message A { int32 x = 1;\n // at the end\n }", False),
    ],
)
def test_for_karapace_the_comment_of_a_definition_counts(comment: str, counts: bool) -> None:
    with_comment, without = f'syntax = "proto3";\n{comment}', 'syntax = "proto3"; message A { int32 x = 1; }'
    assert (canonical(with_comment, Dialect.KARAPACE) != canonical(without, Dialect.KARAPACE)) is counts
    assert canonical(with_comment) == canonical(without)


def test_the_kind_of_comment_does_not_count_for_karapace() -> None:
    lines, block = "// One\n//  two\nmessage A {}", "/**\n * One\n * two\n */\nmessage A {}"
    assert canonical(lines, Dialect.KARAPACE) == canonical(block, Dialect.KARAPACE)


def test_the_canonical_text_is_a_schema_and_its_own_canonical_text() -> None:
    for dialect in Dialect:
        assert canonical(canonical(BASE, dialect), dialect) == canonical(BASE, dialect)


WORDS = BASE.replace("// Doc.\n", "").replace("(", " ( ").replace(")", " ) ").split()
CANONICAL = canonical(BASE)
gaps = st.sampled_from([" ", "\n", "\t", "  \r\n", " // why\n", " /* ; { */ "])


@settings(deadline=None)
@given(st.lists(gaps, min_size=1, max_size=9))
def test_no_layout_changes_identity(between: list[str]) -> None:
    text = "".join(word + between[index % len(between)] for index, word in enumerate(WORDS))
    for layout in (text, protobuf.pretty(text)):
        uncompiled = protobuf.ParsedProtobuf(protobuf.read(layout), {})
        assert protobuf.canonical(uncompiled, Dialect.CONFLUENT) == CANONICAL
