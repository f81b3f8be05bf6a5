"""The registry itself: what happens when a schema is posted, looked up or checked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tests.doubles.confluent.compatibility import OldVersion, find_conflicts
from tests.doubles.confluent.contexts import qualify, split_name
from tests.doubles.confluent.errors import ApiError, make_error, make_incompatible_error
from tests.doubles.confluent.formats import FORMATS, Dependency, InvalidTextError, Parsed
from tests.doubles.confluent.registration import (
    Posted,
    Reference,
    Version,
    make_identity,
    with_version_property,
    without_version_property,
)
from tests.doubles.confluent.settings import Settings
from tests.doubles.confluent.store import Store, parse_version

_MAX_CHARACTERS = 1_000_000


@dataclass
class Registry:
    """The state of one server. `incompatible_code` is the error code beside HTTP 409.

    `keeps_rules`: the open-source server drops rule sets silently, the vendor's other ones keep them.
    """

    incompatible_code: int
    keeps_rules: bool = False
    store: Store = field(default_factory=Store)
    settings: Settings = field(default_factory=Settings)
    _ids: dict[str, int] = field(default_factory=dict)
    _clock: int = 0

    def register(self, subject: str, posted: Posted, normalize: bool) -> Version:
        """Return the version that has the posted schema: an old one where it is known, else a new one."""
        self.settings.raise_if_read_only(subject)
        if len(posted.text) > _MAX_CHARACTERS:
            raise make_error("too_large")
        parsed, references = self._parse(subject, posted, normalize)
        importing = self.settings.resolve_mode(subject) == "IMPORT"
        metadata, rules = posted.metadata, posted.rules if self.keeps_rules else None
        if not importing:
            metadata, rules = self._inherit_metadata(subject, posted), self._inherit_rules(subject, posted)
        known = self._find_known(subject, make_identity(parsed, references, metadata, rules), posted)
        if known and posted.id in {None, known.id}:
            return known
        if importing != (posted.id is not None):
            raise make_error("import_mode" if importing else "not_import_mode", subject=subject)
        number = self._choose_number(subject, posted.version, importing)
        if posted.version and not importing:
            metadata = with_version_property(metadata, number)
        version = Version(subject, number, 0, parsed, references, metadata, self._tick(), rules=rules)
        if not importing:
            self._raise_if_incompatible(version)
        version = replace(version, id=self._assign_id(version, posted.id))
        self.store.put(version)
        return version

    def look_up(self, subject: str, posted: Posted, normalize: bool, deleted: bool) -> Version:
        """Find the version that has the posted schema.

        An exact match comes first, so that without metadata one without any is found; else metadata counts only if it
        was posted.
        """
        versions = self.store.require_versions(subject, deleted)
        parsed, references = self._parse(subject, posted, normalize)
        rules = posted.rules if self.keeps_rules else None
        identity = make_identity(parsed, references, posted.metadata, rules)
        is_exact = posted.metadata or rules
        same = [v for v in versions if identity == (v.plain_identity if is_exact else v.text_identity)]
        if found := _prefer_exact(same, identity):
            return found
        raise make_error("text_not_found")

    def check(self, subject: str, number: str | None, posted: Posted, normalize: bool) -> list[str]:
        """Return the messages against a schema: versus one version, or as the mode says if `number` is None."""
        versions = self.store.get_versions(subject)
        if number is not None:
            versions = self._choose_compared(subject, number)
        try:
            parsed, _ = self._parse(subject, posted, normalize)
        except ApiError as error:
            return [error.message]
        return self._find_conflicts(subject, parsed, posted.metadata, versions)

    def _choose_compared(self, subject: str, number: str) -> list[Version]:
        wanted = parse_version(number)
        found = self.store.get_versions(subject)
        if wanted == -1:
            return found[-1:]
        matching = [version for version in found if version.version == wanted]
        if not matching:
            raise make_error("version_not_found", version=wanted)
        return matching

    def _parse(self, subject: str, posted: Posted, normalize: bool) -> tuple[Parsed, tuple[Reference, ...]]:
        references = tuple(self._resolve_reference(subject, r) for r in posted.references)
        dependencies: dict[str, Dependency | None] = {}
        for reference in references:
            self._collect_dependencies(subject, reference, dependencies)
        normalize = normalize or bool(self.settings.resolve_config(subject).get("normalize"))
        try:
            # What was met first is complete last.
            known = tuple(found for found in dependencies.values() if found)
            return FORMATS[posted.schema_type].parse(posted.text, known, normalize), references
        except InvalidTextError as error:
            raise make_error("invalid_schema", subject=subject, detail=str(error)) from error

    def _resolve_reference(self, parent: str, reference: Reference) -> Reference:
        subject = qualify(reference.subject, parent)
        try:
            found = self.store.require_version(subject, str(reference.version))
        except ApiError as error:
            detail = f'No schema reference found for subject "{subject}" and version {reference.version}'
            raise make_error("invalid_schema", subject=parent, detail=detail) from error
        return replace(reference, version=found.version)

    def _collect_dependencies(self, parent: str, reference: Reference, out: dict[str, Dependency | None]) -> None:
        """Add what a reference needs, deepest first; of several that have one name the first that is met counts."""
        version = self.store.require_version(qualify(reference.subject, parent), str(reference.version), deleted=True)
        if reference.name in out:
            return
        out[reference.name] = None
        for inner in version.references:
            self._collect_dependencies(version.subject, inner, out)
        del out[reference.name]
        out[reference.name] = Dependency(reference.name, version.parsed.text)

    def _inherit_metadata(self, subject: str, posted: Posted) -> dict[str, Any] | None:
        """Metadata that is not posted is carried over from the latest version, else from the settings."""
        if posted.metadata is not None:
            return posted.metadata
        latest = self.store.get_versions(subject)[-1:]
        inherited = without_version_property(latest[0].metadata) if latest else None
        default = self.settings.resolve_config(subject).get("defaultMetadata")
        return inherited or (default if isinstance(default, dict) else None)

    def _inherit_rules(self, subject: str, posted: Posted) -> dict[str, Any] | None:
        """Rules that are not posted are carried over from the latest version."""
        if not self.keeps_rules or posted.rules is not None:
            return posted.rules if self.keeps_rules else None
        latest = self.store.get_versions(subject)[-1:]
        return latest[0].rules if latest else None

    def _find_known(self, subject: str, identity: str, posted: Posted) -> Version | None:
        """Find the version to return instead of making one.

        A number asked for by the client excludes every other version, unless it is -1 and the latest is the same.
        """
        live = self.store.get_versions(subject)
        same = [v for v in live if v.plain_identity == identity]
        if posted.version > 0:
            same = [v for v in same if v.version == posted.version]
        elif posted.version == -1:
            same = [v for v in same if v is live[-1]]
        return _prefer_exact(same, identity)

    def _choose_number(self, subject: str, wanted: int, importing: bool) -> int:
        every = self.store.get_versions(subject, deleted=True)
        following = every[-1].version + 1 if every else 1
        if importing and wanted > 0:
            return wanted
        if wanted > 0 and wanted != following:
            detail = f"Version is not one more than previous version: {wanted} instead of {following}"
            raise make_error("invalid_schema", subject=subject, detail=detail)
        return following

    def _raise_if_incompatible(self, version: Version) -> None:
        history = self.store.get_versions(version.subject)
        messages = self._find_conflicts(version.subject, version.parsed, version.metadata, history)
        if messages:
            raise make_incompatible_error(self.incompatible_code, version.subject, messages)

    def _find_conflicts(
        self, subject: str, parsed: Parsed, metadata: dict[str, Any] | None, versions: list[Version]
    ) -> list[str]:
        history = [OldVersion(v.version, v.parsed, v.properties) for v in versions]
        properties = dict((metadata or {}).get("properties") or {})
        return find_conflicts(parsed, properties, history, self.settings.resolve_config(subject))

    def _assign_id(self, version: Version, wanted: int | None) -> int:
        """Give the same schema the same id anywhere in its context."""
        context = split_name(version.subject)[0]
        if wanted is not None:
            if any(other.identity != version.identity for other in self.store.find_by_id(context, wanted)):
                raise make_error("id_taken", id=wanted)
            self._ids[context] = max(self._ids.get(context, 0), wanted)
            return wanted
        for other in self.store.find_same(context, version.identity):
            return other.id
        self._ids[context] = self._ids.get(context, 0) + 1
        return self._ids[context]

    def _tick(self) -> int:
        self._clock += 1
        return self._clock


def _prefer_exact(same: list[Version], identity: str) -> Version | None:
    """Of versions with one schema, the first that the registry added nothing to, else the newest."""
    exact = [version for version in same if version.identity == identity]
    return next(iter(exact + same[::-1]), None)
