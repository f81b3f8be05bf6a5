"""Random stories: what people do to a repository and its registries, and runs in between."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path
from time import monotonic

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.convergence.commands import Commands
from tests.convergence.declared import REGISTRIES, SUBJECTS, USERS, Spec, Specs, is_complete, make_text
from tests.convergence.world import World, make_world

_MODES = ("BACKWARD", "FORWARD", "FULL", "NONE", "BACKWARD_TRANSITIVE")
_STEPS = 14
_STORIES = 5
"""Told from one number; the first is always the plainest of all, so that one would be none."""
_subjects = st.sampled_from(SUBJECTS)
_registries = st.sampled_from(REGISTRIES)
_extras = st.frozensets(st.sampled_from(("x", "y", "z")), max_size=3)
_modes = st.sampled_from((None, *_MODES))


def make_machine(commands: Commands, folder: Path, counts: Counter[str]) -> type[RuleBasedStateMachine]:
    """The rules of random stories, each of which plays in a folder of its own below `folder`."""
    numbers = count()

    class Story(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.stack = ExitStack()
            self.world: World = self.stack.enter_context(make_world(folder / f"world-{next(numbers)}", commands))

        def change(self, specs: Specs, message: str) -> None:
            if is_complete(specs) and specs != self.world.specs:
                self.world.commit(specs, message)

        @initialize(extras=_extras, mode=_modes)
        def declare_some(self, extras: frozenset[str], mode: str | None) -> None:
            spec = Spec(extras, mode=mode)
            self.world.commit({"money": spec, "line": Spec(), "note": spec}, "first")
            self.world.apply()

        @rule(subject=_subjects, extras=_extras)
        def edit(self, subject: str, extras: frozenset[str]) -> None:
            known = self.world.specs.get(subject, Spec())
            self.change({**self.world.specs, subject: replace(known, extras=extras)}, "edit")

        @rule(subject=_subjects, core=st.sampled_from(("string", "int")), is_waived=st.booleans())
        def break_it(self, subject: str, core: str, is_waived: bool) -> None:
            known = self.world.specs.get(subject, Spec())
            self.change({**self.world.specs, subject: replace(known, core=core, is_waived=is_waived)}, "break")

        @rule(subject=_subjects, mode=_modes)
        def declare_mode(self, subject: str, mode: str | None) -> None:
            known = self.world.specs.get(subject, Spec())
            self.change({**self.world.specs, subject: replace(known, mode=mode)}, "mode")

        @rule(level=_modes)
        def declare_level(self, level: str | None) -> None:
            if level != self.world.level:
                self.world.declare_level(level)

        @rule(subject=_subjects, where=st.sampled_from((REGISTRIES, REGISTRIES[:1], REGISTRIES[1:])))
        def move(self, subject: str, where: tuple[str, ...]) -> None:
            known = self.world.specs.get(subject, Spec())
            self.change({**self.world.specs, subject: replace(known, where=where)}, "move")

        @rule(subject=_subjects)
        def drop(self, subject: str) -> None:
            left = {n: s for n, s in self.world.specs.items() if n != subject}
            self.change(left, "drop") if left else None

        @rule(extras=_extras, mode=_modes)
        def squash(self, extras: frozenset[str], mode: str | None) -> None:
            changed = {n: replace(s, extras=extras, mode=mode) for n, s in list(self.world.specs.items())[:2]}
            self.world.squash({**self.world.specs, **changed})

        @rule(back=st.integers(1, 4))
        def revert(self, back: int) -> None:
            past = self.world.past
            if len(past) > back + 1:
                self.change(past[-1 - back][0], f"revert of {back}")

        @rule(back=st.integers(1, 3))
        def force_push(self, back: int) -> None:
            if len(self.world.past) > back + 1:
                self.world.rewind(back)

        @rule(
            what=st.sampled_from(("version", "mode", "delete")),
            registry=_registries,
            subject=_subjects,
            mode=st.sampled_from(_MODES),
            extras=_extras,
        )
        def disturb(self, what: str, registry: str, subject: str, mode: str, extras: frozenset[str]) -> None:
            if what == "version" and subject in USERS:
                return
            text = json.dumps(make_text(subject, Spec(extras, core="string")))
            self.world.disturb(what, registry, subject, mode if what == "mode" else text)

        @rule(registry=_registries, extras=_extras)
        def write_foreign(self, registry: str, extras: frozenset[str]) -> None:
            self.world.disturb("version", registry, "foreign", json.dumps(make_text("foreign", Spec(extras))))

        @rule(is_down=st.booleans())
        def network(self, is_down: bool) -> None:
            self.world.set_down(is_down)

        @rule()
        def apply(self) -> None:
            self.world.apply()

        @rule()
        def apply_again(self) -> None:
            self.world.apply()

        @rule()
        def apply_forced(self) -> None:
            self.world.apply(is_forced=True)

        @rule(what=st.sampled_from(("write", "git")), index=st.integers(0, 7), is_after=st.booleans())
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
                world = self.world.folder
                self.stack.close()
                shutil.rmtree(world, ignore_errors=True)

    return Story


def tell_stories(commands: Commands, folder: Path, number: int, seconds: float) -> Counter[str]:
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
        machine = seed(current)(make_machine(commands, folder, counts))
        try:
            run_state_machine_as_test(machine, settings=limits)
        except BaseException as error:
            error.add_note(f"the story of number {current}")
            raise
        if monotonic() > end:
            return counts
    raise AssertionError("numbers do not end")
