"""Protobuf files that hypothesis makes up, edits of them, and messages to write with them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

SCALARS = [
    *("int32", "int64", "uint32", "uint64", "bool", "sint32", "sint64", "string", "bytes"),
    *("fixed32", "sfixed32", "fixed64", "sfixed64", "float", "double"),
]
KEYS = [kind for kind in SCALARS if kind not in ("bytes", "float", "double")]
MESSAGES = ("A", "B", "C")
NUMBERS = range(1, 7)


@dataclass(frozen=True)
class MadeField:
    """``oneof`` is empty outside of oneofs, ``label`` where none is written."""

    number: int
    name: str
    type: str
    label: str = ""
    oneof: str = ""

    def render(self) -> str:
        return " ".join(part for part in (self.label, self.type, self.name, "=", f"{self.number};") if part)


@dataclass(frozen=True)
class MadeMessage:
    name: str
    fields: tuple[MadeField, ...]
    inner: tuple[MadeMessage, ...] = ()

    def parts(self) -> list[str]:
        oneofs = sorted({field.oneof for field in self.fields if field.oneof})
        grouped = [
            f"oneof {name} {{ {' '.join(f.render() for f in self.fields if f.oneof == name)} }}" for name in oneofs
        ]
        return [*(field.render() for field in self.fields if not field.oneof), *grouped]


@dataclass(frozen=True)
class MadeFile:
    messages: tuple[MadeMessage, ...]
    values: tuple[tuple[int, str], ...] = ((0, "V0"), (1, "V1"))


def render(made: MadeFile) -> str:
    """The text without its syntax."""
    return "\n".join([*(_render(message) for message in made.messages), _enum(made)])


def render_with_noise(made: MadeFile, seed: int) -> str:
    """The same with comments, other layout, and members and messages in another order."""
    chance = random.Random(seed)
    parts = [_render(message, chance) for message in made.messages] + [_enum(made)]
    chance.shuffle(parts)
    return "// all\n" + "\n\n/* next */ ".join(parts) + "\n// end"


def _render(message: MadeMessage, chance: random.Random | None = None) -> str:
    parts = [*message.parts(), *(_render(inner, chance) for inner in message.inner)]
    if chance:
        chance.shuffle(parts)
    between = "  // then\n\t" if chance else " "
    return f"message {message.name} {{{between}{between.join(parts)}{between}}}"


def _enum(made: MadeFile) -> str:
    return f"enum E {{ {' '.join(f'{name} = {number};' for number, name in made.values)} }}"


types = st.one_of(
    st.sampled_from(SCALARS),
    st.sampled_from([*MESSAGES, "E"]),
    st.builds(lambda key, value: f"map<{key}, {value}>", st.sampled_from(KEYS), st.sampled_from([*SCALARS, "A", "E"])),
)


@st.composite
def fields(draw: st.DrawFn, number: int) -> MadeField:
    kind = draw(types)
    oneof = "" if kind.startswith("map") else draw(st.sampled_from(["", "", "c", "d"]))
    label = "" if oneof or kind.startswith("map") else draw(st.sampled_from(["", "", "optional", "repeated"]))
    return MadeField(number, draw(st.sampled_from([f"f{number}", f"g{number}"])), kind, label, oneof)


@st.composite
def messages(draw: st.DrawFn, name: str, depth: int = 1) -> MadeMessage:
    numbers = draw(st.lists(st.sampled_from(NUMBERS), unique=True, max_size=5))
    inner = draw(st.lists(st.sampled_from(["X", "Y"]), unique=True, max_size=2)) if depth else []
    return MadeMessage(
        name,
        tuple(draw(fields(number)) for number in numbers),
        tuple(draw(messages(each, depth - 1)) for each in inner),
    )


@st.composite
def files(draw: st.DrawFn) -> MadeFile:
    return MadeFile(tuple(draw(messages(name)) for name in MESSAGES))


@st.composite
def edited(draw: st.DrawFn, made: MadeFile) -> MadeFile:
    """The file after a few changes of one or two messages; many of them keep it compatible."""
    changed = list(made.messages)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(changed) - 1))
        changed[place] = draw(_edited_message(changed[place]))
    values = draw(st.sampled_from([made.values, (*made.values, (2, "V2")), made.values[:1]]))
    return MadeFile(tuple(changed), values)


@st.composite
def _edited_message(draw: st.DrawFn, message: MadeMessage) -> MadeMessage:
    by_number = {field.number: field for field in message.fields}
    number = draw(st.sampled_from([*by_number, *by_number, *NUMBERS]))
    old = by_number.pop(number, None)
    new = draw(fields(number))
    if old:
        choices: list[Any] = [
            None,
            new,
            replace(old, name=new.name),
            replace(old, type=new.type) if "map" not in old.type + new.type else old,
            replace(old, label="" if old.oneof or "map" in old.type else draw(st.sampled_from(["", "repeated"]))),
            replace(old, oneof="" if "map" in old.type or old.label else draw(st.sampled_from(["", "c", "d", "e"]))),
        ]
        new = draw(st.sampled_from(choices))
    kept = [*by_number.values(), *([new] if new else [])]
    return replace(message, fields=tuple(kept))
