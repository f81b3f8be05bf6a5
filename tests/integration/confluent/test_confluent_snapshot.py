"""Reading the topic of a registry from a real broker: the same state as over REST."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.confluent import ConfluentRegistry
from reconciler.errors import (
    ConfigurationError,
    NotFoundError,
    UnauthorizedError,
    UnexpectedAnswerError,
    UnreachableError,
)
from reconciler.model import LiveState, Mode
from reconciler.registry import RegistrySettings
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.confluent.errors import ApiError
from tests.doubles.karapace import KarapaceDouble
from tests.integration.confluent.confluent_samples import fill, list_requests, open_registry, record
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository
from tests.schemas_topic import NOOP, Journal, create_topic, make_deletion, make_key, make_schema_key, write_records
from tests.servers.kafka import USER, KafkaServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("kafka")]

MANY = [f"absent{number:03}" for number in range(101)]
"""So many names that they are worth reading the topic."""
NOWHERE = "http://127.0.0.1:1"
"""Of a registry that is not asked: its topic cannot be read."""


@pytest.fixture
def confluent() -> Iterator[ConfluentDouble]:
    """What the topic holds does not depend on the version; what REST answers does, where both are named."""
    with ConfluentDouble("8.1") as double:
        yield double


def keep_in_topic(double: ConfluentDouble, kafka: KafkaServer) -> str:
    """Write what a double holds to a topic; returns what `snapshot` says of it."""
    topic = create_topic(kafka.brokers)
    write_records(kafka.brokers, topic, Journal(double).records())
    return f"kafka://{kafka.brokers}/{topic}"


def read_both(
    double: ConfluentDouble, snapshot: str, subjects: Collection[str] | None = None, **options: Any
) -> tuple[LiveState, LiveState]:
    """The state by the topic, and over REST."""
    by_topic, by_rest = open_registry(double.url, snapshot=snapshot, **options), open_registry(double.url)
    return by_topic.read_state(subjects, modes_of=subjects), by_rest.read_state(subjects, modes_of=subjects)


def fill_with_everything(double: ConfluentDouble) -> None:
    """Put into a double what a registry can hold: formats, references, contexts, deletions, settings, odd names."""
    raw = RawRegistry(double.url)
    double.register("money-value", record("amount", name="Money"))
    double.register("a/b c%", record("x"))
    double.register("ünïcödé", record("x"))
    double.register(":.eu:orders", record("x"))
    double.register(":.eu:orders", record())
    double.register(":.us:orders", record("x"))
    double.register(":.asia:orders", record("x"))
    double.register("json", '{"type": "object"}', schemaType="JSON")
    double.register("proto", 'syntax = "proto3"; message M { string a = 1; }', schemaType="PROTOBUF")
    double.register("tagged", record("x"), metadata={"properties": {"owner": "me"}, "tags": {"R.x": ["PII"]}})
    double.register("secret", record("x"), metadata={"properties": {"key": "k"}, "sensitive": ["key"]})
    double.register(
        "order",
        '{"type":"record","name":"Order","fields":[{"name":"total","type":"Money"}]}',
        references=[{"name": "Money", "subject": "money-value", "version": 1}],
    )
    for name in ("gone", "gone-for-good", "back", "older"):
        double.register(name, record())
        double.set_compatibility(name, "NONE")
        double.register(name, record("y"))
    for name in ("gone", "gone-for-good", "back"):
        raw.delete_subject(name, permanent=name != "gone")
    double.register("back", record("z"))
    raw.send("DELETE", "/subjects/older/versions/2")
    double.set_compatibility("a/b c%", "FULL_TRANSITIVE")
    double.set_compatibility("ahead-of-its-first-version", "FULL")
    double.set_write_mode("json", "READONLY")
    double.set_compatibility(":.eu:", "FORWARD")
    raw.send("PUT", "/config/proto", {"alias": "json", "normalize": True})
    raw.send("PUT", "/config/json", {"compatibility": "FORWARD", "compatibilityGroup": "major", "normalize": True})


@pytest.mark.parametrize("version", ["7.9", "8.1"])
def test_the_state_is_that_of_the_rest_interface(version: str, kafka: KafkaServer) -> None:
    with ConfluentDouble(version) as double:
        fill_with_everything(double)

        by_topic, by_rest = read_both(double, keep_in_topic(double, kafka))

    assert by_topic == by_rest
    assert {name: s.inherited for name, s in by_topic.subjects.items() if s.inherited} == {
        ":.eu:orders": Mode.FORWARD,
        # The server's default, whatever the registry's level is.
        ":.us:orders": Mode.BACKWARD,
        ":.asia:orders": Mode.BACKWARD,
    }
    assert list(by_topic.subjects) == sorted(by_topic.subjects)
    assert "gone" not in by_topic.subjects
    assert {name: s.latest.version for name, s in by_topic.subjects.items() if s.latest and s.latest.version != 1} == {
        ":.eu:orders": 2
    }


@pytest.mark.parametrize("config", [{"normalize": True}, {"compatibility": "NONE", "normalize": True}])
def test_contexts_with_settings_of_their_own(
    confluent: ConfluentDouble, kafka: KafkaServer, config: dict[str, object]
) -> None:
    fill_with_everything(confluent)
    confluent.set_compatibility("", "FULL")
    RawRegistry(confluent.url).send("PUT", "/config/:.us:", config)

    by_topic, by_rest = read_both(confluent, keep_in_topic(confluent, kafka))

    assert by_topic == by_rest
    assert by_topic.subjects[":.us:orders"].inherited is Mode(config.get("compatibility", "BACKWARD"))


def test_levels_of_contexts_that_the_topic_tells_are_not_asked_for(
    confluent: ConfluentDouble, kafka: KafkaServer
) -> None:
    fill_with_everything(confluent)
    registry = open_registry(confluent.url, snapshot=keep_in_topic(confluent, kafka))
    confluent.requests.clear()

    registry.read_state()

    asked = [path for path in list_requests(confluent) if path.startswith("GET /config/%3A")]
    assert len(asked) == 2
    assert not [path for path in asked if "eu" in path]


def test_many_named_subjects_are_read_by_the_topic_too(confluent: ConfluentDouble, kafka: KafkaServer) -> None:
    fill_with_everything(confluent)
    names = [*MANY, "order", "gone", "json", ":.eu:orders", ":.eu:none", "ahead-of-its-first-version"]

    by_topic, by_rest = read_both(confluent, keep_in_topic(confluent, kafka), names)

    assert by_topic == by_rest
    assert by_topic.subjects["ahead-of-its-first-version"].mode is Mode.FULL


@pytest.mark.parametrize(
    ("config", "write_mode"),
    [
        ({}, ""),
        ({"compatibility": "FULL"}, "READONLY"),
        ({"normalize": True, "compatibilityGroup": "major"}, "READONLY_OVERRIDE"),
    ],
    ids=["nothing", "level", "settings that subjects inherit"],
)
def test_settings_are_those_of_the_rest_interface(
    confluent: ConfluentDouble, kafka: KafkaServer, config: dict[str, object], write_mode: str
) -> None:
    fill_with_everything(confluent)
    RawRegistry(confluent.url).send("PUT", "/config", config)
    if write_mode:
        confluent.set_write_mode("", write_mode)
    names = [None, *MANY, "json", "proto", "order", "a/b c%", "gone"]
    by_topic = open_registry(confluent.url, snapshot=keep_in_topic(confluent, kafka))

    state = by_topic.read_state()

    assert state == open_registry(confluent.url).read_state()
    assert by_topic.read_settings(names) == open_registry(confluent.url).read_settings(names)


def test_little_is_asked_over_rest(confluent: ConfluentDouble, kafka: KafkaServer) -> None:
    names = [f"s{number:03}" for number in range(300)]
    fill(confluent, names)
    for name in names:
        confluent.set_compatibility(name, "FULL")
    registry = open_registry(confluent.url, snapshot=keep_in_topic(confluent, kafka))
    confluent.requests.clear()

    state = registry.read_state()
    registry.read_settings(names)

    assert len(state.subjects) == 300
    assert list_requests(confluent).count("GET /subjects") == 2
    assert len(confluent.requests) == 2 + 16 + 1


def test_few_subjects_are_read_over_rest_alone(confluent: ConfluentDouble) -> None:
    fill(confluent, "ab")

    state = open_registry(confluent.url, snapshot="kafka://127.0.0.1:1").read_state(["a", "b"])

    assert list(state.subjects) == ["a", "b"]


def test_what_was_written_is_read_back_over_rest(confluent: ConfluentDouble, kafka: KafkaServer) -> None:
    registry = open_registry(confluent.url, snapshot=keep_in_topic(confluent, kafka))

    registry.set_compatibility("a", Mode.FULL)
    confluent.register("a", record())
    confluent.requests.clear()
    state = registry.read_state()

    assert state == open_registry(confluent.url).read_state()
    assert confluent.count("GET", "/schemas") > 0


def test_karapace_keeps_its_schemas_alike(kafka: KafkaServer) -> None:
    with KarapaceDouble() as double:
        double.register("a", record("x"))
        double.register("b", record("x"))
        double.set_compatibility("b", "NONE")
        double.register("gone", record())
        RawRegistry(double.url).delete_subject("gone")
        place = {"url": double.url, "snapshot": keep_in_topic(double, kafka)}

        by_topic = ConfluentRegistry(RegistrySettings("k", "karapace", Path(), place))
        by_rest = ConfluentRegistry(RegistrySettings("k", "karapace", Path(), {"url": double.url}))
        states = by_topic.read_state(), by_rest.read_state()
        by_topic.close()
        by_rest.close()

    assert states[0] == states[1]
    assert sorted(states[0].subjects) == ["a", "b"]


def test_a_topic_of_a_newer_server(confluent: ConfluentDouble, kafka: KafkaServer) -> None:
    confluent.register("a", record("x"))
    topic = create_topic(kafka.brokers)
    [(key, value)] = Journal(confluent).records()
    assert value is not None
    newer = {**value, "ts": 1, "guid": "g", "offset": 7, "schemaTags": [{"tags": ["t"]}], "ofTomorrow": {}}
    odd = [({"keytype": "ASSOCIATION", "subject": "a"}, {"x": 1}), ({"keytype": ["LIST"]}, {}), ({}, None)]
    odd += [({"keytype": kind, "subject": [], "version": "1"}, {}) for kind in ("SCHEMA", "CONFIG", "DELETE_SUBJECT")]
    write_records(kafka.brokers, topic, [NOOP, *odd, (key, newer), make_deletion("b", 3)])

    by_topic, by_rest = read_both(confluent, f"kafka://{kafka.brokers}/{topic}")

    assert by_topic == by_rest


def test_an_unknown_format_and_an_unknown_level_are_problems(confluent: ConfluentDouble, kafka: KafkaServer) -> None:
    for name in "ab":
        confluent.register(name, record("x"))
    store, configs = confluent.registry.store, confluent.registry.settings._configs
    [version] = store.get_versions("a")
    store.put(replace(version, parsed=replace(version.parsed, schema_type="THRIFT")))
    configs["b"] = {"compatibilityLevel": "SIDEWAYS"}

    by_topic, by_rest = read_both(confluent, keep_in_topic(confluent, kafka))

    assert by_topic == by_rest
    assert [bool(by_topic.subjects[name].problem) for name in "ab"] == [True, True]


def test_versions_that_are_deleted_before_and_registered_after_a_deletion(
    confluent: ConfluentDouble, kafka: KafkaServer
) -> None:
    topic, journal = create_topic(kafka.brokers), Journal(confluent)
    raw = RawRegistry(confluent.url)
    confluent.set_compatibility("a", "NONE")
    for field in "xyz":
        confluent.register("a", record(field))
        write_records(kafka.brokers, topic, journal.records())
    raw.delete_subject("a", permanent=True)
    # As the registry does it: first softly, by one record, then each version for good.
    deletion = [make_deletion("a", 3), *((make_schema_key("a", n), None) for n in (1, 2, 3))]
    write_records(kafka.brokers, topic, [*deletion, (make_key("CONFIG", "a"), None)])
    journal.records()
    confluent.register("a", record("new"))
    write_records(kafka.brokers, topic, journal.records())

    by_topic, by_rest = read_both(confluent, f"kafka://{kafka.brokers}/{topic}")

    assert by_topic == by_rest
    latest = by_topic.subjects["a"].latest
    assert latest is not None
    assert latest.version == 1


def test_a_topic_that_was_compacted(confluent: ConfluentDouble, kafka: KafkaServer) -> None:
    topic, journal = create_topic(kafka.brokers, **_COMPACTING), Journal(confluent)
    fill(confluent, ["a", "b", "gone"])
    raw = RawRegistry(confluent.url)
    write_records(kafka.brokers, topic, journal.records())
    for level in ("FULL", "NONE", "FORWARD") * 4:
        confluent.set_compatibility("a", level)
        write_records(kafka.brokers, topic, journal.records())
    raw.delete_subject("gone", permanent=True)
    write_records(kafka.brokers, topic, journal.records())
    _wait_until_compacted(kafka.brokers, topic)

    by_topic, by_rest = read_both(confluent, f"kafka://{kafka.brokers}/{topic}")

    assert by_topic == by_rest
    assert by_topic.subjects["a"].mode is Mode.FORWARD


_COMPACTING = {"segment.ms": "100", "min.cleanable.dirty.ratio": "0.01", "delete.retention.ms": "100"}


def _wait_until_compacted(brokers: str, topic: str) -> None:
    """Wait until records have gone, writing what rolls the log on."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        write_records(brokers, topic, [NOOP])
        consumer = Consumer({"bootstrap.servers": brokers, "group.id": "t", "enable.partition.eof": True})
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, 0), 10)
        consumer.assign([TopicPartition(topic, 0, low)])
        left = 0
        while (message := consumer.poll(10)) is not None and message.error() is None:
            left += 1
        consumer.close()
        if left < high - 8:
            return
        time.sleep(0.3)
    pytest.fail("the broker did not compact the topic")


