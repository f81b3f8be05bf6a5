"""The writes of a copy, through the port."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reconciler.copying import SubjectCopy, VersionCopy, VersionKey
from reconciler.copying.findings import make_part_lost, make_version_lost
from reconciler.errors import RejectedError
from reconciler.model import Finding, LiveVersion, Mode, Schema, SettingValue
from reconciler.operations.copying.journal import Before
from reconciler.operations.copying.restoring import set_mode
from reconciler.registry import DROPPED, SchemaRegistry, SettingsKeeper, VersionImporter


@dataclass
class Made:
    """What became of a copy so far.

    ``numbers``: by version of the source, its number in the target; ``ids`` likewise, of what was written. ``failed``:
    by subject of the source, why it is not complete. ``left``: what could not be given back, by subject of the target.
    """

    numbers: dict[VersionKey, int] = field(default_factory=dict)
    ids: dict[VersionKey, int | None] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    left: dict[str, Before] = field(default_factory=dict)
    is_interrupted: bool = False
    stopped: str | None = None


class Writer:
    """Writes versions, and what their subjects have meanwhile and in the end; used from several threads at once.

    Args:
        temporary: what is changed for a while, by subject of the target.
        made: what becomes of it.

    ``opened`` are the subjects in which that is so now.
    """

    def __init__(self, registry: SchemaRegistry, keeps_ids: bool, temporary: Mapping[str, Before], made: Made) -> None:
        self._registry = registry
        self._keeps_ids = keeps_ids
        self._temporary = temporary
        self._made = made
        self.opened: dict[str, Before] = {}

    def write(self, subject: SubjectCopy, copy: VersionCopy) -> None:
        """Write one version, its references by the numbers that they have in the target."""
        self._open(subject, copy)
        numbers = (self._made.numbers[use] for use in copy.uses)
        references = zip(copy.schema.references, numbers, strict=True)
        schema = replace(copy.schema, references=tuple(replace(r, version=number) for r, number in references))
        written = self._write(subject, copy, schema)
        known = {n: key for key, n in self._made.numbers.items() if key[0] == subject.source}
        if written.version in known:
            stand_in = known[written.version][1]
            message = f"version {copy.key[1]} is one with version {stand_in} there, which does not hold a schema twice"
            self._made.findings.append(make_version_lost(self._registry.name, subject.target, message))
        self._made.numbers[copy.key] = written.version
        self._made.ids[copy.key] = written.id

    def finish(self, subject: SubjectCopy) -> None:
        """Give a subject what it has in the end: the setting that an import changes first, so that others can write."""
        before = self.opened.get(subject.target)
        settings: dict[str, SettingValue | None] = dict(subject.settings)
        importing = self._registry.capabilities.importing
        if before and before.is_importing and importing:
            settings = {importing.setting: before.setting, **settings}
        if settings:
            assert isinstance(self._registry, SettingsKeeper)  # its capabilities have settings
            self._registry.set_settings(subject.target, settings)
        if subject.is_mode_set:
            set_mode(self._registry, subject.target, subject.mode)
        self.opened.pop(subject.target, None)

    def _open(self, subject: SubjectCopy, copy: VersionCopy) -> None:
        """Change what must be another for a while; a mode that needs a version first comes after it."""
        before = self._temporary.get(subject.target)
        if before is None or subject.target in self.opened:
            return
        is_first = copy is subject.writes[0] and not subject.present
        if before.is_loosened and is_first and self._registry.capabilities.modes_need_subject:
            return
        self.opened[subject.target] = before
        if before.is_importing:
            assert isinstance(self._registry, VersionImporter)  # its capabilities say so
            self._registry.begin_import(subject.target)
        if before.is_loosened:
            self._registry.set_compatibility(subject.target, Mode.NONE)

    def _write(self, subject: SubjectCopy, copy: VersionCopy, schema: Schema) -> LiveVersion:
        """Write a version; what the target turns out to drop is left away, and told."""
        while True:
            try:
                return self._send(subject.target, copy, schema)
            except RejectedError as error:
                part = next((part for part, code in DROPPED.items() if code == error.code), None)
                if part is None or getattr(schema, part) is None:
                    raise
                schema = replace(schema, metadata=None) if part == "metadata" else replace(schema, rules=None)
                message = f"its {part} are not kept there"
                self._made.findings.append(make_part_lost(self._registry.name, subject.target, message))

    def _send(self, name: str, copy: VersionCopy, schema: Schema) -> LiveVersion:
        if self._keeps_ids:
            assert isinstance(self._registry, VersionImporter)  # its capabilities say so
            return self._registry.import_version(name, LiveVersion(copy.key[1], schema, copy.id))
        if copy.is_older:
            return self._registry.restore_schema(name, schema)
        return self._registry.register_schema(name, schema)
