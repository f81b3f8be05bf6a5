"""Where check and plan hand over to the rules. Light: CEL and the rules are imported only where some are on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.config import FILE_NAME, Config
from reconciler.model import Plan
from reconciler.operations.approving.gate import with_approvals
from reconciler.operations.policies.ruled import Ruled
from reconciler.repository.early import DEFAULTS_NAME

if TYPE_CHECKING:
    from reconciler.operations.checking.base import Base
    from reconciler.repository import DesiredState
    from reconciler.repository.revisions import TreeEntry


def prepare_policies(config: Config) -> None:
    """Import the rules' engine and load the packs that ship, where rules are on: it may be done beside other work."""
    if config.policies:
        from reconciler.operations.policies.loading import load_shipped

        import_module("reconciler.operations.policies.change")
        load_shipped()


def check_policies(
    root: Path,
    config: Config,
    base: Base,
    tree: Mapping[str, TreeEntry],
    head: DesiredState,
    before: DesiredState | None,
    concerned: Collection[str],
    kinds: Mapping[str, str],
) -> Ruled:
    """Hold a change against the rules of its base, so that no pull request judges itself.

    Args:
        root: the repository's root.
        config: schemafed.yaml as the change has it.
        base: what the change sets out from.
        tree: all files of the base.
        head: what the change declares.
        before: what the base declared; None where it declared nothing.
        concerned: the subjects that the change may concern.
        kinds: by subject that the change adds or changes, what it does to it.
    """
    settings = {f for f in base.changed if f == FILE_NAME or f.rpartition("/")[2] == DEFAULTS_NAME}
    if not config.policies and not settings:
        return Ruled()
    from reconciler.operations.policies.change import judge_change

    return judge_change(root, config, base, tree, head, before, concerned, kinds)


def with_policies(root: Path, config: Config, state: DesiredState, plan: Plan) -> Plan:
    """The same plan with what rules find in the subjects that it changes, and the approvals that are missing."""
    if config.policies:
        from reconciler.operations.policies.plan import judge_plan

        plan = judge_plan(root, config, state, plan)
    return with_approvals(root, config, state, plan)
