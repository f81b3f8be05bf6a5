"""Laws that hold for every schema, and agreement with two other implementations, on generated pairs."""

from __future__ import annotations

import io
import json
import warnings
from typing import Any

import pytest
from avro_pairs import clashes, parsed, verdict
from generated_schemas import edited, schemas, values
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.compatibility import Judged, check
from reconciler.model import Dialect, Mode, Outcome
from reconciler.schemas import avro

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
pairs = schemas().flatmap(lambda schema: st.tuples(st.just(schema), edited(schema)))


@settings(deadline=None)
@given(schemas(), st.sampled_from(Mode))
def test_every_schema_is_compatible_with_itself(schema: Any, mode: Mode) -> None:
    assert clashes(schema, schema, mode) == []


@settings(deadline=None)
@given(pairs)
def test_full_is_backward_and_forward(pair: tuple[Any, Any]) -> None:
    old, new = pair

    both = clashes(new, old, Mode.FULL)

    assert both == clashes(new, old, Mode.BACKWARD) + clashes(new, old, Mode.FORWARD)


@settings(deadline=None)
@given(pairs)
def test_forward_is_backward_with_the_roles_exchanged(pair: tuple[Any, Any]) -> None:
    old, new = pair

    assert clashes(new, old, Mode.FORWARD) == clashes(old, new, Mode.BACKWARD)


@settings(deadline=None)
@given(pairs)
def test_none_never_objects(pair: tuple[Any, Any]) -> None:
    old, new = pair

    assert verdict(new, old, Mode.NONE).outcome is Outcome.COMPATIBLE


@settings(deadline=None)
@given(pairs, st.sampled_from([Mode.BACKWARD, Mode.FORWARD, Mode.FULL]))
def test_a_transitive_mode_over_one_version_is_the_plain_mode(pair: tuple[Any, Any], mode: Mode) -> None:
    old, new = pair
    history = [Judged(1, parsed(old))]

    plain = check(parsed(new), history, mode)
    transitive = check(parsed(new), history, Mode(f"{mode}_TRANSITIVE"))

    assert plain.findings == transitive.findings


@settings(deadline=None)
@given(pairs)
def test_canonical_texts_are_judged_like_what_they_were_made_of(pair: tuple[Any, Any]) -> None:
    old, new = pair
    again = [json.loads(avro.canonical(parsed(schema), Dialect.CONFLUENT)) for schema in (new, old)]

    assert clashes(again[0], again[1], Mode.BACKWARD) == clashes(new, old, Mode.BACKWARD)


@settings(deadline=None, max_examples=300)
@given(pairs)
def test_verdicts_agree_with_the_avro_package(pair: tuple[Any, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
        from avro.schema import parse
    old, new = pair
    reader, writer = (parse(json.dumps(schema), validate_names=True) for schema in (new, old))

    theirs = ReaderWriterCompatibilityChecker().get_compatibility(reader, writer).compatibility

    assert (theirs is SchemaCompatibilityType.compatible) == (clashes(new, old, Mode.BACKWARD) == [])


@settings(deadline=None, max_examples=300)
@given(pairs, st.data())
def test_what_is_compatible_decodes(pair: tuple[Any, Any], data: st.DataObject) -> None:
    import fastavro

    old, new = pair
    if clashes(new, old, Mode.BACKWARD):
        return
    writer, reader = fastavro.parse_schema(old), fastavro.parse_schema(new)
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, writer, data.draw(values(old)))
    buffer.seek(0)

    fastavro.schemaless_reader(buffer, writer, reader)

    assert buffer.read() == b""
