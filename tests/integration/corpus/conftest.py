"""The corpus of real schemas, where there is one."""

from __future__ import annotations

import pytest

from tests.corpus import CORPUS
from tests.integration.corpus.snapshots import Corpus, load_corpus


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    if not CORPUS.is_dir():
        pytest.skip(f"there is no corpus of schemas in {CORPUS}; SCHEMAFED_CORPUS names another place")
    return load_corpus(CORPUS)
