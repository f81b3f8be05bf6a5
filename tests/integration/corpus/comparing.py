"""Whether two texts are the same schema, by rules of the tests: no code of the product has a say here."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Mapping
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import yaml
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc

_PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_NAMED = frozenset({"record", "error", "enum", "fixed"})
_INNER = {"array": "items", "map": "values"}
# Words of the language that Avro's Java library drops where they have no meaning: on a type without a name.
_MEANINGLESS = frozenset({"doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "aliases"})
_WELL_KNOWN = Path(protoc.__file__).parent / "_proto"


def make_comparable(schema_format: str, text: str) -> str:
    """What two texts of Avro or JSON Schema have in common exactly when they are the same schema.

    Written as text again, since in Python 0 is 0.0 and NaN is not NaN.
    """
    document = _resolve_names(json.loads(text), "") if schema_format == "AVRO" else load_document(text)
    return json.dumps(document, sort_keys=True)


def load_document(text: str) -> Any:
    """Read JSON, or YAML that stands for it."""
    try:
        return json.loads(text)
    except ValueError:
        return yaml.safe_load(text)


def _resolve_names(node: Any, namespace: str) -> Any:
    """Write every name out in full and leave out what says nothing: an order that is the default, empty wrappings."""
    match node:
        case str():
            return node if node in _PRIMITIVES or "." in node or not namespace else f"{namespace}.{node}"
        case list():
            return [_resolve_names(branch, namespace) for branch in node]
        case {"type": str() as kind} if kind in _NAMED:
            return _resolve_definition(node, namespace)
        case {"type": dict() | list() as inner} if "name" not in node:
            return _resolve_names(inner, namespace)
        case {"type": str()}:
            return _resolve_unnamed(node, namespace)
        case _:
            raise AssertionError(f"not an Avro schema: {node!r}")


def _resolve_unnamed(node: Mapping[str, Any], namespace: str) -> Any:
    kind = str(node["type"])
    made = {key: value for key, value in node.items() if key not in _MEANINGLESS and key != "type"}
    if kind in _INNER:
        return {"type": kind, **made, _INNER[kind]: _resolve_names(node[_INNER[kind]], namespace)}
    name = _resolve_names(kind, namespace)
    return {"type": name, **made} if made else name


def _resolve_definition(node: Mapping[str, Any], outer: str) -> dict[str, Any]:
    given = str(node["name"])
    space = given.rpartition(".")[0] if "." in given else str(node.get("namespace", outer))
    simple = given.rpartition(".")[2]
    made = {key: value for key, value in node.items() if key not in {"name", "namespace", "aliases"}}
    made["name"] = f"{space}.{simple}" if space else simple
    if "aliases" in node:
        made["aliases"] = sorted(_resolve_names(alias, space) for alias in node["aliases"])
    if "fields" in node:
        made["fields"] = [_resolve_field(field, space) for field in node["fields"]]
    return made


def _resolve_field(field: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    made = {**field, "type": _resolve_names(field["type"], namespace)}
    if made.get("order") == "ascending":
        del made["order"]
    # Java reads a number that was written as a string.
    if made["type"] in ("float", "double") and isinstance(made.get("default"), str):
        made["default"] = float(made["default"])
    return made


def compile_protobuf(texts: Mapping[str, str]) -> dict[str, bytes]:
    """Compile files that may import each other.

    Args:
        texts: by the path under which others import them.

    Returns:
        the descriptor of each file as the compiler gives it, comments and positions left out.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, text in texts.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        out = folder / "descriptors.bin"
        options = [f"--proto_path={folder}", f"--proto_path={_WELL_KNOWN}", f"--descriptor_set_out={out}"]
        with redirect_stderr(io.StringIO()):
            status = protoc.main(["protoc", *options, *texts])
        assert status == 0, f"protoc refuses one of {sorted(texts)}"
        files = FileDescriptorSet.FromString(out.read_bytes()).file
    return {file.name: file.SerializeToString(deterministic=True) for file in files}
