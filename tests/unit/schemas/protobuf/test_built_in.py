"""Imports that registries bring themselves need nobody to register them."""

from __future__ import annotations

import pytest

from reconciler.compatibility import Judged, check
from reconciler.model import Mode, Outcome
from reconciler.schemas import protobuf
from reconciler.schemas.protobuf.built_in import BUILT_IN
from tests.corpus import CORPUS, needs_corpus, read_text

GOOGLE_TYPES = "api-common-protos/main"

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


@needs_corpus
def test_they_declare_what_their_publisher_does() -> None:
    published = [name for name in BUILT_IN if (CORPUS / GOOGLE_TYPES / name).is_file()]

    for name in published:
        theirs = protobuf.parse(protobuf.read(read_text(f"{GOOGLE_TYPES}/{name}")), {})
        ours = protobuf.parse(protobuf.read(BUILT_IN[name]), {})
        verdict = check(ours, [Judged(1, theirs)], Mode.FULL)
        assert (verdict.outcome, verdict.findings) == (Outcome.COMPATIBLE, ()), name
    assert len(published) > 10
