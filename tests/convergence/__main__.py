"""`python -m tests.convergence [--seconds N] [--seed N]`: every fault at every point, and random stories."""

from __future__ import annotations

import argparse
import logging
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TypeVar

from tests.convergence.commands import Commands, forking_commands
from tests.convergence.kinds import DOUBLES, SLOW_DOUBLES, open_apicurio, open_group, open_namespace
from tests.convergence.remotes import RemoteFault
from tests.convergence.stages import (
    Origin,
    apicurio_stage,
    apicurio_v3_stage,
    confluent_stage,
    glue_stage,
    karapace_stage,
    local_stage,
    make_origin,
    pulsar_stage,
    redpanda_stage,
)
from tests.convergence.stories import tell_stories
from tests.convergence.trials import GIT_CHANGES, PUSHES, WRITES, SelfFault, Table, Trial, attempt, find_requests, one
from tests.doubles.fault_proxy import WireFault
from tests.servers.apicurio import ApicurioServer, run_apicurio
from tests.servers.pulsar import PulsarServer, run_pulsar
from tests.servers.unavailable import ServerUnavailableError

_TURN_SECONDS = 20.0
_Server = TypeVar("_Server")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.convergence", description="Let everything go wrong.")
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("SOAK_SECONDS", "3600")), help="how long")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3)), help="of the order and the stories")
    options = parser.parse_args()
    # The double of Glue is served by Werkzeug, which tells of every request.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    print(f"soak of {options.seconds:.0f} s, seed {options.seed}", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        return _soak(folder, stack, options.seed, monotonic() + options.seconds)


def _soak(folder: Path, stack: ExitStack, seed: int, end: float) -> int:
    """Faults and stories in turns, until the time is over; every problem is told, and the soak goes on."""
    for name in ("printed", "stories"):
        (folder / name).mkdir()
    commands = stack.enter_context(forking_commands(folder / "printed"))
    apicurio = _find("Apicurio Registry", run_apicurio, folder, stack)
    pulsar = _find("Pulsar", run_pulsar, folder, stack)
    origins = list(_make_origins(folder, stack, commands, apicurio, pulsar))
    wires = {**DOUBLES, **SLOW_DOUBLES}
    if apicurio:
        wires |= {"apicurio": open_apicurio(apicurio.url), "apicurio-v3": open_group(apicurio.native_url)}
    if pulsar:
        wires["pulsar"] = open_namespace(pulsar.url)
    trials = [(origin, trial) for origin in origins for trial in _list_trials(origin)]
    random.Random(seed).shuffle(trials)
    table, told, problems, left = Table(), Counter[str](), 0, iter(trials)
    while monotonic() < end:
        turn = min(end, monotonic() + _TURN_SECONDS)
        while monotonic() < turn and (pair := next(left, None)):
            try:
                table.add(pair[0].stage.name, pair[1], attempt(*pair))
            except AssertionError as problem:
                problems += 1
                print(f"FAULT\n{problem}", file=sys.stderr, flush=True)
        try:
            seconds = min(_TURN_SECONDS, max(1, end - monotonic()))
            told += tell_stories(commands, folder / "stories", seed, seconds, wires)
        except AssertionError as problem:
            problems += 1
            print(f"STORY\n{problem}\n{problem.__notes__}", file=sys.stderr, flush=True)
        seed += 1_000
    print(f"{table.render()}\nof {len(trials):,} that there are\n\nstories: {dict(sorted(told.items()))}")
    print(f"{problems} problems")
    return 1 if problems else 0


def _find(
    name: str, run: Callable[[Path], AbstractContextManager[_Server]], folder: Path, stack: ExitStack
) -> _Server | None:
    """A real server, where one can be had here."""
    try:
        return stack.enter_context(run(folder))
    except ServerUnavailableError as error:
        print(f"without {name}: {error}")
        return None


def _make_origins(
    folder: Path, stack: ExitStack, commands: Commands, apicurio: ApicurioServer | None, pulsar: PulsarServer | None
) -> Iterator[Origin]:
    """The scenario on each stage that can be had here."""
    opens = {
        "local": local_stage,
        "confluent-7.9": partial(confluent_stage, version="7.9"),
        "confluent-8.1": partial(confluent_stage, version="8.1"),
        "karapace": karapace_stage,
        "redpanda": redpanda_stage,
        "glue": glue_stage,
        **(
            {
                "apicurio": partial(apicurio_stage, url=apicurio.url),
                "apicurio-v3": partial(apicurio_v3_stage, url=apicurio.native_url),
            }
            if apicurio
            else {}
        ),
        **({"pulsar": partial(pulsar_stage, url=pulsar.url)} if pulsar else {}),
    }
    for name, open_stage in opens.items():
        (folder / name).mkdir()
        yield make_origin(stack.enter_context(open_stage(folder / name, commands)))


def _list_trials(origin: Origin) -> list[Trial]:
    """Every fault at every point of one stage."""
    if origin.stage.proxy:
        return [one(fault, index) for index in range(len(find_requests(origin))) for fault in WireFault]
    writes = [one(fault, index) for fault in (SelfFault.WRITE, SelfFault.WRITE_AFTER) for index in range(WRITES)]
    git = [one(fault, index) for fault in (SelfFault.GIT, SelfFault.GIT_AFTER) for index in range(GIT_CHANGES)]
    return [*writes, *git, *(one(fault, index) for fault in RemoteFault for index in range(PUSHES))]


if __name__ == "__main__":
    sys.exit(main())
