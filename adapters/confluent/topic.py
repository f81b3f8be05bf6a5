"""Reading a topic from its beginning to where it ended when reading began.

No group is joined and nothing is committed: whoever may read the topic may do this, and leaves no trace on the brokers.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from adapters.confluent.journal import Record
from adapters.confluent.topic_options import EXTRA, TopicPlace
from reconciler.errors import (
    ConfigurationError,
    ForbiddenError,
    NotFoundError,
    RegistryError,
    UnauthorizedError,
    UnexpectedAnswerError,
    UnreachableError,
)

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError

_LOG = logging.getLogger(__name__)
_PARTITION = 0
_BATCH = 10_000
_TURN = 0.2
"""Seconds after which a wait for the brokers looks at the clock, and at what went wrong."""
_MANNER = {
    "group.id": "schemafed",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "enable.partition.eof": True,
    "auto.offset.reset": "earliest",
    "allow.auto.create.topics": False,
    # The whole topic is wanted at once: few, large answers, and none that waits for more to come.
    "fetch.message.max.bytes": 16 << 20,
    "fetch.wait.max.ms": 20,
    "queued.max.messages.kbytes": 256 << 10,
    "log_level": 0,
}
_INSTEAD = "or take `snapshot` out to read over REST, which takes longer"


def raise_if_missing(registry: str) -> None:
    """Raise where the package that reads topics is not installed.

    Raises:
        ConfigurationError: it names the extra.
    """
    if find_spec("confluent_kafka") is None:
        raise ConfigurationError(
            f"registry {registry}: `snapshot` needs the Python package confluent-kafka, which is not installed",
            fix=f'install it with `pip install "schemafed[{EXTRA}]"`, {_INSTEAD}',
        )


def read_topic(place: TopicPlace, registry: str, *, connect_timeout: float, timeout: float) -> list[Record]:
    """Read every record that the topic has now.

    Args:
        registry: the team's name of it, for errors.
        connect_timeout: seconds until a broker has answered.
        timeout: seconds that the brokers may stay silent.

    Raises:
        UnreachableError: no broker answers, or they fell silent.
        UnauthorizedError, ForbiddenError: the credentials are not accepted, or do not allow reading the topic.
        NotFoundError: there is no such topic.
        UnexpectedAnswerError: it has more than one partition, so that its records have no order.
        ConfigurationError: a setting of the `kafka` block is not usable.
    """
    reader = _TopicReader(place, registry)
    try:
        reader.raise_if_unusable(connect_timeout)
        return list(reader.read(timeout))
    finally:
        reader.close()


def check_topic(place: TopicPlace, registry: str, *, connect_timeout: float) -> None:
    """Ask the brokers whether the topic is there and can be read; arguments and errors as of :func:`read_topic`."""
    reader = _TopicReader(place, registry)
    try:
        reader.raise_if_unusable(connect_timeout)
    finally:
        reader.close()


class _TopicReader:
    """One consumer, and the last thing that went wrong on its connections."""

    def __init__(self, place: TopicPlace, registry: str) -> None:
        from confluent_kafka import Consumer, KafkaException

        self._place = place
        self._registry = registry
        self._trouble: KafkaError | None = None
        settings = {"bootstrap.servers": place.brokers, **_MANNER, **place.settings, "error_cb": self._note}
        try:
            self._consumer: Consumer = Consumer(settings, logger=_LOG)
        except (KafkaException, ValueError, TypeError) as error:
            reason = error.args[0].str() if isinstance(error, KafkaException) else str(error)
            raise ConfigurationError(
                f"registry {registry}: the `kafka` block cannot be used: {reason}",
                fix="its names and values are those of librdkafka's configuration",
            ) from error

    def raise_if_unusable(self, seconds: float) -> None:
        """Ask the brokers about the topic."""
        from confluent_kafka import KafkaException

        deadline = time.monotonic() + seconds
        while True:
            try:
                found = self._consumer.list_topics(self._place.topic, _TURN).topics[self._place.topic]
            except KafkaException as error:
                self._consumer.poll(0)
                self._raise_if_hopeless()
                if time.monotonic() > deadline:
                    raise self._make_error(self._trouble or error.args[0]) from error
            else:
                break
        if found.error is not None:
            raise self._make_error(found.error)
        if len(found.partitions) != 1:
            raise UnexpectedAnswerError(
                f"topic {self._place.topic} has {len(found.partitions)} partitions; that of a registry has one",
                registry=self._registry,
                fix=f"name the registry's own topic in `snapshot`, {_INSTEAD}",
            )

    def read(self, seconds: float) -> Iterator[Record]:
        """Give records up to the end as it is now; those that come while reading may be among them."""
        from confluent_kafka import KafkaException, TopicPartition

        try:
            partition = TopicPartition(self._place.topic, _PARTITION)
            first, end = self._consumer.get_watermark_offsets(partition, seconds)
            if first >= end:
                return
            self._consumer.assign([TopicPartition(self._place.topic, _PARTITION, first)])
            yield from self._consume(end, seconds)
        except KafkaException as error:
            raise self._make_error(error.args[0]) from error

    def close(self) -> None:
        """Give back connections."""
        self._consumer.close()

    def _consume(self, end: int, seconds: float) -> Iterator[Record]:
        from confluent_kafka import KafkaError

        position, heard = 0, time.monotonic()
        while position < end:
            messages = self._consumer.consume(_BATCH, _TURN)
            self._raise_if_hopeless()
            if messages:
                heard = time.monotonic()
            elif time.monotonic() > heard + seconds:
                raise self._make_silence(seconds)
            for message in messages:
                error = message.error()
                if error is None:
                    position = (message.offset() or 0) + 1
                    yield message.key(), message.value()
                elif error.code() == KafkaError._PARTITION_EOF:
                    # Compaction and markers of transactions leave no records at the end.
                    position = max(position, message.offset() or 0)
                else:
                    raise self._make_error(error)

    def _note(self, error: KafkaError) -> None:
        from confluent_kafka import KafkaError as Codes

        # That all are down follows from what was wrong with each, which says more.
        if self._trouble is None or error.code() != Codes._ALL_BROKERS_DOWN:
            self._trouble = error

    def _raise_if_hopeless(self) -> None:
        from confluent_kafka import KafkaError

        hopeless = {KafkaError._AUTHENTICATION, KafkaError._SSL, KafkaError._FATAL}
        if self._trouble is not None and self._trouble.code() in hopeless:
            raise self._make_error(self._trouble)

    def _make_silence(self, seconds: float) -> UnreachableError:
        return UnreachableError(
            f"the brokers {self._place.brokers} sent nothing of topic {self._place.topic} for {seconds:g} s",
            registry=self._registry,
            detail=self._trouble.str() if self._trouble else None,
            fix=f"run again when they answer, {_INSTEAD}",
        )

    def _make_error(self, error: KafkaError) -> RegistryError:
        from confluent_kafka import KafkaError as Codes

        brokers, topic = self._place.brokers, self._place.topic
        rows: dict[int, tuple[type[RegistryError], str, str]] = {
            Codes._AUTHENTICATION: (
                UnauthorizedError,
                f"the brokers {brokers} do not accept the credentials",
                "check `sasl.…` in `kafka`, and the variables that it names",
            ),
            Codes.TOPIC_AUTHORIZATION_FAILED: (
                ForbiddenError,
                f"the credentials do not allow reading topic {topic} of {brokers}",
                "grant READ and DESCRIBE on the topic",
            ),
            Codes._SSL: (
                UnreachableError,
                f"no encrypted connection to the brokers {brokers}",
                "check `ssl.…` and `security.protocol` in `kafka`",
            ),
            Codes.UNKNOWN_TOPIC_OR_PART: (
                NotFoundError,
                f"the brokers {brokers} have no topic {topic}",
                "name the registry's topic (its setting `kafkastore.topic`) at the end of `snapshot`",
            ),
        }
        unreachable = (
            UnreachableError,
            f"topic {topic} cannot be read from the brokers {brokers}",
            "check `snapshot`, and that the brokers can be reached from here",
        )
        kind, message, fix = rows.get(error.code(), unreachable)
        return kind(message, registry=self._registry, detail=error.str(), fix=f"{fix}, {_INSTEAD}")
