"""Where the files are that ship with schemafed: beside the packages in a checkout, inside of them in a wheel."""

from __future__ import annotations

from pathlib import Path

from reconciler.errors import ConfigurationError

_PACKAGE = Path(__file__).resolve().parent


def find_template() -> Path:
    """Find the folder that ``schemafed init`` copies.

    Raises:
        ConfigurationError: the installation is not whole.
    """
    return _find("schemas-repo-template", "template for repositories")


def find_policies() -> Path:
    """Find the folder of the policy packs that ship.

    Raises:
        ConfigurationError: the installation is not whole.
    """
    return _find("policies", "policy packs")


def _find(name: str, what: str) -> Path:
    for folder in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise ConfigurationError(
        f"this installation of schemafed has no {what}", fix="install schemafed again; its wheel carries them"
    )
