"""What a copy reads of its two registries: histories with all that they refer to, modes, settings, ids."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.copying import CopyRequest, Side, VersionKey
from reconciler.copying.contents import used_versions
from reconciler.model import LiveState, LiveVersion, Schema, SettingValue
from reconciler.operations.live_reading import read_histories
from reconciler.operations.progress import Progress
from reconciler.registry import NumberKeeper, SchemaRegistry, SettingsKeeper, VersionImporter

Histories = dict[str, tuple[LiveVersion, ...]]
Rename = Callable[[str], tuple[str, str | None] | None]
"""What a subject of the source is called in the target, and why it cannot be; None where Git has no name for it."""


@dataclass(frozen=True)
class Wanted:
    """Which versions are to be copied: of which subjects, by their names in the source, and how many of each."""

    subjects: frozenset[str]
    has_every_version: bool
    keeps_ids: bool


def read_both(
    source: SchemaRegistry,
    target: SchemaRegistry,
    state: LiveState,
    wanted: Wanted,
    rename: Rename,
    on_progress: Progress,
) -> tuple[Side, Side, CopyRequest]:
    """Read all that a plan rests on.

    Args:
        state: of the source, with the latest version of every subject.
    """
    histories = _read_source(source, state, wanted, on_progress)
    keys = _choose_versions(histories, state, wanted)
    subjects = list(dict.fromkeys([*sorted(wanted.subjects), *sorted(s for s, _ in keys)]))
    renamed = {subject: named for subject in subjects if (named := rename(subject)) is not None}
    misnamed = {subject: why for subject, (_, why) in renamed.items() if why is not None}
    possible = [name for subject, (name, _) in renamed.items() if subject not in misnamed]
    live = read_target(target, possible, on_progress)
    if not wanted.has_every_version:
        _read_recognised(histories, renamed, rename, live, source, on_progress)
    modes = source.read_state(subjects, modes_of=subjects)
    ours = Side(
        source.name,
        source.capabilities,
        modes.default_mode,
        {**{name: state.subjects[name] for name in subjects if name in state.subjects}, **modes.subjects},
        histories,
        _read_settings(source, subjects),
        _read_numbers(source, wanted.subjects) if wanted.has_every_version else {},
    )
    names = {subject: name for subject, (name, _) in renamed.items()}
    request = CopyRequest(names, keys, wanted.keeps_ids, misnamed)
    if wanted.keeps_ids:
        live, request = _read_ids(ours, live, request, target, on_progress)
    return ours, live, request


def _read_recognised(
    histories: Histories,
    renamed: dict[str, tuple[str, str | None]],
    rename: Rename,
    live: Side,
    source: SchemaRegistry,
    on_progress: Progress,
) -> None:
    """Read whole what the target has already, and what that refers to, so that its versions can be recognised."""
    whole: set[str] = set()
    while known := [s for s, (name, _) in renamed.items() if s not in whole and live.histories.get(name)]:
        _add_whole(histories, known, source, on_progress)
        whole.update(known)
        renamed |= {s: named for s in histories if s not in renamed and (named := rename(s)) is not None}


def read_target(target: SchemaRegistry, names: Collection[str], on_progress: Progress) -> Side:
    """Read what a target holds of some subjects."""
    on_progress(f"reading {target.name}")
    state = target.read_state(list(names), modes_of=list(names))
    histories: Histories = {}
    _add_whole(histories, [n for n, s in state.subjects.items() if s.latest or s.problem], target, on_progress)
    settings = _read_settings(target, names)
    return Side(target.name, target.capabilities, state.default_mode, state.subjects, histories, settings)


def _read_source(source: SchemaRegistry, state: LiveState, wanted: Wanted, on_progress: Progress) -> Histories:
    histories: Histories = {}
    present = [name for name in sorted(wanted.subjects) if state.subjects[name].latest]
    if wanted.has_every_version:
        _add_whole(histories, present, source, on_progress)
        return histories
    for name in present:
        latest = state.subjects[name].latest
        assert latest is not None
        histories[name] = _qualify(source, name, (latest,))
    _complete(histories, source, on_progress)
    return histories


def _choose_versions(histories: Histories, state: LiveState, wanted: Wanted) -> frozenset[VersionKey]:
    """The versions that are asked for, and all that they refer to."""
    if wanted.has_every_version:
        return frozenset((subject, v.version) for subject, versions in histories.items() for v in versions)
    found: set[VersionKey] = set()
    latest = ((name, state.subjects[name].latest) for name in wanted.subjects)
    waiting: list[VersionKey] = [(name, version.version) for name, version in latest if version]
    while waiting:
        subject, number = key = waiting.pop()
        version = next((v for v in histories.get(subject, ()) if v.version == number), None)
        if version is not None and key not in found:
            found.add(key)
            waiting.extend(used_versions(version.schema))
    return frozenset(found)


def _add_whole(histories: Histories, subjects: Iterable[str], registry: SchemaRegistry, on_progress: Progress) -> None:
    """Read all versions of some subjects, and then of whatever they refer to."""
    read = read_histories(registry, frozenset(subjects), on_progress)
    histories.update((name, _qualify(registry, name, versions)) for name, versions in read.items())
    _complete(histories, registry, on_progress, frozenset(read))


def _complete(
    histories: Histories, registry: SchemaRegistry, on_progress: Progress, whole: frozenset[str] = frozenset()
) -> None:
    """Read what versions refer to, until nothing is missing that the registry has."""
    while missing := frozenset(_find_missing(histories, whole)):
        read = read_histories(registry, missing, on_progress)
        histories.update((name, _qualify(registry, name, versions)) for name, versions in read.items())
        whole |= missing


def _find_missing(histories: Histories, whole: frozenset[str]) -> Iterator[str]:
    known = {(subject, v.version) for subject, versions in histories.items() for v in versions}
    for versions in histories.values():
        for version in versions:
            for subject, number in used_versions(version.schema):
                if subject not in whole and (subject, number) not in known:
                    yield subject


def _qualify(registry: SchemaRegistry, parent: str, versions: tuple[LiveVersion, ...]) -> tuple[LiveVersion, ...]:
    if not registry.capabilities.has_contexts or not parent.startswith(":."):
        return versions
    return tuple(replace(v, schema=_qualify_schema(registry, parent, v.schema)) for v in versions)


def _qualify_schema(registry: SchemaRegistry, parent: str, schema: Schema) -> Schema:
    """Give references their full names: in a context, a name without one means the same context."""
    if not registry.capabilities.has_contexts or not parent.startswith(":."):
        return schema
    # The first colon after the context ends it: the rest may have colons of its own.
    context = f":{parent[1:].partition(':')[0]}:"
    references = (
        reference if reference.subject.startswith(":.") else replace(reference, subject=context + reference.subject)
        for reference in schema.references
    )
    return replace(schema, references=tuple(references))


def _read_settings(registry: SchemaRegistry, names: Collection[str]) -> Mapping[str | None, Mapping[str, SettingValue]]:
    if not isinstance(registry, SettingsKeeper) or not registry.capabilities.settings:
        return {}
    return registry.read_settings([*names, None])


def _read_numbers(registry: SchemaRegistry, names: Collection[str]) -> Mapping[str, tuple[int, ...]]:
    return registry.read_numbers(sorted(names)) if isinstance(registry, NumberKeeper) else {}


def _read_ids(
    source: Side, live: Side, request: CopyRequest, target: SchemaRegistry, on_progress: Progress
) -> tuple[Side, CopyRequest]:
    """Read what the target holds under the ids that are to be kept, and which numbers it uses."""
    if not isinstance(target, VersionImporter) or not target.capabilities.importing:
        return live, request
    on_progress(f"looking up ids in {target.name}")
    found = target.find_ids(_choose_ids(source, live, request))
    taken = {place: _qualify_schema(target, place[0], schema) for place, schema in found.items()}
    possible = [name for subject, name in request.names.items() if subject not in request.misnamed]
    live = _add_used(replace(live, numbers=target.read_numbers(possible)), taken, target, on_progress)
    return live, replace(request, taken_ids=taken)


def _choose_ids(source: Side, live: Side, request: CopyRequest) -> dict[str, set[int]]:
    """By subject of the target, the ids of versions that it does not have yet."""
    ids: dict[str, set[int]] = {}
    for subject, number in request.wanted:
        version, name = source.find_version(subject, number), request.names.get(subject)
        if (
            name is not None
            and subject not in request.misnamed
            and version
            and version.id is not None
            and live.find_version(name, number) is None
        ):
            ids.setdefault(name, set()).add(version.id)
    return ids


def _add_used(
    live: Side, taken: Mapping[tuple[str, int], Schema], target: SchemaRegistry, on_progress: Progress
) -> Side:
    """Read what schemas refer to that were found by their ids, so that they can be compared."""
    used = {r.subject for schema in taken.values() for r in schema.references} - live.histories.keys()
    if not used:
        return live
    histories = dict(live.histories)
    _add_whole(histories, used, target, on_progress)
    return replace(live, histories=histories)