def test_the_topic_of_another_registry_is_refused(confluent: ConfluentDouble, kafka: KafkaServer) -> None:
    names = [f"s{number}" for number in range(10)]
    with ConfluentDouble() as other:
        other.register("first", record("first"))
        for name in names:
            for double in (confluent, other):
                double.register(name, record(name))
        snapshot = keep_in_topic(other, kafka)

    with pytest.raises(UnexpectedAnswerError, match="is not the topic that this registry keeps its schemas in"):
        open_registry(confluent.url, snapshot=snapshot).read_state()


def test_an_empty_topic_of_a_registry_that_is_not_is_refused(confluent: ConfluentDouble, kafka: KafkaServer) -> None:
    fill(confluent, "abcdef")

    with pytest.raises(UnexpectedAnswerError, match="6 subjects are otherwise there, such as a, b, c"):
        open_registry(confluent.url, snapshot=f"kafka://{kafka.brokers}/{create_topic(kafka.brokers)}").read_state()


def test_what_changes_while_it_is_read_is_as_the_registry_says(confluent: ConfluentDouble, kafka: KafkaServer) -> None:
    fill(confluent, "abc")
    snapshot = keep_in_topic(confluent, kafka)
    confluent.set_compatibility("a", "NONE")
    confluent.register("a", record("y"))
    confluent.register("d", record("d"))
    RawRegistry(confluent.url).delete_subject("b")

    by_topic, by_rest = read_both(confluent, snapshot)

    assert {n: s.latest for n, s in by_topic.subjects.items()} == {n: s.latest for n, s in by_rest.subjects.items()}


