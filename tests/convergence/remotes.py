"""A Git remote that refuses or drops a push, by its own hooks: Git itself says what it says."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from tests.repositories import run_git


class RemoteFault(StrEnum):
    """What befalls a push; `after` comes once the remote has it."""

    REFUSE = "push refused"
    REFUSE_ALWAYS = "push refused from then on"
    DROP = "push dropped"
    DROP_AFTER = "push dropped after"


# Git gives the hook its own process as the parent: without it, the connection is gone.
_ACTS = {
    RemoteFault.REFUSE: ("pre-receive", 'echo "not now" >&2; exit 1', "-eq"),
    RemoteFault.REFUSE_ALWAYS: ("pre-receive", 'echo "no more" >&2; exit 1', "-ge"),
    RemoteFault.DROP: ("pre-receive", "kill -9 $PPID; exit 1", "-eq"),
    RemoteFault.DROP_AFTER: ("post-receive", "kill -9 $PPID", "-eq"),
}
_SCRIPT = """\
#!/bin/sh
cat > /dev/null
number=$(cat hooks/number 2> /dev/null || echo 0)
echo $((number + 1)) > hooks/number
if [ $number {test} {index} ]; then {act}; fi
exit 0
"""


def write_hooks(remote: Path, fault: RemoteFault | None, index: int = 0) -> None:
    """Let the push number `index` from now on suffer a fault; with None, none."""
    hooks = remote / "hooks"
    for name in ("pre-receive", "post-receive", "number"):
        (hooks / name).unlink(missing_ok=True)
    if fault is None:
        return
    name, act, test = _ACTS[fault]
    (hooks / name).write_text(_SCRIPT.format(act=act, test=test, index=index))
    (hooks / name).chmod(0o755)


def spare_disk(repository: Path) -> None:
    """Let Git not wait for the disk, nor tidy up: processes are killed here, not machines."""
    run_git(repository, "config", "core.fsync", "none")
    run_git(repository, "config", "receive.autogc", "false")
