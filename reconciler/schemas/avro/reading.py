"""One pass over a schema's JSON that checks every rule of Avro that needs no other file and writes the canonical text.

The canonical text is what Avro's Java library writes (``Schema.toString``, 1.11 and 1.12 alike), so what Confluent's
registry stores, but for one thing: properties and aliases are sorted, because their order does not make another schema.
This runs for every schema of a repository on every command: hence one pass, and positions only for errors.

Only what the Java library would not read stops it. What it reads, and the specification or a reader of data would not,
is noted: registries hold such versions, and files must not have them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reconciler.errors import SchemaError
from reconciler.schemas import Need
from reconciler.schemas.avro.defaults import FITS_PRIMITIVE, UnknownNameError, number_default
from reconciler.schemas.avro.field_defaults import FieldDefault, find_default_flaw
from reconciler.schemas.avro.flaws import At, make_flaw, make_pointer
from reconciler.schemas.avro.names import (
    COMPLEX,
    PRIMITIVES,
    is_full_name,
    is_simple_name,
    is_taken_full_name,
    is_taken_name,
    qualify,
    qualify_alias,
    relative,
    split_name,
    suggest_type,
)
from reconciler.schemas.avro.values import quote, render_double, render_value
from reconciler.schemas.json_positions import load_json, without_comments

_REMEMBERED_TEXTS = 32
_REMEMBERED_LENGTH = 100_000
"""Characters of a text that is worth remembering; a few big ones would fill the memory."""

MAX_NESTING = 100
"""Types inside types. Real schemas stay below 15; every later walk may recurse, since nothing is deeper than this."""

_PRIMITIVE_TEXT = {name: f'"{name}"' for name in PRIMITIVES}
_OPTIONAL_TEXT = {name: f'["null",{text}]' for name, text in _PRIMITIVE_TEXT.items() if name != "null"}
"""Unions of null and a primitive, which are most unions there are."""

_ORDERS = frozenset({"ascending", "descending", "ignore"})
_TYPE_WORDS = frozenset({"type", "name", "namespace", "doc", "fields", "items", "size", "symbols", "values", "aliases"})
_ENUM_WORDS = _TYPE_WORDS | {"default"}
_FIELD_WORDS = frozenset({"name", "type", "doc", "default", "order", "aliases"})


@dataclass(frozen=True, slots=True)
class ReadText:
    """What one pass over a text leaves behind. Its JSON is shared by everyone who reads the text: nobody changes it.

    ``defined`` is by full name, the outermost first; ``pending`` are the defaults that wait for types of other texts.
    ``violation`` is the first thing that was noted, ``unfit`` the first default that no registry takes any more.
    """

    json: object
    canonical: str
    defined: Mapping[str, dict[str, Any]]
    needs: tuple[Need, ...]
    pending: tuple[FieldDefault, ...]
    violation: SchemaError | None
    unfit: SchemaError | None


def read_text(definition: str) -> ReadText:
    """Read one text on its own.

    Raises:
        SchemaError: it is not JSON, or nothing that Avro's Java library reads.
    """
    return _read_once(definition) if len(definition) <= _REMEMBERED_LENGTH else _read(definition)


def _read(definition: str) -> ReadText:
    raw, comment = _load(definition)
    reading = Reading(definition)
    text = reading.schema(raw, "", ())
    needs = tuple(reading.settle_needs())
    violation = comment or reading.violation
    return ReadText(raw, text, reading.defined, needs, tuple(reading.pending), violation, reading.unfit)


def _load(definition: str) -> tuple[object, SchemaError | None]:
    """The JSON of a text, and what is wrong with it where there are comments, which the Java library takes."""
    try:
        return load_json(definition), None
    except SchemaError as error:
        bare = without_comments(definition)
        if bare == definition:
            raise
        return load_json(bare), error


_read_once = lru_cache(_REMEMBERED_TEXTS)(_read)
"""Whoever has read a schema mostly wants its JSON next, to compare it; ten thousand are not kept for that."""


class _RepeatedError(Exception):
    """A definition is there already, word for word."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Reading:
    """The state of one pass: what was defined and used so far, and what was noted.

    Args:
        text: the schema's text, for positions of errors.
    """

    __slots__ = ("_depth", "_text", "defined", "needs", "pending", "unfit", "violation")

    def __init__(self, text: str) -> None:
        self._text = text
        self._depth = 0
        self.defined: dict[str, dict[str, Any]] = {}
        self.needs: dict[str, Need] = {}
        self.pending: list[FieldDefault] = []
        self.violation: SchemaError | None = None
        self.unfit: SchemaError | None = None

    def schema(self, raw: object, namespace: str, at: At) -> str:
        """Check one type and write it canonically.

        Args:
            raw: its JSON.
            namespace: of the named type around it.
            at: where it stands.

        Raises:
            SchemaError: it breaks a rule.
        """
        if isinstance(raw, str):
            return _PRIMITIVE_TEXT.get(raw) or self._name(raw, namespace, at)
        if self._depth > MAX_NESTING:
            raise self._flaw(
                at, f"types are nested more than {MAX_NESTING} deep", "define inner types in schemas of their own"
            )
        self._depth += 1
        if isinstance(raw, list):
            text = self._union(raw, namespace, at)
        elif isinstance(raw, dict):
            text = self._object(raw, namespace, at)
        else:
            raise self._flaw(at, f"{render_value(raw)} is not a type", "write a type's name, an object, or a union")
        self._depth -= 1
        return text

    def settle_needs(self) -> Iterator[Need]:
        """What other texts must define, once all of this one is read.

        Raises:
            SchemaError: a name without a namespace is used in one, above its definition, where it means another.
        """
        for need in self.needs.values():
            late = next((name for name in (need.name, *need.alternatives) if name in self.defined), None)
            if late is None:
                yield need
                continue
            flaw = make_flaw(
                self._text,
                need.path,
                f"`{late}` is used before it is defined",
                "put its definition at this place, and its name where the definition stands now",
            )
            self._note(flaw, is_taken=late == need.name)

    def _flaw(self, at: At, message: str, fix: str | None = None) -> SchemaError:
        return make_flaw(self._text, at, message, fix)

    def _note(self, flaw: SchemaError, *, is_taken: bool = True) -> None:
        """Remember what Avro's Java library takes, and raise what it does not."""
        if not is_taken:
            raise flaw
        self.violation = self.violation or flaw

    def _name(self, name: str, namespace: str, at: At) -> str:
        full = qualify(name, namespace)
        if full not in self.defined and name in self.defined:
            full = name
        elif full not in self.defined and full not in self.needs:
            self.needs[full] = self._need(name, full, at)
        return f'"{relative(full, namespace)}"'

    def _need(self, name: str, full: str, at: At) -> Need:
        if name in COMPLEX or not is_full_name(name):
            why = "is a kind of type and needs an object" if name in COMPLEX else "is no name of a type"
            flaw = self._flaw(at, f"`{name}` {why}", suggest_type(name, self.defined))
            self._note(flaw, is_taken=name not in COMPLEX and is_taken_full_name(name))
        return Need(full, make_pointer(at), (name,) if name != full else ())

    def _object(self, raw: dict[str, Any], namespace: str, at: At) -> str:
        kind = raw.get("type")
        if kind.__class__ is not str:
            raise self._no_type(raw, at)
        primitive = _PRIMITIVE_TEXT.get(kind)
        if primitive is not None:
            if len(raw) == 1:
                return primitive
            properties = self._properties(raw, _TYPE_WORDS)
            return f'{{"type":{primitive}{properties}}}' if properties else primitive
        write = _COMPLEX.get(kind)
        if write is not None:
            try:
                return write(self, raw, namespace, at)
            except _RepeatedError as repeated:
                return f'"{relative(repeated.name, namespace)}"'
        # The Java library ignores what stands beside the name of a defined type.
        return self._name(kind, namespace, (at, "type"))

    def _no_type(self, raw: dict[str, Any], at: At) -> SchemaError:
        if "type" not in raw:
            return self._flaw(at, "this type has no `type`", 'add one, such as "type": "record"')
        kind = raw["type"]
        if isinstance(kind, dict | list):
            what = "an object" if isinstance(kind, dict) else "a union"
            return self._flaw((at, "type"), f"`type` holds {what} where a name must stand", "use the inner type itself")
        return self._flaw((at, "type"), f"{render_value(kind)} is not a type", "write a type's name")

    def _union(self, raw: list[Any], namespace: str, at: At) -> str:
        if optional := _optional_text(raw):
            return optional
        texts: list[str] = []
        kinds: set[str] = set()
        for index, branch in enumerate(raw):
            text = _PRIMITIVE_TEXT.get(branch) if branch.__class__ is str else None
            if text is None:
                if isinstance(branch, list):
                    raise self._flaw((at, index), "a union stands directly inside a union", "merge their branches")
                text = self.schema(branch, namespace, (at, index))
            kind = self._branch_kind(branch, text, namespace)
            if kind in kinds:
                raise self._flaw((at, index), f"the union has {kind} twice", "remove one, or give it a name of its own")
            kinds.add(kind)
            texts.append(text)
        return f"[{','.join(texts)}]"

    def _branch_kind(self, branch: object, text: str, namespace: str) -> str:
        """What a union may hold once: an unnamed type, or a full name."""
        if isinstance(branch, str):
            if text in _UNNAMED_TEXTS:
                return branch
            full = qualify(branch, namespace)
            return full if full in self.defined or branch not in self.defined else branch
        assert isinstance(branch, dict)
        kind: str = branch["type"]
        if kind in _NAMED:
            return self._full_name(branch, namespace)
        return kind if kind in _PRIMITIVE_TEXT or kind in _COMPLEX else qualify(kind, namespace)

    def _full_name(self, raw: Mapping[str, Any], namespace: str) -> str:
        name: str = raw["name"]
        if "." in name:
            return name.removeprefix(".")
        own = raw.get("namespace")
        return qualify(name, own if isinstance(own, str) else namespace)

    def _define(self, raw: dict[str, Any], namespace: str, at: At) -> tuple[str, str]:
        """Note a definition; its full name, and the beginning of its text up to the documentation."""
        name = raw.get("name")
        if not isinstance(name, str) or not name:
            raise self._flaw(at, f"this {raw['type']} has no name", 'add "name": "..."')
        full = self._full_name(raw, namespace)
        own, simple = split_name(full)
        if not (is_simple_name(simple) and (not own or is_full_name(own))):
            flaw = self._flaw(
                (at, "name"), f"`{full}` is no name in Avro", "use letters, digits and _, not starting with a digit"
            )
            self._note(flaw, is_taken=is_taken_full_name(full))
        if full in _PRIMITIVE_TEXT:
            raise self._flaw((at, "name"), f"a type must not be called `{full}`, which is a primitive", "rename it")
        if full in self.defined:
            flaw = self._flaw((at, "name"), f"`{full}` is defined twice", f'use "{full}" at the second place')
            self._note(flaw, is_taken=_is_repetition(self.defined[full], raw))
            raise _RepeatedError(full)
        self.defined[full] = raw
        space = f',"namespace":{quote(own)}' if own != namespace else ""
        doc = raw.get("doc")
        documented = f',"doc":{quote(doc)}' if isinstance(doc, str) else ""
        return full, f'{{"type":"{raw["type"]}","name":"{simple}"{space}{documented}'

    def _record(self, raw: dict[str, Any], namespace: str, at: At) -> str:
        full, head = self._define(raw, namespace, at)
        fields = raw.get("fields")
        if not isinstance(fields, list):
            raise self._flaw(at, f"record `{full}` has no list of fields", 'add "fields": [...]')
        own = split_name(full)[0]
        texts: list[str] = []
        names: set[str] = set()
        for index, field in enumerate(fields):
            try:
                name, kind = field["name"], field["type"]
            except (KeyError, TypeError):
                raise self._no_field((at, "fields", index), index, full) from None
            if name.__class__ is not str or not (name.isidentifier() and name.isascii()):
                self._note_simple_name((at, "fields", index, "name"), name, "a field")
            if name in names:
                raise self._flaw((at, "fields", index, "name"), f"`{full}` has two fields `{name}`", "rename one")
            names.add(name)
            text = _PRIMITIVE_TEXT.get(kind) if kind.__class__ is str else _optional_text(kind)
            if text is None:
                text = self.schema(kind, own, (at, "fields", index, "type"))
            doc = field.get("doc")
            if doc.__class__ is str and len(field) == 3:  # most fields that have more than a name and a type
                text += f',"doc":{quote(doc)}'
            elif len(field) > 2:
                text += self._field_rest(field, own, (at, "fields", index))
            texts.append(f'{{"name":"{name}","type":{text}}}')
        return f'{head},"fields":[{",".join(texts)}]{self._tail(raw, own, at, _TYPE_WORDS)}}}'

    def _no_field(self, at: At, index: int, owner: str) -> SchemaError:
        return self._flaw(at, f"field {index + 1} of `{owner}` needs a name and a type", 'add "name", "type"')

    def _note_simple_name(self, at: At, name: object, owner: str) -> None:
        self._note(self._bad_name(at, name, owner), is_taken=isinstance(name, str) and is_taken_name(name))

    def _bad_name(self, at: At, name: object, owner: str) -> SchemaError:
        shown = name if isinstance(name, str) else render_value(name)
        return self._flaw(
            at, f"`{shown}` is no name for {owner}", "use letters, digits and _, not starting with a digit"
        )

    def _field_rest(self, field: dict[str, Any], namespace: str, at: At) -> str:
        """What follows a field's name and type, in the order of the Java library."""
        text = ""
        known = 2
        if "doc" in field:
            known = 3
            doc = field["doc"]
            if doc.__class__ is str:
                text = f',"doc":{quote(doc)}'
        if "default" in field:
            known += 1
            text += self._default(field, namespace, at)
        if len(field) == known:
            return text
        if "order" in field:
            text += self._order(field["order"], at)
        if "aliases" in field:
            aliases = sorted({quote(alias) for alias in self._texts(field, "aliases", at)})
            text += f',"aliases":[{",".join(aliases)}]' if aliases else ""
        return text + self._properties(field, _FIELD_WORDS)

    def _default(self, field: dict[str, Any], namespace: str, at: At) -> str:
        value, schema = field["default"], field["type"]
        if value is None and schema.__class__ is list and "null" in schema:
            return ',"default":null'
        if schema.__class__ is not str or not (schema in FITS_PRIMITIVE and FITS_PRIMITIVE[schema](value)):
            number = number_default(value, schema) if value.__class__ is str else None
            if number is not None:
                return f',"default":{render_double(number)}'
            self._check_default(field, namespace, at)
        return f',"default":{render_value(value)}'

    def _check_default(self, field: dict[str, Any], namespace: str, at: At) -> None:
        default = FieldDefault(field["default"], field["type"], namespace, field["name"], at)
        try:
            flaw = find_default_flaw(self._text, default, self.defined)
        except UnknownNameError:
            self.pending.append(default)
            return
        if flaw:
            self._note(flaw.error)
            self.unfit = self.unfit or (None if flaw.is_taken else flaw.error)

    def _order(self, order: object, at: At) -> str:
        word = order.lower() if isinstance(order, str) else ""
        if word not in _ORDERS:
            raise self._flaw(
                (at, "order"), f"{render_value(order)} is no order", f"use one of {', '.join(sorted(_ORDERS))}"
            )
        return f',"order":"{word}"' if word != "ascending" else ""

    def _texts(self, raw: dict[str, Any], key: str, at: At) -> list[str]:
        values = raw[key]
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self._flaw((at, key), f"`{key}` must be a list of texts", f'write "{key}": ["..."]')
        return values

    def _tail(self, raw: dict[str, Any], namespace: str, at: At, words: frozenset[str]) -> str:
        """Properties and aliases, which end a named type."""
        text = self._properties(raw, words)
        if "aliases" not in raw:
            return text
        aliases = set()
        for alias in self._texts(raw, "aliases", at):
            if not is_full_name(alias):
                self._note(self._bad_name((at, "aliases"), alias, "an alias"), is_taken=is_taken_full_name(alias))
            aliases.add(quote(relative(qualify_alias(alias, namespace), namespace)))
        return text + (f',"aliases":[{",".join(sorted(aliases))}]' if aliases else "")

    def _properties(self, raw: dict[str, Any], words: frozenset[str]) -> str:
        if raw.keys() <= words:
            return ""
        return "".join([f",{quote(key)}:{render_value(raw[key])}" for key in sorted(raw) if key not in words])

    def _enum(self, raw: dict[str, Any], namespace: str, at: At) -> str:
        full, head = self._define(raw, namespace, at)
        if not isinstance(raw.get("symbols"), list):
            raise self._flaw(at, f"enum `{full}` has no list of symbols", 'add "symbols": [...]')
        symbols = raw["symbols"]
        seen: set[str] = set()
        for index, symbol in enumerate(symbols):
            if symbol.__class__ is not str or not (symbol.isidentifier() and symbol.isascii()):
                self._note_simple_name((at, "symbols", index), symbol, "a symbol")
            if symbol in seen:
                raise self._flaw((at, "symbols", index), f"enum `{full}` has the symbol `{symbol}` twice", "remove one")
            seen.add(symbol)
        default = raw.get("default")
        if default is not None and default not in symbols:
            flaw = self._flaw(
                (at, "default"),
                f"the default {render_value(default)} of enum `{full}` is none of its symbols",
                f"use one of {', '.join(symbols[:10])}" if symbols else "add it to the symbols",
            )
            self._note(flaw, is_taken=not isinstance(default, str))  # what is no text is as good as none
        chosen = f',"default":"{default}"' if isinstance(default, str) else ""
        body = ",".join(f'"{symbol}"' for symbol in symbols)
        return f'{head},"symbols":[{body}]{chosen}{self._tail(raw, split_name(full)[0], at, _ENUM_WORDS)}}}'

    def _fixed(self, raw: dict[str, Any], namespace: str, at: At) -> str:
        full, head = self._define(raw, namespace, at)
        size = raw.get("size")
        if size.__class__ is not int or not 0 <= size < 2**31:
            where = (at, "size") if "size" in raw else at
            raise self._flaw(where, f"fixed `{full}` needs a size in bytes", 'add "size": 16 or the like')
        return f'{head},"size":{size}{self._tail(raw, split_name(full)[0], at, _TYPE_WORDS)}}}'

    def _array(self, raw: dict[str, Any], namespace: str, at: At) -> str:
        return self._collection(raw, namespace, at, "items")

    def _map(self, raw: dict[str, Any], namespace: str, at: At) -> str:
        return self._collection(raw, namespace, at, "values")

    def _collection(self, raw: dict[str, Any], namespace: str, at: At, key: str) -> str:
        if key not in raw:
            raise self._flaw(at, f"this {raw['type']} has no `{key}`", f'add "{key}": the type of what it holds')
        inner = self.schema(raw[key], namespace, (at, key))
        return f'{{"type":"{raw["type"]}","{key}":{inner}{self._properties(raw, _TYPE_WORDS)}}}'


def _is_repetition(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two definitions of one full name differ in nothing but how they spell it, documentation and aliases."""
    one, other = ({key: value for key, value in raw.items() if key not in _UNCOMPARED} for raw in (first, second))
    return one == other


_UNCOMPARED = frozenset({"name", "namespace", "doc", "aliases"})


def _optional_text(raw: object) -> str | None:
    """The text of a union of null and a primitive; None for any other type."""
    if raw.__class__ is list and len(raw) == 2 and raw[0] == "null" and raw[1].__class__ is str:
        return _OPTIONAL_TEXT.get(raw[1])
    return None


_NAMED = frozenset({"record", "error", "enum", "fixed"})
_UNNAMED_TEXTS = frozenset(_PRIMITIVE_TEXT.values())
_COMPLEX: Mapping[str, Callable[[Reading, dict[str, Any], str, At], str]] = {
    "record": Reading._record,
    "error": Reading._record,
    "enum": Reading._enum,
    "fixed": Reading._fixed,
    "array": Reading._array,
    "map": Reading._map,
}
