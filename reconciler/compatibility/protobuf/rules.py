"""The rules of Protobuf as rows: Confluent's name of each difference, whether it breaks, what to tell the author.

In the words, ``{reader}`` and ``{writer}`` are what stands on each side; backward the reader is the new schema, forward
it is the old one. A row whose key is not its code says the same difference in other words.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.compatibility.clash import Rule, Words

SCALAR_GROUPS: Mapping[str, str] = {
    "int32": "varint",
    "int64": "varint",
    "uint32": "varint",
    "uint64": "varint",
    "bool": "varint",
    "sint32": "zigzag",
    "sint64": "zigzag",
    "string": "text",
    "bytes": "text",
    "fixed32": "four bytes",
    "sfixed32": "four bytes",
    "fixed64": "eight bytes",
    "sfixed64": "eight bytes",
    "float": "float",
    "double": "double",
}
"""Types within a group read each other: https://protobuf.dev/programming-guides/proto3/#updating."""

ENUM_GROUP = "varint"
TEXT_GROUP = "text"

_OLD_READERS = "so consumers with {old} cannot read data of this schema"
_SEE_THE_LAST = "consumers with {} see the last only"
_NEW_NUMBER = "or add a new field under a number that was never used and leave this one"
_LOOKS_BACK = "choose a mode that looks backward only, such as BACKWARD_TRANSITIVE"


def _breaks(code: str, backward: tuple[str, str], forward: tuple[str, str]) -> Rule:
    return Rule(code, Words(*backward), Words(*forward))


def _tells(code: str, backward: str, forward: str) -> Rule:
    return Rule(code, Words(backward, ""), Words(forward, ""), breaks=False)


