"""Read a whole registry once: `python -m tests.benchmarks.topic_reading URL [SNAPSHOT]`; tells when it is done."""

from __future__ import annotations

import gc
import sys
from contextlib import closing
from pathlib import Path

from reconciler.plugins import open_registry
from reconciler.registry import RegistrySettings


def main(url: str, *snapshot: str) -> None:
    # As the command does.
    gc.disable()
    options = {"url": url} | ({"snapshot": snapshot[0]} if snapshot else {})
    with closing(open_registry(RegistrySettings("orders", "confluent", Path(), options))) as registry:
        print("reading", flush=True)
        state = registry.read_state()
        print(f"read {len(state.subjects)}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
