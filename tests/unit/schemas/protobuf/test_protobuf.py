"""Protobuf as a language: reading, compiling, errors with places, outline, positions."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.errors import SchemaError, SchemafedError
from reconciler.model import Dialect, Format
from reconciler.schemas import Parsed, parse_strictly, protobuf
from reconciler.schemas.protobuf.compiler import WELL_KNOWN
from reconciler.schemas.protobuf.scan import Statement, scan

ORDER = """// All about orders.
syntax = "proto3";
package shop.v1;

import "google/protobuf/timestamp.proto";
import public "shop/money.proto";

option java_package = "example.shop";

// What a customer wants.
message Order {
  int64 id = 1;
  repeated Line lines = 2 [deprecated = true]; // the old ones
  map<string, Money> totals = 3;
  oneof payment {
    string card = 4;
    .shop.v1.Money cash = 5;
  }
  google.protobuf.Timestamp at = 0x6;
  reserved 7, 9 to 11;
  reserved "old";

  message Line {
    optional Status status = 1;
  }
}

enum Status {
  UNKNOWN = 0;
  PAID = 1;
}

service Orders {
  rpc Watch(Order) returns (stream Order.Line);
}
"""
MONEY = 'syntax = "proto3";\npackage shop.v1;\nmessage Money { double amount = 1; }\n'


def parsed(text: str, dependencies: dict[str, Parsed] | None = None) -> protobuf.ParsedProtobuf:
    schema = parse_strictly(Format.PROTOBUF, protobuf.read(text), dependencies or {})
    assert isinstance(schema, protobuf.ParsedProtobuf)
    return schema


def order() -> protobuf.ParsedProtobuf:
    return parsed(ORDER, {"shop/money.proto": parsed(MONEY)})


def test_a_document_tells_its_names_and_its_needs() -> None:
    document = protobuf.read(ORDER)
    assert (document.name, document.namespace) == ("Order", "shop.v1")
    assert document.defines == ("shop.v1.Order", "shop.v1.Status", "shop.v1.Order.Line")
    assert [(need.name, need.path) for need in document.needs] == [("shop/money.proto", "import shop/money.proto")]


def test_what_the_compiler_brings_is_what_is_not_needed() -> None:
    spec = find_spec("grpc_tools")
    assert spec and spec.submodule_search_locations
    root = Path(spec.submodule_search_locations[0]) / "_proto"
    assert {path.relative_to(root).as_posix() for path in root.rglob("*.proto")} == WELL_KNOWN


def test_imports_in_comments_and_strings_are_none() -> None:
    comments = '// import "a.proto";\n/* import "b.proto"; */'
    text = f'syntax = "proto3"; {comments} option java_package = "import \\"c.proto\\";";'
    assert protobuf.read(text).needs == ()
    assert parsed(text).descriptor.options.java_package == 'import "c.proto";'


def test_names_are_resolved_in_the_descriptor() -> None:
    file = order().descriptor
    assert [message.name for message in file.message_type] == ["Order"]
    types = {field.name: field.type_name for field in file.message_type[0].field}
    assert types["cash"] == ".shop.v1.Money"
    assert types["at"] == ".google.protobuf.Timestamp"
    assert file.source_code_info.location


def test_dependencies_of_dependencies_are_compiled_with_them() -> None:
    base = parsed('syntax = "proto3"; message Base {}')
    middle = parsed(
        'syntax = "proto3"; import public "a/base.proto"; message Middle { Base b = 1; }', {"a/base.proto": base}
    )
    top = parsed(
        'syntax = "proto3"; import "middle.proto"; message Top { Base b = 1; Middle m = 2; }', {"middle.proto": middle}
    )
    assert [file.name for file in top.descriptors.file][:2] == ["a/base.proto", "middle.proto"]


@pytest.mark.parametrize(
    ("text", "words", "line", "column"),
    [
        ("", "declares nothing", 1, 1),
        ("// only a comment", "declares nothing", 1, 1),
        ('syntax = "proto3";\nmessage A { int32 x = 1 }', 'Expected ";"', 2, 25),
        ('syntax = "proto3";\nmessage A {\n\tint32 x = 1;\tFoo y = 2;\n}', '"Foo" is not defined', 3, 15),
        ('syntax = "proto3";\nmessage A {\n  /* äöü */ Foo y = 2;\n}', '"Foo" is not defined', 3, 13),
        ("message A { optional Foo x = 1; }", '"Foo" is not defined', 1, 22),
        ('syntax = "proto3";\nmessage A { int32 a = 1; int32 b = 1; }', "Field number 1 has already been used", 2, 36),
        ('edition = "2099";', 'Unknown edition "2099"', 1, 11),
        ('syntax = "proto3";\nmessage A { /* open', "End-of-file inside block comment", 2, 20),
        ('syntax = "proto3";\nimport "open', "end of string", 2, 13),
        ('syntax = "proto3";\nmessage A { \0 }', "control characters", 2, 13),
        ('syntax = "proto3";\nmessage Ä {}', "non ascii", 2, 9),
        ('{"type": "record"}', "Expected top-level statement", 1, 1),
        ("message A {" * 5000, "levels deep", 1, 1100),
        ('syntax = "proto3";\n' + "message A {" * 60 + "}" * 60, "recursion limit", 2, 342),
        ('syntax = "proto3"; option (x) = ' + "{ a: " * 5000, "levels deep", 1, 528),
        ('syntax = "proto3"; option ' + "(" * 5000, 'Expected ")"', 1, 28),
        ('syntax = "proto3"; message A { ' + "map<" * 5000, 'Expected ","', 1, 39),
        ('syntax = "proto3";\n// \ud800', "half a surrogate pair", 2, 4),
        ("/" * 2_000_001, "characters", 1, 1),
        ("message A{}" * 20_001, "20001 messages, enums, maps and services", 1, 1),
        ("message A {" + "map<int32,A>a=1;" * 20_000 + "}", "20001 messages, enums, maps and services", 1, 1),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, words: str, line: int, column: int) -> None:
    with pytest.raises(SchemaError) as caught:
        parsed(text)
    assert words in caught.value.message
    assert "__" not in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.fix


def test_an_import_that_is_not_there_is_told_at_its_line() -> None:
    with pytest.raises(SchemaError) as caught:
        parsed(ORDER)
    assert (caught.value.code, caught.value.path) == ("REFERENCE_MISSING", "import shop/money.proto")
    assert (caught.value.line, caught.value.column) == (6, 1)


def test_an_error_in_an_import_is_told_at_the_import() -> None:
    document = protobuf.read('syntax = "proto3";\n\nimport "bad.proto";')
    bad = protobuf.ParsedProtobuf(protobuf.read('syntax = "proto3";\nmessage {}'), {})
    with pytest.raises(SchemaError) as caught:
        parse_strictly(Format.PROTOBUF, document, {"bad.proto": bad})
    assert "`bad.proto` is wrong in line 2" in caught.value.message
    assert (caught.value.line, caught.value.column) == (3, 1)


@pytest.mark.parametrize(
    "name", ["../up.proto", "/etc/hosts", "a//b.proto", "./a.proto", "a\\b.proto", "\ud800.proto", "x" * 300, ""]
)
def test_a_reference_cannot_be_written_outside(name: str) -> None:
    with pytest.raises(SchemaError):
        parsed('syntax = "proto3"; message A {}', {name: parsed(MONEY)})


def test_an_import_and_a_folder_of_one_name_are_an_error() -> None:
    with pytest.raises(SchemaError, match="cannot be the name of a file"):
        parsed('syntax = "proto3";', {"a": parsed(MONEY), "a/b.proto": parsed(MONEY)})


@pytest.mark.parametrize(
    "text",
    [
        "message A { optional int32 x = 1; }",
        'syntax = "proto3"; import "google/protobuf/any.proto";',
        'syntax = "proto2"; message A { optional int32 a_b = 1; optional int32 aB = 2; }',
        'edition = "2023"; message A { int32 x = 1 [features.field_presence = IMPLICIT]; }',
        'edition = "2024"; export message A {} local enum B { C = 0; }',
        'syntax = "proto2"; message A { extensions 4 to max; optional group G = 1 { optional string s = 1; } }',
        '\ufeffsyntax = "proto3"; message A {}',
        'syntax = "proto3"; // one \U0001f4b6\nmessage A {};;',
        'syntax = "proto3"; enum message { syntax = 0; package = 1; } message extend { string option = 1; }',
        'syntax = "proto3";\r\nmessage A {\r\n int32 x = 1;\r\n}\r\n',
    ],
)
def test_nothing_is_printed_whatever_the_compiler_thinks(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    schema = parsed(text)
    assert schema.descriptor.syntax in ("", "proto3", "editions")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("imported", ["message B {}", ";\nmessage B {}", "\ufeffmessage B {}"])
def test_nothing_is_printed_where_an_import_names_no_syntax(imported: str, capfd: pytest.CaptureFixture[str]) -> None:
    importing = protobuf.read('import "b.proto"; message A { optional B b = 1; }')
    schema = protobuf.parse(importing, {"b.proto": parsed(imported)})
    assert [file.name for file in schema.descriptors.file][:1] == ["b.proto"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("before", ["\u2028", "\0", "int32 a = 1;", "message A {}", "é"])
def test_nothing_is_printed_where_the_syntax_does_not_come_first(
    before: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SchemaError):
        parsed(f'{before} syntax = "proto3"; message B {{}}')
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("before", ["", "// a comment\n", "/* one */ /**/\t\r\n", "\ufeff\v\f//\n"])
def test_comments_may_stand_before_the_syntax(before: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert parsed(f'{before}syntax = "proto3"; message A {{}}').descriptor.syntax == "proto3"
    assert capfd.readouterr() == ("", "")


def test_several_threads_compile_at_once() -> None:
    def compile_one(number: int) -> str:
        schema = parsed(f'syntax = "proto3"; message M{number} {{ int32 x = 1; }}')
        with pytest.raises(SchemaError, match=f"Nowhere{number}"):
            parsed(f'syntax = "proto3"; message A {{ Nowhere{number} x = 1; }}')
        return str(schema.descriptor.message_type[0].name)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(compile_one, range(40))) == [f"M{number}" for number in range(40)]


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.schemas.protobuf.folders._MEMORY", tmp_path)
    assert parsed("message A {}").descriptor.message_type
    with pytest.raises(SchemaError):
        parsed("message A {")
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_to_write_the_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.schemas.protobuf.folders._MEMORY", tmp_path / "none")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(SchemafedError, match="temporary folder") as caught:
        parsed("message A {}  // nobody else parses this text, which would be remembered")
    assert "TMPDIR" in (caught.value.fix or "")


def test_reading_needs_no_compiler() -> None:
    code = (
        "import sys; from reconciler.schemas import protobuf; protobuf.read('message A {}');"
        "sys.exit(any(name.startswith(('grpc_tools', 'google.')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False).returncode == 0


def test_the_outline_tells_every_element_as_it_is_written() -> None:
    outline = protobuf.outline(order())
    assert {path: (element.kind, element.summary) for path, element in outline.items()} == {
        "syntax": ("syntax", '"proto3"'),
        "package": ("package", "shop.v1"),
        "import google/protobuf/timestamp.proto": ("import", '"google/protobuf/timestamp.proto"'),
        "import shop/money.proto": ("import", 'public "shop/money.proto"'),
        "option java_package": ("option", '"example.shop"'),
        "Order": ("message", "message"),
        "Order.id": ("field", "1: int64"),
        "Order.lines": ("field", "2: repeated Line [deprecated = true]"),
        "Order.totals": ("field", "3: map<string, Money>"),
        "Order.payment": ("oneof", "oneof of card, cash"),
        "Order.payment.card": ("field", "4: string"),
        "Order.payment.cash": ("field", "5: .shop.v1.Money"),
        "Order.at": ("field", "6: google.protobuf.Timestamp"),
        "Order.reserved": ("reserved", '7, 9 to 11; "old"'),
        "Order.Line": ("message", "message"),
        "Order.Line.status": ("field", "1: optional Status"),
        "Status": ("enum", "enum"),
        "Status.UNKNOWN": ("value", "= 0"),
        "Status.PAID": ("value", "= 1"),
        "Orders": ("service", "service"),
        "Orders.Watch": ("rpc", "(Order) returns (stream Order.Line)"),
    }
    assert outline["Order"].notes == {"doc": "What a customer wants."}
    assert outline["Order.lines"].notes == {"doc": "the old ones"}
    assert outline["Order.totals"].notes == {}


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("Order", (11, 1)),
        ("Order.lines", (13, 3)),
        ("shop.v1.Order.Line.status", (24, 5)),
        ("Order.payment.cash", (17, 5)),
        ("Order.nothing.there", (11, 1)),
        ("Status.PAID", (30, 3)),
        ("import shop/money.proto", (6, 1)),
        ("#/Order/3", (14, 3)),
        ("#/Order/6", (19, 3)),
        ("#/Order/payment/5", (17, 5)),
        ("#/Order/5", (17, 5)),
        ("#/Order/Line/1", (24, 5)),
        ("#/Order/method/4", (16, 5)),
        ("#/Order/method/6", (19, 3)),
        ("#/Order/payment/6", (19, 3)),
        ("#/Order/payment", (15, 3)),
        ("#/Order/Line/9", (23, 3)),
        ("#/Order/7", (20, 3)),
        ("#/Order/99", (11, 1)),
        ("#/", (3, 1)),
        ("#/Nowhere", (2, 1)),
        ("", (2, 1)),
    ],
)
def test_a_path_leads_to_its_line_or_to_the_nearest_enclosing_one(path: str, place: tuple[int, int]) -> None:
    assert protobuf.locate(ORDER, path) == place


def test_a_text_is_taken_apart_once_for_all_its_places(monkeypatch: pytest.MonkeyPatch) -> None:
    scanned: list[str] = []

    def count(text: str) -> tuple[Statement, ...]:
        scanned.append(text)
        return scan(text)

    monkeypatch.setattr("reconciler.schemas.protobuf.positions.scan", count)
    text = "message A {\n" + "\n".join(f"  int32 f{n} = {n};" for n in range(1, 1001)) + "\n}"

    assert [protobuf.locate(text, f"#/A/{n}") for n in range(1, 1001)] == [(n + 1, 3) for n in range(1, 1001)]
    assert scanned == [text]


def test_very_many_comments_are_read_as_quickly_as_words() -> None:
    text = 'syntax = "proto3"; ' + "/**/" * 200_000 + "\nmessage A {}"

    first, second = protobuf.statements_of(protobuf.read(text))

    assert (len(first.comments), second.comments) == (200_000, ())


def test_a_comment_of_several_lines_ends_the_line_of_a_statement() -> None:
    text = "option a = 1; /* of a */ /* still\nof a */ /* of b */\n// of b too\noption b = 2; // of b at last"

    first, second = protobuf.statements_of(protobuf.read(text))

    assert first.comments == ("/* of a */", "/* still\nof a */")
    assert second.comments == ("/* of b */", "// of b too", "// of b at last")


def test_a_text_without_statements_has_no_places() -> None:
    assert protobuf.locate("// nothing", "A.b") is None


def test_imports_are_not_inlined() -> None:
    assert protobuf.bundle(order(), frozenset()) == ORDER
    with pytest.raises(SchemaError, match=r"`shop/money\.proto`") as caught:
        protobuf.bundle(order(), frozenset({"shop/money.proto"}))
    assert caught.value.fix


def test_pretty_normalises_ends_of_lines_only() -> None:
    assert protobuf.pretty("\n\nmessage A {  \r\n  // why\t\n}\n\n\n") == "message A {\n  // why\n}\n"


@pytest.mark.parametrize("act", [protobuf.locate, lambda text, _: protobuf.read(text)])
@settings(deadline=None)
@given(st.text(alphabet="{}[]()<>;=,\"'/*\\ \nmA1.:", max_size=60), st.text(alphabet="#/.A1", max_size=6))
def test_any_text_is_read_or_refused(act: Callable[[str, str], object], text: str, path: str) -> None:
    try:
        result = act(text, path)
    except SchemaError as error:
        result = error.line
    assert result is None or result


@settings(deadline=None)
@given(st.text(alphabet="{}[]()<>;=,\"'/*\\ \nmessage A1.:", max_size=80))
def test_any_text_is_compiled_or_refused(text: str) -> None:
    try:
        schema = parsed('syntax = "proto3";' + text)
    except SchemaError as error:
        assert error.line >= 1
    else:
        again = protobuf.canonical(schema, Dialect.CONFLUENT)
        assert protobuf.canonical(parsed(again), Dialect.CONFLUENT) == again
