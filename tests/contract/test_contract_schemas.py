"""Registering schemas and reading them back; what the registry holds is told by its raw reader."""

import json
from collections.abc import Callable

import pytest

from reconciler.errors import RegistryError, RejectedError
from reconciler.model import EVENT_FORMATS, ContractRule, Format, Metadata, Mode, RuleSet, Schema
from reconciler.registry import SchemaRegistry
from tests.contract.samples import AB, ABC, INVALID, SAMPLES, TEXTS, A, is_same_text, make_avro, make_chain
from tests.contract.skips import skip_unless_fitting, skip_unless_format, skip_unless_named, skip_unless_references
from tests.contract.targets import Target

Name = Callable[[str], str]
Require = Callable[[str], None]

FORMATS = sorted(EVENT_FORMATS)


@pytest.mark.parametrize("schema_format", FORMATS)
def test_a_first_version_is_stored_and_read(
    target: Target, registry: SchemaRegistry, name: Name, schema_format: Format
) -> None:
    skip_unless_format(registry, schema_format)
    subject, schema = name("s"), SAMPLES[schema_format].first

    answer = registry.register_schema(subject, schema)

    (raw,) = target.raw.read_versions(subject)
    assert is_same_text(schema, raw)
    assert (answer.version, answer.schema.format) == (raw.version, schema_format) == (1, schema_format)
    read = registry.read_state([subject]).subjects[subject]
    assert read.latest is not None
    assert (read.latest.version, read.latest.id, read.problem) == (1, raw.id, None)
    assert is_same_text(read.latest.schema, raw)


@pytest.mark.parametrize("schema_format", TEXTS)
def test_a_text_of_another_format_is_kept_as_it_is(
    target: Target, registry: SchemaRegistry, name: Name, schema_format: Format
) -> None:
    skip_unless_format(registry, schema_format)
    subject, schema = name("s"), Schema(schema_format, TEXTS[schema_format])

    answers = [registry.register_schema(subject, schema).version for _ in range(2)]

    (raw,) = target.raw.read_versions(subject)
    assert (raw.text, answers) == (schema.definition, [1, 1])
    assert [version.schema for version in registry.read_history(subject)] == [schema]


@pytest.mark.parametrize("schema_format", FORMATS)
def test_registering_the_latest_again_changes_nothing(
    target: Target, registry: SchemaRegistry, name: Name, schema_format: Format
) -> None:
    skip_unless_format(registry, schema_format)
    subject, schema = name("s"), SAMPLES[schema_format].first

    first = registry.register_schema(subject, schema)
    again = registry.register_schema(subject, schema)

    assert (again.version, again.id) == (first.version, first.id)
    assert len(target.raw.read_versions(subject)) == 1


@pytest.mark.parametrize("schema_format", FORMATS)
def test_layout_is_no_new_version(
    target: Target, registry: SchemaRegistry, name: Name, require: Require, schema_format: Format
) -> None:
    skip_unless_format(registry, schema_format)
    require(f"layout {schema_format}")
    subject, sample = name("s"), SAMPLES[schema_format]
    registry.register_schema(subject, sample.first)

    answer = registry.register_schema(subject, sample.same)

    assert answer.version == 1
    assert len(target.raw.read_versions(subject)) == 1


def test_documentation_is_a_new_version(target: Target, registry: SchemaRegistry, name: Name, require: Require) -> None:
    require("versions of documentation")
    subject, documented = name("s"), make_avro(("a", "string"), doc="An order.")
    registry.register_schema(subject, A)

    answer = registry.register_schema(subject, documented)

    assert answer.version == 2
    assert [is_same_text(s, r) for s, r in zip((A, documented), target.raw.read_versions(subject), strict=True)] == [
        True,
        True,
    ]


def test_a_history_is_read_from_old_to_new(registry: SchemaRegistry, target: Target, name: Name) -> None:
    subject = name("s")
    for schema in (A, AB, ABC):
        registry.register_schema(subject, schema)

    history = registry.read_history(subject)

    raw = target.raw.read_versions(subject)
    assert [v.version for v in history] == [1, 2, 3]
    assert [is_same_text(v.schema, r) for v, r in zip(history, raw, strict=True)] == [True] * 3
    assert [v.id for v in history] == [r.id for r in raw]


def test_the_latest_is_the_newest(registry: SchemaRegistry, name: Name) -> None:
    subject = name("s")
    for schema in (A, AB, ABC):
        registry.register_schema(subject, schema)

    latest = registry.read_state([subject]).subjects[subject].latest

    assert latest is not None
    assert latest.version == 3


def test_a_subject_that_is_not_there_has_no_history(registry: SchemaRegistry, name: Name) -> None:
    assert registry.read_history(name("nothing")) == ()


