"""What ``${...}`` becomes, and what is said where it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.errors import SecretError
from reconciler.secrets import Secrets, check_value
from reconciler.secrets.redaction import SecretText

VARIABLES = {"USER_NAME": "ann", "EMPTY": ""}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("${USER_NAME}", "ann"),
        ("a-${USER_NAME}-b", "a-ann-b"),
        ("${MISSING:-other}", "other"),
        ("${MISSING:-}", ""),
        ("${EMPTY:-other}", "other"),
        ("${EMPTY}", ""),
        ("${MISSING:-http://localhost:8081}", "http://localhost:8081"),
        ("$${USER_NAME}", "${USER_NAME}"),
        ("$USER_NAME 5$", "$USER_NAME 5$"),
        ("${file:token}", "from-file"),
        ("Bearer ${file:sub/token}", "Bearer second\nline"),
    ],
)
def test_value(tmp_path: Path, text: str, value: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "token").write_text("from-file\n")
    (tmp_path / "sub/token").write_text("second\nline\r\n")

    assert Secrets(VARIABLES).resolve(text, tmp_path)[0] == value


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        (
            "${MISSING}",
            "environment variable MISSING is not set",
            "set MISSING, or write a default: `${MISSING:-...}`",
        ),
        ("${file:gone}", "file gone cannot be read: no such file or directory", "create it, or correct the path"),
        (
            "${file:../outside}",
            "file ../outside lies outside of the repository",
            "name it, or its folder as `/folder/*`, under `allowed_files` in schemafed.yaml",
        ),
        (
            "${gcp:kv/x#y}",
            "`${gcp:...}` is not a source of secrets that this version knows",
            "use an environment variable `${NAME}`, or one of: `${file:...}`, `${vault:...}`, `${aws-sm:...}`,"
            " `${aws-ssm:...}`",
        ),
        (
            "${A",
            "`${` is not closed, or holds another brace",
            "close it with `}`; write `$${` for a literal `${`",
        ),
        (
            "${A:-${B}}",
            "`${` is not closed, or holds another brace",
            "close it with `}`; write `$${` for a literal `${`",
        ),
        ("${1A}", "`${1A}` is not a reference", "write `${NAME}`, `${NAME:-default}` or `${file:PATH}`"),
        ("${}", "`${}` is not a reference", "write `${NAME}`, `${NAME:-default}` or `${file:PATH}`"),
    ],
)
def test_error(tmp_path: Path, text: str, message: str, fix: str) -> None:
    with pytest.raises(SecretError) as caught:
        Secrets(VARIABLES).resolve(text, tmp_path)
    assert (caught.value.message, caught.value.fix) == (message, fix)


@pytest.mark.parametrize("text", ["${vault:x}", "${A", "${}"])
def test_syntax_is_checked_without_resolving(text: str) -> None:
    with pytest.raises(SecretError):
        check_value(text)


def test_nothing_is_resolved_by_the_check() -> None:
    check_value("${MISSING} ${file:gone}")


def test_allowed_file_outside(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("run")
    (outside / "token").write_text("outer")

    secrets = Secrets({})
    assert secrets.resolve(f"${{file:{outside}/token}}", tmp_path, [f"{outside}/*"])[0] == "outer"
    with pytest.raises(SecretError, match="lies outside of the repository"):
        Secrets({}).resolve(f"${{file:{outside}/token}}", tmp_path, ["/elsewhere/*"])


def test_link_in_the_repository_does_not_lead_outside(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("run") / "token"
    outside.write_text("outer")
    (tmp_path / "link").symlink_to(outside)

    with pytest.raises(SecretError, match="lies outside of the repository"):
        Secrets({}).resolve("${file:link}", tmp_path, [f"{tmp_path}/*"])


def test_file_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("one")
    secrets = Secrets({})
    secrets.resolve("${file:token}", tmp_path)
    (tmp_path / "token").write_text("two")

    assert secrets.resolve("${file:token}", tmp_path) == ("one", ("one",))


def test_secret_text_does_not_show_itself() -> None:
    secret = SecretText("hunter22")

    assert repr({"password": secret}) == "{'password': '***'}"
    assert secret == "hunter22" and secret.encode() == b"hunter22"
