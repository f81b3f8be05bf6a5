"""``find``: subjects of every registry by their name, by what their latest schema defines, or by its fingerprint."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

from reconciler.errors import RegistryError, SchemaError, UsageError
from reconciler.federation import for_each, open_registries
from reconciler.file_findings import did_you_mean
from reconciler.model import LiveSubject
from reconciler.operations.live_reading import read_histories
from reconciler.operations.settings import load_valid_config, resolve_registries
from reconciler.planner import Live, needed_references
from reconciler.registry import SchemaRegistry
from reconciler.schemas import language
from reconciler.schemas.resolved import SchemaSet

Progress = Callable[[str], None]
_FINGERPRINT = re.compile(r"[0-9a-f]{8,64}")
_GLOB = frozenset("*?[")


class FoundBy(StrEnum):
    """What of a subject fits."""

    NAME = "name"
    ELEMENT = "element"
    FINGERPRINT = "fingerprint"


@dataclass(frozen=True, slots=True)
class Found:
    """One subject that fits; ``path`` is the element in its schema, ``what`` describes that."""

    registry: str
    subject: str
    version: int
    by: FoundBy
    path: str | None = None
    what: str | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """What was looked for, what was found, and which registries could not be asked, with the reason."""

    wanted: str
    found: tuple[Found, ...]
    unread: tuple[tuple[str, str], ...] = ()


def find(root: Path, wanted: str, registry: str | None = None, on_progress: Progress = lambda text: None) -> Search:
    """Look through the latest versions of all registries of schemafed.yaml at once.

    Args:
        wanted: a part of a name or a glob over names, of subjects and of what schemas define (fields, symbols, types);
            or a fingerprint, or at least its first eight digits.
        registry: one registry only.

    Raises:
        UsageError: there is no such registry, or nothing is looked for.
    """
    if not wanted.strip():
        raise UsageError("there is nothing to look for", fix="give a name, a part of one, or a fingerprint")
    config = load_valid_config(root)
    if registry is not None and registry not in config.registries:
        known = config.registries
        raise UsageError(
            f"there is no registry `{registry}`{did_you_mean(registry, known)}", fix=f"there are {', '.join(known)}"
        )
    names = [name for name in config.registries if registry in (None, name)]
    on_progress(f"looking through {', '.join(names)}")
    with open_registries(resolve_registries(config, names, root)) as opened:
        answers = for_each(opened, lambda name, one: list(_search(name, one, wanted)))
    found = [each for answer in answers.values() if not isinstance(answer, RegistryError) for each in answer]
    unread = [(name, str(answer)) for name, answer in answers.items() if isinstance(answer, RegistryError)]
    return Search(wanted, tuple(found), tuple(unread))


def _search(name: str, registry: SchemaRegistry, wanted: str) -> Iterator[Found]:
    live = Live(registry.read_state(modes_of=()), registry.capabilities)
    while needed := needed_references(live.state.subjects, live):
        live = live.with_histories(read_histories(registry, needed))
    schemas = SchemaSet(live.find_schema)
    for subject in live.state.subjects.values():
        yield from _search_subject(name, subject, live, schemas, wanted)


def _search_subject(
    registry: str, subject: LiveSubject, live: Live, schemas: SchemaSet, wanted: str
) -> Iterator[Found]:
    if subject.latest is None:
        return
    version, schema = subject.latest.version, subject.latest.schema
    if fits(subject.name, wanted):
        yield Found(registry, subject.name, version, FoundBy.NAME)
    try:
        mark = schemas.fingerprint(schema, live.capabilities.dialect)
        elements = language(schema.format).outline(schemas.parsed(schema))
    except SchemaError:
        # What cannot be read has a name only.
        return
    if _FINGERPRINT.fullmatch(wanted.lower()) and mark.startswith(wanted.lower()):
        yield Found(registry, subject.name, version, FoundBy.FINGERPRINT, fingerprint=mark)
    for path, element in elements.items():
        if fits(path.rpartition(".")[2], wanted) or path == wanted:
            told = f"{element.kind} {element.summary}".strip()
            yield Found(registry, subject.name, version, FoundBy.ELEMENT, path, told, mark)


def fits(name: str, wanted: str) -> bool:
    """Whether a name has a part that is looked for, whatever its case; or fits it as a glob, where it is one."""
    if _GLOB.intersection(wanted):
        return fnmatchcase(name.casefold(), wanted.casefold())
    return wanted.casefold() in name.casefold()