def test_tls_and_a_password(confluent: ConfluentDouble, kafka: KafkaServer) -> None:
    fill(confluent, "ab")
    topic = keep_in_topic(confluent, kafka).rpartition("/")[2]
    way = {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "ssl.ca.location": kafka.certificates.ca.name}
    way |= {"sasl.username": USER[0], "sasl.password": USER[1]}

    by_topic, by_rest = read_both(
        confluent, f"kafka://{kafka.guarded}/{topic}", kafka=way, root=kafka.certificates.ca.parent, connect_timeout=60
    )

    assert by_topic == by_rest


def test_a_wrong_password_is_told_and_does_not_show(kafka: KafkaServer) -> None:
    way = {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "ssl.ca.location": str(kafka.certificates.ca)}
    way |= {"sasl.username": USER[0], "sasl.password": "wr0ng-s3cret"}
    registry = open_registry(NOWHERE, snapshot=f"kafka://{kafka.guarded}", kafka=way)

    with pytest.raises(UnauthorizedError, match="do not accept the credentials") as caught:
        registry.read_state()

    assert "wr0ng" not in str(caught.value)


def test_an_authority_that_is_not_trusted(kafka: KafkaServer) -> None:
    registry = open_registry(
        NOWHERE, snapshot=f"kafka://{kafka.guarded}", kafka={"security.protocol": "SSL"}, connect_timeout=5
    )

    with pytest.raises(UnreachableError, match="no encrypted connection to the brokers"):
        registry.read_state()


