from typing import Any

import pytest
from local_samples import make_number_record, make_record

from adapters.local import LocalRegistry
from adapters.local.rules import WriteMode
from reconciler.errors import RejectedError
from reconciler.model import Format, Mode, Schema

A, NUMBER = make_record("a"), make_number_record()
S = "orders"


def read_mode(registry: LocalRegistry, subject: str) -> Mode | None:
    return registry.read_state([subject]).subjects[subject].mode


def test_the_registry_starts_with_backward(registry: LocalRegistry) -> None:
    assert registry.read_state().default_mode is Mode.BACKWARD


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_comes_back(registry: LocalRegistry, mode: Mode) -> None:
    registry.register_schema(S, A)

    registry.set_compatibility(S, mode)

    assert read_mode(registry, S) is mode


def test_a_subject_without_a_mode_inherits(registry: LocalRegistry) -> None:
    registry.register_schema(S, A)
    registry.set_compatibility(None, Mode.FULL)

    assert read_mode(registry, S) is None
    assert registry.read_state().default_mode is Mode.FULL


def test_a_mode_can_be_taken_away(registry: LocalRegistry) -> None:
    registry.register_schema(S, A)
    registry.set_compatibility(S, Mode.FULL)
    registry.set_compatibility(None, Mode.NONE)

    registry.reset_compatibility(S)
    registry.reset_compatibility(None)

    assert read_mode(registry, S) is None
    assert registry.read_state().default_mode is Mode.BACKWARD


def test_a_mode_outlives_a_soft_deletion_but_not_a_hard_one(registry: LocalRegistry) -> None:
    registry.register_schema(S, A)
    registry.set_compatibility(S, Mode.FULL)

    registry.delete_all_versions(S)
    kept = registry.read_state([S]).subjects[S]
    registry.delete_all_versions(S, permanent=True)

    assert (kept.latest, kept.mode) == (None, Mode.FULL)
    assert registry.read_state([S]).subjects == {}


def test_a_mode_can_be_set_before_the_first_version(registry: LocalRegistry) -> None:
    registry.set_compatibility(S, Mode.NONE)

    assert read_mode(registry, S) is Mode.NONE
    assert registry.read_state().subjects == {}


JUDGED = [
    ("own mode", Mode.NONE, Mode.FULL, True),
    ("own mode", Mode.FULL, Mode.NONE, False),
    ("registry's level", None, Mode.NONE, True),
    ("registry's level", None, Mode.BACKWARD, False),
    ("nothing set", None, None, False),
]


@pytest.mark.parametrize(("_title", "own", "level", "is_accepted"), JUDGED)
def test_an_incompatible_version_meets_the_mode_that_holds(
    registry: LocalRegistry, _title: str, own: Mode | None, level: Mode | None, is_accepted: bool
) -> None:
    registry.register_schema(S, A)
    for subject, mode in ((S, own), (None, level)):
        if mode:
            registry.set_compatibility(subject, mode)

    assert _is_accepted(registry, NUMBER) is is_accepted
    assert len(registry.read_history(S)) == (2 if is_accepted else 1)


def test_a_transitive_mode_looks_at_every_version(registry: LocalRegistry) -> None:
    """The third reads the second's data, but not the first's."""
    first, second = _make_optional("a", "string"), make_record()
    third = _make_optional("a", "int")
    for schema in (first, second):
        registry.register_schema(S, schema)

    registry.set_compatibility(S, Mode.BACKWARD_TRANSITIVE)
    under_transitive = _is_accepted(registry, third)
    registry.set_compatibility(S, Mode.BACKWARD)

    assert not under_transitive
    assert _is_accepted(registry, third)


def test_a_soft_deleted_version_is_not_judged_against(registry: LocalRegistry) -> None:
    registry.register_schema(S, A)
    registry.delete_all_versions(S)

    assert registry.register_schema(S, NUMBER).version == 2


def test_a_refusal_tells_what_is_incompatible(registry: LocalRegistry) -> None:
    registry.register_schema(S, A)

    with pytest.raises(RejectedError) as caught:
        registry.register_schema(S, NUMBER)

    assert caught.value.code == 409
    assert caught.value.message == "the schema is incompatible under BACKWARD"
    assert caught.value.detail is not None
    assert "TYPE_MISMATCH" in caught.value.detail


def test_an_older_version_is_judged_when_it_shall_be_the_latest_again(registry: LocalRegistry) -> None:
    registry.set_compatibility(S, Mode.NONE)
    registry.register_schema(S, A)
    registry.register_schema(S, NUMBER)
    registry.set_compatibility(S, Mode.BACKWARD)

    with pytest.raises(RejectedError) as caught:
        registry.register_schema(S, A, version=3)

    assert caught.value.code == 409


