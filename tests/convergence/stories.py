"""Random stories: what people do to a repository and its registries, and runs in between."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path
from time import monotonic

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.convergence.commands import Commands
from tests.convergence.declared import MAY_USE, REGISTRIES, SUBJECTS, Spec, Specs, is_valid, make_text
from tests.convergence.kinds import DOUBLES, Open
from tests.convergence.world import Way, World, make_world

_MODES = ("BACKWARD", "FORWARD", "FULL", "NONE", "BACKWARD_TRANSITIVE")
_STEPS = 16
_STORIES = 5
"""Told from one number; the first is always the plainest of all, so that one would be none."""
_subjects = st.sampled_from(SUBJECTS)
_registries = st.sampled_from(REGISTRIES)
_networks = REGISTRIES[1:]
_extras = st.frozensets(st.sampled_from(("x", "y", "z")), max_size=3)
_modes = st.sampled_from((None, *_MODES))
_deletions = st.sampled_from(("soft", "hard", "forbid"))
_wheres = st.sampled_from((REGISTRIES, *((name,) for name in REGISTRIES), REGISTRIES[:2], REGISTRIES[1:]))


def make_machine(
    commands: Commands, folder: Path, counts: Counter[str], wires: Mapping[str, Open]
) -> type[RuleBasedStateMachine]:
    """The rules of random stories, each of which plays in a folder of its own below `folder`.

    Args:
        wires: by name, what may stand behind the first of the networks; behind the other stands one of the doubles.
    """
    numbers = count()

    class Story(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.stack = ExitStack()
            self.folder = folder / f"world-{next(numbers)}"
            self.world: World

        @property
        def specs(self) -> Specs:
            return self.world.declared.specs

        def change(self, specs: Specs, message: str) -> None:
            if specs and is_valid(specs) and specs != self.specs:
                self.world.commit_specs(specs, message)

        def change_one(self, subject: str, message: str, **values: object) -> None:
            spec = replace(self.specs.get(subject, Spec()), **values)  # type: ignore[arg-type]
            self.change({**self.specs, subject: spec}, message)

        @initialize(
            wire=st.sampled_from(sorted(wires)),
            far=st.sampled_from(sorted(DOUBLES)),
            deletion=_deletions,
            extras=_extras,
            mode=_modes,
            pins=st.booleans(),
        )
        def declare_some(
            self, wire: str, far: str, deletion: str, extras: frozenset[str], mode: str | None, pins: bool
        ) -> None:
            opens = {"wire": wires[wire], "far": DOUBLES[far]}
            self.world = self.stack.enter_context(make_world(self.folder, commands, opens, deletion))
            self.world.tell(f"wire is {wire}, far is {far}")
            counts[wire] += 1
            counts[far] += 1
            spec, line = Spec(extras, mode=mode), Spec(uses=frozenset({"money"}))
            self.world.commit_specs({"money": spec, "line": line, "note": spec}, "first")
            self.world.apply()
            if pins:
                self.pin("order", first=False, index=0)

        # ---- what people commit

        @rule(subject=_subjects, extras=_extras)
        def edit(self, subject: str, extras: frozenset[str]) -> None:
            self.change_one(subject, "edit", extras=extras)

        @rule(subject=_subjects, core=st.sampled_from(("string", "int")), is_waived=st.booleans())
        def break_it(self, subject: str, core: str, is_waived: bool) -> None:
            specs = {**self.specs, subject: replace(self.specs.get(subject, Spec()), core=core)}
            users = {name for name, spec in specs.items() if subject in spec.uses}
            users |= {name for name, spec in specs.items() if users & spec.uses}
            broken = {n: replace(specs[n], is_waived=is_waived) for n in {subject, *users}}
            self.change({**specs, **broken}, "break")

        @rule(user=st.sampled_from(sorted(MAY_USE)), first=st.booleans(), is_used=st.booleans())
        def refer(self, user: str, first: bool, is_used: bool) -> None:
            used, known = MAY_USE[user][not first], self.specs.get(user, Spec())
            pins = tuple(pin for pin in known.pins if pin.subject != used)
            uses = known.uses | {used} if is_used else known.uses - {used}
            self.change_one(user, "refer" if is_used else "no longer refer", uses=uses, pins=pins)

        @rule(user=st.sampled_from(sorted(MAY_USE)), first=st.booleans(), index=st.integers(0, 3))
        def pin(self, user: str, first: bool, index: int) -> None:
            used, known = MAY_USE[user][not first], self.specs.get(user, Spec())
            pin = self.world.find_pin(used, known.where[0], index)
            if pin is None:
                return
            others = [other for other in known.pins if other.subject != used]
            pins = tuple(sorted((*others, pin), key=lambda pin: pin.subject))
            self.change_one(user, "pin", uses=known.uses - {used}, pins=pins)

        @rule(subject=_subjects, mode=_modes)
        def declare_mode(self, subject: str, mode: str | None) -> None:
            self.change_one(subject, "mode", mode=mode)

        @rule(level=_modes)
        def declare_level(self, level: str | None) -> None:
            if level != self.world.declared.level and self.world.places["wire"].ways.has_level:
                self.world.commit(replace(self.world.declared, level=level), "level")

        @rule(deletion=_deletions, on_drift=st.sampled_from(("block", "overwrite")))
        def change_rules(self, deletion: str, on_drift: str) -> None:
            declared = replace(self.world.declared, deletion=deletion, on_drift=on_drift)
            if declared != self.world.declared:
                self.world.commit(declared, "rules")

        @rule(subject=_subjects, where=_wheres)
        def move(self, subject: str, where: tuple[str, ...]) -> None:
            self.change_one(subject, "move", where=where)

        @rule(subject=_subjects)
        def drop(self, subject: str) -> None:
            self.change({n: s for n, s in self.specs.items() if n != subject}, "drop")

        @rule(extras=_extras, mode=_modes)
        def squash(self, extras: frozenset[str], mode: str | None) -> None:
            changed = {n: replace(s, extras=extras, mode=mode) for n, s in list(self.specs.items())[:2]}
            specs = {**self.specs, **changed}
            if is_valid(specs):
                self.world.squash(specs)

        @rule(back=st.integers(1, 4))
        def revert(self, back: int) -> None:
            past = self.world.past
            if len(past) > back + 1:
                self.change(past[-1 - back][0].specs, f"revert of {back}")

        @rule(back=st.integers(1, 3))
        def force_push(self, back: int) -> None:
            if len(self.world.past) > back + 1:
                self.world.rewind(back)

        # ---- what others do behind the tool's back

        @rule(registry=_registries, subject=_subjects, extras=_extras)
        def write_version(self, registry: str, subject: str, extras: frozenset[str]) -> None:
            spec = Spec(extras, uses=self.specs.get(subject, Spec()).uses)
            self.world.write_version(registry, subject, json.dumps(make_text(subject, spec)), spec.used)

        @rule(registry=_registries, subject=_subjects, mode=st.sampled_from(_MODES))
        def write_mode(self, registry: str, subject: str, mode: str) -> None:
            self.world.write_mode(registry, subject, mode)

        @rule(registry=_registries, subject=_subjects, is_permanent=st.booleans())
        def delete(self, registry: str, subject: str, is_permanent: bool) -> None:
            self.world.delete(registry, subject, is_permanent)

        @rule(registry=_registries, extras=_extras, uses=st.sampled_from((frozenset[str](), frozenset({"money"}))))
        def write_foreign(self, registry: str, extras: frozenset[str], uses: frozenset[str]) -> None:
            spec = Spec(extras, uses=uses)
            self.world.write_version(registry, "foreign", json.dumps(make_text("foreign", spec)), spec.used)

        @rule(names=st.frozensets(st.sampled_from(_networks), max_size=2))
        def network(self, names: frozenset[str]) -> None:
            self.world.set_down(names)

        # ---- runs

        @rule()
        def apply(self) -> None:
            self.world.apply()

        @rule(way=st.sampled_from(Way))
        def apply_in_a_way(self, way: Way) -> None:
            self.world.apply(way)

        @rule()
        def apply_forced(self) -> None:
            self.world.apply(Way.FORCED)

        @rule(registry=_registries)
        def apply_to_one(self, registry: str) -> None:
            self.world.apply(registry=registry)

        @rule(what=st.sampled_from(("write", "git")), index=st.integers(0, 9), is_after=st.booleans())
        def apply_killed(self, what: str, index: int, is_after: bool) -> None:
            self.world.apply_killed(what, index, is_after)

        @rule()
        def apply_twice_at_once(self) -> None:
            self.world.apply_twice_at_once()

        def teardown(self) -> None:
            try:
                if self.world.is_well:
                    self.world.end()
                counts.update(self.world.counts)
                counts["stories"] += 1
                counts["steps"] += len(self.world.story)
            finally:
                self.stack.close()
                shutil.rmtree(self.folder, ignore_errors=True)

    return Story


def tell_stories(
    commands: Commands, folder: Path, number: int, seconds: float, wires: Mapping[str, Open] = DOUBLES
) -> Counter[str]:
    """Play stories, each drawn from a number of its own, for a time; what happened in them.

    Raises:
        AssertionError: something was not as it must be; the story is told.
    """
    counts: Counter[str] = Counter()
    end = monotonic() + seconds
    for current in count(number):
        limits = settings(
            max_examples=_STORIES,
            stateful_step_count=_STEPS,
            phases=(Phase.generate,),
            deadline=None,
            database=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        )
        machine = seed(current)(make_machine(commands, folder, counts, wires))
        try:
            run_state_machine_as_test(machine, settings=limits)
        except BaseException as error:
            error.add_note(f"the story of number {current}")
            raise
        if monotonic() > end:
            return counts
    raise AssertionError("numbers do not end")
