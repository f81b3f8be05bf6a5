"""Real histories, applied commit by commit, and then copied whole from one server to another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.copies import EVERYTHING, read_all
from tests.doubles.confluent import ConfluentDouble
from tests.integration.corpus.replaying import commit_snapshot, plan_and_apply, start_repository
from tests.integration.corpus.snapshots import Corpus
from tests.integration.corpus.sources import SOURCES
from tests.raw_registry import RawVersion
from tests.repositories import Repository

pytestmark = pytest.mark.corpus
COPIED = {"opentelemetry-proto": 12, "cloudevents": 12, "lsst-alert-packet": 2}
"""So many of the oldest commits of each source."""


@pytest.mark.parametrize("name", COPIED)
def test_a_real_history_arrives_whole(
    name: str, corpus: Corpus, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = SOURCES[name]
    with ConfluentDouble("8.1") as old, ConfluentDouble("8.1") as new, ConfluentDouble("7.9") as other:
        root = tmp_path / "repository"
        start_repository(root, source, f"{{kind: confluent, url: {old.url}}}")
        for snapshot in corpus.snapshots[name][: COPIED[name]]:
            commit_snapshot(root, corpus, source, snapshot)
            plan_and_apply(root)
        before = read_all(old.url)
        shop = Repository(root, capsys)
        for double, options in ((new, ("--keep-ids",)), (other, ())):
            (root / "schemafed.yaml").write_text(
                "version: 1\nregistries:\n"
                f"  old: {{kind: confluent, url: {old.url}}}\n  new: {{kind: confluent, url: {double.url}}}\n"
            )
            copied = shop.run(*EVERYTHING, *options)
            assert copied.exit_code == 0, copied.text
        assert max(len(versions) for versions in before.values()) > 1
        assert read_all(new.url) == before
        assert texts(read_all(other.url)) == texts(before)


def texts(versions: dict[str, list[RawVersion]]) -> dict[str, list[tuple[object, ...]]]:
    return {
        subject: [(v.schema_type, v.text, [(r.name, r.subject) for r in v.references]) for v in each]
        for subject, each in versions.items()
    }
