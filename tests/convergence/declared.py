"""What a random repository declares, as values: subjects, their files, and what a registry must hold of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tests.repositories import record

REGISTRIES = ("paper", "wire")
"""A registry in a file, and one behind a network."""
LEAVES = ("money", "note", "plain", "other")
USERS = {"line": "money", "order": "line"}
"""Subjects that use another, and which."""
SUBJECTS = (*LEAVES, *USERS)
_CODES = ("TYPE_MISMATCH", "READER_FIELD_MISSING_DEFAULT_VALUE")


@dataclass(frozen=True)
class Spec:
    """One declared subject.

    `extras` are optional fields, which come and go under every mode; another `core` is a break. `where` are the
    registries that get it.
    """

    extras: frozenset[str] = frozenset()
    core: str = "string"
    mode: str | None = None
    is_waived: bool = False
    where: tuple[str, ...] = REGISTRIES


Specs = Mapping[str, Spec]


def make_text(name: str, spec: Spec) -> dict[str, object]:
    """The schema of a subject."""
    fields: list[str | dict[str, object]] = [{"name": "core", "type": spec.core}]
    fields += [{"name": e, "type": ["null", "string"], "default": None} for e in sorted(spec.extras)]
    if name in USERS:
        fields.append({"name": "used", "type": USERS[name].title()})
    return record(name.title(), *fields)


def make_sidecar(spec: Spec) -> str:
    """The settings of a subject; empty where all are the usual ones."""
    content: dict[str, object] = {}
    if spec.mode:
        content["compatibility"] = spec.mode
    if spec.where != REGISTRIES:
        content["registries"] = list(spec.where)
    if spec.is_waived:
        waiver = {"reason": "meant", "approver": "@acme", "until": "2099-12-31"}
        content["waivers"] = [{"code": code, **waiver} for code in _CODES]
    return json.dumps(content) + "\n" if content else ""


def is_complete(specs: Specs) -> bool:
    """Whether everything that is used is declared wherever it is used, so that the repository is valid."""
    return all(
        used in specs and set(spec.where) <= set(specs[used].where)
        for name, spec in specs.items()
        if (used := USERS.get(name))
    )
