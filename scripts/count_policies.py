"""Hold a corpus of real schemas against every rule that ships, and count: `count_policies.py CORPUS`.

The numbers of docs/policies/index.md come from here. A schema is a subject of its own, named after its file; what needs
references is taken as its text says.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from reconciler.config import Config
from reconciler.errors import SchemaError
from reconciler.model import EVENT_FORMATS, DesiredSubject, Format, Location, Mode, Schema
from reconciler.operations.policies.checking import Before
from reconciler.operations.policies.loading import load_shipped
from reconciler.operations.policy import make_inspection
from reconciler.policy.selection import make_policies
from reconciler.repository.state import DesiredState
from reconciler.schemas import language
from reconciler.schemas.resolved import SchemaSet


def load_corpus(root: Path) -> dict[str, DesiredSubject]:
    """Every schema of the corpus that can be read, in the three formats."""
    subjects = {}
    for entry in json.loads((root / "index.json").read_text(encoding="utf-8"))["files"]:
        if entry["format"] in EVENT_FORMATS:
            schema = Schema(Format(entry["format"]), (root / entry["path"]).read_text(encoding="utf-8"))
            try:
                language(schema.format).read(schema.definition)
            except SchemaError:
                continue
            subjects[entry["path"]] = DesiredSubject(entry["path"], schema, Location(entry["path"]))
    return subjects


def count(root: Path, *, is_all: bool) -> tuple[Mapping[str, Counter[str]], int, float]:
    """By rule, the findings of each format; how many schemas there are; and the seconds that it took."""
    subjects = load_corpus(root)
    shipped = load_shipped()
    entries = [
        {"use": name, "rules": {r.code: str(r.severity) for r in pack.rules} if is_all else {}}
        for name, pack in shipped.packs.items()
    ]
    config = Config.model_validate({"version": 1, "policies": entries})
    policies = make_policies(config, shipped.packs, {}, shipped.packs, {}, "default")
    state = DesiredState("default", subjects, {}, {}, SchemaSet(lambda reference: None), ())
    begun = time.process_time()
    found: dict[str, Counter[str]] = {r.code: Counter() for pack in shipped.packs.values() for r in pack.rules}
    for finding in make_inspection(root, state, policies).check_subjects(subjects):
        found.setdefault(finding.code, Counter())[str(subjects[finding.subject or ""].schema.format)] += 1
    return found, len(subjects), time.process_time() - begun


def count_changes(root: Path) -> tuple[Mapping[str, Counter[str]], Counter[str]]:
    """By rule about changes, the findings of each format; and how many changes there are from version to version."""
    subjects = load_corpus(root)
    shipped = load_shipped()
    config = Config.model_validate({"version": 1, "policies": [{"use": "evolution"}]})
    policies = make_policies(config, shipped.packs, {}, shipped.packs, {}, "default")
    inspection = make_inspection(
        root, DesiredState("default", subjects, {}, {}, SchemaSet(lambda reference: None), ()), policies
    )
    found: dict[str, Counter[str]] = {}
    changes: Counter[str] = Counter()
    for paths in list_families(root, subjects):
        for old, new in pairwise(paths):
            schema = subjects[new].schema
            if subjects[old].schema != schema:
                changes[str(schema.format)] += 1
                for finding in inspection.check_changes({new: Before("changed", subjects[old].schema, Mode.BACKWARD)}):
                    found.setdefault(finding.code, Counter())[str(schema.format)] += 1
    return found, changes


def list_families(root: Path, subjects: Mapping[str, DesiredSubject]) -> Iterable[Sequence[str]]:
    """The versions of each schema, oldest first."""
    files = json.loads((root / "index.json").read_text(encoding="utf-8"))["files"]
    families: dict[str, list[str]] = {}
    for entry in sorted(files, key=lambda file: file["version"] or 0):
        if entry["path"] in subjects:
            families.setdefault(entry["family"], []).append(entry["path"])
    return families.values()


def main(root: Path) -> int:
    """Print two tables: every rule on, whichever is on by default; and the rules about changes."""
    found, number, seconds = count(root, is_all=True)
    default, _, shorter = count(root, is_all=False)
    on = {r.code for pack in load_shipped().packs.values() for r in pack.rules if r.is_enabled}
    print(f"{number} schemas; every rule: {seconds:.1f} s; those that are on by default: {shorter:.1f} s\n")
    print("| Rule | On by default | AVRO | JSON | PROTOBUF |\n|---|---|---:|---:|---:|")
    for code, counts in found.items():
        cells = " | ".join(str(counts[name]) for name in ("AVRO", "JSON", "PROTOBUF"))
        print(f"| `{code}` | {'yes' if code in on else 'no'} | {cells} |")
    print(f"\nOn by default: {sum(sum(c.values()) for c in default.values())} findings")
    about_changes, changes = count_changes(root)
    print(f"\nChanges: {dict(changes)}\n")
    for code, counts in about_changes.items():
        print(f"| `{code}` | {' | '.join(str(counts[name]) for name in ('AVRO', 'JSON', 'PROTOBUF'))} |")
    return int("POLICY_FAILED" in found or "POLICY_FAILED" in about_changes)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
