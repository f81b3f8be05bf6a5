"""Bad input in the repository: every problem in one run, each with its place and a way out, and no registry asked."""

from __future__ import annotations

import json

import pytest

from tests.repositories import MakeRepository, Repository, record

ORDER = json.dumps(record("Order", "id"))
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)

BAD: list[tuple[str, dict[str, str | bytes], str, str, str]] = [
    # code, files, place, words, fix
    ("SCHEMA_EMPTY", {"schemas/x.avsc": ""}, "schemas/x.avsc", "empty", ""),
    ("SCHEMA_INVALID", {"schemas/x.avsc": "{'a'}"}, "schemas/x.avsc:1:2", "", ""),
    (
        "REFERENCE_MISSING",
        {"schemas/x.avsc": '{"type": "recrod", "name": "X"}'},
        "schemas/x.avsc:1",
        "recrod",
        "record",
    ),
    ("SCHEMA_INVALID", {"schemas/x.avsc": "[" * 10_000 + "]" * 10_000}, "schemas/x.avsc", "deep", ""),
    ("SCHEMA_INVALID", {"schemas/x.proto": 'syntax = "proto3";\nmessage A { int32 a = 1 }\n'}, "x.proto:2", "", ""),
    ("SCHEMA_INVALID", {"schemas/x.schema.json": '{"type": 7}'}, "schemas/x.schema.json:1", "", ""),
    ("SCHEMA_INVALID", {"schemas/x.schema.json": '{\n"maxLength": -1}'}, "schemas/x.schema.json:2:1", "maxLength", ""),
    ("SCHEMA_TOO_LARGE", {"schemas/x.avsc": b'"' + b"x" * 10_500_000 + b'"'}, "schemas/x.avsc", "10", ""),
    (
        "HALF_SURROGATE_PAIR",
        {"schemas/x.json": '{"type": "string",\n "title": "\\ud800"}'},
        "schemas/x.json:2:11",
        "half a surrogate pair",
        "write both halves",
    ),
    ("SCHEMA_NOT_UTF8", {"schemas/x.avsc": b'\xff\xfe"string"'}, "schemas/x.avsc", "UTF-8", ""),
    ("YAML_INVALID", {"schemas/defaults.yaml": BOMB}, "schemas/defaults.yaml", "alias", ""),
    ("YAML_INVALID", {"schemas/defaults.yaml": "a: [b\n"}, "schemas/defaults.yaml", "", ""),
    (
        "UNKNOWN_KEY",
        {"schemas/x.avsc": ORDER, "schemas/x.yaml": "compatability: FULL\n"},
        "schemas/x.yaml:1:1",
        "unknown key `compatability`; did you mean `compatibility`?",
        "",
    ),
    (
        "INVALID_VALUE",
        {"schemas/x.avsc": ORDER, "schemas/x.yaml": "owner: a\ncompatibility: BACKWRD\n"},
        "schemas/x.yaml:2",
        "did you mean `BACKWARD`?",
        "",
    ),
    ("DUPLICATE_SUBJECT", {"schemas/a/x.avsc": ORDER, "schemas/b/x.avsc": ORDER}, "schemas/b/x.avsc", "x", ""),
    (
        "REFERENCE_MISSING",
        {"schemas/x.avsc": json.dumps(record("X", {"name": "m", "type": "Money"}))},
        "schemas/x.avsc:1",
        "Money",
        "",
    ),
    (
        "REFERENCE_CYCLE",
        {
            "schemas/x.avsc": json.dumps(record("X", {"name": "y", "type": "Y"})),
            "schemas/y.avsc": json.dumps(record("Y", {"name": "x", "type": "X"})),
        },
        "schemas/",
        "x",
        "",
    ),
    (
        "AMBIGUOUS_REFERENCE",
        {
            "schemas/a/one.avsc": json.dumps(record("Money", "a")),
            "schemas/a/two.avsc": json.dumps(record("Money", "b")),
            "schemas/a/x.avsc": json.dumps(record("X", {"name": "m", "type": "Money"})),
        },
        "schemas/a/x.avsc:1",
        "Money",
        "",
    ),
]


