"""A check reads what a change may concern: over random repositories and changes it tells what reading all tells."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from random_changes import Texts, begin, changes, write

from reconciler.operations.check import check
from reconciler.operations.checking.values import Checked


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes())
def test_a_check_tells_what_one_that_reads_everything_tells(case: tuple[Texts, Texts]) -> None:
    before, change = case
    with TemporaryDirectory(prefix="schemafed-") as name:
        root = Path(name)
        begin(root, before)
        write(root, change)

        part = check(root, revision="HEAD")
        whole = check(root, revision="HEAD", reads_all=True)

    assert _told(part) == _told(whole)
    assert set(part.known) <= set(whole.known)
    changed = {path for path, text in change.items() if text != before.get(path)}
    assert all(f in part.known for f in whole.known if f.location and f.location.file in changed)


def _told(checked: Checked) -> object:
    return checked.subjects, checked.findings, checked.commits
