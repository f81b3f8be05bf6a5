"""A random repository with its remote, its registries, other people who write to all of them, and runs of schemafed."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.convergence.commands import KILLED, Commands, Ended, Kill
from tests.convergence.declared import REGISTRIES, Declared, Pin, Spec, Specs, make_files
from tests.convergence.kinds import Open, Paper, Place, refer_to
from tests.convergence.promises import Knowledge, find_broken, find_touched, find_untrue, make_pin
from tests.convergence.reading import Holding, read_holding
from tests.convergence.remotes import spare_disk
from tests.raw_registry import RawReference
from tests.repositories import run_git

_PLAN = "plan.json"
_LET = ("--take-over", "*", "--recreate", "*", "--allow-mass-change")
_BREAKS = frozenset({"TYPE_MISMATCH", "MISSING_UNION_BRANCH", "OLDER_VERSION", "REFERENCED"})
_DISTURBED = frozenset({"DRIFTED", "VANISHED", "ADOPT_CONFLICT", "REFERENCED", "REFERENCE_NOT_IN_REGISTRY"})
_UNTRUE = frozenset({"PIN_DIFFERS", "REFERENCE_NOT_IN_REGISTRY"})

Holdings = Mapping[str, Holding]


class Way(StrEnum):
    """How a plan is applied: made anew, with all that the command line can let through, as it was saved, or made anew
    and expected to be the one that was reviewed.
    """

    FRESH = "fresh"
    FORCED = "forced"
    SAVED = "saved"
    EXPECTED = "expected"


@dataclass
class World:
    """Everything that a random story is about; `story` is told when something is not as it must be."""

    folder: Path
    commands: Commands
    places: Mapping[str, Place]
    declared: Declared = field(default_factory=Declared)
    past: list[tuple[Declared, str]] = field(default_factory=list)
    known: dict[str, Knowledge] = field(default_factory=dict)
    disturbed: set[str] = field(default_factory=set)
    has_breaks: bool = False
    down: frozenset[str] = frozenset()
    is_well: bool = True
    story: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    # ---- Git

    @property
    def root(self) -> Path:
        return self.folder / "clone"

    def begin(self, deletion: str) -> None:
        self.known = {name: Knowledge(name, place.ways) for name, place in self.places.items()}
        run_git(self.folder, "init", "--quiet", "--bare", "--initial-branch", "main", "server.git")
        run_git(self.folder, "init", "--quiet", "--initial-branch", "main", "clone")
        run_git(self.root, "remote", "add", "origin", "../server.git")
        for folder in (self.root, self.folder / "server.git"):
            spare_disk(folder)
        (self.root / ".gitignore").write_text(f"{_PLAN}\n")
        self.commit(Declared(deletion=deletion), "begin")

    def write(self, declared: Declared) -> None:
        """Write the repository's files anew."""
        for name in ("schemas", "pins"):
            shutil.rmtree(self.root / name, ignore_errors=True)
            (self.root / name).mkdir()
        for path, text in make_files(declared.specs).items():
            (self.root / path).write_text(text)
        (self.root / "schemafed.yaml").write_text(self._make_settings(declared))

    def _make_settings(self, declared: Declared) -> str:
        levels = {"wire": f", compatibility: {declared.level}"} if declared.level else {}
        rows = "".join(f"  {name}: {{{place.keys}{levels.get(name, '')}}}\n" for name, place in self.places.items())
        rules = f"deletion: {declared.deletion}, on_drift: {{schema: {declared.on_drift}}}"
        names = ", ".join(self.places)
        return f"version: 1\nregistries:\n{rows}environments:\n  prod: {{registries: [{names}], {rules}}}\n"

    def commit(self, declared: Declared, message: str) -> None:
        self.write(declared)
        self._take(declared)
        run_git(self.root, "add", "--all")
        run_git(self.root, "commit", "--quiet", "--allow-empty", "--message", message)
        self.past.append((declared, run_git(self.root, "rev-parse", "HEAD").strip()))
        self.push()
        self.tell(f"commit {message}: {declared}")

    def commit_specs(self, specs: Specs, message: str) -> None:
        self.commit(replace(self.declared, specs=self._fit(specs)), message)

    def _fit(self, specs: Specs) -> Specs:
        """Send what refers to others only where there are references."""
        wide = tuple(name for name, place in self.places.items() if place.ways.has_references)

        def fit(spec: Spec) -> Spec:
            return replace(spec, where=tuple(n for n in spec.where if n in wide) or wide[:1]) if spec.used else spec

        return {name: fit(spec) for name, spec in specs.items()}

    def push(self, *options: str) -> None:
        run_git(self.root, "push", "--quiet", *options, "origin", "main")

    def rewind(self, number: int) -> None:
        """Throw the last commits away, here and on the remote."""
        self.past = self.past[: max(1, len(self.past) - number)]
        declared, commit = self.past[-1]
        run_git(self.root, "reset", "--quiet", "--hard", commit)
        self.push("--force")
        self._take(declared)
        self.tell(f"force push of {commit[:7]}: {declared}")

    def squash(self, specs: Specs) -> None:
        """Commit on a branch, and squash that into the main line."""
        run_git(self.root, "checkout", "--quiet", "-b", "branch")
        for step in ({**self.declared.specs, **dict(list(specs.items())[:1])}, specs):
            self.write(replace(self.declared, specs=step))
            run_git(self.root, "add", "--all")
            run_git(self.root, "commit", "--quiet", "--allow-empty", "--message", "on a branch")
        run_git(self.root, "checkout", "--quiet", "main")
        run_git(self.root, "merge", "--quiet", "--squash", "branch")
        run_git(self.root, "branch", "--quiet", "-D", "branch")
        self.commit_specs(specs, "squashed")

    def _take(self, declared: Declared) -> None:
        before = self.declared.specs
        self.has_breaks |= any(n in before and before[n].core != s.core for n, s in declared.specs.items())
        self.has_breaks |= any(s.core != "string" for s in declared.specs.values())
        self.declared = declared

    # ---- other people

    def read(self) -> Holdings:
        return {name: read_holding(place.reader) for name, place in self.places.items()}

    def write_version(self, registry: str, subject: str, text: str, uses: Sequence[str]) -> None:
        """Let somebody else register a version that refers to the latest of others, where those are there."""
        held = self.read()[registry]
        references = [
            refer_to(used, held[used].latest.version) for used in uses if used in held and held[used].versions
        ]
        if len(references) == len(uses):
            self._disturb(registry, lambda place: place.write_version(subject, text, references), f"{subject}: {text}")

    def write_mode(self, registry: str, subject: str, mode: str) -> None:
        known = self.known[registry]
        self.known[registry] = replace(known, foreign_modes={**known.foreign_modes, subject: mode})
        self.places[registry].write_mode(subject, mode)
        self.tell(f"somebody else in {registry}: {subject} gets the mode {mode}")

    def delete(self, registry: str, subject: str, is_permanent: bool) -> None:
        how = "for good" if is_permanent else "softly"
        self._disturb(registry, lambda place: place.delete(subject, is_permanent), f"deletes {subject} {how}")

    def _disturb(self, registry: str, act: Any, what: str) -> None:
        before = self.read()[registry]
        act(self.places[registry])
        if self.read()[registry] != before:
            self.disturbed.add(registry)
        self.tell(f"somebody else in {registry}: {what}")

    def find_pin(self, used: str, registry: str, index: int) -> Pin | None:
        """A version of a subject as one registry holds it, to be pinned."""
        now = self.read()[registry]
        versions = now[used].versions if used in now else ()
        if not versions:
            return None
        return make_pin(now, RawReference("", used, versions[index % len(versions)].version))

    # ---- runs

    def set_down(self, names: frozenset[str]) -> None:
        self.down = names
        for name, place in self.places.items():
            place.set_down(name in names)
        self.tell(f"out of reach: {', '.join(sorted(names)) or 'nothing'}")

    def run(self, *arguments: str, kill: Kill | None = None) -> Ended:
        ended = self.commands.run(self.root, *arguments, kill=kill)
        self.tell(f"{' '.join(arguments)} {kill or ''}: {ended.code}")
        return ended

    def apply(self, way: Way = Way.FRESH, registry: str | None = None) -> None:
        """Plan and apply, all or one registry, and see that what was promised came."""
        names = (registry,) if registry else tuple(self.places)
        scope = ("--registry", registry) if registry else ()
        options = (*scope, *(_LET if way is Way.FORCED else ()))
        before = self.read()
        planned = self.run("plan", "--output", "json", "--plan-file", str(self.root / _PLAN), *options)
        document = _find_document(planned)
        ended = self.run("apply", "--yes", *self._choose(way, document, options))
        now = self.read()
        others = [name for name in self.places if name not in names]
        self.check(not _find_changed(before, now, others), f"another registry was written to: {ended.text}")
        if document is None or not document["can_apply"]:
            self.counts["blocked"] += 1
            self.check(ended.code in (1, 3), f"a plan that cannot be applied was: {ended.text}")
            self._check_why_blocked(document, planned, way, names, before)
            # Recovering takes temporary modes back, and nothing else.
            self.check(not _find_changed(before, now, names), f"a blocked apply changed something: {ended.text}")
            return
        self.counts["applied"] += 1
        self.counts["changes"] += len(document["changes"])
        self.counts["applied with pins"] += any(spec.pins for spec in self.declared.specs.values())
        self.check(ended.code == 0, f"a plan that says it can be applied was not:\n{ended.text}")
        self._check_all(names, before, ended)

    def _choose(self, way: Way, document: dict[str, Any] | None, options: Sequence[str]) -> Sequence[str]:
        """How a plan is handed to apply; one that follows a run which was cut off may become another."""
        codes = {finding["code"] for finding in document["findings"]} if document else {"NONE"}
        if document is None or "APPLY_UNFINISHED" in codes:
            return options
        self.counts[str(way)] += 1
        match way:
            case Way.SAVED:
                return (str(self.root / _PLAN),)
            case Way.EXPECTED:
                return ("--expect", document["digest"], *options)
            case _:
                return options

    def apply_killed(self, what: str, index: int, is_after: bool) -> None:
        """Apply, and be killed in the middle."""
        before = self.read()
        ended = self.run("apply", "--yes", kill=Kill(what, index, is_after))
        if ended.code == KILLED:
            self.counts["killed"] += 1
        if ended.code == 0:
            self._check_all(tuple(self.places), before, ended)
        else:
            self._note_unsure(before)

    def apply_twice_at_once(self) -> None:
        """Two runners at once, in two clones."""
        other = self.folder / "other"
        shutil.rmtree(other, ignore_errors=True)
        run_git(self.folder, "clone", "--quiet", "server.git", "other")
        log, before = self.folder / "writers", self.read()
        log.unlink(missing_ok=True)
        running = [self.commands.start(root, "apply", "--yes", log=log) for root in (self.root, other)]
        ended = {str(one.process): one.wait() for one in running}
        self.tell(f"two runners: {[e.code for e in ended.values()]}")
        self.check(all(e.code in (0, 1, 3) for e in ended.values()), "\n".join(e.text for e in ended.values()))
        writers = log.read_text().split() if log.exists() else []
        turns = [w for n, w in enumerate(writers) if n == 0 or w != writers[n - 1]]
        has_changed = bool(_find_changed(before, self.read(), tuple(self.places)))
        self.check(bool(writers) or not has_changed, "a registry has changed, and nobody was seen to write")
        self.check(len(turns) == len(set(turns)), f"two runners wrote at the same time: {writers}")
        done_first = bool(turns) and ended[turns[0]].code == 0
        self.check(len(turns) < 2 or not done_first, f"the second runner wrote what the first had done: {writers}")
        self.counts["two runners"] += 1
        done = [e for e in ended.values() if e.code == 0]
        if done:
            self._check_all(tuple(self.places), before, done[0])
        else:
            self._note_unsure(before)

    def _note_unsure(self, before: Holdings) -> None:
        """After a run of which nobody knows how far it came: it may have applied and deleted, but only what is ours."""
        now = self.read()
        for name, known in self.known.items():
            wanted = self._declared(name)
            maybe = known.maybe_ours | wanted | known.ours
            touched = list(find_touched(before[name], now[name], maybe))
            self.check(not touched, "\n".join(touched))
            self.known[name] = replace(known, ours=known.ours & wanted, maybe_ours=maybe)

    def end(self) -> None:
        """Let everything be well again, and Git win: then the registries must become what it says."""
        self.set_down(frozenset())
        specs = {n: replace(s, is_waived=True, pins=()) for n, s in self.declared.specs.items()}
        self.commit(replace(self.declared, specs=specs, on_drift="overwrite"), "the end")
        self.apply(Way.FORCED)

    # ---- what must hold

    def _declared(self, registry: str) -> frozenset[str]:
        return frozenset(n for n, s in self.declared.specs.items() if registry in s.where)

    def _check_why_blocked(
        self, document: dict[str, Any] | None, planned: Ended, way: Way, names: Sequence[str], before: Holdings
    ) -> None:
        codes = {f["code"] for f in document["findings"] if f["severity"] == "error"} if document else set()
        # What once referred to a subject keeps it from being deleted.
        allowed = {"REFERENCED"}
        if self.down.intersection(names):
            allowed |= {"REGISTRY_UNREADABLE"}
        is_disturbed = not self.disturbed.isdisjoint(names)
        if is_disturbed and way is not Way.FORCED:
            allowed |= _DISTURBED
        if is_disturbed and self.declared.on_drift == "block":
            # No option of the command line lets drift through.
            allowed |= {"DRIFTED"}
        if is_disturbed or self.has_breaks:
            allowed |= _BREAKS
        if any(self._has_untrue_pins(name, before[name]) for name in names):
            allowed |= _UNTRUE
        ways = [self.places[name].ways for name in names]
        if not all(way.goes_back and (way.restores or self.declared.deletion in way.deletes) for way in ways):
            allowed |= {"OLDER_VERSION"}
        if not all(self.places[name].ways.drops_references for name in names):
            allowed |= {"REFERENCE_DROPPED"}
        if not self.declared.specs:
            allowed |= {"NOTHING_DECLARED"}
        self.check(codes <= allowed and bool(document or self.down), f"blocked for no good reason: {planned.text}")

    def _has_untrue_pins(self, registry: str, now: Holding) -> bool:
        specs = [spec for spec in self.declared.specs.values() if registry in spec.where]
        return any(True for spec in specs for pin in spec.pins for _ in find_untrue(pin, now))

    def _check_all(self, names: Sequence[str], before: Holdings, ended: Ended) -> None:
        now = self.read()
        for name in names:
            self._check_converged(name, before[name], now[name], ended)
        scope = ("--registry", names[0]) if len(names) < len(self.places) else ()
        again = self.run("plan", "--detailed-exitcode", *scope)
        self.check(again.code == 0 and "UNFINISHED" not in again.text, f"the next plan is not empty: {again.text}")

    def _check_converged(self, name: str, before: Holding, now: Holding, ended: Ended) -> None:
        known = self.known[name]
        broken = list(find_broken(self.declared, known, before, now))
        self.check(not broken, "\n".join([f"in {name}:", *broken, ended.text]))
        ours = self._declared(name)
        if self.declared.deletion not in known.ways.deletes:
            ours |= {subject for subject in known.ours if subject in now and now[subject].versions}
        self.known[name] = replace(known, ours=ours, maybe_ours=frozenset())
        self.disturbed.discard(name)

    def tell(self, line: str) -> None:
        self.story.append(line)

    def check(self, is_so: bool, otherwise: str) -> None:
        self.is_well = self.is_well and is_so
        assert is_so, "\n".join([*self.story, otherwise])


def _find_changed(before: Holdings, now: Holdings, names: Sequence[str]) -> list[str]:
    """Where versions are not what they were."""

    def versions(holding: Holding) -> object:
        return {s: (held.versions, held.numbers) for s, held in holding.items() if held.numbers}

    return [name for name in names if versions(before[name]) != versions(now[name])]


def _find_document(planned: Ended) -> dict[str, Any] | None:
    start = planned.text.find('{"')
    start = start if start >= 0 else planned.text.find("{\n")
    if start < 0:
        return None
    document: dict[str, Any] = json.JSONDecoder().raw_decode(planned.text[start:])[0]
    return document


@contextmanager
def make_world(folder: Path, commands: Commands, opens: Mapping[str, Open], deletion: str) -> Iterator[World]:
    """A world of its own, with a registry in a file and those that are opened; its folder is removed in the end."""
    folder.mkdir()
    with ExitStack() as stack:
        places: dict[str, Place] = {REGISTRIES[0]: Paper(folder / "registry.db")}
        places.update({name: stack.enter_context(open_wire()) for name, open_wire in opens.items()})
        world = World(folder, commands, places)
        world.begin(deletion)
        yield world
    shutil.rmtree(folder)
