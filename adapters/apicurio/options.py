"""What a registry of kind ``apicurio`` can be told in schemafed.yaml, and what to do about its errors."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from reconciler.http.options import HttpOptions

DEFAULT_GROUP = "default"
"""The group of artifacts that have none."""


class ApicurioOptions(HttpOptions):
    """``group`` is the one whose artifacts are the subjects; ``page_size`` how many versions one request lists."""

    group: str = Field(default=DEFAULT_GROUP, min_length=1, max_length=512)
    page_size: int = Field(default=500, ge=1, le=1_000)


_SWITCH = "the server forbids it: set apicurio.rest.deletion.artifact.enabled and .artifact-version.enabled there"

FIXES: Mapping[int | str, str] = {
    400: "make the schema valid, and compatible with the versions that its rule counts",
    405: _SWITCH,
    409: "a rule of the registry refuses it: mend the schema, or its references",
    422: "mend the schema's text, or loosen the registry's VALIDITY rule",
}
"""What to do, by the status that an error of the server repeats in its body."""
