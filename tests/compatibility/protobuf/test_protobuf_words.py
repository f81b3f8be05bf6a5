"""What a finding says: what breaks, for whom, and how to mend it."""

from __future__ import annotations

import pytest
from protobuf_pairs import load_cases, parsed, sides, verdict

from reconciler.compatibility.clash import Rule
from reconciler.compatibility.places import find_place
from reconciler.compatibility.protobuf.rules import RULES
from reconciler.model import Direction, Finding, Format, Mode, Severity, Source
from reconciler.schemas import protobuf

CASES = [case.values[0] for case in load_cases()]


def finding(old: str, new: str, code: str, mode: Mode = Mode.BACKWARD) -> Finding:
    return next(f for f in verdict(parsed(new), parsed(old), mode).findings if f.code == code)


def test_a_finding_says_what_breaks_for_whom_and_how_to_mend_it() -> None:
    found = finding(
        "message Order { Money total = 7; } message Money { int64 cents = 1; }",
        "message Order { Money total = 7; } message Money { string cents = 1; }",
        "FIELD_SCALAR_KIND_CHANGED",
    )

    assert found.message == (
        "`Money.cents` is of type `string` now and was `int64` in version 4, which is written in another way,"
        " so its data cannot be read"
    )
    assert found.fix == "keep `int64`, or add a new field under a number that was never used and leave this one"
    assert (found.severity, found.source, found.path) == (Severity.ERROR, Source.COMPATIBILITY, "#/Money/1")
    assert (found.direction, found.against) == (Direction.BACKWARD, 4)


def test_a_forward_finding_speaks_of_the_new_schema() -> None:
    found = finding("message M {}", "message M {} message N {}", "MESSAGE_REMOVED", Mode.FORWARD)

    assert found.message == "message `N` was added, which consumers with version 4 do not know"
    assert found.fix is not None and found.fix.startswith("declare it in a file of its own")


def test_a_harmless_difference_is_told_and_asks_for_nothing() -> None:
    found = finding("message M { int32 a = 1; }", "message M { int32 b = 1; }", "FIELD_NAME_CHANGED")

    assert (found.severity, found.fix) == (Severity.INFO, None)
    assert found.message == "`M.b` was called `a` in version 4, under the same number"


def test_fields_that_lose_their_independence_are_named() -> None:
    found = finding(
        "message M { int32 a = 1; int32 b = 2; }",
        "message M { oneof c { int32 a = 1; int32 b = 2; int32 d = 3; } }",
        "MULTIPLE_FIELDS_MOVED_TO_ONEOF",
    )

    assert found.message == (
        "`a`, `b` are in oneof `M.c` now and were fields of their own in version 4: where its data has more than one of"
        " them, consumers with this schema see the last only"
    )


def test_what_is_imported_goes_by_its_full_name() -> None:
    text = 'package shop; import "money.proto"; message Order { bank.Money total = 1; }'
    old, new = (
        parsed(text, {"money.proto": f"package bank; message Money {{ {kind} cents = 1; }}"})
        for kind in ("int64", "string")
    )

    inner, outer = verdict(new, old, Mode.BACKWARD).findings

    assert (inner.path, outer.path) == ("#/Money/1", "#/Order/1")
    assert inner.message.startswith("`bank.Money.cents` is of type `string` now")
    assert outer.message.startswith("`Order.total` is of type `bank.Money`, whose definition cannot read")


def test_a_file_without_a_package_says_so() -> None:
    found = finding("message M {}", "package p; message M {}", "PACKAGE_CHANGED")

    assert found.message.startswith("the file is in package `p` now and was in no package in version 4")
    assert found.fix == "keep it in no package"


@pytest.mark.parametrize("mode", [Mode.BACKWARD, Mode.FORWARD])
def test_every_rule_speaks_in_both_directions(mode: Mode) -> None:
    told: dict[str, Finding] = {}
    for case in CASES:
        old, new = sides(case)
        told |= {found.code: found for found in verdict(new, old, mode).findings}

    for rule in RULES.values():
        found = told[rule.code]
        assert "{" not in f"{found.message}{found.fix}"
        assert found.message.count("`") % 2 == 0
        assert bool(found.fix) is rule.breaks


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_the_directions_are_told_apart(rule: Rule) -> None:
    assert rule.backward.message != rule.forward.message


def test_fields_and_values_are_told_in_the_order_of_their_numbers() -> None:
    numbers = [20, 300, 4, 70, 11]
    old = parsed("message M {} enum E { Z = 0; }")
    fields, values = (" ".join(f"{start}{n} = {n};" for n in numbers) for start in ("bool f", "V"))
    new = parsed(f"message M {{ {fields} }} enum E {{ Z = 0; {values} }}")

    paths = [found.path for found in verdict(new, old, Mode.BACKWARD).findings]

    assert paths == [f"#/{name}/{number}" for name in "ME" for number in sorted(numbers)]


def test_the_path_leads_to_the_line() -> None:
    text = 'syntax = "proto3";\nmessage Order {\n  oneof method {\n    string card = 4;\n  }\n}\n'
    old = parsed("message Order { oneof method { int32 card = 4; } }")
    new = protobuf.parse(protobuf.read(text), {})

    (found,) = verdict(new, old, Mode.BACKWARD).findings

    assert found.path == "#/Order/method/4"
    assert protobuf.locate(text, found.path) == (4, 5)


IMPORTING = """syntax = "proto3";
package shop;
import "money.proto";
message Order {
  int64 id = 1;
  message Line {
    oneof price {
      map<string, bank.Money> prices = 2;
      bank.Money.Unit unit = 3;
    }
  }
  bank.Note note = 4;
}
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("#/Money/1", "#/Order/Line/price/2"),
        ("#/Money/choice/1", "#/Order/Line/price/2"),
        ("#/Money/Unit/1", "#/Order/Line/price/3"),
        ("#/Money/Unit", "#/Order/Line/price/3"),
        ("#/Note", "#/Order/4"),
        ("#/Order/Line/price/2", "#/Order/Line/price/2"),
        ("#/Order/Gone", "#/Order/Gone"),
        ("#/Gone", "#/Gone"),
        ("#/Nowhere/1", "#/Nowhere/1"),
        ("#/", "#/"),
    ],
)
def test_what_is_found_in_an_import_is_shown_where_it_is_used(path: str, place: str) -> None:
    found = Finding("CODE", Severity.ERROR, Source.COMPATIBILITY, "", path=path, against=1)

    assert find_place(found, Format.PROTOBUF, IMPORTING, {1: IMPORTING + "message Gone {}"}) == place
