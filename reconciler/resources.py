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
    name = "schemas-repo-template"
    for folder in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise ConfigurationError(
        "this installation of schemafed has no template for repositories",
        fix="install schemafed again; its wheel carries the template",
    )
