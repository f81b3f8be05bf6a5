"""Imports that registries bring themselves need nobody to register them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reconciler.compatibility import Judged, check
from reconciler.model import Mode, Outcome
from reconciler.schemas import protobuf
from reconciler.schemas.protobuf.built_in import BUILT_IN

CORPUS = Path(os.environ.get("SCHEMAFED_CORPUS", Path(__file__).parents[5] / "shared" / "corpus"))
GOOGLE_TYPES = CORPUS / "api-common-protos" / "main"

INVOICE = """syntax = "proto3";
import "google/type/money.proto";
import "confluent/meta.proto";
import "confluent/type/decimal.proto";
message Invoice {
  option (confluent.message_meta).doc = "what is owed";
  google.type.Money total = 1;
  confluent.type.Decimal rate = 2 [(confluent.field_meta).params = {key: "precision", value: "8"}];
}
"""


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_file_compiles(name: str) -> None:
    assert protobuf.parse(protobuf.read(BUILT_IN[name]), {}).descriptor.package


def test_a_schema_may_import_them_without_references() -> None:
    parsed = protobuf.parse(protobuf.read(INVOICE), {})

    assert [field.type_name for field in parsed.descriptor.message_type[0].field] == [
        ".google.type.Money",
        ".confluent.type.Decimal",
    ]
    assert all(need.is_built_in for need in parsed.document.needs)


def test_one_that_is_imported_by_an_import_is_there_too() -> None:
    invoice = protobuf.parse(protobuf.read(INVOICE), {})
    text = 'syntax = "proto3"; import "invoice.proto"; message Order { Invoice invoice = 1; }'

    order = protobuf.parse(protobuf.read(text), {"invoice.proto": invoice})

    assert order.descriptor.message_type[0].field[0].type_name == ".Invoice"


def test_a_reference_of_that_name_goes_before_the_built_in_file() -> None:
    own = protobuf.parse(protobuf.read('syntax = "proto3"; package google.type; message Gold { int64 grams = 1; }'), {})
    text = 'syntax = "proto3"; import "google/type/money.proto"; message M { google.type.Gold a = 1; }'

    parsed = protobuf.parse(protobuf.read(text), {"google/type/money.proto": own})

    assert parsed.descriptor.message_type[0].field[0].type_name == ".google.type.Gold"


def test_their_types_are_compared() -> None:
    old = protobuf.parse(protobuf.read(INVOICE), {})
    new = protobuf.parse(protobuf.read(INVOICE.replace("google.type.Money total", "confluent.type.Decimal total")), {})

    (found,) = check(new, [Judged(1, old)], Mode.BACKWARD).findings

    assert (found.code, found.path) == ("FIELD_NAMED_TYPE_CHANGED", "#/Invoice/1")


@pytest.mark.corpus
@pytest.mark.skipif(not GOOGLE_TYPES.is_dir(), reason="no corpus: name its folder in SCHEMAFED_CORPUS")
@pytest.mark.parametrize("path", [name for name in BUILT_IN if (GOOGLE_TYPES / name).is_file()])
def test_they_declare_what_their_publisher_does(path: str) -> None:
    theirs = protobuf.parse(protobuf.read((GOOGLE_TYPES / path).read_text(encoding="utf-8")), {})
    ours = protobuf.parse(protobuf.read(BUILT_IN[path]), {})

    verdict = check(ours, [Judged(1, theirs)], Mode.FULL)

    assert (verdict.outcome, verdict.findings) == (Outcome.COMPATIBLE, ())