def test_a_topic_that_is_not_there(kafka: KafkaServer) -> None:
    with pytest.raises(NotFoundError, match="have no topic _other") as caught:
        open_registry(NOWHERE, snapshot=f"kafka://{kafka.brokers}/_other").read_state()

    assert "kafkastore.topic" in str(caught.value.fix)


def test_a_topic_of_several_partitions(kafka: KafkaServer) -> None:
    snapshot = f"kafka://{kafka.brokers}/{create_topic(kafka.brokers, partitions=3)}"

    with pytest.raises(UnexpectedAnswerError, match="has 3 partitions; that of a registry has one"):
        open_registry(NOWHERE, snapshot=snapshot).read_state()


def test_brokers_that_do_not_answer() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        brokers = f"127.0.0.1:{taken.getsockname()[1]}"
        registry = open_registry(NOWHERE, snapshot=f"kafka://{brokers}", connect_timeout=1)

        with pytest.raises(UnreachableError, match=f"topic _schemas cannot be read from the brokers {brokers}") as told:
            registry.read_state()

    assert "take `snapshot` out to read over REST" in str(told.value.fix)


def test_a_setting_that_the_client_does_not_take() -> None:
    registry = open_registry(NOWHERE, snapshot="kafka://127.0.0.1:1", kafka={"security.protocol": "CARRIER_PIGEON"})

    with pytest.raises(ConfigurationError, match="the `kafka` block cannot be used"):
        registry.read_state()


