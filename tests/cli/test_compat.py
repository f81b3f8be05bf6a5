"""`compat` with files: the verdict, each difference with its place, and exit codes."""

from __future__ import annotations

import pytest

from reconciler.cli.reports import FORMATS
from tests.compat_samples import MONEY, OLD, PRICED, WITH_DEFAULT, WITH_TOTAL, WITHOUT_NOTE, judge
from tests.repositories import Repository, record


@pytest.fixture
def files(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository in whose root commands run."""
    monkeypatch.chdir(repository.root)
    return repository


def test_a_compatible_schema_exits_with_0(files: Repository) -> None:
    files.write("new.avsc", WITH_DEFAULT)
    files.write("old.avsc", OLD)

    judged = files.run_plain("compat", "new.avsc", "old.avsc")

    assert judged.exit_code == 0
    assert judged.out.splitlines() == [
        "new.avsc (AVRO) after:",
        "  version 1: old.avsc",
        "",
        "harmless: `total` was added with a default, which stands for it where data of version 1 is read",
        "  new.avsc:14:5  /fields/2",
        "  READER_FIELD_ADDED  BACKWARD  against version 1",
        "",
        "Compatible with version 1 (BACKWARD, the default): 1 harmless difference.",
    ]


def test_nothing_that_differs_is_said_in_so_many_words(files: Repository) -> None:
    files.write("new.avsc", OLD)

    judged = files.run_plain("compat", "new.avsc", "new.avsc")

    assert judged.out.splitlines()[-1] == "Compatible with version 1 (BACKWARD, the default)."


def test_what_breaks_and_what_does_no_harm_are_counted(files: Repository) -> None:
    files.write("new.avsc", record("Order", "id", {"name": "total", "type": "int"}))
    files.write("old.avsc", OLD)

    judged = files.run_plain("compat", "new.avsc", "old.avsc")

    assert judged.out.splitlines()[-1].endswith(": 1 difference breaks, 1 is harmless.")


def test_a_difference_that_breaks_has_code_place_direction_version_sentence_and_fix(files: Repository) -> None:
    files.write("new.avsc", WITH_TOTAL)
    files.write("old.avsc", OLD)

    judged = files.run_plain("compat", "new.avsc", "old.avsc")

    assert judged.exit_code == 3
    assert judged.out.splitlines()[3:] == [
        "error: `total` was added without a default, so consumers with this schema cannot read data of version 1",
        "  new.avsc:14:5  /fields/2",
        "  READER_FIELD_MISSING_DEFAULT_VALUE  BACKWARD  against version 1",
        '  fix: add a default to the field, such as "default": 0',
        "",
        "Incompatible with version 1 (BACKWARD, the default): 1 difference breaks.",
    ]


def test_a_fix_that_many_differences_share_is_told_once(files: Repository) -> None:
    files.write("new.avsc", record("Order", "id", {"name": "net", "type": "int"}, {"name": "gross", "type": "int"}))
    files.write("old.avsc", record("Order", "id"))

    judged = files.run_plain("compat", "new.avsc", "old.avsc")

    assert judged.out.count("READER_FIELD_MISSING_DEFAULT_VALUE") == 2
    assert judged.out.count("fix: add a default to the field") == 1


def test_the_json_report_says_the_same(files: Repository) -> None:
    files.write("new.avsc", WITH_TOTAL)
    files.write("old.avsc", OLD)

    document = judge(files, "new.avsc", "old.avsc", "--mode", "FULL")

    assert document == {
        "version": 1,
        "outcome": "incompatible",
        "compatible": False,
        "mode": "FULL",
        "basis": "given with --mode",
        "dialect": "confluent",
        "format": "AVRO",
        "new": "new.avsc",
        "existing": [{"version": 1, "source": "old.avsc"}],
        "compared": [1],
        "differences": [
            {
                "code": "READER_FIELD_MISSING_DEFAULT_VALUE",
                "compatible": False,
                "path": "/fields/2",
                "direction": "BACKWARD",
                "against": 1,
                "message": "`total` was added without a default,"
                " so consumers with this schema cannot read data of version 1",
                "fix": 'add a default to the field, such as "default": 0',
                "location": {"file": "new.avsc", "line": 14, "column": 5},
            },
            {
                "code": "READER_FIELD_REMOVED",
                "compatible": True,
                "path": "/fields/2",
                "direction": "FORWARD",
                "against": 1,
                "message": "`total` was added, and consumers with version 1 pass over it in data of this schema",
                "fix": None,
                "location": {"file": "new.avsc", "line": 14, "column": 5},
            },
        ],
    }


def test_every_format_of_reports_tells_of_the_break_at_its_line(files: Repository) -> None:
    files.write("new.avsc", WITH_TOTAL)
    files.write("old.avsc", OLD)
    arguments = ("compat", "new.avsc", "old.avsc")
    named = [option for name in FORMATS for option in ("--report", f"{name}=out/{name}")]

    printed = {name: files.run_plain(*arguments, "--output", name) for name in FORMATS}
    written = files.run_plain(*arguments, *named)

    assert written.exit_code == 3
    for name, judged in printed.items():
        assert judged.exit_code == 3
        assert "READER_FIELD_MISSING_DEFAULT_VALUE" in judged.out
        assert "new.avsc" in judged.out
        assert (files.root / "out" / name).read_text() == judged.out


def test_a_report_says_what_stopped_a_comparison(files: Repository) -> None:
    files.write("new.avsc", "{")

    judged = files.run_plain("compat", "new.avsc", "new.avsc", "--report", "junit=junit.xml")

    assert judged.exit_code == 1
    assert "new.avsc:1:2: not JSON" in (files.root / "junit.xml").read_text()


@pytest.mark.parametrize("mode", ["full", "Full", "FULL"])
def test_a_mode_may_be_written_in_small_letters(files: Repository, mode: str) -> None:
    files.write("new.avsc", OLD)

    assert judge(files, "new.avsc", "new.avsc", "--mode", mode)["mode"] == "FULL"


RENAMED = ('syntax = "proto3"; message M { int32 a = 1; }', 'syntax = "proto3"; message M { int32 b = 1; }')


@pytest.mark.parametrize(
    ("dialect", "exit_code", "last"),
    [
        ("confluent", 0, "Compatible with version 1 (BACKWARD, the default): 1 harmless difference."),
        (
            "apicurio",
            3,
            "Incompatible with version 1 (BACKWARD, the default, by the rules of apicurio): 1 difference breaks.",
        ),
    ],
)
def test_a_dialect_judges_by_its_own_rules(files: Repository, dialect: str, exit_code: int, last: str) -> None:
    for name, text in zip(("old.proto", "new.proto"), RENAMED, strict=True):
        files.write(name, text)

    judged = files.run_plain("compat", "new.proto", "old.proto", "--dialect", dialect)

    assert judged.exit_code == exit_code
    assert judged.out.splitlines()[-1] == last


def test_a_dialect_that_cannot_judge_a_format_says_so(files: Repository) -> None:
    files.write("old.json", '{"type": "string"}')
    files.write("new.json", '{"type": "number"}')

    judged = files.run_plain("compat", "new.json", "old.json", "--dialect", "pulsar")

    assert judged.exit_code == 3
    assert (
        judged.out.splitlines()[-1] == "schemafed has no rules for JSON as pulsar judges it; only a registry can tell."
    )


@pytest.mark.parametrize(
    ("options", "exit_code", "last"),
    [
        (("--mode", "BACKWARD"), 0, "Compatible with version 1 (BACKWARD, given with --mode, by the rules of glue)."),
        (("--checkpoint", "2"), 3, "Incompatible with version 2 (BACKWARD, the default, by the rules of glue):"),
        (("--mode", "BACKWARD_ALL"), 3, "Incompatible with versions 1 and 2 (BACKWARD_TRANSITIVE, given with --mode,"),
    ],
)
def test_glue_looks_at_the_checkpoint(files: Repository, options: tuple[str, ...], exit_code: int, last: str) -> None:
    files.write("one.avsc", WITH_TOTAL)
    files.write("two.avsc", OLD)
    files.write("new.avsc", WITH_TOTAL)

    judged = files.run_plain("compat", "new.avsc", "one.avsc", "two.avsc", "--dialect", "glue", *options)

    assert judged.exit_code == exit_code
    assert judged.out.splitlines()[-1].startswith(last)


@pytest.mark.parametrize(("dialect", "word"), [("glue", "DISABLED"), ("pulsar", "ALWAYS_INCOMPATIBLE")])
def test_a_closed_subject_takes_no_version(files: Repository, dialect: str, word: str) -> None:
    files.write("new.avsc", OLD)

    judged = files.run_plain("compat", "new.avsc", "new.avsc", "--dialect", dialect, "--mode", word)

    assert judged.exit_code == 3
    assert f"under {word} a subject of {dialect} takes no new version" in judged.err


def test_a_live_subject_is_judged_in_its_registry_s_dialect(files: Repository) -> None:
    files.write("new.avsc", OLD)

    judged = files.run_plain("compat", "new.avsc", "--registry", "main", "--subject", "orders", "--dialect", "apicurio")

    assert judged.exit_code == 1
    assert "--dialect is for files" in judged.err


USER, TEAM = record("User", "id"), record("Team", "id")
PLACES: list[tuple[str, dict[str, object], dict[str, object], str, int]] = [
    # direction, old, new, path in whichever is the reader, line of the new file where the same thing is or was
    ("FORWARD", record("Order", "id", "note"), record("Order", "note"), "/fields/0", 5),
    (
        "FORWARD",
        record("Order", "id", {"name": "note", "type": "int"}),
        record("Order", {"name": "new", "type": "int"}, "id", {"name": "note", "type": "long"}),
        "/fields/1/type",
        16,
    ),
    (
        "FORWARD",
        record("Order", "id", {"name": "by", "type": [USER]}),
        record("Order", {"name": "by", "type": [USER, TEAM]}, "id"),
        "/fields/1/type/1",
        20,
    ),
    (
        "BACKWARD",
        record("Order", {"name": "by", "type": ["null", "string", USER]}),
        record("Order", {"name": "by", "type": [USER, "null", "int"]}),
        "/fields/0/type/1",
        8,
    ),
]


@pytest.mark.parametrize(
    ("direction", "old", "new", "path", "line"), PLACES, ids=["removed", "moved", "branch", "gone"]
)
def test_a_place_is_in_the_new_file_whatever_the_path_points_into(
    files: Repository, direction: str, old: dict[str, object], new: dict[str, object], path: str, line: int
) -> None:
    files.write("new.avsc", new)
    files.write("old.avsc", old)

    difference = judge(files, "new.avsc", "old.avsc", "--mode", direction)["differences"][0]

    assert (difference["path"], difference["location"]["line"]) == (path, line)


# mode, outcome, versions that count: `total` is new since version 1, and has its default since version 2.
MODES = [
    ("BACKWARD", True, [2]),
    ("BACKWARD_TRANSITIVE", True, [1, 2]),
    ("FORWARD", False, [2]),
    ("forward_transitive", False, [1, 2]),
    ("FULL", False, [2]),
    ("NONE", True, []),
]


@pytest.mark.parametrize(("mode", "is_compatible", "compared"), MODES, ids=[row[0] for row in MODES])
def test_a_mode_says_which_versions_count_and_how(
    files: Repository, mode: str, is_compatible: bool, compared: list[int]
) -> None:
    files.write("new.avsc", WITHOUT_NOTE)
    files.write("1.avsc", OLD)
    files.write("2.avsc", WITH_DEFAULT)

    document = judge(files, "new.avsc", "1.avsc", "2.avsc", "--mode", mode)

    assert (document["compatible"], document["compared"]) == (is_compatible, compared)


def test_versions_that_do_not_count_are_named_as_such(files: Repository) -> None:
    for name in ("new.avsc", "1.avsc", "2.avsc"):
        files.write(name, OLD)

    judged = files.run_plain("compat", "new.avsc", "1.avsc", "2.avsc")

    assert "  version 1: 1.avsc (does not count)\n  version 2: 2.avsc\n" in judged.out


def test_another_format_breaks(files: Repository) -> None:
    files.write("new.json", {"type": "object"})
    files.write("old.avsc", OLD)

    document = judge(files, "new.json", "old.avsc")

    assert [d["code"] for d in document["differences"]] == ["FORMAT_CHANGED"]


def test_a_format_without_rules_is_not_judged_and_does_not_pass(
    files: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciler.compatibility.JUDGED_FORMATS", frozenset({"AVRO"}))
    files.write("new.json", {"type": "object"})

    judged = files.run_plain("compat", "new.json", "new.json")

    assert judged.exit_code == 3
    assert "schemafed has no rules for JSON as confluent judges it" in judged.out


def test_a_format_can_be_told_apart_from_the_ending(files: Repository) -> None:
    files.write("new.json", WITH_TOTAL)
    files.write("old", OLD)

    document = judge(files, "new.json", "old", "--format", "avro")

    assert [d["code"] for d in document["differences"]] == ["READER_FIELD_MISSING_DEFAULT_VALUE"]


# What has `com.acme.Money`, in a folder of its own or beside the files that use it.
FOUND = [
    ("shared/money.avsc", ("--reference", "com.acme.Money=shared/money.avsc")),
    ("shared/money.avsc", ("--reference", "shared/money.avsc")),
    ("money.avsc", ()),
]


@pytest.mark.parametrize(("path", "options"), FOUND, ids=["named", "by what it defines", "beside"])
def test_avro_references(files: Repository, path: str, options: tuple[str, ...]) -> None:
    files.write(path, MONEY)
    files.write("new.avsc", PRICED)
    files.write("old.avsc", WITHOUT_NOTE)

    document = judge(files, "new.avsc", "old.avsc", *options)

    assert [(d["code"], d["path"]) for d in document["differences"]] == [
        ("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/1")
    ]


def test_each_file_means_the_nearest_of_several_references(files: Repository) -> None:
    files.write("v1/money.avsc", MONEY)
    files.write("v2/money.avsc", record("Money", "currency", "scale"))
    files.write("v1/order.avsc", PRICED)
    files.write("v2/order.avsc", PRICED)

    given = ("--reference", "v1/money.avsc", "--reference", "v2/money.avsc")
    document = judge(files, "v2/order.avsc", "v1/order.avsc", *given)

    assert [d["message"].split(",")[0] for d in document["differences"]] == [
        "`price.scale` was added without a default"
    ]


def test_json_and_protobuf_references_beside_a_file(files: Repository) -> None:
    files.write("common/money.json", {"type": "integer"})
    files.write("a/order.json", {"properties": {"total": {"$ref": "../common/money.json"}}})
    files.write("acme/money.proto", 'syntax = "proto3"; message Money { int64 units = 1; }')
    files.write(
        "acme/deep/order.proto",
        'syntax = "proto3"; import "acme/money.proto"; message Order { Money total = 1; }',
    )

    by_ref = files.run_plain("compat", "a/order.json", "a/order.json", "--mode", "NONE")
    by_import = files.run_plain("compat", "acme/deep/order.proto", "acme/deep/order.proto", "--mode", "NONE")

    assert (by_ref.exit_code, by_import.exit_code) == (0, 0), by_ref.err + by_import.err


def test_a_default_of_another_type_is_taken_from_an_old_file_only(files: Repository) -> None:
    unfit = record("Order", "id", {"name": "total", "type": "com.acme.Money", "default": None})
    files.write("money.avsc", {"type": "record", "name": "com.acme.Money", "fields": []})
    files.write("old.avsc", unfit)
    files.write("new.avsc", record("Order", "id"))

    as_old = files.run_plain("compat", "new.avsc", "old.avsc")
    as_new = files.run_plain("compat", "old.avsc", "new.avsc")

    assert (as_old.exit_code, as_new.exit_code) == (0, 1)
    assert "old.avsc:" in as_new.err
    assert 'the default null of field `total` is not of its type "com.acme.Money"' in as_new.err


BAD_FILES: list[tuple[str, str, str]] = [
    # content of new.avsc, the error, what to do
    ("{", "new.avsc:1:2: not JSON", ""),
    ("", "new.avsc: the file is empty", "write a schema"),
    ('{"type": "recrod", "name": "X"}', "new.avsc:1:2: no schema defines `recrod`", "did you mean `record`?"),
    ('{"type": "record", "name": "X", "fields": 1}', "new.avsc:1:", ""),
]


@pytest.mark.parametrize(("content", "words", "fix"), BAD_FILES, ids=[row[1] for row in BAD_FILES])
def test_an_unreadable_file_is_an_error_with_its_place(files: Repository, content: str, words: str, fix: str) -> None:
    files.write("new.avsc", content)
    files.write("old.avsc", OLD)

    as_new = files.run_plain("compat", "new.avsc", "old.avsc")
    as_old = files.run_plain("compat", "old.avsc", "new.avsc")

    assert (as_new.exit_code, as_old.exit_code) == (1, 1)
    assert as_new.err == as_old.err
    assert words in as_new.err
    assert fix in as_new.err
    assert "Traceback" not in as_new.text


def test_what_is_wrong_in_a_reference_is_told_there(files: Repository) -> None:
    files.write("new.avsc", PRICED)
    files.write("money.avsc", record("Money", {"name": "c", "type": "Nothing"}))

    judged = files.run_plain("compat", "new.avsc", "new.avsc")

    assert judged.exit_code == 1
    assert judged.err.startswith("error: money.avsc:8:7: no schema defines `com.acme.Nothing`")


def test_a_neighbour_that_is_no_schema_is_passed_over(files: Repository) -> None:
    files.write("new.avsc", PRICED)
    files.write("a-draft.avsc", "{")
    files.write("money.avsc", MONEY)

    judged = files.run_plain("compat", "new.avsc", "new.avsc")

    assert judged.exit_code == 0, judged.err


def test_references_in_a_circle_are_an_error(files: Repository) -> None:
    files.write("x.avsc", record("X", {"name": "y", "type": "Y"}))
    files.write("y.avsc", record("Y", {"name": "x", "type": "X"}))

    judged = files.run_plain("compat", "x.avsc", "x.avsc", "--reference", "x.avsc", "--reference", "y.avsc")

    assert judged.exit_code == 1
    assert "references form a cycle" in judged.err


def test_two_files_that_may_be_meant_are_an_error(files: Repository) -> None:
    files.write("new.avsc", PRICED)
    files.write("money-1.avsc", MONEY)
    files.write("money-2.avsc", record("Money", "currency", "scale"))

    judged = files.run_plain("compat", "new.avsc", "new.avsc")

    assert judged.exit_code == 1
    assert "may be any of money-1.avsc, money-2.avsc" in judged.err
    assert "--reference com.acme.Money=FILE" in judged.err


MISUSES = [
    ((), "no schema was named"),
    (("new.avsc",), "there is nothing to compare new.avsc with"),
    (("new.avsc", "missing.avsc"), "missing.avsc: the file cannot be read: no such file or directory"),
    (("new.avsc", "schemafed.yaml"), "does not tell the format"),
    (("new.avsc", "missing.avsc"), "fix: correct the path"),
    (("new.avsc", "new.avsc", "--mode", "sideways"), "confluent has no mode `SIDEWAYS`"),
    (("new.avsc", "new.avsc", "--mode", "sideways"), "BACKWARD_TRANSITIVE, FORWARD,"),
    (("new.avsc", "new.avsc", "--mode", "BACKWARD_ALL"), "confluent has no mode `BACKWARD_ALL`"),
    (("new.avsc", "new.avsc", "--checkpoint", "1"), "--checkpoint is for a dialect that has checkpoints"),
    (("new.avsc", "new.avsc", "--dialect", "glue", "--checkpoint", "2"), "is not the only old version"),
    (("new.avsc", "--registry", "laptop"), "belong together"),
    (("new.avsc", "--subject", "x"), "belong together"),
    (("new.avsc", "new.avsc", "--registry", "laptop", "--subject", "x"), "name one file"),
    (("new.avsc", "--registry", "nowhere", "--subject", "x"), "no registry `nowhere`"),
    (("new.avsc", "--stdin"), "--stdin takes everything from its lines"),
    (("--stdin", "--report", "json=x.json"), "--stdin takes everything from its lines"),
    (("new.avsc", "new.avsc", "--reference", "a=new.avsc", "--reference", "a=new.avsc"), "names `a` twice"),
    (("new.avsc", "new.avsc", "--reference", "a=missing.avsc"), "missing.avsc: the file cannot be read"),
]


@pytest.mark.parametrize(("arguments", "words"), MISUSES, ids=[row[1] for row in MISUSES])
def test_options_that_do_not_fit_are_errors(files: Repository, arguments: tuple[str, ...], words: str) -> None:
    files.write("new.avsc", OLD)

    judged = files.run_plain("compat", *arguments)

    assert judged.exit_code == 1
    assert words in judged.err
    assert "Traceback" not in judged.text
