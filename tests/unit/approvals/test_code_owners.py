"""CODEOWNERS as GitHub and GitLab document it."""

from __future__ import annotations

import pytest

from reconciler.forge.code_owners import make_code_owners

GITHUB = """\
# whoever answers for all
*                 @acme/core
/schemas/         @acme/schemas
schemas/payments  @Ada @acme/payments  # both may
docs/*            docs@example.com
my\\ folder/       @space
schemas/free.avsc
**/logs           @octo
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README.md", ("@acme/core",)),
        ("schemas/order.avsc", ("@acme/schemas",)),
        ("other/schemas/order.avsc", ("@acme/core",)),
        ("schemas/payments/a/b.avsc", ("@Ada", "@acme/payments")),
        ("docs/a.md", ("docs@example.com",)),
        ("docs/deep/a.md", ("@acme/core",)),
        ("my folder/x", ("@space",)),
        ("schemas/free.avsc", ()),
        ("deep/logs/x", ("@octo",)),
    ],
)
def test_the_last_line_that_matches_names_the_owners(path: str, owners: tuple[str, ...]) -> None:
    assert make_code_owners(GITHUB).find(path) == owners


GITLAB = """\
* @all
[Schemas][2] @acme/schemas @ada
schemas/
schemas/own.avsc @own
!schemas/generated.avsc
^[Advice] @advice
schemas/
[schemas]
more/ @more
"""


def test_each_section_of_gitlab_has_owners_of_its_own() -> None:
    owners = make_code_owners(GITLAB)

    assert owners.find_groups("schemas/order.avsc") == (("@all",), ("@acme/schemas", "@ada"))
    assert owners.find_groups("schemas/own.avsc") == (("@all",), ("@own",))
    assert owners.find("schemas/generated.avsc") == ("@all", "@advice")
    assert owners.find_groups("more/x") == (("@all",), ("@more",))


def test_an_empty_file_names_nobody() -> None:
    assert make_code_owners("# nothing\n\n").find("a") == ()
