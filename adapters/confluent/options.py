"""What a registry of kind ``confluent`` can be told in schemafed.yaml, and what to do about its error codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from reconciler.http.options import HttpOptions

LARGEST_PAGE = 1_000
"""Confluent answers at most this many rows of ``/schemas`` by default, whatever ``limit`` says."""


APICURIO_PATH = "/apis/ccompat/"
"""Where Apicurio Registry offers Confluent's interface, so that no request is needed to know the server."""


class ProductOptions(HttpOptions):
    """For a kind that says which product it is; ``page_size`` is how many subjects one request reads."""

    page_size: int = Field(default=LARGEST_PAGE, ge=1, le=LARGEST_PAGE)


class ConfluentOptions(ProductOptions):
    """``dialect`` is whose rules the server judges by, for any product of the family."""

    dialect: Literal["confluent", "karapace", "apicurio"] | None = None

    def choose_product(self) -> str:
        """The product that was named, else the one that the address tells, else Confluent's."""
        return self.dialect or ("apicurio" if APICURIO_PATH in self.url else "confluent")


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
