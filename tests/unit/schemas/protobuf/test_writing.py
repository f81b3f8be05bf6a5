"""From a descriptor back to a file: what is written compiles to the descriptor that it was written from."""

from __future__ import annotations

from typing import cast

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

from reconciler.model import Dialect, Format
from reconciler.schemas import language, parse
from reconciler.schemas.protobuf import ParsedProtobuf
from reconciler.schemas.protobuf.writing import write_file
from tests.corpus import needs_corpus, read_text, records

PROTO2 = """\
syntax = "proto2";
package acme.shop;
import "google/protobuf/timestamp.proto";
option java_package = "com.\\"acme\\"";
option optimize_for = SPEED;

message Line {
  optional int32 price = 1;
}

message Order {
  option deprecated = true;
  message Line {
    optional string text = 1 [default = "a\\"b\\n\\\\"];
    extensions 100 to 199, 500 to max;
  }
  message google {
  }
  enum State {
    option allow_alias = true;
    NEW = 0;
    FRESH = 0 [deprecated = true];
    reserved -5 to -1, 7 to max;
    reserved "OLD";
  }
  optional Line line = 1;
  optional .acme.shop.Line other = 2;
  map<string, Line> by_name = 3;
  repeated group Item = 4 {
    optional int32 count = 1;
  }
  oneof way {
    string address = 5;
    Line place = 6;
  }
  optional State state = 7 [default = FRESH];
  optional bytes raw = 8 [default = "\\001\\377x"];
  optional double most = 9 [default = inf];
  repeated int32 marks = 10 [json_name = "points", packed = true];
  required sint64 number = 11;
  optional .google.protobuf.Timestamp at = 12;
  optional bool is_paid = 13 [default = true];
  extend Line {
    optional int32 weight = 101;
  }
  reserved 30, 40 to 50, 1000 to max;
  reserved "foo", "bar";
}

extend Order.Line {
  optional group Extra = 102 {
    optional int32 k = 1;
  }
}

service Orders {
  option deprecated = true;
  rpc Get (Order) returns (stream Line);
  rpc Put (stream Order) returns (Order.Line) { option idempotency_level = IDEMPOTENT; }
}
"""
PROTO3 = """\
syntax = "proto3";

message Order {
  message Part {
    Order whole = 1;
    Part next = 2;
  }
  optional string note = 1;
  repeated int32 marks = 2;
  map<string, Part> parts = 3;
  oneof kind {
    string text = 4;
    Part part = 5;
  }
  string foo_bar = 7;
  string _x = 8;
  string a__b = 9;
}
"""
EDITION = """\
edition = "2023";
package acme;
option features.field_presence = IMPLICIT;

message Order {
  enum State {
    NEW = 0;
    reserved OLD;
  }
  string a = 1 [features.field_presence = EXPLICIT];
  Order next = 2 [features.message_encoding = DELIMITED];
  reserved foo, bar;
}
"""
OWN_OPTIONS = """\
syntax = "proto3";
package acme;
import "google/protobuf/descriptor.proto";

message Order {
  option (.acme.owner) = "payments";
  string a = 1 [
    deprecated = true,
    (.acme.rule) = { least: 1 words: "x" words: "y" inner { least: 2 } },
    (.acme.tag) = "p", (.acme.tag) = "q"
  ];
}

message Rule {
  int32 least = 1;
  repeated string words = 2;
  Rule inner = 3;
}

extend google.protobuf.FieldOptions {
  Rule rule = 50000;
}
extend google.protobuf.FieldOptions {
  repeated string tag = 50001;
}
extend google.protobuf.MessageOptions {
  string owner = 50000;
}
"""


def read(text: str) -> ParsedProtobuf:
    return cast(ParsedProtobuf, parse(Format.PROTOBUF, text, {}))


def without_layout(file: FileDescriptorProto) -> FileDescriptorProto:
    """A copy without positions, nested messages by name: where a map or group stands among them says nothing."""
    copy = FileDescriptorProto.FromString(file.SerializeToString())
    copy.ClearField("source_code_info")
    for message in copy.message_type:
        _sort_nested(message)
    return copy


def _sort_nested(message: DescriptorProto) -> None:
    nested = sorted(message.nested_type, key=lambda each: each.name)
    for each in nested:
        _sort_nested(each)
    copies = [DescriptorProto.FromString(each.SerializeToString()) for each in nested]
    del message.nested_type[:]
    message.nested_type.extend(copies)


@pytest.mark.parametrize(
    "text", [PROTO2, PROTO3, EDITION, OWN_OPTIONS], ids=["proto2", "proto3", "edition", "own options"]
)
def test_what_is_written_is_the_same_file(text: str) -> None:
    descriptor, imported = read(text).own_descriptors

    written = write_file(descriptor, imported)

    again = read(written)
    assert without_layout(again.descriptor) == without_layout(descriptor)
    assert write_file(*again.own_descriptors) == written


def test_a_file_is_written_as_a_person_would() -> None:
    assert write_file(read(PROTO3).descriptor) == PROTO3


@needs_corpus
def test_files_of_the_corpus_come_back() -> None:
    alone = [p for p, r in records(Format.PROTOBUF).items() if r["valid"] and not r["references"]]
    assert len(alone) > 100

    for path in alone:
        descriptor, imported = read(read_text(path)).own_descriptors
        assert without_layout(read(write_file(descriptor, imported)).descriptor) == without_layout(descriptor), path


def canonical(text: str, dialect: Dialect = Dialect.PULSAR) -> str:
    return language(Format.PROTOBUF).canonical(read(text), dialect)


ONE = 'syntax = "proto3"; package a; message Order { Money m = 1; } message Money { string x = 1; } message B {}'


def test_for_pulsar_the_spelling_of_a_type_says_nothing() -> None:
    other = ONE.replace("Money m", ".a.Money m")

    assert canonical(other) == canonical(ONE)
    assert canonical(other, Dialect.CONFLUENT) != canonical(ONE, Dialect.CONFLUENT)


@pytest.mark.parametrize(
    ("text", "is_same"),
    [
        (
            ONE.replace("message Money { string x = 1; } message B {}", "message B {} message Money { string x = 1; }"),
            True,
        ),
        (ONE.replace("message Order { Money m = 1; }", "") + " message Order { Money m = 1; }", False),
        (ONE.replace("string x", "string y"), False),
        ("// A remark.\n" + ONE, True),
    ],
    ids=["order of the others", "another first message", "a field's name", "a comment"],
)
def test_for_pulsar_the_first_message_and_what_is_declared_count(text: str, is_same: bool) -> None:
    assert (canonical(text) == canonical(ONE)) is is_same


def test_a_file_that_does_not_compile_is_for_pulsar_what_it_is_elsewhere() -> None:
    text = 'syntax = "proto3"; message A { string a = 1; string b = 1; }'

    assert canonical(text) == canonical(text, Dialect.CONFLUENT)
