"""`diff`: two schemas side by side, each a file, a file at a revision, or a version in a registry."""

from __future__ import annotations

import json

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.repositories import MakeRepository, Repository, record

OLD = record("Order", "id", "note")
NEW = record("Order", {"name": "id", "type": "int"}, {"name": "total", "type": "int"})
PRICED = record("Order", "id", {"name": "price", "type": "com.acme.Money"})
CHANGES = [("changed", "id"), ("removed", "note"), ("added", "total")]


def compare(online: Repository, a: str, b: str) -> list[tuple[str, str]]:
    """The kind and path of every difference."""
    done = online.run_plain("diff", a, b, "--output", "json")
    assert (done.exit_code, done.err) == (0, "")
    return [(difference["kind"], difference["path"]) for difference in json.loads(done.out)["differences"]]


def test_a_difference_is_shown_as_in_a_plan(online: Repository) -> None:
    online.write("a.avsc", OLD)
    online.write("b.avsc", NEW)

    shown = online.run_plain("diff", "a.avsc", "b.avsc")

    assert shown.exit_code == 0
    assert shown.out.splitlines() == [
        "a  a.avsc  AVRO",
        "b  b.avsc  AVRO",
        "      ~ id  string → int",
        "      - note  string",
        "      + total  int",
        "3 differences.",
    ]


def test_the_json_report_says_the_same(online: Repository) -> None:
    online.write("a.avsc", OLD)
    online.write("b.avsc", record("Order", "id"))

    shown = online.run_plain("diff", "a.avsc", "b.avsc", "--output", "json")

    assert json.loads(shown.out) == {
        "version": 1,
        "equal": False,
        "a": {"source": "a.avsc", "format": "AVRO"},
        "b": {"source": "b.avsc", "format": "AVRO"},
        "differences": [{"kind": "removed", "path": "note", "before": "string", "after": None}],
    }


@pytest.mark.parametrize(("new", "exit_code"), [(OLD, 0), (NEW, 2)], ids=["equal", "different"])
def test_the_exit_code_tells_when_it_is_asked_to(online: Repository, new: dict[str, object], exit_code: int) -> None:
    online.write("a.avsc", OLD)
    online.write("b.avsc", new)

    told = online.run_plain("diff", "a.avsc", "b.avsc", "--exit-code")
    not_asked = online.run_plain("diff", "a.avsc", "b.avsc")

    assert (told.exit_code, not_asked.exit_code) == (exit_code, 0)


def test_a_tool_s_own_keyword_is_told_by_the_members_that_differ(online: Repository) -> None:
    for version in ("1-0-0", "1-0-1"):
        itself = {"vendor": "com.acme", "name": "order", "format": "jsonschema", "version": version}
        online.write(f"{version}.json", json.dumps({"self": itself, "type": "object"}))

    compared = online.run_plain("diff", "1-0-0.json", "1-0-1.json", "--format", "JSON")

    assert compared.out.splitlines()[2:] == [
        "      ~ (root)  self.version: 1-0-0 → self.version: 1-0-1",
        "1 difference.",
    ]


def test_what_is_long_before_and_after_has_a_line_for_each(online: Repository) -> None:
    for name in ("a", "b"):
        online.write(f"{name}.json", json.dumps({"type": "string", "description": name * 60}))

    compared = online.run_plain("diff", "a.json", "b.json", "--format", "JSON")

    assert compared.out.splitlines()[2:] == [
        "      ~ (root)",
        f"          - description: {'a' * 60}",
        f"          + description: {'b' * 60}",
        "1 difference.",
    ]


def test_layout_is_no_difference(online: Repository) -> None:
    online.write("a.avsc", json.dumps(OLD))
    online.write("b.avsc", OLD)

    other_layout = online.run_plain("diff", "a.avsc", "b.avsc")
    same = online.run_plain("diff", "a.avsc", "a.avsc")

    assert "No difference in structure; the texts are not the same to the letter." in other_layout.out
    assert "No difference." in same.out


def test_a_file_at_a_revision(online: Repository) -> None:
    online.write("schemas/order.avsc", OLD)
    online.commit()
    online.write("schemas/order.avsc", NEW)
    online.commit()

    assert compare(online, "HEAD~1:schemas/order.avsc", "schemas/order.avsc") == CHANGES
    assert compare(online, "main:schemas/order.avsc", "schemas/order.avsc") == []