RULES: Mapping[str, Rule] = {
    "PACKAGE_CHANGED": _breaks(
        "PACKAGE_CHANGED",
        (
            "the file is in {reader} now and was in {writer} in {old}, so every message has another full name",
            "keep it in {writer}",
        ),
        (
            "the file is in {writer} now and in {reader} in {old}, so consumers with {old} do not know the messages",
            "keep it in {reader}",
        ),
    ),
    "MESSAGE_ADDED": _tells(
        "MESSAGE_ADDED", "message {where} was added", "message {where} of {old} is no longer declared"
    ),
    "MESSAGE_MOVED": _tells(
        "MESSAGE_MOVED",
        "message {where} has another place among the messages than in {old}",
        "message {where} had another place among the messages in {old}",
    ),
    "MESSAGE_REMOVED": _breaks(
        "MESSAGE_REMOVED",
        (
            "message {where} of {old} is no longer declared here, so consumers with this schema do not know it",
            "keep the message under its name and in its place, even if nothing uses it any more",
        ),
        (
            "message {where} was added, which consumers with {old} do not know",
            "declare it in a file of its own and import that, or " + _LOOKS_BACK,
        ),
    ),
    "ENUM_ADDED": _tells("ENUM_ADDED", "enum {where} was added", "enum {where} of {old} was removed"),
    "ENUM_REMOVED": _tells("ENUM_REMOVED", "enum {where} of {old} was removed", "enum {where} was added"),
    "ENUM_CONST_ADDED": _tells(
        "ENUM_CONST_ADDED", "the value {where} was added", "the value {where} of {old} was removed"
    ),
    "ENUM_CONST_CHANGED": _tells(
        "ENUM_CONST_CHANGED",
        "the value {where} was called `{writer}` in {old}",
        "the value {where} of {old} is called `{writer}` now",
    ),
    "ENUM_CONST_REMOVED": _tells(
        "ENUM_CONST_REMOVED", "the value {where} of {old} was removed", "the value {where} was added"
    ),
    "FIELD_ADDED": _tells("FIELD_ADDED", "{where} was added", "{where} of {old} was removed"),
    "FIELD_REMOVED": _tells("FIELD_REMOVED", "{where} of {old} was removed", "{where} was added"),
    "FIELD_NAME_CHANGED": _tells(
        "FIELD_NAME_CHANGED",
        "{where} was called `{writer}` in {old}, under the same number",
        "{where} of {old} is called `{writer}` now, under the same number",
    ),
    "REQUIRED_FIELD_ADDED": _breaks(
        "REQUIRED_FIELD_ADDED",
        (
            "{where} was added as required, and data of {old} does not have it, so it cannot be read",
            "make the field optional",
        ),
        (
            "{where} was removed and is required in {old}, " + _OLD_READERS,
            "keep the field",
        ),
    ),
    "REQUIRED_FIELD_REMOVED": _breaks(
        "REQUIRED_FIELD_REMOVED",
        (
            "{where} was removed and is required in {old}, and a required field can neither come nor go",
            "keep the field",
        ),
        (
            "{where} was added as required and is not in {old}, and a required field can neither come nor go",
            "make the field optional",
        ),
    ),
    "FIELD_KIND_CHANGED": _breaks(
        "FIELD_KIND_CHANGED",
        (
            "{where} is {reader} now and was {writer} in {old}, which is written in another way,"
            " so its data cannot be read",
            "keep the type, " + _NEW_NUMBER,
        ),
        (
            "{where} is {writer} now and {reader} in {old}, " + _OLD_READERS,
            "keep the type, " + _NEW_NUMBER,
        ),
    ),
    "FIELD_SCALAR_KIND_CHANGED": _breaks(
        "FIELD_SCALAR_KIND_CHANGED",
        (
            "{where} is of type `{reader}` now and was `{writer}` in {old}, which is written in another way,"
            " so its data cannot be read",
            "keep `{writer}`, " + _NEW_NUMBER,
        ),
        (
            "{where} is of type `{writer}` now and `{reader}` in {old}, " + _OLD_READERS,
            "keep `{reader}`, " + _NEW_NUMBER,
        ),
    ),
    "FIELD_NAMED_TYPE_CHANGED": _breaks(
        "FIELD_NAMED_TYPE_CHANGED",
        (
            "{where} is of type `{reader}` now and was `{writer}` in {old}, which is another message",
            "keep `{writer}`, " + _NEW_NUMBER,
        ),
        (
            "{where} is of type `{writer}` now and `{reader}` in {old}, " + _OLD_READERS,
            "keep `{reader}`, " + _NEW_NUMBER,
        ),
    ),
    "FIELD_NAMED_TYPE_CHANGED inside": _breaks(
        "FIELD_NAMED_TYPE_CHANGED",
        (
            "{where} is of type `{reader}`, whose definition cannot read what the one in {old} wrote",
            "mend the definition of `{reader}`, or reference the version of it that {old} does",
        ),
        (
            "{where} is of type `{writer}`, whose definition writes what the one in {old} cannot read",
            "mend the definition of `{writer}`, or reference the version of it that {old} does",
        ),
    ),
    "FIELD_NUMERIC_LABEL_CHANGED": _breaks(
        "FIELD_NUMERIC_LABEL_CHANGED",
        (
            "{where} is {reader} now and was {writer} in {old}, and numbers are not written alike for both",
            "keep it {writer}, " + _NEW_NUMBER,
        ),
        (
            "{where} is {writer} now and {reader} in {old}, " + _OLD_READERS,
            "keep it {reader}, " + _NEW_NUMBER,
        ),
    ),
    "FIELD_STRING_OR_BYTES_LABEL_CHANGED": _tells(
        "FIELD_STRING_OR_BYTES_LABEL_CHANGED",
        "{where} is {reader} now and was {writer} in {old}; readers of a single value take the last one",
        "{where} is {writer} now and {reader} in {old}; readers of a single value take the last one",
    ),
    "ONEOF_ADDED": _tells("ONEOF_ADDED", "oneof {where} was added", "oneof {where} of {old} was removed"),
    "ONEOF_REMOVED": _tells("ONEOF_REMOVED", "oneof {where} of {old} was removed", "oneof {where} was added"),
    "ONEOF_FIELD_ADDED": _tells(
        "ONEOF_FIELD_ADDED",
        "{where} was added to the oneof `{reader}`",
        "{where} was removed from the oneof `{reader}` of {old}",
    ),
    "ONEOF_FIELD_MOVED_TO_TOP_LEVEL": _tells(
        "ONEOF_FIELD_MOVED_TO_TOP_LEVEL",
        "{where} stands for itself now and was in the oneof `{writer}` in {old}",
        "{where} is in the oneof `{writer}` now and stands for itself in {old}",
    ),
    "ONEOF_FIELD_REMOVED": _breaks(
        "ONEOF_FIELD_REMOVED",
        (
            "{where} was removed from the oneof `{writer}` of {old},"
            " so consumers with this schema cannot tell data that has it from data that has nothing",
            "keep the field, and mark it as deprecated",
        ),
        (
            "{where} was added to the oneof `{writer}`,"
            " so consumers with {old} cannot tell data that has it from data that has nothing",
            "add the field outside the oneof, or " + _LOOKS_BACK,
        ),
    ),
    "MULTIPLE_FIELDS_MOVED_TO_ONEOF": _breaks(
        "MULTIPLE_FIELDS_MOVED_TO_ONEOF",
        (
            "{reader} are in oneof {where} now and were fields of their own in {old}: where its data has more than one"
            " of them, " + _SEE_THE_LAST.format("this schema"),
            "leave the fields outside the oneof; one of them may move into it, together with new fields",
        ),
        (
            "{reader} are fields of their own now and are in oneof {where} in {old}: where data has more than one of"
            " them, " + _SEE_THE_LAST.format("{old}"),
            "keep the fields in the oneof; new fields may stand beside it",
        ),
    ),
    "FIELD_MOVED_TO_EXISTING_ONEOF": _breaks(
        "FIELD_MOVED_TO_EXISTING_ONEOF",
        (
            "{reader} are in oneof {where} now and were not all in one oneof in {old}: where its data has more than one"
            " of them, " + _SEE_THE_LAST.format("this schema"),
            "leave each field where it was; new fields may join any oneof",
        ),
        (
            "{reader} are not all in one oneof now and are in oneof {where} in {old}: where data has more than one of"
            " them, " + _SEE_THE_LAST.format("{old}"),
            "keep the fields in the oneof; new fields may stand beside it",
        ),
    ),
}
"""By key; a difference without a row is neither told nor breaks anything."""