OPEN_ORDER = '{"type": "object", "properties": {"a": {"type": "string"}}}'
CLOSED_ORDER = '{"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false}'
PROTOBUF_ORDER = 'syntax = "proto3";\nmessage Order {\n  string a = 1;\n}\n'

READABLE = [
    (Format.JSON, CLOSED_ORDER, OPEN_ORDER),
    (Format.PROTOBUF, PROTOBUF_ORDER, PROTOBUF_ORDER.replace("}", "  string b = 2;\n}")),
]
UNREADABLE = [
    (Format.JSON, OPEN_ORDER, CLOSED_ORDER, "ADDITIONAL_PROPERTIES_REMOVED"),
    (Format.PROTOBUF, PROTOBUF_ORDER, PROTOBUF_ORDER.replace("string", "int32"), "FIELD_SCALAR_KIND_CHANGED"),
]


@pytest.mark.parametrize(("schema_format", "first", "second"), READABLE)
def test_a_compatible_version_of_another_format_is_accepted(
    registry: LocalRegistry, schema_format: Format, first: str, second: str
) -> None:
    registry.register_schema(S, Schema(schema_format, first))

    assert registry.register_schema(S, Schema(schema_format, second)).version == 2


@pytest.mark.parametrize(("schema_format", "first", "second", "code"), UNREADABLE)
def test_an_incompatible_version_of_another_format_is_refused_with_the_reason(
    registry: LocalRegistry, schema_format: Format, first: str, second: str, code: str
) -> None:
    registry.register_schema(S, Schema(schema_format, first))

    with pytest.raises(RejectedError) as caught:
        registry.register_schema(S, Schema(schema_format, second))

    assert (caught.value.code, caught.value.message) == (409, "the schema is incompatible under BACKWARD")
    assert code in (caught.value.detail or "")


@pytest.mark.parametrize(("schema_format", "first", "second"), READABLE)
def test_a_format_that_is_not_judged_needs_none_for_a_second_version(
    registry: LocalRegistry, schema_format: Format, first: str, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciler.compatibility.JUDGED_FORMATS", frozenset({Format.AVRO}))
    registry.register_schema(S, Schema(schema_format, first))

    with pytest.raises(RejectedError) as caught:
        registry.register_schema(S, Schema(schema_format, second))
    registry.set_compatibility(S, Mode.NONE)

    assert caught.value.code == 409
    assert caught.value.message == (
        f"a second version in format {schema_format} is refused under BACKWARD: its compatibility cannot be judged here"
    )
    assert registry.register_schema(S, Schema(schema_format, second)).version == 2


def test_another_format_is_incompatible(registry: LocalRegistry) -> None:
    registry.register_schema(S, A)

    with pytest.raises(RejectedError) as caught:
        registry.register_schema(S, Schema(Format.JSON, '{"type": "object"}'))

    assert caught.value.code == 409


WRITES: dict[str, Any] = {
    "register": lambda r: r.register_schema(S, NUMBER),
    "mode": lambda r: r.set_compatibility(S, Mode.NONE),
    "no mode": lambda r: r.reset_compatibility(S),
    "delete a version": lambda r: r.delete_version(S, 1),
    "delete the subject": lambda r: r.delete_all_versions(S),
}


@pytest.mark.parametrize("subject", [S, None])
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_read_only_refuses_every_write(registry: LocalRegistry, write: Any, subject: str | None) -> None:
    registry.register_schema(S, A)
    before = registry.read_state()
    registry.set_write_mode(subject, WriteMode.READONLY)

    with pytest.raises(RejectedError) as caught:
        write(registry)

    assert caught.value.code == 42205
    assert caught.value.fix == f"set the write mode of {'the subject' if subject else 'the registry'} to READWRITE"
    assert registry.read_state() == before


def test_a_subjects_write_mode_goes_before_the_registrys(registry: LocalRegistry) -> None:
    registry.set_write_mode(None, WriteMode.READONLY)
    registry.set_write_mode(S, WriteMode.READWRITE)

    assert registry.register_schema(S, A).version == 1


def test_writing_is_allowed_again(registry: LocalRegistry) -> None:
    registry.set_write_mode(S, WriteMode.READONLY)
    registry.set_write_mode(S, None)

    assert registry.register_schema(S, A).version == 1


def _make_optional(field: str, kind: str) -> Schema:
    definition = (
        '{"type": "record", "name": "com.acme.Order", "fields":'
        f' [{{"name": "{field}", "type": ["null", "{kind}"], "default": null}}]}}'
    )
    return Schema(Format.AVRO, definition)


def _is_accepted(registry: LocalRegistry, schema: Schema) -> bool:
    try:
        registry.register_schema(S, schema)
    except RejectedError as error:
        assert error.code == 409
        return False
    return True
