"""What a random repository declares, as values: subjects, their files, and whether they go together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.repositories import record

REGISTRIES = ("paper", "wire", "far")
"""A registry in a file, and two behind networks."""
LEAVES = ("money", "note", "plain", "other")
MAY_USE = {"line": ("money", "note"), "order": ("line", "money")}
"""Subjects that may use others, and which."""
SUBJECTS = (*LEAVES, *MAY_USE)
_CODES = ("TYPE_MISMATCH", "MISSING_UNION_BRANCH")


@dataclass(frozen=True)
class Pin:
    """A version that a reference is pinned to, with its text, and what that text itself refers to."""

    subject: str
    version: int
    text: str
    pins: tuple[Pin, ...] = ()

    @property
    def stem(self) -> str:
        return f"{self.subject}-{self.version}"

    @property
    def content(self) -> str:
        """The text, however it is written."""
        return json.dumps(json.loads(self.text), sort_keys=True)

    def walk(self) -> Iterator[Pin]:
        """The pin, and those below it."""
        yield self
        for pin in self.pins:
            yield from pin.walk()


@dataclass(frozen=True)
class Spec:
    """One declared subject.

    `extras` are optional fields, which come and go under every mode; another `core` is a break. `uses` are the subjects
    that it refers to as they are in the repository, `pins` those that it refers to in one version; each is the type of
    an optional field. `where` are the registries that get it.
    """

    extras: frozenset[str] = frozenset()
    core: str = "string"
    mode: str | None = None
    is_waived: bool = False
    where: tuple[str, ...] = REGISTRIES
    uses: frozenset[str] = frozenset()
    pins: tuple[Pin, ...] = ()

    @property
    def used(self) -> list[str]:
        return sorted(self.uses.union(pin.subject for pin in self.pins))


Specs = Mapping[str, Spec]


@dataclass(frozen=True)
class Declared:
    """All that a commit declares: the subjects, the own level of one registry, and how the environment goes about
    deletions and drift.
    """

    specs: Specs = field(default_factory=dict)
    level: str | None = None
    deletion: str = "soft"
    on_drift: str = "block"


def make_text(name: str, spec: Spec) -> dict[str, object]:
    """The schema of a subject."""
    fields: list[str | dict[str, object]] = [{"name": "core", "type": spec.core}]
    fields += [_optional(extra, "string") for extra in sorted(spec.extras)]
    fields += [_optional(f"its_{used}", used.title()) for used in spec.used]
    return record(name.title(), *fields)


def _optional(name: str, kind: str) -> dict[str, object]:
    return {"name": name, "type": ["null", kind], "default": None}


def make_files(specs: Specs) -> dict[str, str]:
    """The files of all subjects and pins, by path."""
    files: dict[str, str] = {}
    for name, spec in specs.items():
        files[f"schemas/{name}.avsc"] = json.dumps(make_text(name, spec), indent=2) + "\n"
        if sidecar := _make_sidecar(spec):
            files[f"schemas/{name}.meta.yaml"] = json.dumps(sidecar) + "\n"
    for pin in _list_pins(specs):
        files[f"pins/{pin.stem}.avsc"] = pin.text
        if pin.pins:
            files[f"pins/{pin.stem}.meta.yaml"] = json.dumps({"references": _make_references(pin.pins, "")}) + "\n"
    return files


def _make_sidecar(spec: Spec) -> dict[str, object]:
    """The settings of a subject; empty where all are the usual ones."""
    content: dict[str, object] = {}
    if spec.mode:
        content["compatibility"] = spec.mode
    if spec.where != REGISTRIES:
        content["registries"] = list(spec.where)
    if spec.pins:
        content["references"] = _make_references(spec.pins, "../pins/")
    if spec.is_waived:
        waiver = {"reason": "meant", "approver": "@acme", "until": "2099-12-31"}
        content["waivers"] = [{"code": code, **waiver} for code in _CODES]
    return content


def _make_references(pins: tuple[Pin, ...], folder: str) -> list[dict[str, object]]:
    return [
        {
            "name": f"com.acme.{pin.subject.title()}",
            "subject": pin.subject,
            "version": pin.version,
            "file": f"{folder}{pin.stem}.avsc",
        }
        for pin in pins
    ]


def _list_pins(specs: Specs) -> list[Pin]:
    return [below for spec in specs.values() for pin in spec.pins for below in pin.walk()]


def is_valid(specs: Specs) -> bool:
    """Whether everything that is used is declared wherever it is used, and no name means two things at once."""
    pins = _list_pins(specs)
    return (
        all(u in specs and set(s.where) <= set(specs[u].where) for s in specs.values() for u in s.uses)
        and len({pin.stem for pin in pins}) == len(set(pins))
        and all(_is_clear(_find_meanings(specs, spec)) for spec in specs.values())
        and all(_is_clear(_find_pinned(pin)) for pin in pins)
    )


def _is_clear(meanings: Iterator[tuple[str, str]]) -> bool:
    found = set(meanings)
    return len(found) == len({subject for subject, _ in found})


def _find_meanings(specs: Specs, spec: Spec) -> Iterator[tuple[str, str]]:
    """What a schema uses, near and far: each subject with the content that it has."""
    for used in spec.uses:
        yield used, json.dumps(make_text(used, specs[used]), sort_keys=True)
        yield from _find_meanings(specs, specs[used])
    for pin in spec.pins:
        yield from _find_pinned(pin)


def _find_pinned(pin: Pin) -> Iterator[tuple[str, str]]:
    return ((below.subject, below.content) for below in pin.walk())
