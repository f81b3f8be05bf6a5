"""What rules see of an Avro schema: fields and definitions of its own text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from reconciler.policy.making import Found, make_definition, make_field, make_value, note
from reconciler.schemas.avro.names import PRIMITIVES, split_name
from reconciler.schemas.json_positions import escape

_write = json.JSONEncoder(ensure_ascii=False).encode
_NAMED = frozenset({"record", "error", "enum", "fixed"})
_INNER: Mapping[str, tuple[str, str]] = {"array": ("items", "[]"), "map": ("values", "{}")}
_FIELD_KEYS = frozenset({"name", "type", "default", "doc", "aliases", "tags"})
_TYPE_KEYS = frozenset(
    [
        "type",
        "name",
        "namespace",
        "fields",
        "symbols",
        "items",
        "values",
        "size",
        "doc",
        "aliases",
        "default",
        "logicalType",
        "precision",
        "scale",
    ]
)


def find_avro(root: Any) -> Found:
    """Walk a valid schema's JSON."""
    found = Found()
    _walk(root, "", "", "", 1, found)
    if isinstance(root, dict):
        found.options = _options(root, _TYPE_KEYS)
    return found


def _walk(schema: Any, namespace: str, path: str, at: str, depth: int, found: Found) -> None:
    """Add what a type defines below the element that it belongs to."""
    if isinstance(schema, list):
        several = sum(isinstance(b, dict) and b.get("type") in _NAMED for b in schema) > 1
        for index, branch in enumerate(schema):
            label = split_name(branch["name"])[1] if several and _is_named(branch) else ""
            _walk(branch, namespace, _join(path, label) if label else path, f"{at}/{index}", depth, found)
    if not isinstance(schema, dict):
        return
    kind = schema["type"]
    if kind in _INNER:
        key, mark = _INNER[kind]
        _walk(schema[key], namespace, path + mark, f"{at}/{key}", depth, found)
    elif kind in _NAMED:
        _add_definition(schema, namespace, path, at, depth, found)


