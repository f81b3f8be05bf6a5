"""What was applied, as files of the ledger's tree: readable by people, small where little changes.

``REGISTRY/HH.json`` holds the subjects whose name's hash begins with HH, one a line; ``REGISTRY/level.json`` the
registry's own level and settings. A change of a few subjects among 10,000 rewrites a few files of some forty lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from reconciler.applied import NOTHING_APPLIED, AppliedRegistry, AppliedSubject
from reconciler.model import Location, Mode, Reference, TemporaryMode

LEVEL = "level.json"
_MODES: Mapping[str | None, Mode | None] = {None: None, **{str(mode): mode for mode in Mode}}


def make_files(before: Mapping[str, AppliedRegistry], after: Mapping[str, AppliedRegistry]) -> dict[str, str | None]:
    """The files in which two states differ, as they are afterwards; None for one that is gone."""
    files: dict[str, str | None] = {}
    for name in sorted({*before, *after}):
        old, new = before.get(name, NOTHING_APPLIED), after.get(name, NOTHING_APPLIED)
        for shard, subjects in _changed_shards(old.subjects, new.subjects).items():
            files[f"{name}/{shard}.json"] = render_lines(subjects) if subjects else None
        if (old.default_mode, old.settings) != (new.default_mode, new.settings):
            files[f"{name}/{LEVEL}"] = _render_own(new)
    return files


def _render_own(applied: AppliedRegistry) -> str | None:
    """What is ours of a registry itself; None where nothing is."""
    own = {"mode": applied.default_mode, "settings": dict(applied.settings)}
    document = {key: value for key, value in own.items() if value}
    return f"{_dump(document)}\n" if document else None


def resolve_files(files: Mapping[str, bytes]) -> dict[str, AppliedRegistry]:
    """Read back what :func:`make_files` wrote.

    Raises:
        ValueError, KeyError, TypeError: a file is not what it should be; whoever calls names it.
    """
    subjects: dict[str, dict[str, AppliedSubject]] = {}
    own: dict[str, AppliedRegistry] = {}
    for path, content in files.items():
        registry, _, name = path.rpartition("/")
        found = json.loads(content)
        if name == LEVEL:
            own[registry] = AppliedRegistry(default_mode=_MODES[found.get("mode")], settings=found.get("settings", {}))
        else:
            subjects.setdefault(registry, {}).update((s, resolve_entry(entry)) for s, entry in found.items())
    return {r: replace(own.get(r, NOTHING_APPLIED), subjects=subjects.get(r, {})) for r in sorted({*subjects, *own})}


def render_lines(documents: Mapping[str, Any]) -> str:
    """A JSON object with a line for each of its keys, sorted."""
    lines = ",\n".join(f"{_dump(name)}: {_dump(document)}" for name, document in sorted(documents.items()))
    return f"{{\n{lines}\n}}\n"


def make_entry_document(entry: AppliedSubject) -> dict[str, Any]:
    """An entry as JSON; what it does not have is left out."""
    document = {
        "commit": entry.commit,
        "file": entry.location.file,
        "line": entry.location.line or None,
        "column": entry.location.column or None,
        "fingerprint": entry.fingerprint,
        "version": entry.version,
        "references": [[r.name, r.subject, r.version] for r in entry.references] or None,
        "mode": entry.mode,
        "owner": entry.owner,
        "orphan": entry.is_orphan or None,
        "metadata": entry.metadata,
        "temporary": {"restores": entry.temporary.restores} if entry.temporary else None,
        "settings": dict(entry.settings) or None,
        "rules": entry.rules,
    }
    return {key: value for key, value in document.items() if value is not None}


def resolve_entry(document: Mapping[str, Any]) -> AppliedSubject:
    """An entry from its JSON.

    Raises:
        ValueError, KeyError, TypeError: it is none.
    """
    get = document.get
    references, temporary = get("references"), get("temporary")
    return AppliedSubject(
        document["commit"],
        Location(document["file"], get("line", 0), get("column", 0)),
        get("fingerprint"),
        get("version"),
        tuple(Reference(*reference) for reference in references) if references else (),
        _MODES[get("mode")],
        get("owner"),
        get("orphan", False),
        get("metadata"),
        TemporaryMode(_MODES[temporary["restores"]]) if temporary else None,
        get("settings") or {},
        get("rules"),
    )


def _changed_shards(
    old: Mapping[str, AppliedSubject], new: Mapping[str, AppliedSubject]
) -> dict[str, dict[str, dict[str, Any]]]:
    """By shard, the documents of all its subjects, for the shards in which something changed."""
    if old is new:
        return {}
    changed = {_shard(n) for n in _changed_names(old, new)}
    shards: dict[str, dict[str, dict[str, Any]]] = {shard: {} for shard in sorted(changed)}
    for name, entry in new.items() if changed else ():
        shard = _shard(name)
        if shard in shards:
            shards[shard][name] = make_entry_document(entry)
    return shards


def _changed_names(old: Mapping[str, AppliedSubject], new: Mapping[str, AppliedSubject]) -> Iterator[str]:
    yield from (name for name in old if name not in new)
    yield from (name for name, entry in new.items() if old.get(name) != entry)


def _shard(name: str) -> str:
    # Half a surrogate pair can stand in a name that came from a file system.
    return sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:2]


def _dump(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True)
