"""The drafts of JSON Schema: how a text says which one it is, and what differs between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft.

    ``uri`` is its meta-schema's, without an empty fragment; ``id_keyword`` and ``definitions`` are the keywords for a
    schema's own address and for its parts; ``ref_hides_siblings``: nothing beside a ``$ref`` counts.
    """

    name: str
    uri: str
    id_keyword: str = "$id"
    definitions: str = "$defs"
    ref_hides_siblings: bool = False


DRAFT_4 = Draft("draft 4", "http://json-schema.org/draft-04/schema", "id", "definitions", ref_hides_siblings=True)
DRAFT_6 = Draft("draft 6", "http://json-schema.org/draft-06/schema", "$id", "definitions", ref_hides_siblings=True)
DRAFT_7 = Draft("draft 7", "http://json-schema.org/draft-07/schema", "$id", "definitions", ref_hides_siblings=True)
DRAFT_2019_09 = Draft("draft 2019-09", "https://json-schema.org/draft/2019-09/schema")
DRAFT_2020_12 = Draft("draft 2020-12", "https://json-schema.org/draft/2020-12/schema")

DRAFTS = (DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019_09, DRAFT_2020_12)

_BY_ADDRESS: Mapping[str, Draft] = {draft.uri.split("://")[1]: draft for draft in DRAFTS} | {
    # Iglu's self-describing schemas extend draft 4: https://docs.snowplow.io/docs/fundamentals/schemas/
    "iglucentral.com/schemas/com.snowplowanalytics.self-desc/schema/jsonschema/1-0-0": DRAFT_4,
}
_META_SCHEMAS = ("json-schema.org/draft-", "json-schema.org/draft/", "json-schema.org/schema")


def _address(uri: str) -> str:
    return uri.removeprefix("https://").removeprefix("http://").rstrip("#")


def draft_of(schema: object) -> Draft:
    """The draft that a schema's ``$schema`` names; draft 7 where it names none or one that is unknown, as registries
    do.
    """
    uri = schema.get("$schema") if isinstance(schema, dict) else None
    return _BY_ADDRESS.get(_address(uri), DRAFT_7) if isinstance(uri, str) else DRAFT_7


def is_meta_schema(uri: str) -> bool:
    """Whether an address is a meta-schema of json-schema.org, which every reader of schemas has."""
    return _address(uri).startswith(_META_SCHEMAS)
