"""JSON Schema's rules among those that the engine asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import reconciler.compatibility as compatibility
from reconciler.model import Format

RULES = "reconciler.compatibility.json_schema"


@pytest.fixture(scope="module", autouse=True)
def json_schema_is_judged() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compatibility, "_RULES", {**compatibility._RULES, Format.JSON: RULES})
        patch.setattr(compatibility, "JUDGED_FORMATS", compatibility.JUDGED_FORMATS | {Format.JSON})
        yield
