"""A plan since a revision reads what may concern it: over random repositories it plans what reading all plans."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from random_changes import Texts, begin, changes, commit, make_avro, write

from reconciler.errors import InvalidRepositoryError, SchemafedError
from reconciler.model import Finding, Plan, Source
from reconciler.operations.apply import apply
from reconciler.operations.plan import Planned, plan
from reconciler.operations.scope import Scope

SINCE = Scope(environment="prod", since="HEAD~1")
USER = make_avro("Two", "acme", ["acme.One"], "")
OTHER = make_avro("Three", "other", [], "")
BEFORE: Texts = {
    "schemas/b/One.avsc": make_avro("One", "acme", [], ""),
    "schemas/a/Two.avsc": USER,
    "schemas/b/Three.avsc": OTHER,
}


KINDS = ("One", "Two", "Three", "Four", "Five")


@st.composite
def _sound_changes(draw: st.DrawFn) -> tuple[Texts, Texts]:
    """Records that use earlier ones, and a change of some; few are wrong, unlike those of :func:`changes`."""
    before = {path: text for kind in KINDS for path, text in _draw_record(draw, kind).items()}
    change: Texts = {}
    for kind in draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=2, unique=True)):
        made = _draw_record(draw, kind)
        change |= dict.fromkeys(made) if draw(st.integers(0, 5)) == 0 else made
    return {p: text for p, text in before.items() if text is not None}, change


def _draw_record(draw: st.DrawFn, kind: str) -> Texts:
    """A record and its sidecar, which may be missing."""
    earlier = [f"acme.{each}" for each in KINDS[: KINDS.index(kind)]]
    used = draw(st.lists(st.sampled_from(earlier), max_size=2)) if earlier else []
    text = make_avro(kind, "acme", used, draw(st.sampled_from(("", "changed"))))
    mode = draw(st.sampled_from((None, None, "NONE", "FULL")))
    return {f"schemas/b/{kind}.avsc": text, f"schemas/b/{kind}.yaml": mode and f"compatibility: {mode}\n"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(_sound_changes(), _sound_changes(), changes()), st.booleans())
@example((BEFORE, {"schemas/b/One.avsc": make_avro("One", "acme", [], "changed")}), True)
@example((BEFORE, {"schemas/b/Three.avsc": None}), True)
def test_a_plan_since_a_revision_is_the_one_that_reading_everything_makes(
    case: tuple[Texts, Texts], is_applied: bool
) -> None:
    before, change = case
    with TemporaryDirectory(prefix="schemafed-") as name:
        root = Path(name)
        begin(root, before)
        if is_applied:
            _try_to_apply(root)
        write(root, change)
        commit(root, "Change")

        part = _plan(root)
        with patch("reconciler.operations.plan.is_enough", return_value=False):
            whole = _plan(root)

    if isinstance(whole, InvalidRepositoryError):
        changed = {path for path, text in change.items() if text != before.get(path)}
        event("blocked")
        assert _near(whole.findings, changed) == _near(_findings(part), changed)
    else:
        assert isinstance(part, Planned)
        event(f"planned, {len(part.desired.unread)} not read, {len(part.plan.changes)} changes")
        assert _told(part.plan) == _told(whole.plan)
        assert set(part.plan.findings) <= set(whole.plan.findings)


def test_what_a_change_does_not_concern_is_not_read(tmp_path: Path) -> None:
    begin(tmp_path, BEFORE)
    write(tmp_path, {"schemas/b/One.avsc": make_avro("One", "acme", [], "changed")})
    commit(tmp_path, "Change")

    made = plan(tmp_path, SINCE)

    assert set(made.desired.subjects) == {"b/One.avro", "a/Two.avro"}
    assert set(made.desired.unread) == {"a/Base.avro", "b/Three.avro"}


def _try_to_apply(root: Path) -> None:
    """Apply what is there, where it can be."""
    try:
        apply(root, plan(root, Scope(environment="prod")).plan)
    except SchemafedError as error:
        event(f"not applied: {type(error).__name__}")


def _plan(root: Path) -> Planned | InvalidRepositoryError:
    try:
        return plan(root, SINCE)
    except InvalidRepositoryError as error:
        return error


def _findings(made: Planned | InvalidRepositoryError) -> tuple[Finding, ...]:
    return tuple(made.findings) if isinstance(made, InvalidRepositoryError) else made.plan.findings


def _near(findings: tuple[Finding, ...], changed: set[str]) -> list[Finding]:
    """Those that block, and are in files that changed."""
    return [
        f for f in findings if f.blocks and f.location and f.location.file in changed and f.source is Source.VALIDATION
    ]


def _told(made: Plan) -> object:
    """All that a plan says, but for what is wrong with files."""
    found = [f for f in made.findings if f.source is not Source.VALIDATION]
    return made.digest, made.changes, made.notes, found
