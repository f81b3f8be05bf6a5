"""What stands in one JSON Schema document: its subschemas, the addresses that it gives them, and what they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple
from urllib.parse import unquote, urldefrag, urljoin

from reconciler.schemas.json_positions import escape, pointer_parts
from reconciler.schemas.json_schema.drafts import Draft

ONE_SCHEMA = (
    "items",
    "additionalItems",
    "unevaluatedItems",
    "contains",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
    "contentSchema",
)
LISTS_OF_SCHEMAS = ("allOf", "anyOf", "oneOf", "prefixItems", "items")
SCHEMAS_BY_NAME = ("properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "dependencies")
REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
ANCHORS = ("$anchor", "$dynamicAnchor")
HOLDERS = frozenset({*ONE_SCHEMA, *LISTS_OF_SCHEMAS, *SCHEMAS_BY_NAME})
"""Keywords in which further schemas stand; a schema without one of them has none."""
_NAMING = frozenset({*REFERENCES, *ANCHORS, "$id", "id"})


class Node(NamedTuple):
    """One subschema: where it stands, and the address against which its relative references count."""

    path: str
    schema: object
    base: str


@dataclass(frozen=True, slots=True)
class Use:
    """One reference: the pointer of its keyword, its text, and the whole address without the fragment."""

    path: str
    written: str
    address: str
    fragment: str

    @property
    def name(self) -> str:
        """The reference without its fragment, as written; empty for one within the same resource."""
        return urldefrag(self.written).url


@dataclass(frozen=True)
class Content:
    """A document taken apart.

    ``base`` is its own address, empty where it has none. ``resources`` are the pointers of the subschemas that have an
    address; ``anchors`` those with a name within one. ``uses`` are its references in the order of the text.
    ``unusual`` are subschemas that stand where no keyword has one, and that a reference leads to.
    """

    schema: object
    draft: Draft
    base: str
    resources: Mapping[str, str]
    anchors: Mapping[tuple[str, str], str] = field(default_factory=dict)
    uses: tuple[Use, ...] = ()
    unusual: Mapping[str, Node] = field(default_factory=dict)

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Every subschema by its pointer."""
        return {**_nodes_by_path(Node("", self.schema, self.base), self.draft), **self.unusual}

    def find(self, address: str, fragment: str) -> str | None:
        """The pointer of what a reference into this document means, or None where it leads nowhere.

        Args:
            address: of the document or of a resource in it; an unknown one is taken for the document's.
            fragment: a pointer or an anchor's name, percent-encoded or not; empty for the resource itself.
        """
        resource = self.resources.get(address, "")
        if fragment and not fragment.startswith("/"):
            return self.anchors.get((resource, unquote(fragment)))
        for relative in dict.fromkeys((fragment, unquote(fragment))):
            for path in (resource + relative, *self._older_places(resource + relative)):
                if value_at(self.schema, path) is not _NOTHING:
                    return path
        return None

    def _older_places(self, path: str) -> Iterator[str]:
        """Where registries look for what is not among the document's `$defs`: under the keyword of older drafts."""
        if self.draft.definitions == "$defs" and path.startswith("/$defs/"):
            yield path.replace("$defs", "definitions", 1)

    def at(self, path: str) -> object:
        """The value at a pointer that :meth:`find` gave."""
        return value_at(self.schema, path)


_NOTHING = object()


def value_at(schema: object, path: str) -> object:
    """Follow a JSON pointer; a private marker, equal to nothing else, where it leads nowhere."""
    value = schema
    for part in pointer_parts(path):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and part.isascii() and int(part) < len(value):
            value = value[int(part)]
        else:
            return _NOTHING
    return value


def make_content(schema: object, draft: Draft) -> Content:
    """Take a document apart.

    Raises:
        ValueError: an address that is none; the argument is the pointer of its keyword.
    """
    base = _address_of(schema, draft, "", "")
    if not _may_name(schema):
        return Content(schema, draft, base, {base: ""})
    nodes = _nodes_by_path(Node("", schema, base), draft)
    named = list(_named(nodes.values()))
    uses = list(_uses(named))
    resources = _resources(base, named, draft)
    content = Content(schema, draft, base, resources, _anchors(resources, named, draft))
    unusual: dict[str, Node] = {}
    for use in uses:  # grows while it runs: a target outside the usual keywords has references of its own
        target = content.find(use.address, use.fragment) if is_within(content, use.address) else None
        if target is not None and target not in nodes:
            found = _nodes_by_path(Node(target, content.at(target), use.address), draft)
            fresh = {path: node for path, node in found.items() if path not in nodes}
            nodes |= fresh
            unusual |= fresh
            uses.extend(_uses(_named(fresh.values())))
    return replace(content, uses=tuple(uses), unusual=unusual)