def test_paths_at_a_revision_count_from_the_folder_of_the_option(
    online: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = online.write("team/schemas/order.avsc", OLD)
    online.commit()
    online.write("team/schemas/order.avsc", NEW)
    monkeypatch.chdir(online.root.parent)

    shown = online.run_plain("diff", "-C", str(online.root / "team"), "HEAD:schemas/order.avsc", str(new))

    assert "3 differences." in shown.out, shown.err


def test_versions_in_a_registry(online: Repository, double: ConfluentDouble) -> None:
    double.set_compatibility("", "NONE")
    double.register("team/order", json.dumps(OLD))
    double.register("team/order", json.dumps(NEW))
    online.write("order.avsc", NEW)

    assert compare(online, "registry:orders/team/order@1", "registry:orders/team/order") == CHANGES
    assert compare(online, "registry:orders/team/order@latest", "order.avsc") == []


def test_what_schemas_refer_to_need_not_be_there(online: Repository) -> None:
    online.write("a.avsc", PRICED)
    online.write("b.avsc", record("Order", "id", {"name": "price", "type": ["null", "com.acme.Money"]}))
    online.write("a.json", {"properties": {"x": {"$ref": "x.json"}}})
    online.write("b.json", {"properties": {"x": {"$ref": "y.json"}}})
    online.write("a.proto", 'syntax = "proto3"; import "m.proto"; message Order { Money total = 1; }')
    online.write("b.proto", 'syntax = "proto3"; import "m.proto"; message Order { Money total = 2; }')

    assert compare(online, "a.avsc", "b.avsc") == [("changed", "price")]
    assert compare(online, "a.json", "b.json") == [("changed", "x")]
    assert compare(online, "a.proto", "b.proto") == [("changed", "Order.total")]


def test_between_formats_everything_differs(online: Repository) -> None:
    online.write("a.avsc", record("Order", "id"))
    online.write("b.json", {"type": "object", "properties": {"id": {"type": "string"}}})

    assert compare(online, "a.avsc", "b.json") == [
        ("removed", "$"),
        ("removed", "id"),
        ("added", "(root)"),
        ("added", "id"),
    ]


BAD = [
    ("missing.avsc", "missing.avsc: the file cannot be read: no such file or directory"),
    ("broken.avsc", "broken.avsc:1:2: not JSON"),
    ("schemafed.yaml", "does not tell the format"),
    (":", "neither a file nor a file at a revision"),
    ("HEAD:missing.avsc", "there is no file `missing.avsc` at `HEAD`"),
    ("HEAD:schemas", "does not tell the format"),
    ("nowhere:a.avsc", "Git knows no revision `nowhere`"),
    ("--help@{x}:a.avsc", "No such option"),
    ("HEAD:../../../etc/passwd.avsc", "there is no file"),
    ("HEAD:broken.avsc", "HEAD:broken.avsc:1:2: not JSON"),
    ("registry:", "names no subject"),
    ("registry:orders", "names no subject"),
    ("registry:nowhere/order", "no registry `nowhere`"),
    ("registry:orders/missing", "orders/missing: the registry has no such subject"),
    ("registry:orders/order@7", "the subject has no version 7"),
    ("registry:orders/broken", "registry:orders/broken@1 cannot be read: not JSON"),
]


@pytest.mark.parametrize(("source", "words"), BAD, ids=[row[0] for row in BAD])
def test_what_cannot_be_read_is_an_error(online: Repository, double: ConfluentDouble, source: str, words: str) -> None:
    online.write("a.avsc", OLD)
    online.write("broken.avsc", "{")
    online.commit()
    double.register("order", json.dumps(OLD))
    double.register("broken", '"string"')
    double.plant_text("broken", "{")

    shown = online.run_plain("diff", "a.avsc", source)

    assert shown.exit_code == 1
    assert words in shown.err
    assert "Traceback" not in shown.text


def test_a_folder_outside_of_git(make_repository: MakeRepository, tmp_path_factory: pytest.TempPathFactory) -> None:
    repository = make_repository()
    outside = tmp_path_factory.mktemp("outside")

    shown = repository.run_plain("diff", "-C", str(outside), "HEAD:a.avsc", "HEAD:a.avsc")

    assert shown.exit_code == 1
    assert "is not in a Git work tree" in shown.err
