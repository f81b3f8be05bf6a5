from pathlib import Path

import pytest

from adapters.local import LocalRegistry
from adapters.local.settings import make_settings
from reconciler.errors import ConfigurationError
from reconciler.registry import RegistrySettings

WRONG = [
    ({}, "registry laptop: kind `local` needs `path`, the file that holds the registry"),
    ({"path": ""}, "registry laptop: `path` must be the name of a file, not ''"),
    ({"path": 7}, "registry laptop: `path` must be the name of a file, not 7"),
    ({"path": "a\0b"}, "registry laptop: `path` holds a NUL character, which no file name can"),
    ({"path": "~/r.db"}, "registry laptop: `path` starts with `~`, which is not expanded; write ${HOME}"),
    ({"pth": "r.db"}, "registry laptop: unknown option `pth` for kind `local`; did you mean `path`?"),
    ({"path": "r.db", "url": "x"}, "registry laptop: unknown option `url` for kind `local`"),
    (
        {"path": "r.db", "timeout": "soon"},
        "registry laptop: `timeout` must be a number of seconds from above 0 to 3600, not 'soon'",
    ),
    (
        {"path": "r.db", "timeout": True},
        "registry laptop: `timeout` must be a number of seconds from above 0 to 3600, not True",
    ),
    (
        {"path": "r.db", "timeout": -1},
        "registry laptop: `timeout` must be a number of seconds from above 0 to 3600, not -1",
    ),
]


@pytest.mark.parametrize(("options", "message"), WRONG)
def test_wrong_options_are_refused_in_words(tmp_path: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        LocalRegistry(RegistrySettings("laptop", "local", tmp_path, options))

    assert caught.value.message == message
    assert caught.value.fix


def test_a_relative_path_counts_from_the_root(tmp_path: Path) -> None:
    settings = make_settings(RegistrySettings("laptop", "local", tmp_path, {"path": ".schemafed/r.db", "timeout": 2}))

    assert settings.path == tmp_path / ".schemafed" / "r.db"
    assert settings.timeout == 2.0


def test_an_absolute_path_stays(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.db"

    settings = make_settings(RegistrySettings("laptop", "local", tmp_path / "repo", {"path": str(elsewhere)}))

    assert settings.path == elsewhere


def test_making_a_registry_touches_no_file(tmp_path: Path) -> None:
    LocalRegistry(RegistrySettings("laptop", "local", tmp_path, {"path": "a/b/r.db"})).close()

    assert list(tmp_path.iterdir()) == []
