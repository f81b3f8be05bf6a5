"""Files that nobody writes in good faith: an answer or a SchemaError, never a crash or an endless run."""

from __future__ import annotations

import pytest
from protobuf_pairs import differences, parsed, verdict

from reconciler.errors import SchemaError
from reconciler.model import Mode, Outcome


def nested(depth: int, kind: str) -> str:
    return "message M { " * depth + f"{kind} a = 1;" + " }" * depth


def test_messages_as_deep_as_the_compiler_lets_them() -> None:
    old, new = parsed(nested(31, "int32")), parsed(nested(31, "string"))

    assert differences(new, old, Mode.BACKWARD) == ["FIELD_SCALAR_KIND_CHANGED #" + "/M" * 31 + "/1"]


def test_thousands_of_fields() -> None:
    old, new = (
        parsed("message M { " + " ".join(f"{kind} f{n} = {n};" for n in range(1, 5001)) + " }")
        for kind in ("int32", "float")
    )

    assert len(differences(new, old, Mode.BACKWARD)) == 5000


def test_thousands_of_messages() -> None:
    def text(order: range) -> str:
        return " ".join(f"message M{n} {{ M{(n + 1) % 2000} next = 1; }}" for n in order)

    old, new = parsed(text(range(2000))), parsed(text(range(1999, -1, -1)))

    found = verdict(new, old, Mode.FULL)

    assert found.outcome is Outcome.COMPATIBLE
    assert {finding.code for finding in found.findings} == {"MESSAGE_MOVED"}


def importing(old: str, new: str) -> list[str]:
    text = 'import "n.proto"; message M { N0 n = 1; }'
    return differences(parsed(text, {"n.proto": new}), parsed(text, {"n.proto": old}), Mode.BACKWARD)


def each_with_each(count: int, kind: str) -> str:
    """Messages that all use each other, so that the ways through them have no end."""

    def fields(own: int) -> str:
        return " ".join(f"N{n} f{n} = {n + 2};" for n in range(count)) + f" {kind} v = 1;" * (own == count - 1)

    return " ".join(f"message N{n} {{ {fields(n)} }}" for n in range(count))


def test_circles_within_circles_end() -> None:
    found = importing(each_with_each(60, "int32"), each_with_each(60, "string"))

    assert "FIELD_SCALAR_KIND_CHANGED #/N59/1" in found
    assert "FIELD_NAMED_TYPE_CHANGED #/M/1" in found
    assert importing(each_with_each(60, "int32"), "/**/ " + each_with_each(60, "int64")) == []


def test_small_circles_are_followed_on_every_way() -> None:
    found = importing(each_with_each(3, "int32"), each_with_each(3, "string"))

    assert found == [
        "FIELD_NAMED_TYPE_CHANGED #/M/1",
        "FIELD_NAMED_TYPE_CHANGED #/N0/3",
        "FIELD_NAMED_TYPE_CHANGED #/N0/4",
        "FIELD_NAMED_TYPE_CHANGED #/N1/4",
        "FIELD_SCALAR_KIND_CHANGED #/N2/1",
    ]


def chain(length: int, kind: str) -> str:
    links = [f"message N{n} {{ N{n + 1} next = 1; }}" for n in range(length)]
    return " ".join([*links, f"message N{length} {{ {kind} v = 1; }}"])


def test_a_chain_of_imported_messages_is_compared_to_its_end() -> None:
    found = importing(chain(100, "int32"), chain(100, "string"))

    assert len(found) == 102
    assert "FIELD_SCALAR_KIND_CHANGED #/N100/1" in found


def test_a_chain_without_end_is_refused() -> None:
    with pytest.raises(SchemaError, match="too long a chain"):
        importing(chain(900, "int32"), chain(900, "string"))


def test_files_that_each_import_all_before_them() -> None:
    def files(kind: str) -> dict[str, str]:
        texts = {"f0.proto": f"message F0 {{ {kind} v = 1; }}"}
        for n in range(1, 25):
            imports = " ".join(f'import "f{m}.proto";' for m in range(n))
            fields = " ".join(f"F{m} f{m} = {m + 1};" for m in range(n))
            texts[f"f{n}.proto"] = f"{imports} message F{n} {{ {fields} }}"
        return texts

    text = 'import "f24.proto"; message M { F24 f = 1; }'

    found = differences(parsed(text, files("string")), parsed(text, files("int32")), Mode.BACKWARD)

    uses = [f"FIELD_NAMED_TYPE_CHANGED #/F{n}/{m + 1}" for n in range(25) for m in range(n)]
    assert found == sorted([*uses, "FIELD_NAMED_TYPE_CHANGED #/M/1", "FIELD_SCALAR_KIND_CHANGED #/F0/1"])