@pytest.mark.parametrize(
    ("code", "files", "place", "words", "fix"), BAD, ids=[f"{row[0]}-{i}" for i, row in enumerate(BAD)]
)
def test_a_problem_has_a_code_a_place_and_words(
    repository: Repository, code: str, files: dict[str, str | bytes], place: str, words: str, fix: str
) -> None:
    for path, content in files.items():
        repository.write(path, content)

    validated = repository.run("validate")
    planned = repository.run("plan")

    assert validated.exit_code == 3
    assert code in validated.out
    assert place in validated.out
    assert words in validated.out
    assert fix in validated.out
    assert "Traceback" not in validated.text
    assert planned.exit_code == 3
    assert code in planned.err
    assert not (repository.root / ".schemafed").exists()


def test_all_problems_are_told_in_one_run(repository: Repository) -> None:
    repository.write("schemas/a.avsc", "{")
    repository.write("schemas/b.avsc", '{"type": "nothing"}')
    repository.write("schemas/c.avsc", ORDER)
    repository.write("schemas/c.yaml", "ownr: me\ncompatibility: SIDEWAYS\n")

    document = json.loads(repository.run("validate", "--output", "json").out)

    places = [(f["code"], f["location"]["file"], f["location"]["line"]) for f in document["findings"]]
    assert sorted(places) == [
        ("INVALID_VALUE", "schemas/c.yaml", 2),
        ("REFERENCE_MISSING", "schemas/b.avsc", 1),
        ("SCHEMA_INVALID", "schemas/a.avsc", 1),
        ("UNKNOWN_KEY", "schemas/c.yaml", 1),
    ]
    assert document["valid"] is False


def test_names_that_differ_in_case_only_are_a_warning(repository: Repository) -> None:
    repository.write("schemas/a/order.avsc", ORDER)
    repository.write("schemas/b/Order.avsc", ORDER)

    validated = repository.run("validate")

    assert validated.exit_code == 0
    assert "SUBJECT_CASE" in validated.out


def test_two_environments_on_one_live_name(make_repository: MakeRepository) -> None:
    repository = make_repository(
        "version: 1\nregistries:\n  shared: {kind: local, path: x.db}\n"
        "environments:\n  dev: {registries: [shared]}\n  prod: {registries: [shared]}\n"
    )
    repository.write("schemas/order.avsc", ORDER)

    validated = repository.run("validate")

    assert validated.exit_code == 3
    assert "LIVE_NAME_COLLISION" in validated.out


def test_a_link_out_of_the_repository_is_not_followed(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.avsc"
    outside.write_text(ORDER)
    (repository.root / "schemas/link.avsc").symlink_to(outside)

    validated = repository.run("validate")

    assert validated.exit_code == 3
    assert "schemas/link.avsc" in validated.out
    assert "1 AVRO" not in validated.out


def test_a_folder_without_schemafed_yaml(repository: Repository) -> None:
    (repository.root / "schemafed.yaml").unlink()

    validated = repository.run("validate")

    assert validated.exit_code == 1
    assert "schemafed init" in validated.err


def test_registries_are_checked_by_what_their_kind_takes(make_repository: MakeRepository) -> None:
    entries = [
        "version: 1",
        "registries:",
        "  file: {kind: local, path: r.db, timeot: 3}",
        "  nowhere: {kind: local}",
        "  other: {kind: confluant, url: x}",
        "  rest:",
        "    kind: confluent",
        '    urll: "${URL}"',
        '    retries: "${RETRIES}"',
        "    timeout: soon",
        "    auth: {kind: basik, username: u, password: '${PASSWORD}'}",
        "  typo: {kind: confluent, url: 'htp:/x y'}",
        '  later: {kind: confluent, url: "${URL}"}',
    ]
    repository = make_repository("\n".join(entries))

    answer = repository.run("validate", "--output", "json")

    found = json.loads(answer.out)["findings"]
    assert answer.exit_code == 3
    assert [(f["location"]["line"], f["code"], f["message"].split(": ", 1)[1]) for f in found] == [
        (3, "UNKNOWN_KEY", "unknown option `timeot` for kind `local`; did you mean `timeout`?"),
        (4, "MISSING_KEY", "kind `local` needs `path`, the file that holds the registry"),
        (5, "INVALID_VALUE", "unknown kind `confluant`; did you mean `confluent`?"),
        (7, "MISSING_KEY", "`url` is missing"),
        (8, "UNKNOWN_KEY", "`urll` is no key of it; did you mean `url`?"),
        (10, "INVALID_VALUE", "`timeout`: input should be a valid number, unable to parse string as a number"),
        (11, "INVALID_VALUE", "`auth.kind` must be basic, bearer or oauth"),
        (12, "INVALID_VALUE", "`url` is not a URL of http or https: htp:/x y"),
    ]
    assert not (repository.root / "r.db").exists()