def test_health_tells_of_the_topic(confluent: ConfluentDouble, kafka: KafkaServer) -> None:
    snapshot = keep_in_topic(confluent, kafka)
    well = open_registry(confluent.url, snapshot=snapshot).check_health()
    gone = open_registry(confluent.url, snapshot=f"kafka://{kafka.brokers}/_other").check_health()

    assert [(e.address, e.problem) for e in well.endpoints] == [(snapshot, None)]
    assert "have no topic _other" in str(gone.endpoints[0].problem)


def test_a_plan_by_the_topic_is_that_over_rest(
    confluent: ConfluentDouble, kafka: KafkaServer, make_repository: MakeRepository
) -> None:
    confluent.register("same", record("x"))
    confluent.set_compatibility("same", "FULL")
    confluent.register("changed", record("x"))
    confluent.register("unmanaged", record("x"))
    snapshot, url = keep_in_topic(confluent, kafka), confluent.url
    repository = make_repository(
        f"version: 1\nregistries:\n  orders: {{kind: confluent, url: '{url}', snapshot: '{snapshot}'}}\n"
    )
    for name, fields in (("same", ["x"]), ("changed", ["x", "y"]), ("new", ["x"])):
        repository.write(f"schemas/{name}.avsc", record(*fields))
        repository.write(f"schemas/{name}.meta.yaml", "compatibility: FULL\n")
    repository.commit()
    options = ("--take-over", "changed", "--output", "json")
    by_topic = repository.run("plan", *options)
    asked = list_requests(confluent).count("GET /schemas")
    repository.write("schemafed.yaml", f"version: 1\nregistries:\n  orders: {{kind: confluent, url: '{url}'}}\n")
    by_rest = repository.run("plan", *options)

    assert asked == 0
    assert (by_topic.exit_code, by_rest.exit_code) == (3, 3)
    assert json.loads(by_topic.out)["changes"] == json.loads(by_rest.out)["changes"]
    assert json.loads(by_topic.out)["findings"] == json.loads(by_rest.out)["findings"]


