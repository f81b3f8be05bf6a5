"""A change of the repository held against the rules of the revision that it sets out from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from reconciler.config import FILE_NAME, Config, load_config
from reconciler.manifest import Defaults, PolicySettings
from reconciler.model import Finding, Location, Severity, Source
from reconciler.operations.checking.base import Base
from reconciler.operations.policies.checking import Inspection, settle_policy_waivers, sort_findings
from reconciler.operations.policies.loading import load_policies, make_file_filter
from reconciler.operations.policies.making import find_today, list_folders, make_before, make_inspection
from reconciler.operations.policies.ruled import Ruled
from reconciler.policy.selection import Policies
from reconciler.repository import DesiredState
from reconciler.repository.early import DEFAULTS_NAME
from reconciler.repository.revisions import TreeEntry, read_contents
from reconciler.repository.settings import read_model

_SECTIONS: Mapping[str, str] = {
    "policies": "POLICY_CHANGED",
    "registries": "REGISTRIES_CHANGED",
    "approvals": "APPROVALS_CHANGED",
}
"""By section of schemafed.yaml by which changes are judged, the code of the finding that it was changed."""


def judge_change(
    root: Path,
    config: Config,
    base: Base,
    tree: Mapping[str, TreeEntry],
    head: DesiredState,
    before: DesiredState | None,
    concerned: Collection[str],
    kinds: Mapping[str, str],
) -> Ruled:
    """Hold a change against rules; see :func:`reconciler.operations.policies.gate.check_policies`."""
    folders = list_folders(s.location.file for s in head.subjects.values())
    with _settings_of_base(root, config, base, tree) as (rules_root, rules_config):
        policies = load_policies(rules_root, rules_config, _environment(rules_config, head), folders)
        is_other = rules_root != root
        own = load_policies(root, config, head.environment, folders).findings if is_other else policies.findings
        changed = [*_check_changed(config, rules_config, base), *_check_folders(root, rules_root, base)]
    if policies.is_empty:
        return Ruled((*changed, *own))
    inspection = make_inspection(root, head, policies)
    names = [name for name in sorted(concerned) if name in head.subjects]
    found, _ = settle_policy_waivers(
        [
            *inspection.check_subjects(names),
            *inspection.check_changes({n: make_before(n, head, before, kind) for n, kind in kinds.items()}),
            *(inspection.check_whole() if not head.unread else ()),
        ],
        head.subjects,
        inspection.today,
    )
    there = _find_known(root, policies, before, found)
    return Ruled(
        (*changed, *own, *(f for f in sort_findings(found) if _key(f) not in there)),
        tuple(f for f in sort_findings(found) if _key(f) in there),
    )


@contextmanager
def _settings_of_base(
    root: Path, config: Config, base: Base, tree: Mapping[str, TreeEntry]
) -> Iterator[tuple[Path, Config]]:
    """A folder with the settings and rule files of the base, for as long as they are read, and its schemafed.yaml."""
    if base.commit is None or FILE_NAME not in tree or not _may_differ(config, base):
        yield root, config
        return
    with TemporaryDirectory(prefix="schemafed-") as name:
        folder = Path(name)
        _write(root, folder, tree, [FILE_NAME])
        loaded, _ = load_config(folder)
        if loaded is None:
            # The base could not be used at all; whoever mends it has nothing else to be judged by.
            yield root, config
            return
        is_rule = make_file_filter(entry.path for entry in loaded.policies if entry.path)
        _write(root, folder, tree, [p for p in tree if is_rule(p) or p.rpartition("/")[2] == DEFAULTS_NAME])
        yield folder, loaded


def _may_differ(config: Config, base: Base) -> bool:
    is_rule = make_file_filter(entry.path for entry in config.policies if entry.path)
    return any(f == FILE_NAME or f.rpartition("/")[2] == DEFAULTS_NAME or is_rule(f) for f in base.changed)


def _write(root: Path, folder: Path, tree: Mapping[str, TreeEntry], paths: Iterable[str]) -> None:
    entries = {path: tree[path] for path in paths}
    contents = read_contents(root, entries.values())
    for path, entry in entries.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(contents[entry.content])


def _environment(config: Config, head: DesiredState) -> str:
    """The environment that is checked; where the base has none of that name, its rules for all hold."""
    return head.environment if head.environment in config.all_environments else ""


def _check_changed(config: Config, before: Config, base: Base) -> Iterator[Finding]:
    """Say what was changed of that by which changes are judged."""
    for section, code in _SECTIONS.items():
        if FILE_NAME in base.changed and getattr(config, section) != getattr(before, section):
            yield _changed(code, f"`{section}` of {FILE_NAME}", config.locate((section,), of_key=True))
    is_rule = make_file_filter(e.path for c in (config, before) for e in c.policies if e.path)
    for file in sorted(base.changed):
        if is_rule(file):
            yield _changed("POLICY_CHANGED", f"the file of rules {file}", Location(file))


def _check_folders(root: Path, rules_root: Path, base: Base) -> Iterator[Finding]:
    """Say which folders' rules were changed."""
    for file in sorted(f for f in base.changed if f.rpartition("/")[2] == DEFAULTS_NAME):
        before, after = (_read_rules(folder, file) for folder in (rules_root, root))
        if before != after:
            yield _changed("POLICY_CHANGED", f"`policies` of {file}", Location(file))


def _read_rules(root: Path, file: str) -> Mapping[str, PolicySettings]:
    if not (root / file).is_file():
        return {}
    defaults, _, _ = read_model(root, file, Defaults, {})
    return defaults.policies if defaults else {}


def _changed(code: str, what: str, location: Location) -> Finding:
    return Finding(
        code,
        Severity.WARNING,
        Source.POLICY,
        f"this change touches {what}; it is judged by what the base says, and so is everything else until it is merged",
        location=location,
        fix="let those who answer for the rules approve it by itself",
    )


def _find_known(
    root: Path, policies: Policies, before: DesiredState | None, found: Iterable[Finding]
) -> frozenset[tuple[object, ...]]:
    """What rules found in the same subjects before the change."""
    names = sorted({f.subject for f in found if f.subject and before and f.subject in before.subjects})
    if before is None or not names:
        return frozenset()
    earlier: Inspection = make_inspection(root, before, policies, find_today())
    settled, _ = settle_policy_waivers(earlier.check_subjects(names), before.subjects, earlier.today)
    return frozenset(map(_key, settled))


def _key(finding: Finding) -> tuple[object, ...]:
    """What makes a finding the same one before and after: not its line, which others may have moved."""
    file = finding.location.file if finding.location else ""
    return finding.code, finding.subject, finding.registry, file, finding.message
