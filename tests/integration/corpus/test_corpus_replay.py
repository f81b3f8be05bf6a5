"""Real histories, commit by commit, into the local registry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.model import RegisterSchema
from tests.integration.corpus.checking import Checker
from tests.integration.corpus.replaying import Replay, Step, replay
from tests.integration.corpus.snapshots import Corpus
from tests.integration.corpus.sources import SOURCES, RepositoryOfSource

pytestmark = pytest.mark.corpus


@pytest.mark.parametrize("name", SOURCES)
def test_commit_after_commit_the_registry_holds_the_files(name: str, corpus: Corpus, tmp_path: Path) -> None:
    source = SOURCES[name]
    checker = Checker(corpus, source, "NONE")

    history = replay(corpus, source, corpus.snapshots[name], tmp_path / "repository")

    applied = [step for step in history.steps if step.planned is not None]
    differing = {step.snapshot.label: checker.find_differences(step.snapshot, step.held) for step in applied}
    assert {label: found for label, found in differing.items() if found} == {}
    assert [step.snapshot.label for step in applied if not is_empty(step)] == []
    assert {step.snapshot.label for step in history.steps if step.planned is None} == set(source.broken)
    assert list(find_needless(corpus, source, history)) == []


def is_empty(step: Step) -> bool:
    """Whether the second plan of a commit has nothing to do, and nothing to say but of files removed earlier."""
    assert step.planned_again
    return not step.planned_again.changes and {f.code for f in step.planned_again.findings} <= {"ORPHANED"}


def find_needless(corpus: Corpus, source: RepositoryOfSource, history: Replay) -> Iterator[tuple[str, str]]:
    """Find registrations of schemas whose bytes a commit did not change, and which refer to none that it did."""
    before: dict[str, str] = {}
    for step in history.steps:
        if step.planned is None:
            continue
        declared = source.declare(corpus, step.snapshot)
        texts = {subject: corpus.read_text(one.file.path) for subject, one in declared.items()}
        changed = {subject for subject, text in texts.items() if before.get(subject) != text}
        while more := {subject for subject, one in declared.items() if one.uses & changed} - changed:
            changed |= more
        planned = {change.subject for change in step.planned.changes if isinstance(change, RegisterSchema)}
        yield from ((step.snapshot.label, subject) for subject in planned - changed)
        before.update(texts)


def test_releases_that_change_no_schema_plan_nothing(corpus: Corpus, tmp_path: Path) -> None:
    releases = corpus.snapshots["radar-schemas"][:8]
    quiet = {release.label for release in releases if not release.added and not release.removed}

    history = replay(corpus, SOURCES["radar-schemas"], releases, tmp_path / "repository")

    assert len(quiet) == 3
    assert {step.snapshot.label for step in history.steps if step.planned and not step.planned.changes} == quiet


def test_a_broken_commit_is_refused_as_a_whole_and_the_next_ones_apply(corpus: Corpus, tmp_path: Path) -> None:
    snapshots = corpus.snapshots["gtfs-realtime"]
    at = next(i for i, snapshot in enumerate(snapshots) if snapshot.label == "2017-08-10-eb4b243")

    history = replay(corpus, SOURCES["gtfs-realtime"], snapshots[at - 1 : at + 5], tmp_path / "repository")

    before, broken, *after = history.steps
    (finding,) = broken.refused
    assert broken.held == before.held
    assert str(finding.location).startswith("gtfs-realtime/proto/gtfs-realtime.proto:66:")
    assert "gtfs_realtime_version" in finding.message
    assert all(step.planned is not None for step in after)
    # The commit that mends it, and the one after, differ from what was there before in comments only.
    assert [len(step.planned.changes) for step in after if step.planned] == [0, 0, 1, 1]
