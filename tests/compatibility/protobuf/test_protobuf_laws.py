"""Laws that hold for every file, and messages that are really written and read, on generated pairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from generated_files import MadeFile, edited, files, render, render_with_noise
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given, settings
from hypothesis import strategies as st
from protobuf_pairs import differences, parsed, verdict

from reconciler.model import Mode, Outcome
from reconciler.schemas import Parsed

pairs = files().flatmap(lambda made: st.tuples(st.just(made), edited(made)))
modes = st.sampled_from([mode for mode in Mode if mode.directions])
BOTH = (Mode.BACKWARD, Mode.FORWARD)


def parse(made: MadeFile) -> Parsed:
    return parsed(render(made))


@settings(deadline=None, max_examples=60)
@given(files(), modes)
def test_nothing_differs_between_a_file_and_itself(made: MadeFile, mode: Mode) -> None:
    same, again = parse(made), parsed(render(made) + " ")

    assert differences(again, same, mode) == []


@settings(deadline=None, max_examples=80)
@given(files(), st.integers(0, 1000))
def test_comments_layout_and_order_do_no_harm(made: MadeFile, seed: int) -> None:
    old, new = parse(made), parsed(render_with_noise(made, seed))

    found = verdict(new, old, Mode.FULL)

    assert found.outcome is Outcome.COMPATIBLE
    assert {finding.code for finding in found.findings} <= {"MESSAGE_MOVED"}


@settings(deadline=None, max_examples=80)
@given(pairs, st.integers(0, 1000))
def test_comments_layout_and_order_change_no_verdict(pair: tuple[MadeFile, MadeFile], seed: int) -> None:
    old, new = pair
    noisy = parsed(render_with_noise(new, seed))

    for mode in BOTH:
        plain = [text for text in differences(parse(new), parse(old), mode) if "MESSAGE_MOVED" not in text]
        assert [text for text in differences(noisy, parse(old), mode) if "MESSAGE_MOVED" not in text] == plain


@settings(deadline=None, max_examples=80)
@given(pairs)
def test_full_is_backward_and_forward(pair: tuple[MadeFile, MadeFile]) -> None:
    old, new = map(parse, pair)

    both = verdict(new, old, Mode.FULL).findings

    assert both == verdict(new, old, Mode.BACKWARD).findings + verdict(new, old, Mode.FORWARD).findings


@settings(deadline=None, max_examples=80)
@given(pairs)
def test_forward_is_backward_with_the_roles_exchanged(pair: tuple[MadeFile, MadeFile]) -> None:
    old, new = map(parse, pair)

    assert differences(new, old, Mode.FORWARD) == differences(old, new, Mode.BACKWARD)
    assert verdict(new, old, Mode.NONE).findings == ()


@settings(deadline=None, max_examples=60)
@given(files())
def test_comments_layout_and_order_of_an_import_do_no_harm(made: MadeFile) -> None:
    importing = 'import "n.proto"; message M { A a = 1; B b = 2; C c = 3; }'
    old, new = (parsed(importing, {"n.proto": text}) for text in (render(made), render_with_noise(made, 7)))

    found = verdict(new, old, Mode.FULL)

    assert {finding.code for finding in found.findings} <= {"MESSAGE_MOVED"}


# What is really written and read. The rules themselves let two things pass that lose data, so they are left out here:
# a label that only one file writes (numbers of a repeated field are packed, which a single field does not read), and
# messages of a repeated field, which a single field merges.


class Files:
    """The messages of a file as classes."""

    def __init__(self, of: Any) -> None:
        self.pool = DescriptorPool()
        for file in of.descriptors.file:
            if file.name != "__entry__.proto":
                self.pool.Add(file)

    def descriptor(self, name: str) -> Descriptor:
        return self.pool.FindMessageTypeByName(name)

    def new(self, name: str) -> Message:
        return GetMessageClass(self.descriptor(name))()


NUMBERS = {FieldDescriptor.CPPTYPE_FLOAT: 1.5, FieldDescriptor.CPPTYPE_DOUBLE: 1.5, FieldDescriptor.CPPTYPE_BOOL: True}


def a_value(field: FieldDescriptor) -> Any:
    """A value that every type of the field's group can hold."""
    if field.type == FieldDescriptor.TYPE_BYTES:
        return b"text"
    return "text" if field.type == FieldDescriptor.TYPE_STRING else NUMBERS.get(field.cpp_type, 1)


