"""schemafed.yaml: what it may hold, what is said where it does not, and secrets resolved late."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.config import Config, load_config, make_configuration_digest, resolve_registry
from reconciler.errors import ConfigurationError, SecretError
from reconciler.secrets import Secrets
from reconciler.secrets.redaction import forget_all, redact

GOOD = """\
version: 1
registries:
  orders:
    kind: confluent
    url: ${URL:-http://localhost:8081}
    auth: {kind: basic, username: "${SR_USER}", password: "${SR_PASSWORD}"}
    requests_per_second: 50
  laptop: {kind: local, path: .schemafed/registry.db}
environments:
  dev: {registries: [laptop]}
  prod: {registries: [orders], compatibility: FULL}
"""


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    forget_all()
    yield
    forget_all()


def load(root: Path, text: str) -> Config:
    (root / "schemafed.yaml").write_text(text)
    config, findings = load_config(root)
    assert config and findings == ()
    return config


def test_good_file(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD)

    assert config.select_environment(None) == "dev"
    assert config.environments["prod"].compatibility == "FULL"
    assert config.registries["orders"].options["requests_per_second"] == 50
    assert config.paths == ["schemas"]


def test_without_environments_there_is_one_with_all_registries(tmp_path: Path) -> None:
    config = load(tmp_path, "version: 1\nregistries: {a: {kind: local}, b: {kind: local}}\n")

    assert {n: e.registries for n, e in config.all_environments.items()} == {"default": ["a", "b"]}


@pytest.mark.parametrize(
    ("text", "place", "code", "message"),
    [
        ("", "1:1", "MISSING_KEY", "key `version` is missing"),
        ("version: 2", "1:10", "INVALID_VALUE", "`2` is not a value of `version`"),
        ("version: 1\nmodules: []", "2:1", "UNKNOWN_KEY", "unknown key `modules`"),
        ("version: 1\nregistries: {a: {url: x}}", "2:17", "MISSING_KEY", "key `kind` is missing in `registries.a`"),
        (
            "version: 1\nregistries: {a b: {kind: x}}",
            "2:14",
            "INVALID_VALUE",
            "`a b` is not a usable name: letters, digits, `.`, `_` and `-` only",
        ),
        (
            "version: 1\nregistries: {orders: {kind: x}}\nenvironments: {dev: {registries: [order]}}",
            "3:35",
            "UNKNOWN_REGISTRY",
            "environment dev names registry `order`, which is not declared; did you mean `orders`?",
        ),
        (
            "version: 1\nregistries: {a: {kind: x, name: '{{ nam }}'}}",
            "2:33",
            "INVALID_TEMPLATE",
            "template `{{ nam }}` uses `nam`, which is not a variable; did you mean `name`?",
        ),
        (
            "version: 1\nregistries: {a: {kind: x, url: '${URL'}}",
            "2:32",
            "SECRET_INVALID",
            "`registries.a.url`: `${` is not closed, or holds another brace",
        ),
    ],
)
def test_finding(tmp_path: Path, text: str, place: str, code: str, message: str) -> None:
    (tmp_path / "schemafed.yaml").write_text(text)
    config, findings = load_config(tmp_path)

    assert config is None
    assert [(str(f.location), f.code, f.message) for f in findings] == [(f"schemafed.yaml:{place}", code, message)]


@pytest.mark.parametrize(
    "entry",
    [
        "auth: {kind: basic, username: u, password: hunter22}",
        "url: 'http://u:hunter22@localhost'",
        "kafka: {sasl.username: u, sasl.password: hunter22}",
        "kafka: {ssl.key.pem: hunter22}",
    ],
)
def test_secret_written_into_the_file_is_a_warning(tmp_path: Path, entry: str) -> None:
    (tmp_path / "schemafed.yaml").write_text(f"version: 1\nregistries:\n  a:\n    kind: x\n    {entry}\n")
    config, findings = load_config(tmp_path)

    assert config is not None
    assert [(f.code, f.blocks, f.location and f.location.line) for f in findings] == [("SECRET_IN_FILE", False, 5)]
    assert "hunter22" not in repr(findings)


def test_resolved_secret_is_used_and_not_shown(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD)
    settings = resolve_registry(config, "orders", tmp_path, Secrets({"SR_USER": "ann", "SR_PASSWORD": "hunter22"}))

    assert settings.options["url"] == "http://localhost:8081"
    assert settings.options["auth"] == {"kind": "basic", "username": "ann", "password": "hunter22"}
    assert "hunter22" not in repr(settings) and "hunter22" not in str(settings)
    assert redact("ann hunter22 YW5uOmh1bnRlcjIy") == "ann *** ***"


def test_password_of_an_address_is_a_secret(tmp_path: Path) -> None:
    config = load(tmp_path, "version: 1\nregistries: {a: {kind: x, url: '${URL}'}}\n")
    settings = resolve_registry(config, "a", tmp_path, Secrets({"URL": "http://ann:hun%2Fter22@host/"}))

    assert "ter22" not in repr(settings)
    assert redact("http://ann:hun%2Fter22@host/ hun/ter22") == "http://***@host/ ***"


def test_missing_variable_names_key_line_and_fix(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD)

    with pytest.raises(SecretError) as caught:
        resolve_registry(config, "orders", tmp_path, Secrets({"SR_USER": "ann"}))
    assert caught.value.message == (
        "schemafed.yaml:6:59: `registries.orders.auth.password`: environment variable SR_PASSWORD is not set"
    )
    assert caught.value.fix == "set SR_PASSWORD, or write a default: `${SR_PASSWORD:-...}`"


def test_other_registries_need_no_secrets(tmp_path: Path) -> None:
    settings = resolve_registry(load(tmp_path, GOOD), "laptop", tmp_path, Secrets({}))

    assert settings.options == {"path": ".schemafed/registry.db"}


def test_unknown_registry(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="has no registry `order`; did you mean `orders`"):
        resolve_registry(load(tmp_path, GOOD), "order", tmp_path, Secrets({}))


def test_digest_is_of_the_environment_alone(tmp_path: Path) -> None:
    before = load(tmp_path, GOOD)
    after = load(tmp_path, GOOD.replace("compatibility: FULL", "compatibility: NONE").replace("# x", ""))

    assert make_configuration_digest(before, "dev") == make_configuration_digest(after, "dev")
    assert make_configuration_digest(before, "prod") != make_configuration_digest(after, "prod")


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("{ref: refs/heads/ledger}", "must hold `{environment}`"),
        ("{ref: 'heads/{environment}'}", "must be a Git ref"),
        ("{ref: 'refs/a..b/{environment}'}", "must be a Git ref"),
        ("{ref: 'refs/x y/{environment}'}", "must be a Git ref"),
        ("{lease_minutes: 1}", "greater than or equal to 2"),
        ("{remote: '--upload-pack=touch owned'}", "must be the name of a Git remote"),
        ("{remotes: origin}", "remotes"),
    ],
)
def test_a_section_of_the_ledger_that_cannot_be_used(tmp_path: Path, section: str, words: str) -> None:
    (tmp_path / "schemafed.yaml").write_text(f"{GOOD}ledger: {section}\n")

    config, findings = load_config(tmp_path)

    assert config is None
    assert words in findings[0].message
    assert findings[0].location is not None and findings[0].location.line == 12


@pytest.mark.parametrize(
    ("environment", "is_local"), [("dev", True), ("prod", False), ("shared", False), ("mixed", False), ("own", True)]
)
def test_who_remembers_what_was_applied(tmp_path: Path, environment: str, is_local: bool) -> None:
    more = """\
  shared: {registries: [laptop], ledger: shared}
  mixed: {registries: [laptop, orders]}
  own: {registries: [orders], ledger: local}
"""
    names = GOOD.replace("kind: confluent", 'kind: confluent\n    name: "{{ environment }}.{{ name }}"')

    config = load(tmp_path, names.replace("db}", "db, name: '{{ environment }}.{{ name }}'}") + more)

    assert config.has_local_ledger(environment) is is_local
