"""What a registry of kind ``pulsar`` can be told in schemafed.yaml, and what to do about its errors."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from pydantic import Field, field_validator, model_validator

from reconciler.http.options import HttpOptions
from reconciler.model import Mode

_NAME = r"[\w=:.-]+"


class PulsarOptions(HttpOptions):
    """``url`` is the address of the web service, without a path.

    ``namespace`` (``tenant/namespace``) makes its topics the subjects, by their own names; else subjects are called
    ``tenant/namespace/topic``, and ``tenants`` are those that are read, all where it is empty. ``partitions`` is what a
    topic is created with, 0 for one that is not partitioned. ``json_topics`` are patterns of subjects whose schemas in
    Avro have Pulsar's type JSON. ``broker_compatibility`` is the broker's own strategy, where the credentials may not
    ask for it. ``patience`` is how many seconds a strategy may take until it is read back.
    """

    namespace: str | None = Field(default=None, pattern=rf"^{_NAME}/{_NAME}$")
    tenants: tuple[str, ...] = ()
    partitions: int = Field(default=0, ge=0, le=10_000)
    json_topics: tuple[str, ...] = ()
    broker_compatibility: Mode = Mode.FULL
    patience: float = Field(default=10.0, gt=0)

    @field_validator("url")
    @classmethod
    def _take_interface_off(cls, url: str) -> str:
        """Take off the path that every request has anyway."""
        return url.rstrip("/").removesuffix("/admin/v2").removesuffix("/admin")

    @model_validator(mode="after")
    def _raise_if_at_odds(self) -> PulsarOptions:
        if self.namespace and self.tenants:
            raise ValueError("`namespace` and `tenants` both say what is read; give one of them")
        return self

    def is_json(self, subject: str) -> bool:
        """Whether a subject's schemas in Avro are to have Pulsar's type JSON."""
        return any(fnmatchcase(subject, pattern) for pattern in self.json_topics)


FIXES: Mapping[int | str, str] = {
    "409": "make the schema compatible with the versions that the topic's strategy counts, and of the topic's type",
    "412": "check the name of the topic and its namespace",
    "422": "mend the schema's text: the broker cannot read it",
}
"""What to do, by the status that the web server repeats in its page."""