def fill(message: Any, depth: int) -> None:
    """Set every field, of a oneof the first."""
    used = set()
    for field in message.DESCRIPTOR.fields:
        oneof = field.containing_oneof
        if oneof is not None and oneof.full_name in used:
            continue
        used.add(oneof.full_name if oneof is not None else None)
        if field.message_type is None:
            value = a_value(field)
            setattr_or_append(message, field, value)
        elif field.message_type.GetOptions().map_entry:
            fill_map(getattr(message, field.name), field.message_type, depth)
        elif depth:
            held = getattr(message, field.name)
            fill(held.add() if field.is_repeated else held, depth - 1)
            if not field.is_repeated:
                held.SetInParent()


def setattr_or_append(message: Any, field: FieldDescriptor, value: Any) -> None:
    if field.is_repeated:
        getattr(message, field.name).append(value)
    else:
        setattr(message, field.name, value)


def fill_map(held: Any, entry: Descriptor, depth: int) -> None:
    key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
    if value.message_type is None:
        held[a_value(key)] = a_value(value)
    elif depth:
        fill(held[a_value(key)], depth - 1)


def plain(value: Any) -> Any:
    """A scalar as the group's types agree on it."""
    if isinstance(value, bytes):
        return value.decode()
    return int(value) if isinstance(value, bool) else value


def lost(old: Any, new: Any, path: str) -> Iterator[str]:
    """Values of the old message that the new one does not have although it has the field."""
    for field, value in old.ListFields():
        other = new.DESCRIPTOR.fields_by_number.get(field.number)
        if other is None:
            continue
        here = f"{path}.{field.name}"
        read = getattr(new, other.name)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            yield from lost_in_map(value, read, here)
            continue
        if field.is_repeated and not other.is_repeated:
            if isinstance(value[0], (str, bytes)) and plain(read) != plain(value[-1]):
                yield here
            continue
        values = list(value) if field.is_repeated else [value]
        others = list(read) if other.is_repeated else [read]
        if len(values) != len(others):
            yield here
        for one, two in zip(values, others, strict=False):
            if isinstance(one, Message):
                yield from lost(one, two, here)
            elif plain(one) != plain(two):
                yield here


def lost_in_map(written: Any, read: Any, path: str) -> Iterator[str]:
    others = {plain(key): value for key, value in read.items()}
    for key, value in written.items():
        if plain(key) not in others:
            yield path
        elif isinstance(value, Message):
            yield from lost(value, others[plain(key)], path)
        elif plain(value) != plain(others[plain(key)]):
            yield path


@settings(deadline=None, max_examples=120)
@given(pairs, st.sampled_from(BOTH))
def test_what_is_compatible_is_read_without_loss(pair: tuple[MadeFile, MadeFile], mode: Mode) -> None:
    old, new = map(parse, pair)
    if verdict(new, old, mode).outcome is Outcome.INCOMPATIBLE:
        return
    writers, readers = (Files(old), Files(new)) if mode is Mode.BACKWARD else (Files(new), Files(old))
    for name in ("A", "B", "C"):
        written, read = writers.new(name), readers.new(name)
        fill(written, 2)

        read.ParseFromString(written.SerializeToString())

        assert list(lost(written, read, name)) == []


@pytest.mark.parametrize("group", ["int64 uint32 bool E", "sint64", "sfixed32", "string bytes"])
def test_the_check_above_reads_what_a_group_promises(group: str) -> None:
    kinds = group.split()
    for writer in kinds:
        for reader in kinds:
            old, new = (parsed(f"message A {{ {kind} a = 1; }} enum E {{ X = 0; }}") for kind in (writer, reader))
            written, read = Files(old).new("A"), Files(new).new("A")
            fill(written, 1)
            read.ParseFromString(written.SerializeToString())
            assert list(lost(written, read, "A")) == []


def test_the_check_above_notices_a_loss() -> None:
    old, new = (parsed(f"message A {{ {kind} a = 1; }}") for kind in ("int32", "fixed32"))
    written, read = Files(old).new("A"), Files(new).new("A")
    fill(written, 1)

    read.ParseFromString(written.SerializeToString())

    assert list(lost(written, read, "A")) == ["A.a"]
