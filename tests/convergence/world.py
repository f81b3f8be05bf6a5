"""A random repository with its remote, two registries, other people who write to both, and runs of schemafed."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from adapters.local import LocalRegistry
from reconciler.model import Format, Mode, Schema
from reconciler.registry import RegistrySettings
from tests.contract.raw_file import RawFile
from tests.convergence.commands import KILLED, Commands, Ended, Kill
from tests.convergence.declared import REGISTRIES, USERS, Specs, make_sidecar, make_text
from tests.convergence.reading import FileReader, Held, Holding, Reader, ServerReader, read_holding
from tests.convergence.remotes import spare_disk
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.fault_proxy import FaultProxy, WireFault
from tests.raw_registry import RawRegistry
from tests.repositories import run_git

_FILE = "registry.db"
_SETTINGS = """\
version: 1
registries:
  paper: {{kind: local, path: {file}}}
  wire: {{kind: confluent, url: {url}, retries: 0, timeout: 5{level}}}
environments:
  prod: {{registries: [paper, wire], deletion: soft, on_drift: {{schema: {on_drift}}}}}
"""
_LET = ("--take-over", "*", "--recreate", "*", "--allow-mass-change")
_BREAKS = frozenset({"TYPE_MISMATCH", "READER_FIELD_MISSING_DEFAULT_VALUE", "OLDER_VERSION", "REFERENCED"})
_DISTURBED = frozenset({"DRIFTED", "VANISHED", "ADOPT_CONFLICT", "REFERENCED", "REFERENCE_NOT_IN_REGISTRY"})


@dataclass
class World:
    """Everything that a random story is about; `story` is told when something is not as it must be."""

    folder: Path
    commands: Commands
    double: ConfluentDouble
    proxy: FaultProxy
    specs: Specs = field(default_factory=dict)
    on_drift: str = "block"
    level: str | None = None
    past: list[tuple[Specs, str]] = field(default_factory=list)
    ours: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in REGISTRIES})
    foreign_modes: dict[tuple[str, str], str | None] = field(default_factory=dict)
    is_disturbed: bool = False
    has_breaks: bool = False
    is_down: bool = False
    is_well: bool = True
    story: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    # ---- Git

    @property
    def root(self) -> Path:
        return self.folder / "clone"

    def begin(self) -> None:
        run_git(self.folder, "init", "--quiet", "--bare", "--initial-branch", "main", "server.git")
        run_git(self.folder, "init", "--quiet", "--initial-branch", "main", "clone")
        run_git(self.root, "remote", "add", "origin", "../server.git")
        for folder in (self.root, self.folder / "server.git"):
            spare_disk(folder)
        with closing(self._open_file()) as registry:
            registry.read_state()
        self.commit({}, "begin")

    def write(self, specs: Specs) -> None:
        """Write the repository's files anew."""
        shutil.rmtree(self.root / "schemas", ignore_errors=True)
        (self.root / "schemas").mkdir()
        for name, spec in specs.items():
            text = json.dumps(make_text(name, spec), indent=2)
            (self.root / "schemas" / f"{name}.avsc").write_text(text + "\n")
            if sidecar := make_sidecar(spec):
                (self.root / "schemas" / f"{name}.meta.yaml").write_text(sidecar)
        level = f", compatibility: {self.level}" if self.level else ""
        settings = _SETTINGS.format(file=self.folder / _FILE, url=self.proxy.url, on_drift=self.on_drift, level=level)
        (self.root / "schemafed.yaml").write_text(settings)

    def commit(self, specs: Specs, message: str) -> None:
        self.write(specs)
        self._note_breaks(specs)
        self.specs = specs
        run_git(self.root, "add", "--all")
        run_git(self.root, "commit", "--quiet", "--allow-empty", "--message", message)
        self.past.append((specs, run_git(self.root, "rev-parse", "HEAD").strip()))
        self.push()
        self.tell(f"commit {message}: {dict(specs)}")

    def declare_level(self, level: str | None) -> None:
        """Declare the own level of the registry behind the network, or none."""
        self.level = level
        self.commit(self.specs, f"level {level}")

    def push(self, *options: str) -> None:
        run_git(self.root, "push", "--quiet", *options, "origin", "main")

    def rewind(self, number: int) -> None:
        """Throw the last commits away, here and on the remote."""
        self.past = self.past[: max(1, len(self.past) - number)]
        specs, commit = self.past[-1]
        run_git(self.root, "reset", "--quiet", "--hard", commit)
        declared = re.search(r"timeout: 5, compatibility: (\w+)", (self.root / "schemafed.yaml").read_text())
        self.level = declared[1] if declared else None
        self.push("--force")
        self._note_breaks(specs)
        self.specs = specs
        self.tell(f"force push of {commit[:7]}: {dict(specs)}")

    def squash(self, specs: Specs) -> None:
        """Commit on a branch, and squash that into the main line."""
        run_git(self.root, "checkout", "--quiet", "-b", "branch")
        for step in ({**self.specs, **dict(list(specs.items())[:1])}, specs):
            self.write(step)
            run_git(self.root, "add", "--all")
            run_git(self.root, "commit", "--quiet", "--allow-empty", "--message", "on a branch")
        run_git(self.root, "checkout", "--quiet", "main")
        run_git(self.root, "merge", "--quiet", "--squash", "branch")
        run_git(self.root, "branch", "--quiet", "-D", "branch")
        self.commit(specs, "squashed")

    def _note_breaks(self, specs: Specs) -> None:
        before = self.specs
        self.has_breaks |= any(n in before and before[n].core != s.core for n, s in specs.items())
        self.has_breaks |= any(s.core != "string" for s in specs.values())

    # ---- other people

    def find_reader(self, registry: str) -> Reader:
        if registry == "paper":
            return FileReader(RawFile(self.folder / _FILE))
        return ServerReader(RawRegistry(self.double.url))

    def read(self) -> dict[str, Holding]:
        return {name: read_holding(self.find_reader(name)) for name in REGISTRIES}

    def disturb(self, what: str, registry: str, subject: str, change: str) -> None:
        """Let somebody else write: a version, a mode, or a deletion. Registries may refuse; then nothing came of it."""
        before = self.read()[registry].get(subject)
        if registry == "paper":
            self._disturb_file(what, subject, change)
        else:
            self._disturb_server(what, subject, change)
        held = self.read()[registry]
        if what == "mode":
            self.foreign_modes[registry, subject] = change
        elif held.get(subject) != before:
            self.is_disturbed = True
        self.tell(f"somebody else: {what} of {subject} in {registry}: {change}")

    def _disturb_server(self, what: str, subject: str, change: str) -> None:
        raw = RawRegistry(self.double.url)
        if what == "mode":
            raw.set_compatibility(subject, change)
        elif what == "version":
            raw.register(subject, change)
        else:
            raw.delete_subject(subject)

    def _disturb_file(self, what: str, subject: str, change: str) -> None:
        with closing(self._open_file()) as registry:
            try:
                if what == "mode":
                    registry.set_compatibility(subject, Mode(change))
                elif what == "version":
                    registry.register_schema(subject, Schema(Format.AVRO, change))
                else:
                    registry.delete_subject(subject, permanent=False)
            except Exception as error:
                self.tell(f"refused: {error}")

    def _open_file(self) -> LocalRegistry:
        return LocalRegistry(RegistrySettings("paper", "local", self.folder, {"path": _FILE}))

    # ---- runs

    def set_down(self, is_down: bool) -> None:
        self.is_down = is_down
        self.proxy.arm({0: WireFault.REFUSE} if is_down else None)
        self.tell("the network is down" if is_down else "the network is up")

    def run(self, *arguments: str, kill: Kill | None = None) -> Ended:
        ended = self.commands.run(self.root, *arguments, kill=kill)
        self.tell(f"{' '.join(arguments)} {kill or ''}: {ended.code}")
        return ended

    def apply(self, *, is_forced: bool = False) -> None:
        """Plan and apply, and see that what was promised came."""
        options = _LET if is_forced else ()
        before = self.read()
        planned = self.run("plan", "--output", "json", *options)
        document = _find_document(planned)
        ended = self.run("apply", "--yes", *options)
        now = self.read()
        if document is None or not document["can_apply"]:
            self.counts["blocked"] += 1
            self.check(ended.code in (1, 3), f"a plan that cannot be applied was: {ended.text}")
            self._check_why_blocked(document, planned, is_forced)
            # Recovering takes temporary modes back, and nothing else.
            self.check(_texts(before) == _texts(now), f"a blocked apply changed something: {ended.text}")
            return
        self.counts["applied"] += 1
        self.counts["changes"] += len(document["changes"])
        self.check(ended.code == 0, f"a plan that says it can be applied was not:\n{ended.text}")
        self._check_converged(before, now, ended)

    def apply_killed(self, what: str, index: int, is_after: bool) -> None:
        """Apply, and be killed in the middle."""
        ended = self.run("apply", "--yes", kill=Kill(what, index, is_after))
        if ended.code == KILLED:
            self.counts["killed"] += 1
        if ended.code in (0, KILLED):
            for name in REGISTRIES:
                self.ours[name] |= self._declared(name)

    def apply_twice_at_once(self) -> None:
        """Two runners at once, in two clones."""
        other = self.folder / "other"
        shutil.rmtree(other, ignore_errors=True)
        run_git(self.folder, "clone", "--quiet", "server.git", "other")
        log = self.folder / "writers"
        log.unlink(missing_ok=True)
        running = [self.commands.start(root, "apply", "--yes", log=log) for root in (self.root, other)]
        ended = [one.wait() for one in running]
        self.tell(f"two runners: {[e.code for e in ended]}")
        self.check(all(e.code in (0, 1, 3) for e in ended), "\n".join(e.text for e in ended))
        writers = log.read_text().split() if log.exists() else []
        turns = [w for n, w in enumerate(writers) if n == 0 or w != writers[n - 1]]
        self.check(len(turns) == len(set(turns)), f"two runners wrote at the same time: {writers}")
        self.counts["two runners"] += 1
        if any(e.code == 0 for e in ended):
            for name in REGISTRIES:
                self.ours[name] |= self._declared(name)

    def end(self) -> None:
        """Let everything be well again, and Git win: then the registries must become what it says."""
        self.set_down(False)
        self.on_drift = "overwrite"
        self.commit({n: replace(s, is_waived=True) for n, s in self.specs.items()}, "the end")
        self.apply(is_forced=True)

    # ---- what must hold

    def _declared(self, registry: str) -> set[str]:
        return {n for n, s in self.specs.items() if registry in s.where}

    def _check_why_blocked(self, document: dict[str, Any] | None, planned: Ended, is_forced: bool) -> None:
        codes = {f["code"] for f in document["findings"] if f["severity"] == "error"} if document else set()
        allowed = set[str]()
        if self.is_down:
            allowed |= {"REGISTRY_UNREADABLE"}
        if self.is_disturbed and not is_forced:
            allowed |= _DISTURBED
        if self.is_disturbed and self.on_drift == "block":
            # No option of the command line lets drift through.
            allowed |= {"DRIFTED"}
        if self.is_disturbed or self.has_breaks:
            allowed |= _BREAKS
        if not self.specs:
            allowed |= {"NOTHING_DECLARED"}
        # What once referred to a subject keeps it from being deleted.
        allowed |= {"REFERENCED"}
        self.check(codes <= allowed and bool(document or self.is_down), f"blocked for no good reason: {planned.text}")

    def _check_converged(self, before: Mapping[str, Holding], now: Mapping[str, Holding], ended: Ended) -> None:
        held = now["wire"][""].mode
        self.check(self.level in (None, held), f"the level of wire is {held}, not {self.level}\n{ended.text}")
        for name in REGISTRIES:
            declared = self._declared(name)
            for subject in declared:
                problem = self._compare(name, subject, now[name])
                self.check(not problem, f"{subject} in {name} {problem}\n{ended.text}")
            for subject in now[name].keys() - declared - {""}:
                if subject in self.ours[name]:
                    is_left = bool(now[name][subject].versions) and subject in ended.text and "ORPHANED" in ended.text
                    is_gone = not now[name][subject].versions
                    self.check(is_gone or is_left, f"{subject} in {name} was dropped and is there\n{ended.text}")
                else:
                    was = before[name].get(subject)
                    self.check(now[name][subject] == was, f"{subject} in {name} was never ours\n{ended.text}")
            self.ours[name] = set(declared)
        again = self.run("plan", "--detailed-exitcode")
        self.check(again.code == 0 and "UNFINISHED" not in again.text, f"the next plan is not empty: {again.text}")
        self.is_disturbed = False

    def _compare(self, registry: str, subject: str, holding: Holding) -> str:
        held = holding.get(subject) or Held((), (), None)
        spec = self.specs[subject]
        if not held.versions:
            return "is not there"
        if json.loads(held.latest.text) != make_text(subject, spec):
            return f"holds {held.latest.text}"
        used = USERS.get(subject)
        wanted = [(used, holding[used].latest.version)] if used else []
        if [(r.subject, r.version) for r in held.latest.references] != wanted:
            return f"refers to {held.latest.references}, not {wanted}"
        allowed = {spec.mode} if spec.mode else {None, self.foreign_modes.get((registry, subject))}
        return "" if held.mode in allowed else f"has the mode {held.mode}, not {allowed}"

    def tell(self, line: str) -> None:
        self.story.append(line)

    def check(self, is_so: bool, otherwise: str) -> None:
        self.is_well = self.is_well and is_so
        assert is_so, "\n".join([*self.story, otherwise])


def _texts(holdings: Mapping[str, Holding]) -> object:
    return {(r, s): (held.versions, held.numbers) for r, h in holdings.items() for s, held in h.items()}


def _find_document(planned: Ended) -> dict[str, Any] | None:
    start = planned.text.find('{"')
    start = start if start >= 0 else planned.text.find("{\n")
    if start < 0:
        return None
    document: dict[str, Any] = json.JSONDecoder().raw_decode(planned.text[start:])[0]
    return document


@contextmanager
def make_world(folder: Path, commands: Commands) -> Iterator[World]:
    """A world of its own; its folder is removed in the end."""
    folder.mkdir()
    with ConfluentDouble("8.1") as double, FaultProxy(double.url) as proxy:
        world = World(folder, commands, double, proxy)
        world.begin()
        yield world
    shutil.rmtree(folder)
