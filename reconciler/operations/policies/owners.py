"""Whom CODEOWNERS names for the files of a repository, for rules that ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from reconciler.forge.code_owners import PLACES, CodeOwners, make_code_owners


def load_owners_finder(root: Path) -> Callable[[str], tuple[str, ...]] | None:
    """Load CODEOWNERS as it lies in the work tree.

    Args:
        root: the folder that holds schemafed.yaml; the file is looked for there and above, up to the folder of `.git`.

    Returns:
        what tells the owners of a file below the root, as they are written; None where there is no such file.
    """
    for top in _list_tops(root.resolve()):
        owners = _load(top)
        if owners is not None:
            below = root.resolve().relative_to(top).as_posix()
            prefix = "" if below == "." else f"{below}/"
            return lambda file: owners.find(prefix + file)
    return None


def _list_tops(root: Path) -> Iterator[Path]:
    """The root, and the folder of Git's work tree that it is in."""
    yield root
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    if top != root:
        yield top


def _load(top: Path) -> CodeOwners | None:
    for place in PLACES:
        try:
            return make_code_owners((top / place).read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue
    return None
