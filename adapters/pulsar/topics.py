"""Which topic a subject is, and the names that topics can have; nothing here sends anything."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.errors import RejectedError
from reconciler.http import make_path
from reconciler.registry import NameRule

_LOCAL = r"(?!\s*$)(?!__)(?![\s\S]*-partition-\d+$)[^/%\x00-\x1f\x7f]{1,255}"
_PART = r"[\w=:.-]+"
TOPIC_RULE = NameRule(
    re.compile(_LOCAL),
    "up to 255 characters but for `/`, `%` and control characters, not like `__x` or `x-partition-1`",
)
FULL_RULE = NameRule(
    re.compile(rf"{_PART}/{_PART}/{_LOCAL}"), f"`tenant/namespace/topic`, where the topic has {TOPIC_RULE.described}"
)
_PARTITION = re.compile(r"-partition-\d+$")
_DOMAIN = "persistent://"


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace of a tenant."""

    tenant: str
    name: str

    @property
    def path(self) -> str:
        """Both names as a path of the interface has them."""
        return make_path(self.tenant, self.name)

    def __str__(self) -> str:
        return f"{self.tenant}/{self.name}"


@dataclass(frozen=True, slots=True)
class Topic:
    """A persistent topic; one with partitions is one topic."""

    namespace: Namespace
    name: str

    @property
    def path(self) -> str:
        """All its names as a path of the interface has them."""
        return self.namespace.path + make_path(self.name)


@dataclass(frozen=True, slots=True)
class Naming:
    """How subjects are called: by the topic alone within the one namespace, else by tenant, namespace and topic."""

    namespace: Namespace | None
    registry: str

    @property
    def rule(self) -> NameRule:
        """Which names a subject can have."""
        return TOPIC_RULE if self.namespace else FULL_RULE

    def find_topic(self, subject: str) -> Topic:
        """The topic that a subject is.

        Raises:
            RejectedError: there can be no such topic.
        """
        if not self.rule.pattern.fullmatch(subject):
            raise RejectedError(
                f"no topic can be called {subject}",
                registry=self.registry,
                subject=subject,
                code="UNSUPPORTED_NAME",
                fix=f"a name is {self.rule.described}",
            )
        if self.namespace:
            return Topic(self.namespace, subject)
        tenant, namespace, topic = subject.split("/")
        return Topic(Namespace(tenant, namespace), topic)

    def can_be(self, subject: str) -> bool:
        """Whether there can be such a topic."""
        return bool(self.rule.pattern.fullmatch(subject))

    def name_subjects(self, namespace: Namespace, listed: Iterable[str]) -> list[str]:
        """The subjects among the topics that the interface lists: partitions as their topic, the system's left out."""
        prefix = f"{_DOMAIN}{namespace}/"
        topics = {_PARTITION.sub("", each.removeprefix(prefix)) for each in listed if each.startswith(prefix)}
        names = sorted(topics if self.namespace else (f"{namespace}/{topic}" for topic in topics))
        return [name for name in names if self.can_be(name)]


def make_namespace(written: str | None) -> Namespace | None:
    """The namespace that ``tenant/namespace`` says."""
    if written is None:
        return None
    tenant, _, name = written.partition("/")
    return Namespace(tenant, name)
