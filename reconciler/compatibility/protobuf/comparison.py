"""Two Protobuf files side by side: declarations by name, fields by number, types by what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.compatibility.clash import Clash, Rule
from reconciler.compatibility.protobuf.rules import ENUM_GROUP, SCALAR_GROUPS, TEXT_GROUP
from reconciler.schemas.protobuf.types import MAIN, Enum, Field, Message, Types, TypeUse

_MAX_VISITS = 2_000
"""Uses of imported messages that are followed; circles of types have ways without end. Then the first answer counts."""

_NEVER = 1 << 30

Use = tuple[Message, TypeUse]
"""A type and the message that it is used in."""

Place = tuple[Message, Field]
"""A field of the reader, or of the writer where the reader has none, and its message."""

Declared = tuple[Message, str]
"""A message and its origin."""


class Comparison:
    """One comparison's memory.

    Every method tells what it finds and returns whether that breaks anything. ``reader`` is the new schema where the
    question is BACKWARD. What has no row in ``rules`` is not told.
    """

    __slots__ = ("_known", "_lowest", "_names", "_open", "_rules", "_same", "_visits", "found", "reader", "writer")

    def __init__(self, reader: Types, writer: Types, rules: Mapping[str, Rule]) -> None:
        self.reader = reader
        self.writer = writer
        self._rules = rules
        self.found: dict[tuple[str, str], Clash] = {}
        self._open: dict[Message, int] = {}  # the writer's messages that are being compared, outermost first
        self._lowest = _NEVER  # the outermost of them that was met again
        self._known: dict[tuple[Message, Message], bool] = {}
        self._same: dict[tuple[str, str], bool] = {}
        self._names: dict[Message | Enum, str] = {}
        self._visits = 0

    def files(self) -> None:
        """Compare the two files; what is found stands in ``found``, by code and path."""
        reader, writer = self.reader.main, self.writer.main
        if reader.package != writer.package:
            packages = {"reader": _package(reader.package), "writer": _package(writer.package)}
            self._tell("PACKAGE_CHANGED", "#/", "", **packages)
        self._declared(reader.top, writer.top)

    def _declared(self, reader: Message, writer: Message) -> bool:
        """Compare what is declared within two messages, or two files."""
        broken = self._declared_messages(reader, writer)
        for name, enum in writer.enums.items():
            other = reader.enums.get(name)
            if other is None:
                self._tell("ENUM_REMOVED", _path(enum), self._name(enum))
            elif other.values != enum.values:
                self._values(other, enum)
        for name, enum in reader.enums.items():
            if name not in writer.enums:
                self._tell("ENUM_ADDED", _path(enum), self._name(enum))
        return broken

    def _declared_messages(self, reader: Message, writer: Message) -> bool:
        broken = False
        places = {name: place for place, name in enumerate(reader.messages)}
        for place, (name, message) in enumerate(writer.messages.items()):
            other = reader.messages.get(name)
            if other is None:
                if not message.entry:
                    broken |= self._tell("MESSAGE_REMOVED", _path(message), self._name(message))
                continue
            broken |= self._messages(other, message)
            if places[name] != place:
                self._tell("MESSAGE_MOVED", _path(message), self._name(message))
        for name, message in reader.messages.items():
            if name not in writer.messages and not message.entry:
                self._tell("MESSAGE_ADDED", _path(message), self._name(message))
        return broken

    def _values(self, reader: Enum, writer: Enum) -> None:
        for number in sorted({*reader.values, *writer.values}):
            ours, theirs = reader.values.get(number), writer.values.get(number)
            if ours != theirs:
                key = "REMOVED" if ours is None else "ADDED" if theirs is None else "CHANGED"
                where = f"{self._name(reader)}.{ours or theirs}"
                self._tell(f"ENUM_CONST_{key}", f"{_path(reader)}/{number}", where, writer=theirs or "")

    def _messages(self, reader: Message, writer: Message) -> bool:
        """Compare two messages, unless they are being compared: then only what is declared within them.

        An answer is remembered where no circle of types leads out of it, since only then it is the same everywhere.
        """
        known = self._known.get((reader, writer))
        if known is not None:
            return known
        place = self._open.get(writer)
        if place is not None:
            self._lowest = min(self._lowest, place)
            return self._declared(reader, writer)
        outer, self._lowest = self._lowest, _NEVER
        place = self._open[writer] = len(self._open)
        broken = self._fields(reader, writer)
        broken |= self._declared(reader, writer)
        del self._open[writer]
        if self._lowest > place or self._visits > _MAX_VISITS:
            self._known[reader, writer] = broken
        self._lowest = min(outer, self._lowest)
        return broken

    def _fields(self, reader: Message, writer: Message) -> bool:
        broken = self._oneofs(reader, writer) if reader.oneofs or writer.oneofs else False
        for number, theirs in writer.fields.items():
            ours = reader.fields.get(number)
            if ours is None:
                broken |= self._removed(reader, writer, theirs)
            elif not (ours is theirs or ours == theirs) or not _is_scalar(ours.type):
                broken |= self._both(reader, writer, ours, theirs)
        for number, ours in reader.fields.items():
            if number not in writer.fields:
                broken |= self._added(reader, ours)
        return broken

    def _removed(self, reader: Message, writer: Message, field: Field) -> bool:
        if not field.oneof:
            key = "REQUIRED_FIELD_REMOVED" if field.label == "required" else "FIELD_REMOVED"
            return self._tell_field(key, (writer, field))
        members = writer.oneofs[field.oneof]
        if field.oneof not in reader.oneofs and not any(number in reader.fields for number in members):
            return False  # the whole oneof went, which is told of the oneof
        return self._tell_field("ONEOF_FIELD_REMOVED", (writer, field), writer=field.oneof)

    def _added(self, reader: Message, field: Field) -> bool:
        if field.oneof:
            return self._tell_field("ONEOF_FIELD_ADDED", (reader, field), reader=field.oneof)
        key = "REQUIRED_FIELD_ADDED" if field.label == "required" else "FIELD_ADDED"
        return self._tell_field(key, (reader, field))

    def _oneofs(self, reader: Message, writer: Message) -> bool:
        broken = False
        for name, numbers in reader.oneofs.items():
            known = [writer.fields[number] for number in numbers if number in writer.fields]
            alone = [field for field in known if not field.oneof]
            if len(alone) + len({field.oneof for field in known if field.oneof}) > 1:
                key = "MULTIPLE_FIELDS_MOVED_TO_ONEOF" if len(alone) > 1 else "FIELD_MOVED_TO_EXISTING_ONEOF"
                names = ", ".join(f"`{reader.fields[field.number].name}`" for field in known)
                broken |= self._tell(key, f"{_path(reader)}/{name}", f"{self._name(reader)}.{name}", reader=names)
            if name not in writer.oneofs:
                self._tell("ONEOF_ADDED", f"{_path(reader)}/{name}", f"{self._name(reader)}.{name}")
        for name in writer.oneofs:
            if name not in reader.oneofs:
                self._tell("ONEOF_REMOVED", f"{_path(writer)}/{name}", f"{self._name(writer)}.{name}")
        return broken

    def _both(self, reader: Message, writer: Message, ours: Field, theirs: Field) -> bool:
        """Compare two fields that have the same number, wherever in their messages they stand."""
        at = (reader, ours)
        if theirs.oneof and not ours.oneof:
            self._tell_field("ONEOF_FIELD_MOVED_TO_TOP_LEVEL", at, writer=theirs.oneof)
        if ours.name != theirs.name:
            self._tell_field("FIELD_NAME_CHANGED", at, writer=theirs.name)
        labels = (ours.label, theirs.label) if ours.label and theirs.label else None
        return self._types((reader, ours.type), (writer, theirs.type), at, labels)

    def _types(self, ours: Use, theirs: Use, at: Place, labels: tuple[str, str] | None) -> bool:
        kind, group, declared = _meaning(self.reader, ours)
        other_kind, other_group, other_declared = _meaning(self.writer, theirs)
        reader, writer = ours[1], theirs[1]
        if kind != other_kind:
            shown = {"reader": f"a {kind} (`{reader.text}`)", "writer": f"a {other_kind} (`{writer.text}`)"}
            return self._tell_field("FIELD_KIND_CHANGED", at, **shown)
        if kind == "map":
            pairs = zip(_entry(self.reader, ours), _entry(self.writer, theirs), strict=True)
            by_key, by_value = (self._types((ours[0], one), (theirs[0], two), at, None) for one, two in pairs)
            return by_key or by_value
        if kind == "message":
            return self._named(reader.text, writer.text, declared, other_declared, at)
        if group != other_group:
            return self._tell_field("FIELD_SCALAR_KIND_CHANGED", at, reader=reader.text, writer=writer.text)
        if labels and labels[0] != labels[1]:
            key = "FIELD_STRING_OR_BYTES_LABEL_CHANGED" if group == TEXT_GROUP else "FIELD_NUMERIC_LABEL_CHANGED"
            return self._tell_field(key, at, reader=labels[0], writer=labels[1])
        return False

    def _named(self, reader: str, writer: str, ours: Declared | None, theirs: Declared | None, at: Place) -> bool:
        """Compare two fields of messages: by the name behind the package, then, if imported, by the definition."""
        if ours is None or theirs is None:  # the name of a group
            return reader != writer and self._tell_field("FIELD_NAMED_TYPE_CHANGED", at, reader=reader, writer=writer)
        (message, origin), (other, other_origin) = ours, theirs
        if message.local_name != other.local_name:
            return self._tell_field("FIELD_NAMED_TYPE_CHANGED", at, reader=reader, writer=writer)
        if self._is_same(origin, other_origin):
            return False
        self._visits += 1
        is_broken = self._messages(message, other)
        return is_broken and self._tell_field("FIELD_NAMED_TYPE_CHANGED inside", at, reader=reader, writer=writer)

    def _is_same(self, reader: str, writer: str) -> bool:
        """Whether two origins need no comparison: both are the files themselves, or the same version of a subject, or
        equal with all that they import.
        """
        if MAIN in (reader, writer):
            return reader == writer
        version = self.reader.versions.get(reader)
        if version and version == self.writer.versions.get(writer):
            return True
        known = self._same.get((reader, writer))
        if known is None:
            one, two = self.reader.imported.get(reader), self.writer.imported.get(writer)
            known = one is two or (
                one is not None
                and two is not None
                and one.text == two.text
                and all(self._is_same(name, name) for name in one.imports)
            )
            self._same[reader, writer] = known
        return known

    def _tell_field(self, key: str, at: Place, **values: str) -> bool:
        return self._tell(key, _path(*at), f"{self._name(at[0])}.{at[1].name}", **values)

    def _name(self, of: Message | Enum) -> str:
        """How a person knows a declaration: by the name in the file, or the full one if it is imported."""
        name = self._names.get(of)
        if name is None:
            found = self.reader.find("", f".{of.full_name}") or self.writer.find("", f".{of.full_name}")
            name = self._names[of] = of.local_name if found is None or found[1] == MAIN else of.full_name
        return name

    def _tell(self, key: str, path: str, where: str, **values: str) -> bool:
        rule = self._rules.get(key)
        if rule is None:
            return False
        if (rule.code, path) not in self.found:
            self.found[rule.code, path] = Clash(rule, path, where, values)
        return rule.breaks


def find_clashes(reader: Types, writer: Types, rules: Mapping[str, Rule]) -> Iterable[Clash]:
    """Everything that differs between two files, each place once, by the rows of a table."""
    comparison = Comparison(reader, writer, rules)
    comparison.files()
    return comparison.found.values()


def _is_scalar(use: TypeUse) -> bool:
    """Whether a type has no name that may mean something else in another file."""
    return use.text in SCALAR_GROUPS or (
        use.entry is not None and all(each.text in SCALAR_GROUPS for each in use.entry)
    )


def _meaning(types: Types, use: Use) -> tuple[str, str, Declared | None]:
    """What is written for a type: a scalar of some group, a map, or a message with its declaration."""
    message, written = use
    group = SCALAR_GROUPS.get(written.text)
    if group:
        return "scalar", group, None
    if written.entry:
        return "map", "", None
    declaration, origin = types.find(message.full_name, written.text) or (None, MAIN)
    if isinstance(declaration, Enum):
        return "scalar", ENUM_GROUP, None
    if declaration and declaration.entry:
        return "map", "", None
    return "message", "", (declaration, origin) if declaration else None


def _entry(types: Types, use: Use) -> tuple[TypeUse, TypeUse]:
    """The key and value of what :func:`_meaning` finds to be a map."""
    message, written = use
    found = types.find(message.full_name, written.text)
    declared = found[0].entry if found and isinstance(found[0], Message) else None
    entry = written.entry or declared
    assert entry
    return entry


def _path(of: Message | Enum, field: Field | None = None) -> str:
    path = "#/" + of.local_name.replace(".", "/")
    if field is None:
        return path
    return f"{path}/{field.oneof}/{field.number}" if field.oneof else f"{path}/{field.number}"


def _package(name: str) -> str:
    return f"package `{name}`" if name else "no package"
