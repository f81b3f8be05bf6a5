"""Protobuf's rules among those that the engine asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import reconciler.compatibility as compatibility
from reconciler.model import Format

RULES = "reconciler.compatibility.protobuf"


@pytest.fixture(scope="module", autouse=True)
def protobuf_is_judged() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compatibility, "_RULES", {**compatibility._RULES, Format.PROTOBUF: RULES})
        patch.setattr(compatibility, "JUDGED_FORMATS", compatibility.JUDGED_FORMATS | {Format.PROTOBUF})
        yield