def test_a_known_older_text_answers_the_version_that_holds_it(
    target: Target, registry: SchemaRegistry, name: Name
) -> None:
    """Whether the registry then has a new version or changed nothing, the answer says where the text is."""
    subject = name("s")
    registry.register_schema(subject, A)
    registry.register_schema(subject, AB)

    answer = registry.register_schema(subject, A)

    raw = {version.version: version for version in target.raw.read_versions(subject)}
    assert is_same_text(A, raw[answer.version])
    assert (max(raw), answer.version) in ((2, 1), (3, 3))


def test_two_subjects_may_hold_the_same_text(target: Target, registry: SchemaRegistry, name: Name) -> None:
    one, two = name("one"), name("two")

    registry.register_schema(one, A)
    registry.register_schema(two, A)

    assert [len(target.raw.read_versions(subject)) for subject in (one, two)] == [1, 1]


@pytest.mark.parametrize("case", INVALID)
def test_an_invalid_schema_is_rejected_in_words(
    target: Target, registry: SchemaRegistry, name: Name, require: Require, case: str
) -> None:
    schema = INVALID[case]
    skip_unless_format(registry, schema.format)
    require(f"refuses {case}")
    subject = name("s")

    with pytest.raises(RejectedError) as caught:
        registry.register_schema(subject, schema)

    assert (caught.value.registry, caught.value.subject) == ("contract", subject)
    assert caught.value.detail
    assert target.raw.read_versions(subject) == []


@pytest.mark.parametrize("schema_format", FORMATS)
def test_a_chain_of_references_is_stored_and_read(
    target: Target, registry: SchemaRegistry, name: Name, require: Require, schema_format: Format
) -> None:
    skip_unless_format(registry, schema_format)
    if schema_format not in registry.capabilities.references:
        pytest.skip(f"references in {schema_format}: not among its capabilities")
    require(f"references {schema_format}")
    subjects = [name("money"), name("line"), name("order")]
    chain = make_chain(schema_format, subjects)

    for subject, schema in zip(subjects, chain, strict=True):
        registry.register_schema(subject, schema)

    state = registry.read_state(subjects)
    for subject, schema in zip(subjects, chain, strict=True):
        (raw,) = target.raw.read_versions(subject)
        latest = state.subjects[subject].latest
        expected = {(r.name, r.subject, r.version) for r in schema.references}
        assert latest is not None
        assert is_same_text(schema, raw)
        assert {(r.name, r.subject, r.version) for r in raw.references} == expected
        assert {(r.name, r.subject, r.version) for r in latest.schema.references} == expected


@pytest.mark.parametrize("schema_format", FORMATS)
def test_a_schema_with_references_is_registered_once(
    target: Target, registry: SchemaRegistry, name: Name, require: Require, schema_format: Format
) -> None:
    skip_unless_format(registry, schema_format)
    if schema_format not in registry.capabilities.references:
        pytest.skip(f"references in {schema_format}: not among its capabilities")
    require(f"references {schema_format}")
    subjects = [name("money"), name("line")]
    money, line = make_chain(schema_format, [*subjects, "unused"])[:2]
    registry.register_schema(subjects[0], money)

    answers = [registry.register_schema(subjects[1], line).version for _ in range(2)]

    assert answers == [1, 1]
    assert len(target.raw.read_versions(subjects[1])) == 1


def test_a_reference_to_nothing_is_rejected(
    target: Target, registry: SchemaRegistry, name: Name, require: Require
) -> None:
    skip_unless_references(registry)
    require("refuses references to nothing")
    subject = name("line")
    _, line, _ = make_chain(Format.AVRO, [name("money"), subject, "unused"])

    with pytest.raises(RejectedError):
        registry.register_schema(subject, line)

    assert target.raw.read_versions(subject) == []


DOCUMENTATION = {
    "umlauts": "Größe, naïve, Ærø",
    "other scripts": "注文 заказ παραγγελία طلب",
    "beyond the basic plane": "🧾 𝒳",
    "what JSON escapes": 'a "quoted" \\ back\\slash, a\ttab and a\nnew line',
    "what HTML escapes": "<b>&amp;</b>",
}


@pytest.mark.parametrize("case", DOCUMENTATION)
def test_documentation_survives(target: Target, registry: SchemaRegistry, name: Name, case: str) -> None:
    subject, schema = name("s"), make_avro(("a", "string"), doc=DOCUMENTATION[case])

    registry.register_schema(subject, schema)

    latest = registry.read_state([subject]).subjects[subject].latest
    assert latest is not None
    assert json.loads(latest.schema.definition)["doc"] == DOCUMENTATION[case]
    assert json.loads(target.raw.read_versions(subject)[0].text)["doc"] == DOCUMENTATION[case]


def test_a_schema_of_nearly_a_megabyte(target: Target, registry: SchemaRegistry, name: Name) -> None:
    subject, schema = name("s"), make_avro(("a", "string"), doc="x" * 900_000)
    skip_unless_fitting(registry, schema)

    registry.register_schema(subject, schema)

    (version,) = registry.read_history(subject)
    assert len(json.loads(version.schema.definition)["doc"]) == 900_000
    assert is_same_text(schema, target.raw.read_versions(subject)[0])


LARGE = make_avro(("a", "string"), doc="x" * 3_000_000)