def test_a_plan_is_not_made_over_rest_where_the_topic_cannot_be_read(
    confluent: ConfluentDouble, make_repository: MakeRepository
) -> None:
    place = "snapshot: 'kafka://127.0.0.1:1/_schemas', connect_timeout: 1"
    repository = make_repository(
        f"version: 1\nregistries:\n  orders: {{kind: confluent, url: '{confluent.url}', {place}}}\n"
    )
    repository.write("schemas/a.avsc", record("x"))
    repository.commit()

    planned = repository.run("plan")

    assert planned.exit_code != 0
    assert "topic _schemas cannot be read from the brokers 127.0.0.1:1" in planned.text
    assert not list_requests(confluent)


Step = Callable[[ConfluentDouble], object]
_SUBJECTS = st.sampled_from(["a", "b", ":.eu:a"])
_TEXTS = st.sampled_from([record(), record("x"), record("y"), record("x", "y")])
_LEVELS = st.sampled_from(["NONE", "BACKWARD", "FULL"])


def _register(subject: str, text: str) -> Step:
    return lambda double: double.register(subject, text)


def _delete(subject: str, permanent: bool) -> Step:
    return lambda double: double.registry.store.delete_subject(subject, permanent)


def _delete_version(subject: str, number: int, permanent: bool) -> Step:
    return lambda double: double.registry.store.delete_version(subject, str(number), permanent)


def _set(subject: str, body: dict[str, Any]) -> Step:
    return lambda double: double.registry.settings.put_config(subject, body)


def _unset(subject: str) -> Step:
    return lambda double: double.registry.settings.delete_config(subject)


_SCOPES = st.sampled_from(["", "a", "b", ":.eu:", ":.eu:a"])
_BODIES = st.one_of(
    st.builds(lambda level: {"compatibility": level}, _LEVELS),
    st.sampled_from([{"normalize": True}, {"compatibilityGroup": "major"}]),
)
_STEPS = st.one_of(
    st.builds(_register, _SUBJECTS, _TEXTS),
    st.builds(_delete, _SUBJECTS, st.booleans()),
    st.builds(_delete_version, _SUBJECTS, st.integers(1, 3), st.booleans()),
    st.builds(_set, _SCOPES, _BODIES),
    st.builds(_unset, _SCOPES),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_STEPS, min_size=3, max_size=25))
def test_whatever_happened_both_readings_are_equal(kafka: KafkaServer, steps: Iterable[Step]) -> None:
    with ConfluentDouble() as double:
        topic, journal = create_topic(kafka.brokers), Journal(double)
        records = []
        for step in steps:
            with suppress(ApiError):
                step(double)
            records += journal.records()
        write_records(kafka.brokers, topic, records)

        by_topic, by_rest = read_both(double, f"kafka://{kafka.brokers}/{topic}")

    assert json.dumps(sorted(by_topic.subjects)) == json.dumps(sorted(by_rest.subjects))
    assert by_topic == by_rest
