"""Rules of approval and reviews in, findings and approvals out."""

from __future__ import annotations

import pytest

from reconciler.approvals.evaluation import check_approvals, find_demands, make_unconfirmed
from reconciler.approvals.rules import ApprovalRule
from reconciler.approvals.values import AT_APPLY, AT_CHECK, Judged, Kind, Reviewed, Touched
from reconciler.forge.code_owners import CodeOwners, make_code_owners
from reconciler.forge.values import Review, ReviewState
from reconciler.model import Location, Severity

HEAD, OLD = "a" * 40, "b" * 40
TEAM = {"acme/payments": frozenset({"Ada", "bob"})}
NOBODY = CodeOwners()


def rule(**more: object) -> ApprovalRule:
    stages = more.pop("stages", [{"by": ["@acme/payments"]}])
    return ApprovalRule.model_validate({"name": "payments", "stages": stages, **more})


def touch(subject: str | None, *kinds: Kind, file: str = "schemas/x.avsc") -> Touched:
    return Touched(subject, frozenset(kinds), Location(file))


def approve(author: str, commit: str | None = HEAD, state: ReviewState = ReviewState.APPROVED) -> Review:
    return Review(author, state, commit)


def judge(one: ApprovalRule, *reviews: Review, author: str = "eve", members: object = TEAM) -> Judged:
    demands = find_demands([one], [touch("payments.order", Kind.BREAKING)], "prod", NOBODY)
    return check_approvals(demands, Reviewed(7, author, HEAD, reviews, members), AT_CHECK)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "touched", "environment", "is_demanded"),
    [
        ({}, touch("a", Kind.CHANGED_SCHEMA), "prod", True),
        ({"subjects": ["payments.*"]}, touch("orders.x"), "prod", False),
        ({"subjects": ["payments.*"]}, touch("payments.x"), "prod", True),
        ({"changes": ["breaking"]}, touch("a", Kind.CHANGED_SCHEMA), "prod", False),
        ({"changes": ["breaking", "deletion"]}, touch("a", Kind.DELETION), "prod", True),
        ({"changes": ["mode_loosened"]}, touch("a", Kind.MODE_CHANGED, Kind.MODE_LOOSENED), "prod", True),
        ({"environments": ["prod"]}, touch("a"), "dev", False),
        ({}, touch(None, Kind.RULES), "prod", True),
        ({"changes": ["rules"], "subjects": ["payments.*"]}, touch(None, Kind.RULES), "prod", True),
    ],
)
def test_which_changes_a_rule_is_about(
    words: dict[str, object], touched: Touched, environment: str, is_demanded: bool
) -> None:
    assert bool(find_demands([rule(**words)], [touched], environment, NOBODY)) is is_demanded


@pytest.mark.parametrize(
    ("reviews", "counted"),
    [
        ([], []),
        ([approve("Ada")], ["Ada"]),
        ([approve("ADA")], ["ADA"]),
        ([approve("stranger")], []),
        ([approve("Ada", OLD)], []),
        ([approve("Ada", None)], ["Ada"]),
        ([approve("Ada", OLD), approve("Ada")], ["Ada"]),
        ([approve("Ada"), approve("Ada", state=ReviewState.COMMENTED)], ["Ada"]),
        ([approve("Ada"), approve("Ada", state=ReviewState.CHANGES_REQUESTED)], []),
        ([approve("Ada"), approve("Ada", state=ReviewState.WITHDRAWN)], []),
        ([approve("eve")], []),
    ],
)
def test_which_reviews_count(reviews: list[Review], counted: list[str]) -> None:
    judged = judge(rule(stages=[{"by": ["@acme/payments", "@eve"]}]), *reviews)

    assert [approval.by for approval in judged.approvals] == counted
    assert [finding.code for finding in judged.findings] == ([] if counted else ["APPROVAL_MISSING"])


def test_an_older_review_counts_where_the_rule_says_so() -> None:
    assert judge(rule(stale_reviews="count"), approve("Ada", OLD)).findings == ()


def test_one_person_is_one_approval() -> None:
    judged = judge(rule(stages=[{"by": ["@acme/payments", "@Ada"], "at_least": 2}]), approve("Ada"))

    [finding] = judged.findings
    assert finding.severity is Severity.ERROR
    assert finding.message == (
        "rule `payments` demands 2 approvals by @acme/payments or @Ada for payments.order;"
        " pull request 7 has 1 that count"
    )
    assert judged.missing[0].lacking == 1


def test_the_second_stage_is_asked_once_the_first_is_complete() -> None:
    staged = rule(stages=[{"by": ["@ada"]}, {"by": ["@zoe"]}])

    first, second = judge(staged), judge(staged, approve("ada"))

    assert [m.people for m in first.missing] == [("ada",)]
    assert "stage 1 of 2" in first.findings[0].message
    assert [m.people for m in second.missing] == [("zoe",)]
    assert judge(staged, approve("ada"), approve("zoe")).findings == ()


def test_a_team_that_cannot_be_read_confirms_nothing() -> None:
    [finding] = judge(rule(), approve("Ada"), members={"acme/payments": None}).findings

    assert (finding.code, finding.severity) == ("APPROVAL_UNCONFIRMED", Severity.WARNING)
    assert "members of acme/payments cannot be read" in finding.message


def test_what_cannot_be_confirmed_blocks_an_apply() -> None:
    demands = find_demands([rule()], [touch("payments.order")], "prod", NOBODY)

    [finding] = make_unconfirmed(demands, "there is no token", AT_APPLY.unconfirmed, None)

    assert finding.blocks
    assert finding.message.endswith("for payments.order; not confirmed: there is no token")


def test_code_owners_stand_in_for_names() -> None:
    owners = make_code_owners("* @core\nschemas/pay/ @acme/payments\n")
    asked = rule(stages=[{"by": ["codeowners"]}])
    touched = [touch("a", file="schemas/a.avsc"), touch("p", file="schemas/pay/p.avsc"), touch("b", file="b.avsc")]

    demands = find_demands([asked], touched, "prod", owners)

    assert [(d.by, [t.subject for t in d.touched]) for d in demands] == [
        (("@core",), ["a", "b"]),
        (("@acme/payments",), ["p"]),
    ]


def test_files_that_nobody_owns_can_not_be_approved_by_owners() -> None:
    demands = find_demands([rule(stages=[{"by": ["codeowners"]}])], [touch("a")], "prod", NOBODY)

    [finding] = check_approvals(demands, Reviewed(7, "eve", HEAD, (approve("Ada"),)), AT_CHECK).findings

    assert "by nobody whom CODEOWNERS names" in finding.message
    assert finding.fix == "name an owner in CODEOWNERS, or people in the rule"


def test_a_rule_about_rules_takes_the_settings_from_the_others() -> None:
    rules = [rule(), rule(name="guards", changes=["rules"], environments=["prod"], stages=[{"by": ["@zoe"]}])]

    demands = find_demands(rules, [touch(None, Kind.RULES, file="schemafed.yaml")], "dev", NOBODY)

    assert [demand.rule.name for demand in demands] == ["guards"]
