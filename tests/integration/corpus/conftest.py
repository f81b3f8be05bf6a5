"""The corpus of real schemas, where there is one."""

from __future__ import annotations

import pytest

from tests.integration.corpus.snapshots import Corpus, find_folder, load_corpus


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    folder = find_folder()
    if not folder.is_dir():
        pytest.skip(f"there is no corpus of schemas in {folder}; SCHEMAFED_CORPUS names another place")
    return load_corpus(folder)
