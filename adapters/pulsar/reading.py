"""Reading topics: the listing of a namespace, then the latest schema of each, and its strategy where it matters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from adapters.pulsar import requests
from adapters.pulsar.connection import Connection
from adapters.pulsar.options import PulsarOptions
from adapters.pulsar.payloads import AVRO, make_version, number_of, read_schema
from adapters.pulsar.strategies import Levels, Strategy, read_strategy
from adapters.pulsar.topics import Namespace, Naming, Topic
from reconciler.errors import SchemaError, UnexpectedAnswerError
from reconciler.http import Request, Response
from reconciler.model import LiveState, LiveSubject, LiveVersion

_SYSTEM_TENANT = "pulsar"


class Reader:
    """Reads through one connection.

    Args:
        options: of which the tenants are read here, and which topics are to be of the type JSON.
    """

    def __init__(self, connection: Connection, naming: Naming, levels: Levels, options: PulsarOptions) -> None:
        self._connection = connection
        self._naming = naming
        self._levels = levels
        self._options = options

    def read_state(self, subjects: Collection[str] | None, modes_of: Collection[str] | None) -> LiveState:
        """See :meth:`reconciler.registry.SchemaRegistry.read_state`."""
        level = self._levels.read_effective(self._naming.namespace) if self._naming.namespace else None
        listed = self._list_subjects() if subjects is None else list(dict.fromkeys(subjects))
        topics = {name: self._naming.find_topic(name) for name in listed if self._naming.can_be(name)}
        found = self._read_subjects(topics)
        wanted = topics.keys() if modes_of is None else [name for name in dict.fromkeys(modes_of) if name in topics]
        if subjects is None:
            wanted = [name for name in wanted if name in found]
        own = self._read_strategies({name: topics[name] for name in wanted})
        for name, strategy in own.items():
            if name in found or strategy.word:
                found[name] = _with_strategy(found.get(name) or LiveSubject(name, None), strategy)
        self._inherit(found, own, topics, level)
        return LiveState(dict(sorted(found.items())), level.mode if level else None)

    def _inherit(
        self,
        found: dict[str, LiveSubject],
        own: Mapping[str, Strategy],
        topics: Mapping[str, Topic],
        level: Strategy | None,
    ) -> None:
        """Tell each subject what it has from its namespace.

        Namespaces of topics that are not there are asked too: whoever creates these must know whether one is missing.
        """
        levels = self._read_levels(topics.values(), level)
        for name, subject in found.items():
            inherited = levels[topics[name].namespace]
            if name in own and not own[name].word:
                found[name] = _with_inherited(subject, inherited)
            if level is None:
                found[name] = replace(found[name], inherited=inherited.mode)

    def read_sign_of_life(self) -> None:
        """Ask for the least that needs credentials."""
        if self._naming.namespace:
            self._levels.read_own(self._naming.namespace)
        elif self._options.tenants:
            self._connection.send(requests.list_namespaces(next(iter(self._options.tenants))))
        else:
            self._connection.send(requests.list_tenants())

    def read_history(self, subject: str) -> tuple[LiveVersion, ...]:
        """See :meth:`reconciler.registry.SchemaRegistry.read_history`."""
        if not self._naming.can_be(subject):
            return ()
        answer = self._connection.send(requests.read_versions(self._naming.find_topic(subject), subject))
        if self.is_absent(answer):
            return ()
        content = answer.json()
        rows = content.get("getSchemaResponses") if isinstance(content, dict) else None
        if not isinstance(rows, list):
            raise UnexpectedAnswerError("a list of versions was expected", registry=answer.registry, subject=subject)
        return tuple(make_version(row, answer.registry, subject) for row in rows)

    def read_row(self, subject: str) -> dict[str, Any] | None:
        """The latest version as the broker tells it; None where there is none."""
        answer = self._connection.send(requests.read_latest(self._naming.find_topic(subject), subject))
        return None if self.is_absent(answer) else _row(answer)

    def read_own_strategy(self, subject: str) -> Strategy | None:
        """The strategy that a topic itself has; None where there is no topic."""
        answer = self._connection.send(requests.read_strategy(self._naming.find_topic(subject), subject))
        return None if self.is_absent(answer) else read_strategy(answer)

    def is_absent(self, response: Response) -> bool:
        """Whether the broker says that it does not have a schema or a topic.

        Raises:
            NotFoundError: it is the address that is not there, or the namespace.
        """
        if response.status == 404 and not requests.is_absent(response):
            raise self._connection.make_error(response)
        return response.status == 404

    def _list_subjects(self) -> list[str]:
        namespaces = [self._naming.namespace] if self._naming.namespace else self._list_namespaces()
        return sorted(name for namespace in namespaces for name in self._list_topics(namespace))

    def _list_namespaces(self) -> list[Namespace]:
        tenants: Collection[str] = self._options.tenants
        if not tenants:
            listed = _names(self._connection.send(requests.list_tenants()))
            tenants = [name for name in listed if name != _SYSTEM_TENANT]
        answers = self._connection.send_all(requests.list_namespaces(tenant) for tenant in tenants)
        parts = [name.partition("/") for answer in answers for name in _names(answer)]
        return [Namespace(tenant, name) for tenant, _, name in parts]

    def _list_topics(self, namespace: Namespace) -> list[str]:
        asked = [requests.list_topics(namespace, is_partitioned=each) for each in (False, True)]
        topics = [name for answer in self._connection.send_all(asked) for name in _names(answer)]
        return self._naming.name_subjects(namespace, topics)

    def _read_subjects(self, topics: Mapping[str, Topic]) -> dict[str, LiveSubject]:
        answers = self._connection.send_all(requests.read_latest(topic, name) for name, topic in topics.items())
        return {
            name: self._make_subject(name, _row(answer))
            for name, answer in zip(topics, answers, strict=True)
            if not self.is_absent(answer)
        }

    def _make_subject(self, name: str, row: Mapping[str, Any]) -> LiveSubject:
        if row["type"] == AVRO and self._options.is_json(name):
            problem = "Its schema is of Pulsar's type AVRO, and `json_topics` says JSON; a topic keeps its type."
            return LiveSubject(name, None, problem=problem)
        try:
            return LiveSubject(name, LiveVersion(number_of(row), read_schema(row)))
        except SchemaError as error:
            return LiveSubject(name, None, problem=error.message)

    def _read_strategies(self, topics: Mapping[str, Topic]) -> dict[str, Strategy]:
        """Own strategies, by the names of the topics that are there."""
        asked: Iterable[Request] = (requests.read_strategy(topic, name) for name, topic in topics.items())
        answers = zip(topics, self._connection.send_all(asked), strict=True)
        return {name: read_strategy(answer) for name, answer in answers if not self.is_absent(answer)}

    def _read_levels(self, topics: Iterable[Topic], level: Strategy | None) -> dict[Namespace, Strategy]:
        """What the topics of each namespace inherit."""
        namespaces = dict.fromkeys(topic.namespace for topic in topics)
        return {each: level or self._levels.read_effective(each) for each in namespaces}


def _with_strategy(subject: LiveSubject, strategy: Strategy) -> LiveSubject:
    problem = subject.problem or strategy.problem
    return replace(subject, mode=strategy.mode, closing=strategy.closing, problem=problem)


def _with_inherited(subject: LiveSubject, level: Strategy) -> LiveSubject:
    """A subject that has no strategy is closed, or cannot be judged, where what it inherits says so."""
    return replace(subject, closing=level.closing, problem=subject.problem or level.problem)


def _row(response: Response) -> dict[str, Any]:
    row = response.json()
    if not isinstance(row, dict) or "type" not in row or not isinstance(row.get("version"), int):
        subject = response.request.subject if response.request else None
        raise UnexpectedAnswerError(
            "a version was expected",
            registry=response.registry,
            subject=subject,
            detail=response.body[:200].decode("utf-8", "replace"),
            fix="check that `url` is the address of Pulsar's web service",
        )
    return row


def _names(response: Response) -> list[str]:
    names = response.json()
    if not isinstance(names, list):
        raise UnexpectedAnswerError(
            "a list of names was expected",
            registry=response.registry,
            detail=response.body[:200].decode("utf-8", "replace"),
            fix="check that `url` is the address of Pulsar's web service",
        )
    return [str(name) for name in names]