def test_a_schema_of_three_megabytes(target: Target, registry: SchemaRegistry, name: Name, require: Require) -> None:
    require("schemas of 3 MB")
    skip_unless_fitting(registry, LARGE)
    subject = name("s")

    registry.register_schema(subject, LARGE)

    (version,) = registry.read_history(subject)
    assert len(json.loads(version.schema.definition)["doc"]) == 3_000_000
    assert is_same_text(LARGE, target.raw.read_versions(subject)[0])


def test_a_schema_that_is_too_large_is_refused_in_words(target: Target, registry: SchemaRegistry, name: Name) -> None:
    if "schemas of 3 MB" not in target.lacks:
        pytest.skip("refusing a schema of 3 MB: it is taken, or a plan tells by the capability max_bytes")
    subject = name("s")

    with pytest.raises(RegistryError) as caught:
        registry.register_schema(subject, LARGE)

    assert (caught.value.registry, caught.value.subject) == ("contract", subject)
    assert caught.value.detail
    assert target.raw.read_versions(subject) == []


METADATA = Metadata({"owner": "payments", "retention": "30d"}, {"com.acme.Order.a": ("PII",)}, ("owner",))


def require_metadata(registry: SchemaRegistry, require: Require) -> None:
    if not registry.capabilities.metadata:
        pytest.skip("metadata: not among its capabilities")
    require("metadata")


def test_metadata_comes_back(target: Target, registry: SchemaRegistry, name: Name, require: Require) -> None:
    require_metadata(registry, require)
    subject = name("s")

    registry.register_schema(subject, Schema(A.format, A.definition, metadata=METADATA))

    (raw,) = target.raw.read_versions(subject)
    latest = registry.read_state([subject]).subjects[subject].latest
    assert raw.metadata is not None
    assert raw.metadata["properties"] == METADATA.properties
    assert latest is not None
    assert latest.schema.metadata == METADATA


def test_metadata_alone_is_a_new_version(
    target: Target, registry: SchemaRegistry, name: Name, require: Require
) -> None:
    require_metadata(registry, require)
    subject = name("s")
    registry.register_schema(subject, A)

    answer = registry.register_schema(subject, Schema(A.format, A.definition, metadata=METADATA))

    assert answer.version == 2
    assert len(target.raw.read_versions(subject)) == 2


RULES = RuleSet(
    domain=(
        ContractRule(
            "checkLength", "CONDITION", "WRITE", "CEL", expr="size(message.a) < 9", on_failure="DLQ", params={"x": "y"}
        ),
        ContractRule("encrypt", "TRANSFORM", "WRITEREAD", "ENCRYPT", tags=("PII",), doc="keeps secrets", disabled=True),
    ),
    migration=(ContractRule("rename", "TRANSFORM", "UPGRADE", "JSONATA", expr="$"),),
)


def test_rules_come_back_and_alone_are_a_new_version(registry: SchemaRegistry, name: Name, require: Require) -> None:
    if not registry.capabilities.rules:
        pytest.skip("rules: not among its capabilities")
    require("rules")
    subject = name("s")
    registry.register_schema(subject, A)

    answer = registry.register_schema(subject, Schema(A.format, A.definition, rules=RULES))

    latest = registry.read_state([subject]).subjects[subject].latest
    assert (answer.version, latest and latest.version) == (2, 2)
    assert latest and latest.schema.rules == RULES


def test_rules_that_are_dropped_are_an_error(registry: SchemaRegistry, target: Target, name: Name) -> None:
    if not registry.capabilities.rules or "rules" not in target.lacks:
        pytest.skip("dropping rules silently: not what this registry does")
    subject = name("s")

    with pytest.raises(RejectedError) as raised:
        registry.register_schema(subject, Schema(A.format, A.definition, rules=RULES))

    assert raised.value.code == "RULES_DROPPED"
    assert "version 1 is registered" in str(raised.value)


NAMES = {
    "slash": "a/b",
    "colon": "a:b",
    "percent": "100%25",
    "dots": "a.b.c",
    "two dots": "../..",
    "space": "a b  c",
    "plus and question mark": "a+b?c=d&e#f",
    "non-ASCII": "Bestellung-größe-注文",
    "quotes": "a'b\"c",
    "backslash": "a\\b",
    "long": "x" * 170,
}


@pytest.mark.parametrize("case", NAMES)
def test_any_name_of_a_subject(
    target: Target, registry: SchemaRegistry, name: Name, require: Require, case: str
) -> None:
    require(f"names with {case}")
    subject = name(NAMES[case])
    skip_unless_named(registry, subject)

    registry.register_schema(subject, A)
    registry.set_compatibility(subject, Mode.FULL)

    state = registry.read_state([subject]).subjects
    assert list(state) == [subject]
    assert state[subject].mode is Mode.FULL
    assert len(registry.read_history(subject)) == 1
    assert len(target.raw.read_versions(subject)) == 1
    assert target.raw.read_compatibility(subject) == "FULL"
