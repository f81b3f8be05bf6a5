"""YAML that we write: values that read back as what they are, and one key of a file that people wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import yaml

from reconciler.yaml_lines import CORE_TYPES, YamlError, parse_yaml


class _CoreDumper(yaml.SafeDumper):
    """Quotes what YAML 1.2 takes for a number and PyYAML's own rules, those of YAML 1.1, do not."""


for _tag, _pattern, _first in CORE_TYPES:
    _CoreDumper.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first))


def write_yaml(content: Mapping[str, object]) -> str:
    """Write a mapping in block style, ending in a newline."""
    return yaml.dump(dict(content), Dumper=_CoreDumper, sort_keys=False, allow_unicode=True, width=120)


def with_key(text: str, key: str, value: object) -> str:
    """Set one key of a document that is a mapping, or remove it; the rest stays as people laid it out.

    Only where the key cannot be told from the rest by lines (in flow style, say) is the document laid out anew.

    Args:
        value: None removes the key.

    Raises:
        YamlError: the text is not usable.
    """
    known = parse_yaml(text)
    content = {name: v for name, v in known.items() if name != key} if isinstance(known, dict) else {}
    wanted = content if value is None else {**content, key: value}
    return next((edited for edited in _edit(text, key, value) if _means(edited, wanted)), write_yaml(wanted))


def _edit(text: str, key: str, value: object) -> Iterator[str]:
    name = re.escape(key)
    if isinstance(value, str):
        # A comment behind the value stays.
        yield re.sub(rf"^({name}[ \t]*:[ \t]+)[^\s#]+", lambda found: f"{found[1]}{value}", text, count=1, flags=re.M)
    entry = "" if value is None else write_yaml({key: value})
    below = r"(?:\n(?:[ \t]*\n)*(?:[ \t]+\S|-(?=\s)).*)*"
    yield re.sub(rf"^{name}[ \t]*:.*{below}\n?", lambda found: entry, text, count=1, flags=re.M)
    yield (text if text.endswith("\n") or not text else f"{text}\n") + entry


def _means(text: str, wanted: object) -> bool:
    try:
        return (parse_yaml(text) or {}) == wanted
    except YamlError:
        return False


def with_value(text: str, path: Sequence[str], value: object) -> str | None:
    """Put another value in the place of one that a document has, however deep, or remove it; the rest stays to the
    letter.

    Args:
        path: the keys that lead to it.
        value: None removes it.

    Returns:
        the text; None where there is no such value, or no way to change it alone (an alias, say).

    Raises:
        YamlError: the text is not usable.
    """
    wanted = _copy(parse_yaml(text))
    if not _replace(wanted, path, value):
        return None
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    edited = _edit_node(text, root, path, value)
    return edited if edited is not None and _means(edited, wanted) else None


def _copy(value: object) -> object:
    """A copy in which nothing is shared, as aliases share it."""
    if isinstance(value, dict):
        return {key: _copy(each) for key, each in value.items()}
    return [_copy(each) for each in value] if isinstance(value, list) else value


def _replace(document: object, path: Sequence[str], value: object) -> bool:
    """Change a value within parsed YAML; whether it is there."""
    *above, last = path
    for key in above:
        document = document.get(key) if isinstance(document, dict) else None
    if not isinstance(document, dict) or last not in document:
        return False
    if value is None:
        del document[last]
    else:
        document[last] = value
    return True


def _edit_node(text: str, node: yaml.Node | None, path: Sequence[str], value: object) -> str | None:
    for depth, key in enumerate(path):
        entries = node.value if isinstance(node, yaml.MappingNode) else []
        index = next((i for i, (name, _) in enumerate(entries) if name.value == key), None)
        if index is None:
            return None
        node = entries[index][1]
        if depth == len(path) - 1:
            start, end = _span(entries, index) if value is None else (node.start_mark.index, node.end_mark.index)
            return text[:start] + ("" if value is None else _inline(value)) + text[end:]
    return None


def _span(entries: Sequence[tuple[yaml.Node, yaml.Node]], index: int) -> tuple[int, int]:
    """Where an entry of a mapping begins and ends, with what parts it from the next one, else from the one before."""
    key, value = entries[index]
    if index + 1 < len(entries):
        return key.start_mark.index, entries[index + 1][0].start_mark.index
    if index:
        return entries[index - 1][1].end_mark.index, value.end_mark.index
    return key.start_mark.index, value.end_mark.index


def _inline(value: object) -> str:
    """A value on one line, as it may stand in a list of a flow style."""
    written = yaml.dump(
        [value], Dumper=_CoreDumper, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6
    )
    return written.strip()[1:-1]
