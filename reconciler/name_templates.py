"""Templates of names: from what a file and its schema say to a subject, from a subject to its name in a registry.

A template of variables and literal text is filled in directly. Anything else runs in Jinja's sandbox, restricted to
expressions: no loops, no assignments, no arithmetic, and no result longer than a name may be on the way, so that no
template takes long, whoever wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from reconciler.file_findings import did_you_mean

if TYPE_CHECKING:
    from jinja2 import Template, nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

SUBJECT_VARIABLES = ("stem", "path", "folder", "record_name", "namespace", "package", "format")
LIVE_VARIABLES = ("name", "environment")
MAX_TEMPLATE = 1_000
MAX_NAME = 1_000
"""Characters; longer than any registry takes."""

_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_MAX_RESULT = 10_000
_VARIABLE = re.compile(r"\{\{-?\s*([A-Za-z_]\w*)\s*-?\}\}")
_FILTERS = (
    "lower",
    "upper",
    "replace",
    "trim",
    "title",
    "capitalize",
    "default",
    "d",
    "first",
    "last",
    "join",
    "length",
)
_METHODS = frozenset(
    {"lower", "upper", "title", "capitalize", "strip", "lstrip", "rstrip", "split", "rsplit", "partition"}
    | {"rpartition", "replace", "removeprefix", "removesuffix", "startswith", "endswith"}
)
_NODES = frozenset(
    {"Template", "Output", "TemplateData", "Name", "Const", "Filter", "Concat", "Add", "If", "CondExpr", "Compare"}
    | {"Operand", "And", "Or", "Not", "Test", "Getattr", "Getitem", "Slice", "Call", "Tuple", "List", "Neg"}
)


class TemplateError(Exception):
    """A template that cannot be used, or not with the values at hand.

    Args:
        message: what is wrong.
        fix: what to do about it.
    """

    def __init__(self, message: str, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


@dataclass(frozen=True, slots=True)
class NameTemplate:
    """A template that is ready to be filled in. ``parts`` alternates literal texts and variables where that is all."""

    text: str
    parts: tuple[str, ...] | None
    compiled: Template | None = None

    def render(self, values: Mapping[str, str]) -> str:
        """Fill in the values; a variable whose value is empty counts as not there.

        Raises:
            TemplateError: a variable is not there, or the expression fails.
        """
        if self.parts is None:
            return _render(self, values)
        for name in self.parts[1::2]:
            if not values[name] and name != "folder":
                raise TemplateError(_absent(self.text, name))
        return "".join(values[p] if index % 2 else p for index, p in enumerate(self.parts))


@lru_cache(maxsize=256)
def compile_template(text: str, variables: tuple[str, ...]) -> NameTemplate:
    """Make a template ready.

    Args:
        text: the template.
        variables: the names that it may use.

    Raises:
        TemplateError: a syntax error, an unknown variable, or more than an expression.
    """
    if len(text) > MAX_TEMPLATE:
        raise TemplateError(f"the template is longer than {MAX_TEMPLATE} characters")
    parts = _VARIABLE.split(text)
    for name in parts[1::2]:
        if name not in variables:
            raise _make_unknown(text, name, variables)
    if not any(mark in "".join(parts[0::2]) for mark in ("{{", "{%", "{#", "}}", "%}", "#}")):
        return NameTemplate(text, tuple(parts))
    return NameTemplate(text, None, _compile(text, variables))


def _make_unknown(text: str, name: str, variables: tuple[str, ...]) -> TemplateError:
    return TemplateError(
        f"template `{text}` uses `{name}`, which is not a variable{did_you_mean(name, variables)}",
        f"its variables: {', '.join(variables)}",
    )


def _absent(text: str, name: str) -> str:
    return f"template `{text}` uses `{name}`, which this file does not have"


def _compile(text: str, variables: tuple[str, ...]) -> Template:
    from jinja2 import TemplateError as JinjaError
    from jinja2 import meta

    environment = _make_sandbox()
    try:
        tree = environment.parse(text)
        for node in _walk(tree):
            _raise_if_more_than_expression(text, node)
        for name in sorted(meta.find_undeclared_variables(tree)):
            if name not in variables:
                raise _make_unknown(text, name, variables)
        return environment.from_string(tree)
    except JinjaError as error:
        raise TemplateError(f"template `{text}` cannot be read: {error.message}") from error
    except RecursionError as error:
        raise TemplateError(f"template `{text}` is nested too deeply") from error


def _walk(node: nodes.Node) -> list[nodes.Node]:
    found = [node]
    for child in found:
        found.extend(child.iter_child_nodes())
    return found


def _raise_if_more_than_expression(text: str, node: nodes.Node) -> None:
    kind = type(node).__name__
    name = getattr(node, "name", None) or getattr(node, "attr", None)
    wrong = None
    if kind not in _NODES:
        wrong = f"`{kind.lower()}`"
    elif kind == "Filter" and name not in _FILTERS:
        wrong = f"filter `{name}`"
    elif kind == "Getattr" and name not in _METHODS:
        wrong = f"`.{name}`"
    if wrong:
        raise TemplateError(
            f"template `{text}` uses {wrong}, which names do not need",
            f"filters: {', '.join(_FILTERS)}; methods: {', '.join(sorted(_METHODS))}; conditions and slices",
        )


@lru_cache(maxsize=1)
def _make_sandbox() -> ImmutableSandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.runtime import Context
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Sandbox(ImmutableSandboxedEnvironment):
        def call(self, context: Context, obj: object, *args: object, **kwargs: object) -> object:
            return _bounded(super().call(context, obj, *args, **kwargs))

    sandbox = Sandbox(undefined=StrictUndefined, autoescape=False)
    sandbox.globals.clear()
    sandbox.filters = {name: _bound(sandbox.filters[name]) for name in _FILTERS}
    return sandbox


def _bounded(value: object) -> object:
    if isinstance(value, str) and len(value) > _MAX_RESULT:
        raise TemplateError(f"the template makes a text of more than {_MAX_RESULT} characters")
    return value


def _bound(jinja_filter: Callable[..., object]) -> Callable[..., object]:
    from functools import wraps

    @wraps(jinja_filter)
    def bounded(*args: object, **kwargs: object) -> object:
        return _bounded(jinja_filter(*args, **kwargs))

    return bounded


def _render(template: NameTemplate, values: Mapping[str, str]) -> str:
    from jinja2 import TemplateError as JinjaError
    from jinja2 import UndefinedError

    assert template.compiled
    present = {name: value for name, value in values.items() if value or name == "folder"}
    try:
        return template.compiled.render(present)
    except UndefinedError as error:
        words = re.sub(r"'(\w+)' is undefined", r"`\1` is not there for this file", str(error.message))
        raise TemplateError(f"template `{template.text}`: {words}") from error
    except JinjaError as error:
        raise TemplateError(f"template `{template.text}`: {error.message}") from error
    except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise TemplateError(f"template `{template.text}` fails: {error}") from error


def check_name(name: str) -> str | None:
    """Say why a name cannot be a subject's, or None."""
    if not name:
        return "the name is empty"
    if name != name.strip():
        return "the name begins or ends with white space"
    if len(name) > MAX_NAME:
        return f"the name is longer than {MAX_NAME} characters"
    if _CONTROL.search(name):
        return "the name holds a control character"
    return None
