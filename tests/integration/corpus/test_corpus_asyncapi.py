"""The examples of the AsyncAPI Specification itself, each held against the version that it names."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from reconciler.model import Format
from reconciler.schemas.interfaces.asyncapi import find_violation
from reconciler.yaml_lines import parse_yaml
from tests.corpus import NEEDS_CORPUS, read_text, records

pytestmark = NEEDS_CORPUS

# `security` of an operation is a list in 2.4.0, and the example has an object.
WRONG = {"v2.4.0/examples/operation-security.yml": "/channels/AUTHORIZATION_REVOCATION/subscribe/security"}


def examples() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in records(Format.ASYNCAPI):
        if path.startswith("asyncapi-spec/"):
            document = parse_yaml(read_text(path))
            if isinstance(document, dict) and "asyncapi" in document:
                yield path.removeprefix("asyncapi-spec/"), document


def test_the_examples_of_the_specification_are_valid_but_for_one() -> None:
    found: dict[str, str] = {}
    count: Counter[str] = Counter()
    for path, document in examples():
        text = json.dumps(document, indent=1)
        violation = find_violation(text, json.loads(text))
        version = str(document["asyncapi"])
        count[version[0]] += 1
        if violation and not version.startswith("1."):
            found[path] = str(violation.path)
        assert (violation is not None and "no version that is known" in violation.message) == version.startswith("1.")

    assert found == WRONG
    assert min(count["2"], count["3"]) > 40
