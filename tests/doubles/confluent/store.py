"""The stored versions: reading and deleting. Writing is in `registry.py`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from tests.doubles.confluent.contexts import matches_prefix, qualify, split_name
from tests.doubles.confluent.errors import make_error
from tests.doubles.confluent.registration import Version

_MAX_VERSION = 2**31 - 1
_Place = tuple[str, int]


class Store:
    """Subject -> number -> version. Not safe for threads by itself: the server holds one lock around each request."""

    def __init__(self) -> None:
        self._subjects: dict[str, dict[int, Version]] = {}
        # Where a schema, an id, or a reference to a version stands: registries under test hold many thousands.
        self._by_identity: defaultdict[tuple[str, str], set[_Place]] = defaultdict(set)
        self._by_id: defaultdict[tuple[str, int], set[_Place]] = defaultdict(set)
        self._by_target: defaultdict[_Place, set[_Place]] = defaultdict(set)

    def all_versions(self) -> Iterable[Version]:
        for subject in sorted(self._subjects):
            yield from self.get_versions(subject, deleted=True)

    def get_versions(self, subject: str, deleted: bool = False) -> list[Version]:
        """Return a subject's versions, old to new; empty if it has none."""
        numbered = self._subjects.get(subject, {})
        return [numbered[n] for n in sorted(numbered) if deleted or not numbered[n].deleted]

    def find_subjects(self, prefix: str, deleted: bool) -> list[str]:
        return [
            subject
            for subject in sorted(self._subjects)
            if matches_prefix(subject, prefix) and self.get_versions(subject, deleted)
        ]

    def require_versions(self, subject: str, deleted: bool = False) -> list[Version]:
        found = self.get_versions(subject, deleted)
        if not found:
            raise make_error("subject_not_found", subject=subject)
        return found

    def require_version(self, subject: str, number: str, deleted: bool = False) -> Version:
        """Find a version by its number, `latest` or `-1`."""
        wanted = parse_version(number)
        found = self.require_versions(subject, deleted)
        if wanted == -1:
            return found[-1]
        for version in found:
            if version.version == wanted:
                return version
        raise make_error("version_not_found", version=wanted)

    def put(self, version: Version) -> None:
        self._forget(self._subjects.get(version.subject, {}).get(version.version))
        self._subjects.setdefault(version.subject, {})[version.version] = version
        for places in self._find_places(version):
            places.add((version.subject, version.version))

    def _forget(self, version: Version | None) -> None:
        if version is None:
            return
        del self._subjects[version.subject][version.version]
        for places in self._find_places(version):
            places.discard((version.subject, version.version))

    def _find_places(self, version: Version) -> Iterable[set[_Place]]:
        context = split_name(version.subject)[0]
        yield self._by_identity[context, version.identity]
        yield self._by_id[context, version.id]
        for reference in version.references:
            yield self._by_target[qualify(reference.subject, version.subject), reference.version]

    def _at(self, places: Iterable[_Place]) -> list[Version]:
        return [self._subjects[subject][number] for subject, number in sorted(places)]

    def find_same(self, context: str, identity: str) -> list[Version]:
        return self._at(self._by_identity.get((context, identity), ()))

    def find_by_id(self, context: str, schema_id: int) -> list[Version]:
        return self._at(self._by_id.get((context, schema_id), ()))

    def find_dependants(self, subject: str, number: int) -> list[Version]:
        """Find the undeleted versions that reference a version."""
        places = self._by_target.get((subject, number), ())
        return [version for version in self._at(places) if not version.deleted]

    def delete_version(self, subject: str, number: str, permanent: bool) -> int:
        self.require_versions(subject, deleted=True)
        # `latest` means the latest that is not deleted, unless deleted ones are what the call is for.
        latest = parse_version(number) == -1
        version = self.require_version(subject, number, deleted=permanent or not latest)
        if permanent and not version.deleted:
            raise make_error("version_not_soft_deleted", subject=subject, version=version.version)
        if version.deleted and not permanent:
            raise make_error("version_soft_deleted", subject=subject, version=version.version)
        self._delete([version], permanent)
        return version.version

    def delete_subject(self, subject: str, permanent: bool) -> list[int]:
        every = self.require_versions(subject, deleted=True)
        live = [version for version in every if not version.deleted]
        if permanent and live:
            raise make_error("subject_not_soft_deleted", subject=subject)
        if not permanent and not live:
            raise make_error("subject_soft_deleted", subject=subject)
        gone = every if permanent else live
        self._delete(gone, permanent)
        return [version.version for version in gone]

    def _delete(self, versions: list[Version], permanent: bool) -> None:
        going = {(version.subject, version.version) for version in versions}
        for version in versions:
            dependants = self.find_dependants(version.subject, version.version)
            if any((dependant.subject, dependant.version) not in going for dependant in dependants):
                raise make_error("referenced", subject=version.subject, version=version.version)
        for version in versions:
            self._forget(version)
            if not permanent:
                self.put(replace(version, deleted=True))
        if not self._subjects[versions[0].subject]:
            del self._subjects[versions[0].subject]


def parse_version(text: str) -> int:
    """Read a version as it stands in a path; -1 is the latest."""
    if text in {"latest", "-1"}:
        return -1
    if not text.isdigit() or not 1 <= int(text) <= _MAX_VERSION:
        raise make_error("invalid_version", version=text)
    return int(text)
