"""What a registry of kind ``confluent`` can be told in schemafed.yaml, and what to do about its error codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from adapters.confluent.topic_options import TopicPlace, check_kafka, check_snapshot, make_place
from reconciler.http import Endpoint
from reconciler.http.options import ConnectionOptions

LARGEST_PAGE = 1_000
"""Confluent answers at most this many rows of ``/schemas`` by default, whatever ``limit`` says."""


APICURIO_PATH = "/apis/ccompat/"
"""Where Apicurio Registry offers Confluent's interface, so that no request is needed to know the server."""


def _list_addresses(url: object) -> object:
    addresses = [url] if isinstance(url, str) else url
    if not isinstance(addresses, list | tuple) or not addresses or not all(isinstance(one, str) for one in addresses):
        raise ValueError("an address is wanted, or a list of the addresses of one registry")
    return addresses


class ProductOptions(ConnectionOptions):
    """For a kind that says which product it is; ``page_size`` is how many subjects one request reads.

    ``url`` is one address or a list: the first is asked, and the others in their order where it does not answer.

    ``patience`` is how many seconds a write may take until it is read back, where several nodes answer.
    ``normalize``: schemas are sent to be brought into the server's own normal form before anything else is done.
    ``snapshot`` is the topic that the server keeps its schemas in, ``kafka`` how to get to it, by librdkafka's names.
    """

    url: Annotated[tuple[str, ...], BeforeValidator(_list_addresses)]
    page_size: int = Field(default=LARGEST_PAGE, ge=1, le=LARGEST_PAGE)
    patience: float = Field(default=5.0, gt=0)
    normalize: bool = False
    snapshot: str | None = None
    kafka: Mapping[str, str] = Field(default_factory=dict)

    @field_validator("snapshot")
    @classmethod
    def _check_snapshot(cls, url: str | None) -> str | None:
        return None if url is None else check_snapshot(url)

    @field_validator("kafka")
    @classmethod
    def _check_kafka(cls, settings: Mapping[str, str], given: ValidationInfo) -> Mapping[str, str]:
        if settings and given.data.get("snapshot", "") is None:
            raise ValueError("it says how to read `snapshot`, which is missing")
        return check_kafka(settings)

    def make_endpoints(self, registry: str, root: Path) -> list[Endpoint]:
        """Make the endpoints of a registry, which share one token where its credentials end after a while."""
        keys = [("url",)] if len(self.url) == 1 else [("url", index) for index in range(len(self.url))]
        made = [self.make_endpoint_at(url, key, registry, root) for url, key in zip(self.url, keys, strict=True)]
        return [replace(endpoint, token=made[0].token) for endpoint in made]

    def make_topic(self, root: Path) -> TopicPlace | None:
        """The topic to read from, its files below ``root``; None where everything is read over REST."""
        return None if self.snapshot is None else make_place(self.snapshot, self.kafka, root)


class ConfluentOptions(ProductOptions):
    """``dialect`` is whose rules the server judges by, for any product of the family."""

    dialect: Literal["confluent", "karapace", "apicurio"] | None = None

    def choose_product(self) -> str:
        """The product that was named, else the one that the address tells, else Confluent's."""
        return self.dialect or ("apicurio" if APICURIO_PATH in self.url[0] else "confluent")


_INCOMPATIBLE = "make the schema compatible with the versions that its mode counts, or loosen the mode in Git"

FIXES: Mapping[int | str, str] = {
    409: _INCOMPATIBLE,
    40901: _INCOMPATIBLE,
    40301: "grant the user of `auth` the role that this needs on the subject",
    42201: "mend the schema's text; a reference needs its subject and version in the registry first",
    42203: "use a mode that this registry knows",
    42205: "the registry or the subject is in write mode READONLY: set READWRITE on it, or leave the subject out",
    42206: "register the dependants without this reference first",
    42209: "split the schema, or raise the server's limit on the size of a schema",
    50001: "the registry cannot reach its own storage: look at its log; if it recovers, run again",
    50002: "the registry's storage was too slow: look at its log; if it recovers, run again",
    50003: "the registry cannot reach its leader: look at its log; if it recovers, run again",
}
"""What to do, by the server's error code (Confluent's published interface, "Errors")."""