def _may_name(value: object) -> bool:
    """Whether any object in a value has a keyword of names or references; many documents have none."""
    waiting = [value]
    for each in waiting:  # grows while it runs
        if isinstance(each, dict):
            if not _NAMING.isdisjoint(each):
                return True
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return False


def is_within(content: Content, address: str) -> bool:
    """Whether an address is the document's own or that of a resource in it."""
    return address == content.base or address in content.resources


def _nodes_by_path(root: Node, draft: Draft) -> dict[str, Node]:
    return {node.path: node for node in _nodes(root, draft)}


def _nodes(root: Node, draft: Draft) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node.schema, dict) and not HOLDERS.isdisjoint(node.schema):
            stack.extend(reversed([_child(path, schema, node, draft) for path, schema in children(node.schema)]))


def _child(path: str, schema: object, parent: Node, draft: Draft) -> Node:
    full = parent.path + path
    is_named = isinstance(schema, dict) and draft.id_keyword in schema
    return Node(full, schema, _address_of(schema, draft, parent.base, full) if is_named else parent.base)


def children(schema: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The schemas that stand directly in a schema, in the order of its keywords, each with its pointer from there."""
    for keyword, value in schema.items():
        if keyword in SCHEMAS_BY_NAME and isinstance(value, dict):
            for name, member in value.items():
                if isinstance(member, dict | bool):
                    yield f"/{keyword}/{escape(name)}", member
        elif keyword in LISTS_OF_SCHEMAS and isinstance(value, list):
            for index, item in enumerate(value):
                yield f"/{keyword}/{index}", item
        elif keyword in ONE_SCHEMA and isinstance(value, dict | bool):
            yield f"/{keyword}", value


def written_address(schema: object, draft: Draft) -> str | None:
    """The address that a subschema gives itself, as written without an empty fragment; None for none."""
    if not isinstance(schema, dict) or (draft.ref_hides_siblings and "$ref" in schema):
        return None
    written = schema.get(draft.id_keyword)
    return written.removesuffix("#") if isinstance(written, str) and not written.startswith("#") else None


def _address_of(schema: object, draft: Draft, base: str, path: str) -> str:
    written = written_address(schema, draft)
    return base if written is None else _resolve(base, written, f"{path}/{draft.id_keyword}")[0]


def _resolve(base: str, written: str, path: str) -> tuple[str, str]:
    """The whole address and the fragment of a reference (RFC 3986, section 5)."""
    try:
        written.encode()  # half a surrogate pair is in no address
        address, fragment = urldefrag(written)
        return (urldefrag(urljoin(base, address)).url if address else base), fragment
    except ValueError as error:
        raise ValueError(path) from error


def _named(nodes: Iterable[Node]) -> Iterator[Node]:
    """The subschemas that may give themselves an address or a name, or refer to something: few of them."""
    return (node for node in nodes if isinstance(node.schema, dict) and not _NAMING.isdisjoint(node.schema))


def _resources(base: str, named: Iterable[Node], draft: Draft) -> dict[str, str]:
    """The root's address comes first, so that a subschema that repeats it does not take its place."""
    found = {base: ""}
    for node in named:
        if written_address(node.schema, draft) is not None:
            found.setdefault(node.base, node.path)
    return found


def _anchors(resources: Mapping[str, str], named: Iterable[Node], draft: Draft) -> dict[tuple[str, str], str]:
    return {(resources.get(node.base, ""), name): node.path for node in named for name in _names(node.schema, draft)}


def _names(schema: object, draft: Draft) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    for keyword in ANCHORS:
        if isinstance(name := schema.get(keyword), str):
            yield name
    if isinstance(name := schema.get(draft.id_keyword), str) and name.startswith("#"):
        yield name[1:]


def _uses(nodes: Iterable[Node]) -> Iterator[Use]:
    for node in nodes:
        if isinstance(node.schema, dict):
            for keyword in REFERENCES:
                if isinstance(written := node.schema.get(keyword), str):
                    path = f"{node.path}/{keyword}"
                    yield Use(path, written, *_resolve(node.base, written, path))
