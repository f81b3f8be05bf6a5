"""Reading a registry: many subjects, some, none, and those that nobody can read; writers side by side."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from reconciler.model import Mode
from reconciler.registry import SchemaRegistry
from tests.contract.samples import AB, A, is_same_text, make_avro
from tests.contract.targets import Target

Name = Callable[[str], str]
Require = Callable[[str], None]


def test_what_is_not_there_is_absent(registry: SchemaRegistry, name: Name) -> None:
    there, nothing = name("there"), name("nothing")
    registry.register_schema(there, A)

    assert list(registry.read_state([there, nothing]).subjects) == [there]


def test_no_names_are_no_subjects(registry: SchemaRegistry) -> None:
    assert registry.read_state([]).subjects == {}


def test_modes_are_read_of_those_that_are_asked_for(registry: SchemaRegistry, name: Name) -> None:
    one, two = name("one"), name("two")
    for subject in (one, two):
        registry.register_schema(subject, A)
        registry.set_compatibility(subject, Mode.FULL)

    subjects = registry.read_state([one, two], modes_of=[two]).subjects

    assert (subjects[one].mode, subjects[two].mode) == (None, Mode.FULL)


def test_modes_are_read_beside_every_subject(registry: SchemaRegistry, name: Name) -> None:
    one, two = name("one"), name("two")
    for subject in (one, two):
        registry.register_schema(subject, A)
        registry.set_compatibility(subject, Mode.FULL)

    subjects = registry.read_state(modes_of=[one]).subjects

    assert (subjects[one].mode, subjects[two].mode) == (Mode.FULL, None)


def test_more_subjects_than_a_page(target: Target, name: Name) -> None:
    registry = target.open(**target.bulk_options)
    subjects = [name(f"{number:04}") for number in range(target.bulk)]
    for number, subject in enumerate(subjects):
        registry.register_schema(subject, make_avro((f"f{number}", "string")))
    for subject in subjects[::50]:
        registry.register_schema(subject, make_avro(("later", "string")))

    every = registry.read_state(modes_of=[]).subjects
    some = registry.read_state(subjects, modes_of=[]).subjects
    registry.close()

    assert set(subjects) <= set(every)
    assert set(some) == set(subjects)
    for found in (every, some):
        latest = {name: found[name].latest for name in subjects}
        assert {n: v.version if v else None for n, v in latest.items()} == {
            n: 2 if i % 50 == 0 else 1 for i, n in enumerate(subjects)
        }
    for subject in (subjects[0], subjects[1], subjects[-1]):
        version = every[subject].latest
        assert version is not None
        assert is_same_text(version.schema, target.raw.read_versions(subject)[-1])


def test_another_adapter_reads_what_was_written(target: Target, registry: SchemaRegistry, name: Name) -> None:
    subject, other = name("s"), target.open()
    other.read_state([subject])

    registry.register_schema(subject, A)

    assert list(other.read_state([subject]).subjects) == [subject]
    other.close()


def test_a_text_that_nobody_can_read_hides_no_other(
    target: Target, registry: SchemaRegistry, name: Name, require: Require
) -> None:
    """Such a subject is never absent: it is there with its text, or with a problem."""
    require("unreadable text")
    broken, whole = name("broken"), name("whole")
    registry.register_schema(broken, make_avro(("only_here", "string")))
    registry.register_schema(whole, A)
    target.raw.write_text(broken, "nonsense")

    for found in (registry.read_state().subjects, registry.read_state([broken, whole]).subjects):
        latest = found[broken].latest
        assert found[broken].problem or (latest is not None and latest.schema.definition == "nonsense")
        assert found[whole].latest is not None
        assert found[whole].problem is None
    target.raw.delete_subject(broken)


def test_writers_of_different_subjects_do_not_disturb_each_other(target: Target, name: Name) -> None:
    registry = target.open()
    subjects = [name(f"{number}") for number in range(24)]

    def write(subject: str) -> int:
        registry.register_schema(subject, A)
        registry.set_compatibility(subject, Mode.FULL)
        return registry.register_schema(subject, AB).version

    with ThreadPoolExecutor(max(2, registry.capabilities.concurrent_writes)) as pool:
        answers = list(pool.map(write, subjects))
    registry.close()

    assert answers == [2] * len(subjects)
    assert [len(target.raw.read_versions(subject)) for subject in subjects] == [2] * len(subjects)
    assert {target.raw.read_compatibility(subject) for subject in subjects} == {"FULL"}


def test_writers_of_one_subject_each_get_a_version_of_their_own(target: Target, name: Name, require: Require) -> None:
    require("concurrent versions of one subject")
    registry, subject = target.open(), name("s")
    registry.register_schema(subject, A)
    registry.set_compatibility(subject, Mode.NONE)
    schemas = [make_avro((f"f{number}", "string")) for number in range(12)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda schema: registry.register_schema(subject, schema).version, schemas))
    registry.close()

    raw = {version.version: version for version in target.raw.read_versions(subject)}
    assert sorted(answers) == list(range(2, 14))
    assert all(is_same_text(schema, raw[version]) for schema, version in zip(schemas, answers, strict=True))


def test_writers_of_the_same_text_make_one_version(target: Target, name: Name, require: Require) -> None:
    require("concurrent versions of one subject")
    require("concurrent versions of one text")
    registry, subject = target.open(), name("s")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: registry.register_schema(subject, A).version, range(12)))
    registry.close()

    assert answers == [1] * 12
    assert len(target.raw.read_versions(subject)) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_histories_may_be_read_side_by_side(registry: SchemaRegistry, name: Name, number: int) -> None:
    subjects = [name(f"{index}") for index in range(number)]
    for subject in subjects:
        registry.register_schema(subject, A)
        registry.register_schema(subject, AB)

    with ThreadPoolExecutor(3) as pool:
        histories = list(pool.map(registry.read_history, subjects))

    assert [[v.version for v in history] for history in histories] == [[1, 2]] * number