def _is_named(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") in _NAMED


def _add_definition(schema: dict[str, Any], namespace: str, path: str, at: str, depth: int, found: Found) -> None:
    own, name = split_name(schema["name"])
    own = own or schema.get("namespace", namespace)
    full = f"{own}.{name}" if own else name
    fields = schema.get("fields", ()) if schema["type"] in ("record", "error") else ()
    found.definitions.append(
        make_definition(
            name,
            full_name=full,
            kind="record" if schema["type"] == "error" else schema["type"],
            path=path or "$",
            at=at,
            namespace=own,
            doc=note(schema.get("doc", "")),
            aliases=list(schema.get("aliases") or ()),
            values=[make_value(symbol, index) for index, symbol in enumerate(schema.get("symbols", ()))],
            fields=[field["name"] for field in fields],
            required=[field["name"] for field in fields if "default" not in field],
            default=schema["default"] if schema["type"] == "enum" and "default" in schema else "",
            is_outermost=not at,
            is_deprecated=_is_deprecated(schema),
            options=_options(schema, _TYPE_KEYS),
        )
    )
    for index, field in enumerate(fields):
        _add_field(field, full, own, path, f"{at}/fields/{index}", depth, found)


def _add_field(
    field: dict[str, Any], definition: str, namespace: str, path: str, at: str, depth: int, found: Found
) -> None:
    written = field["type"]
    about: Mapping[str, Any] = {}
    if isinstance(written, str):
        said = _describe_names((written,), namespace)
    elif isinstance(written, list) and all(isinstance(branch, str) for branch in written):
        said = _describe_names(tuple(written), namespace)
    else:
        said, about = _describe_type(written, namespace)
    own = f"{path}.{field['name']}" if path else field["name"]
    has_default = "default" in field
    extra = [key for key in field if key not in _FIELD_KEYS]
    found.fields.append(
        make_field(
            field["name"],
            path=own,
            at=at,
            definition=definition,
            doc=note(field["doc"]) if "doc" in field else "",
            tags=_tags(field) if extra or "tags" in field else [],
            aliases=list(field.get("aliases") or ()),
            is_required=not has_default,
            is_deprecated=_is_deprecated(field),
            has_default=has_default,
            default=_write(field["default"]) if has_default else "",
            samples=_samples(field, extra),
            depth=depth,
            options={**{key: note(field[key]) for key in extra}, **_options(about, _TYPE_KEYS)},
            **said,
        )
    )
    if not isinstance(written, str):
        _walk(written, namespace, own, f"{at}/type", depth + 1, found)


@lru_cache(maxsize=65536)
def _describe_names(branches: tuple[str, ...], namespace: str) -> Mapping[str, Any]:
    """Describe a type that is a name, or a union of names: most are."""
    return _describe_type(list(branches), namespace)[0]


def _describe_type(written: Any, namespace: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What a field's type says of it, and the type itself where it is one with attributes."""
    branches = written if isinstance(written, list) else [written]
    real = [branch for branch in branches if branch not in ("null", {"type": "null"})]
    only = real[0] if len(real) == 1 else None
    kind = _kind(only) if only is not None else "null" if not real else "union"
    about = only if isinstance(only, dict) else {}
    return {
        "type": kind,
        "type_name": _type_name(only, namespace),
        "items": _items(about),
        "logical": about["logicalType"] if isinstance(about.get("logicalType"), str) else "",
        "precision": _number(about.get("precision")),
        "scale": _number(about.get("scale")),
        "is_nullable": len(real) < len(branches),
        "is_repeated": kind in _INNER,
    }, about


def _kind(schema: Any) -> str:
    if isinstance(schema, dict):
        return _kind(schema["type"])
    return schema if schema in PRIMITIVES or schema in _NAMED or schema in _INNER else "reference"


def _type_name(schema: Any, namespace: str) -> str:
    if isinstance(schema, dict):
        if schema["type"] in _NAMED:
            own, name = split_name(schema["name"])
            own = own or schema.get("namespace", namespace)
            return f"{own}.{name}" if own else name
        return _type_name(schema["type"], namespace) if isinstance(schema["type"], str) else ""
    if not isinstance(schema, str) or schema in PRIMITIVES or schema in _INNER:
        return ""
    return schema if "." in schema or not namespace else f"{namespace}.{schema}"


def _items(schema: Mapping[str, Any]) -> str:
    key = _INNER.get(schema.get("type", ""), ("", ""))[0] if isinstance(schema.get("type"), str) else ""
    inner = schema.get(key) if key else None
    return "" if inner is None else "union" if isinstance(inner, list) else _kind(inner)


def _samples(field: Mapping[str, Any], extra: Sequence[str]) -> list[str]:
    shown = [field["default"]] if isinstance(field.get("default"), str) else []
    for key in ("example", "examples", "sample") if extra else ():
        value = field.get(key, ())
        shown += value if isinstance(value, list) else [value] if value != () else []
    return [note(value) for value in shown if value not in ("", None)]


def _tags(field: Mapping[str, Any]) -> list[str]:
    tags = [field.get("confluent:tags"), field.get("tags")]
    return [note(tag) for some in tags if isinstance(some, list) for tag in some]


def _is_deprecated(schema: Mapping[str, Any]) -> bool:
    flag, doc = schema.get("deprecated"), schema.get("doc")
    return flag is True or isinstance(flag, str) or (doc is not None and _says_deprecated(note(doc)))


def _says_deprecated(doc: str) -> bool:
    return doc.lower().lstrip("@*[( ").startswith("deprecated")


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _options(schema: Mapping[str, Any], known: frozenset[str]) -> dict[str, str]:
    return {key: note(value) for key, value in schema.items() if key not in known}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


__all__ = ["escape", "find_avro"]
