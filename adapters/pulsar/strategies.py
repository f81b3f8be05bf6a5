"""Compatibility strategies: a topic's own, and what it has from its namespace and the broker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.pulsar import requests
from adapters.pulsar.connection import Connection
from adapters.pulsar.topics import Namespace
from reconciler.compatibility.dialects import mode_of, takes_versions
from reconciler.errors import NotFoundError
from reconciler.http import Response
from reconciler.model import Dialect, Mode

UNDEFINED = "UNDEFINED"
_AUTO_UPDATE: Mapping[str, str] = {
    "AutoUpdateDisabled": "ALWAYS_INCOMPATIBLE",
    "AlwaysCompatible": "ALWAYS_COMPATIBLE",
    "Backward": "BACKWARD",
    "Forward": "FORWARD",
    "Full": "FULL",
    "BackwardTransitive": "BACKWARD_TRANSITIVE",
    "ForwardTransitive": "FORWARD_TRANSITIVE",
    "FullTransitive": "FULL_TRANSITIVE",
}
"""The older words for what a namespace demands (``SchemaAutoUpdateCompatibilityStrategy``), by those of today."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """A strategy by the broker's word; None is UNDEFINED, which inherits."""

    word: str | None

    @property
    def mode(self) -> Mode | None:
        """The mode that it is; None where it is none."""
        return mode_of(Dialect.PULSAR, self.word) if self.word else None

    @property
    def closing(self) -> str | None:
        """The word, where no new version is taken under it."""
        return self.word if self.word and not takes_versions(Dialect.PULSAR, self.word) else None

    @property
    def problem(self) -> str | None:
        """What there is to say of a word that is unknown."""
        if self.word is None or self.mode or self.closing:
            return None
        return f"Its compatibility strategy {self.word} is unknown."


def read_strategy(response: Response) -> Strategy:
    """The strategy that an answer says; an empty one says that there is none."""
    content = response.json() if response.body.strip() else None
    word = str(content) if content else None
    return Strategy(None if word == UNDEFINED else word)


class Levels:
    """Reads what topics inherit.

    Args:
        broker_mode: the broker's own strategy, where it may not be asked.
    """

    def __init__(self, connection: Connection, broker_mode: Mode) -> None:
        self._connection = connection
        self._broker_mode = broker_mode

    def read_own(self, namespace: Namespace) -> Strategy:
        """What is set on a namespace itself."""
        try:
            return read_strategy(self._connection.send(requests.read_namespace_strategy(namespace)))
        except NotFoundError as error:
            raise NotFoundError(
                f"namespace {namespace} is not there",
                registry=error.registry,
                status=error.status,
                detail=error.detail,
                fix=f"check its name and `url`, or create it: pulsar-admin namespaces create {namespace}",
            ) from error

    def read_effective(self, namespace: Namespace) -> Strategy:
        """What a topic without a strategy has: the namespace's, the one that older clients set there, the broker's."""
        own = self.read_own(namespace)
        if own.word:
            return own
        older = read_strategy(self._connection.send(requests.read_auto_update(namespace)))
        if older.word:
            return Strategy(_AUTO_UPDATE.get(older.word, older.word))
        return self._read_broker()

    def _read_broker(self) -> Strategy:
        answer = self._connection.send(requests.read_broker_settings())
        settings = answer.json() if answer.status < 300 else None
        word = settings.get("schemaCompatibilityStrategy") if isinstance(settings, dict) else None
        if word in (None, UNDEFINED):
            word = "ALWAYS_COMPATIBLE" if self._broker_mode is Mode.NONE else str(self._broker_mode)
        return Strategy(str(word))
