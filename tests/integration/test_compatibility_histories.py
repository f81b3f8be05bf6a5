"""Our verdicts over histories of public repositories beside those of a real Apicurio Registry.

What is judged otherwise stands here with its reason, and in docs/compatibility.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

import pytest

from reconciler.model import Format
from tests.compatibility.case_texts import DRAFTS, Pair
from tests.corpus import NEEDS_CORPUS, histories, read_text, records
from tests.integration.apicurio_verdicts import ask_all, judge
from tests.raw_registry import RawRegistry
from tests.servers.apicurio import ApicurioServer

pytestmark = [*NEEDS_CORPUS, pytest.mark.server]

_IGLU = "iglu-central/schemas/com.snowplowanalytics.snowplow"
SERVER_IS_STRICTER: Mapping[str, str] = {
    f"{_IGLU}.badrows/loader_iglu_error/jsonschema/2-0-1 >": "alternatives are paired as they come: two fit two",
    f"{_IGLU}/mobile_context/jsonschema/1-0-2 >": "a list of types takes the place of a string in properties only",
}
JUDGED_BY_SERVER = {Format.AVRO: 312, Format.JSON: 287, Format.PROTOBUF: 168}
_META_SCHEMA_OF_IGLU = re.compile(r'("\$schema"\s*:\s*)"http://iglucentral\.com/[^"]*"')


def neighbours(schema_format: Format) -> Iterator[tuple[str, Pair]]:
    """Versions that need no other file, each with the one before it, and the two exchanged."""
    known = records(schema_format)
    for paths in histories(schema_format).values():
        for old, new in pairwise(paths):
            if not known[old]["references"] and not known[new]["references"]:
                pair = Pair(schema_format, *map(in_a_known_draft, (read_text(old), read_text(new))), {})
                yield f"{new} >", pair
                yield f"{new} <", pair.exchanged


def in_a_known_draft(text: str) -> str:
    """The text, but draft 7 in place of Iglu's own meta-schema, which the server takes for no JSON Schema."""
    return _META_SCHEMA_OF_IGLU.sub(lambda match: match[1] + json.dumps(DRAFTS["7"]), text, count=1)


@pytest.mark.parametrize("schema_format", JUDGED_BY_SERVER)
def test_verdicts_agree(apicurio: ApicurioServer, schema_format: Format) -> None:
    pairs = dict(neighbours(schema_format))
    answers = dict(zip(pairs, ask_all(RawRegistry(apicurio.url), pairs.values()), strict=True))

    judged = {name: (judge(pairs[name]), answer) for name, answer in answers.items() if answer is not None}

    stricter = {name for name, (ours, theirs) in judged.items() if ours and not theirs}
    laxer = {name for name, (ours, theirs) in judged.items() if theirs and not ours}
    assert stricter == (set(SERVER_IS_STRICTER) if schema_format is Format.JSON else set())
    assert laxer == set()
    assert len(judged) == JUDGED_BY_SERVER[schema_format]
