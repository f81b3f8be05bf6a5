"""Both sides, and what is to be copied, to what is to be written."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.copying.carrying import carry_mode, carry_settings, find_closed, find_other_levels
from reconciler.copying.contents import Contents
from reconciler.copying.findings import (
    make_conflict,
    make_deleted,
    make_ids_changed,
    make_ids_not_kept,
    make_part_lost,
    make_version_lost,
)
from reconciler.copying.fitting import find_unfit
from reconciler.copying.matching import Matcher, move_merged
from reconciler.copying.ordering import order_versions
from reconciler.copying.repeats import find_repeats
from reconciler.copying.values import CopyPlan, CopyRequest, Side, SubjectCopy
from reconciler.errors import SchemaError
from reconciler.model import Finding


def plan_copy(source: Side, target: Side, request: CopyRequest) -> CopyPlan:
    """Say what is to be written to a target so that it holds what a source does."""
    refused = _check_ids(source, target, request)
    if refused:
        return CopyPlan(source.name, target.name, request.keeps_ids, findings=(refused,))
    contents = Contents(source, target, request.names)
    unfit = find_unfit(source, target, request)
    repeats = find_repeats(source, target, request, contents)
    findings = [*unfit.values(), *_find_lost_parts(source, target, request)]
    try:
        order = order_versions(source, request.names.keys() - unfit.keys(), repeats.merged)
    except SchemaError as error:
        circle = make_conflict(target.name, None, error.message, "leave one of them out by --except")
        return CopyPlan(source.name, target.name, request.keeps_ids, (), tuple(unfit), (*findings, circle))
    subjects: list[SubjectCopy] = []
    matched = Matcher(source, target, request, contents, repeats).match(order)
    merged, asked = move_merged(matched, repeats), request.subjects
    for name, each in sorted(matched.items()):
        subject = SubjectCopy(name, request.names[name], tuple(each.writes), each.present, merged[name])
        if name in asked:
            subject, of_rest = _carry_rest(source, target, request, subject)
            findings += [*each.findings, *of_rest]
        subjects.append(subject)
    findings += [*find_other_levels(source, target, request), *_find_deleted(source, request)]
    if not request.keeps_ids and any(subject.writes for subject in subjects):
        findings.append(make_ids_changed(target.name, None, f"{target.name} gives the versions ids of its own", _IDS))
    told = tuple(dict.fromkeys(findings))
    return CopyPlan(source.name, target.name, request.keeps_ids, tuple(subjects), tuple(sorted(unfit)), told)


_IDS = "data that names schemas by id is read with the old ids: --keep-ids keeps them where the target can"


def _carry_rest(
    source: Side, target: Side, request: CopyRequest, subject: SubjectCopy
) -> tuple[SubjectCopy, list[Finding]]:
    """Say what a subject has beside its versions, and what of it, or of them, is lost."""
    subject, of_mode = carry_mode(source, target, subject, request.keeps_ids)
    subject, of_settings = carry_settings(source, target, subject, request)
    closed = find_closed(target, subject, request.keeps_ids)
    return subject, [*of_mode, *of_settings, *closed, *_find_merged(target, subject)]


def _check_ids(source: Side, target: Side, request: CopyRequest) -> Finding | None:
    if not request.keeps_ids:
        return None
    if target.capabilities.importing is None:
        message = f"{target.name} gives ids of its own, so none can be kept"
        return make_ids_not_kept(target.name, None, message, "copy without --keep-ids")
    without = [
        s for s, versions in source.histories.items() if s in request.names and any(v.id is None for v in versions)
    ]
    if without:
        message = f"{source.name} does not tell ids, of {without[0]} for instance, so none can be kept"
        return make_ids_not_kept(source.name, None, message, "copy without --keep-ids")
    return None


def _find_merged(target: Side, subject: SubjectCopy) -> Iterator[Finding]:
    for number, stand_in in subject.merged.items():
        message = f"version {number} is one with version {stand_in} there, which does not hold a schema twice"
        yield make_version_lost(target.name, subject.target, message)


def _find_lost_parts(source: Side, target: Side, request: CopyRequest) -> Iterator[Finding]:
    c = target.capabilities
    for subject, name in request.names.items():
        versions = [v for v in source.histories.get(subject, ()) if (subject, v.version) in request.wanted]
        parts = (("metadata", c.metadata), ("rules", c.rules))
        for word, is_kept in parts:
            if not is_kept and any(getattr(v.schema, word) is not None for v in versions):
                yield make_part_lost(target.name, name, f"its {word} are not kept there")


def _find_deleted(source: Side, request: CopyRequest) -> Iterator[Finding]:
    for subject, numbers in source.numbers.items():
        deleted = sorted(set(numbers) - {v.version for v in source.histories.get(subject, ())})
        if deleted and subject in request.names:
            text = ", ".join(map(str, deleted))
            yield make_deleted(source.name, subject, f"what is softly deleted is not copied: version {text}")
