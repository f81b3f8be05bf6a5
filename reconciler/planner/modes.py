"""Which mode judges a change of a schema, and whether the mode changes before or after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.model import DesiredSubject, LiveSubject, Mode
from reconciler.planner.sides import Desired, Live
from reconciler.planner.subjects import JudgedBy


@dataclass(frozen=True, slots=True)
class ModeStep:
    """One order in which a subject's mode and schema can change.

    ``by`` is the mode that the registry will judge the schema by in this order; ``mode_first`` whether the mode changes
    before the schema is registered.
    """

    mode_first: bool
    by: JudgedBy


def declared_basis(subject: DesiredSubject) -> str:
    """Where a declared mode stands, for messages."""
    return f"declared in {subject.mode_location}" if subject.mode_location else "declared"


def current_mode(live_subject: LiveSubject | None, desired: Desired, live: Live) -> JudgedBy:
    """The mode that holds for a subject as long as nothing sets one on it."""
    if live_subject and live_subject.mode:
        return JudgedBy(live_subject.mode, "set on the subject in the registry")
    return inherited_mode(live_subject, desired, live)


def inherited_mode(live_subject: LiveSubject | None, desired: Desired, live: Live) -> JudgedBy:
    """The mode that holds for a subject without one of its own: of its part of the registry, or of the whole."""
    if live_subject and live_subject.inherited:
        return JudgedBy(live_subject.inherited, "what the subject inherits in the registry")
    return default_mode(desired, live)


def default_mode(desired: Desired, live: Live) -> JudgedBy:
    """The registry's own level while subjects change: the looser of the present and the declared one.

    A level that loosens is set before everything else, one that tightens after.
    """
    present = live.state.default_mode
    declared = desired.default_mode
    if declared and (present is None or declared.allows(present)):
        return JudgedBy(declared, f"the registry's own level, declared in {desired.default_mode_location}")
    if present:
        return JudgedBy(present, "the registry's own level")
    return JudgedBy(Mode.NONE, "the registry has no level of its own")


def possible_steps(present: JudgedBy, after: JudgedBy, *, is_closed: bool = False) -> Iterator[ModeStep]:
    """The orders of mode and schema that may lead to what is desired, the best first.

    Loosening comes before the version that needs it and tightening after it. Where neither mode allows what the other
    does, the new one goes first, and the present one is tried next.

    Args:
        present: the mode that holds now.
        after: the mode that holds once the subject's mode is changed, or not.
        is_closed: the subject takes no version before its mode is changed.
    """
    if is_closed:
        yield ModeStep(True, after)
        return
    if after.mode is present.mode:
        yield ModeStep(False, after)
        return
    mode_first = ModeStep(True, after)
    schema_first = ModeStep(False, present)
    if after.mode.allows(present.mode):
        yield mode_first
    elif present.mode.allows(after.mode):
        yield schema_first
    else:
        yield mode_first
        yield schema_first
