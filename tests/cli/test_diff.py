"""`diff`: two schemas side by side, each a file, a file at a revision, or a version in a registry."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.repositories import MakeRepository, Repository, over_rest, record

OLD = record("Order", "id", "note")
NEW = record("Order", {"name": "id", "type": "int"}, {"name": "total", "type": "int"})
PRICED = record("Order", "id", {"name": "price", "type": "com.acme.Money"})
CHANGES = [("changed", "id"), ("removed", "note"), ("added", "total")]


@pytest.fixture
def double() -> Iterator[ConfluentDouble]:
    with ConfluentDouble("8.1") as started:
        yield started


@pytest.fixture
def files(double: ConfluentDouble, make_repository: MakeRepository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with a registry, in whose root commands run."""
    repository = make_repository(over_rest(double.url))
    monkeypatch.chdir(repository.root)
    return repository


def compare(files: Repository, a: str, b: str) -> list[tuple[str, str]]:
    """The kind and path of every difference."""
    done = files.run_plain("diff", a, b, "--output", "json")
    assert (done.exit_code, done.err) == (0, "")
    return [(difference["kind"], difference["path"]) for difference in json.loads(done.out)["differences"]]


def test_a_difference_is_shown_as_in_a_plan(files: Repository) -> None:
    files.write("a.avsc", OLD)
    files.write("b.avsc", NEW)

    shown = files.run_plain("diff", "a.avsc", "b.avsc")

    assert shown.exit_code == 0
    assert shown.out.splitlines() == [
        "a  a.avsc  AVRO",
        "b  b.avsc  AVRO",
        "      ~ id  string → int",
        "      - note  string",
        "      + total  int",
        "3 differences.",
    ]


def test_the_json_report_says_the_same(files: Repository) -> None:
    files.write("a.avsc", OLD)
    files.write("b.avsc", record("Order", "id"))

    shown = files.run_plain("diff", "a.avsc", "b.avsc", "--output", "json")

    assert json.loads(shown.out) == {
        "version": 1,
        "equal": False,
        "a": {"source": "a.avsc", "format": "AVRO"},
        "b": {"source": "b.avsc", "format": "AVRO"},
        "differences": [{"kind": "removed", "path": "note", "before": "string", "after": None}],
    }


@pytest.mark.parametrize(("new", "exit_code"), [(OLD, 0), (NEW, 2)], ids=["equal", "different"])
def test_the_exit_code_tells_when_it_is_asked_to(files: Repository, new: dict[str, object], exit_code: int) -> None:
    files.write("a.avsc", OLD)
    files.write("b.avsc", new)

    told = files.run_plain("diff", "a.avsc", "b.avsc", "--exit-code")
    not_asked = files.run_plain("diff", "a.avsc", "b.avsc")

    assert (told.exit_code, not_asked.exit_code) == (exit_code, 0)


def test_layout_is_no_difference(files: Repository) -> None:
    files.write("a.avsc", json.dumps(OLD))
    files.write("b.avsc", OLD)

    other_layout = files.run_plain("diff", "a.avsc", "b.avsc")
    same = files.run_plain("diff", "a.avsc", "a.avsc")

    assert "No difference in structure; the texts are not the same to the letter." in other_layout.out
    assert "No difference." in same.out


def test_a_file_at_a_revision(files: Repository) -> None:
    files.write("schemas/order.avsc", OLD)
    files.commit()
    files.write("schemas/order.avsc", NEW)
    files.commit()

    assert compare(files, "HEAD~1:schemas/order.avsc", "schemas/order.avsc") == CHANGES
    assert compare(files, "main:schemas/order.avsc", "schemas/order.avsc") == []


def test_paths_at_a_revision_count_from_the_folder_of_the_option(
    files: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = files.write("team/schemas/order.avsc", OLD)
    files.commit()
    files.write("team/schemas/order.avsc", NEW)
    monkeypatch.chdir(files.root.parent)

    shown = files.run_plain("diff", "-C", str(files.root / "team"), "HEAD:schemas/order.avsc", str(new))

    assert "3 differences." in shown.out, shown.err


def test_versions_in_a_registry(files: Repository, double: ConfluentDouble) -> None:
    double.set_compatibility("", "NONE")
    double.register("team/order", json.dumps(OLD))
    double.register("team/order", json.dumps(NEW))
    files.write("order.avsc", NEW)

    assert compare(files, "registry:orders/team/order@1", "registry:orders/team/order") == CHANGES
    assert compare(files, "registry:orders/team/order@latest", "order.avsc") == []


def test_what_schemas_refer_to_need_not_be_there(files: Repository) -> None:
    files.write("a.avsc", PRICED)
    files.write("b.avsc", record("Order", "id", {"name": "price", "type": ["null", "com.acme.Money"]}))
    files.write("a.json", {"properties": {"x": {"$ref": "x.json"}}})
    files.write("b.json", {"properties": {"x": {"$ref": "y.json"}}})
    files.write("a.proto", 'syntax = "proto3"; import "m.proto"; message Order { Money total = 1; }')
    files.write("b.proto", 'syntax = "proto3"; import "m.proto"; message Order { Money total = 2; }')

    assert compare(files, "a.avsc", "b.avsc") == [("changed", "price")]
    assert compare(files, "a.json", "b.json") == [("changed", "x")]
    assert compare(files, "a.proto", "b.proto") == [("changed", "Order.total")]


def test_between_formats_everything_differs(files: Repository) -> None:
    files.write("a.avsc", record("Order", "id"))
    files.write("b.json", {"type": "object", "properties": {"id": {"type": "string"}}})

    assert compare(files, "a.avsc", "b.json") == [
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
def test_what_cannot_be_read_is_an_error(files: Repository, double: ConfluentDouble, source: str, words: str) -> None:
    files.write("a.avsc", OLD)
    files.write("broken.avsc", "{")
    files.commit()
    double.register("order", json.dumps(OLD))
    double.register("broken", '"string"')
    double.plant_text("broken", "{")

    shown = files.run_plain("diff", "a.avsc", source)

    assert shown.exit_code == 1
    assert words in shown.err
    assert "Traceback" not in shown.text


def test_a_folder_outside_of_git(make_repository: MakeRepository, tmp_path_factory: pytest.TempPathFactory) -> None:
    repository = make_repository()
    outside = tmp_path_factory.mktemp("outside")

    shown = repository.run_plain("diff", "-C", str(outside), "HEAD:a.avsc", "HEAD:a.avsc")

    assert shown.exit_code == 1
    assert "is not in a Git work tree" in shown.err
