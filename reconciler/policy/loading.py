"""Rule files: read, checked with the line of whatever is wrong, and compiled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from reconciler.file_findings import check_document, make_finding
from reconciler.model import EVENT_FORMATS, Finding, Format, Location, Severity
from reconciler.policy.expressions import (
    Expression,
    ExpressionError,
    compile_expression,
    raise_if_unbounded,
    rename_variable,
)
from reconciler.policy.facts import KEYS
from reconciler.policy.loops import find_loops
from reconciler.policy.python_rules import PythonPack
from reconciler.policy.rules import (
    ENTRIES,
    LISTS,
    VARIABLES,
    Pack,
    ParameterEntry,
    Rule,
    RuleEntry,
    RuleFile,
    Scope,
    Template,
    params_name,
)
from reconciler.yaml_lines import YamlDocument, YamlError, read_yaml
from reconciler.yaml_lines import make_finding as make_yaml_finding

MAX_TEMPLATE = 2_000
"""Characters of a message or a fix as it is written."""
INVALID = "POLICY_INVALID"

_ONE_OF_MANY = frozenset({"field", "definition", "reference", "item"})
_BLANK = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


class LoadedPacks(NamedTuple):
    """The packs that can be used, by name, and what is wrong with the files."""

    packs: Mapping[str, Pack]
    findings: tuple[Finding, ...]


def load_packs(root: Path, files: Iterable[str]) -> LoadedPacks:
    """Load rule files.

    Args:
        root: the folder that the files are relative to.
        files: their paths, with ``/``.

    Returns:
        the packs whose rules can all be used, and a finding with its line for everything that is wrong.
    """
    packs: dict[str, Pack] = {}
    codes: dict[str, str] = {}
    findings: list[Finding] = []
    for file in files:
        pack, wrong = load_pack(root, file)
        findings.extend(wrong)
        if pack is None:
            continue
        if pack.name in packs:
            message = f"pack `{pack.name}` is declared by {packs[pack.name].file} already"
            findings.append(make_finding(INVALID, message, Location(file, 1), "give one of the two another name"))
            continue
        for rule in pack.rules:
            if (other := codes.setdefault(rule.code, file)) != file:
                message = f"rule {rule.code} is declared by {other} already"
                findings.append(make_finding(INVALID, message, rule.location, "give one of the two another code"))
        packs[pack.name] = pack
    return LoadedPacks(packs, tuple(findings))


def load_pack(root: Path, file: str) -> tuple[Pack | None, tuple[Finding, ...]]:
    """Load one rule file; None, with findings, where anything in it cannot be used."""
    try:
        document = read_yaml(root, file)
    except YamlError as error:
        return None, (make_yaml_finding(file, error),)
    written, findings = check_document(RuleFile, document)
    if written is None:
        return None, findings
    return make_pack(written, document)


def make_pack(written: RuleFile, document: YamlDocument) -> tuple[Pack | None, tuple[Finding, ...]]:
    """Compile what a rule file says."""
    findings = [*_check_parameters(written, document), *_check_codes(written, document)]
    rules = []
    for index, entry in enumerate(written.rules):
        compiling = _Compiling(document, index, findings)
        rule = compiling.make_rule(entry, written)
        rules.extend([rule] if rule else [])
    if findings:
        return None, tuple(findings)
    return Pack(written.pack, written.description, document.file, written.parameters, tuple(rules)), ()


def make_python_pack(name: str, origin: str, written: object) -> Pack:
    """Make a pack of rules in Python ready.

    Args:
        name: of the entry point.
        origin: what the entry point leads to, for findings.
        written: what is there.

    Raises:
        TypeError: it is no ``PythonPack``.
        ValueError: it names a level or a scope that there is not.
    """
    if not isinstance(written, PythonPack):
        raise TypeError(f"{origin} is no PythonPack")
    rules = tuple(
        Rule(
            code=rule.code,
            pack=name,
            title=rule.title,
            severity=Severity(rule.severity),
            is_enabled=rule.is_enabled,
            scope=Scope(rule.scope),
            formats=frozenset(Format),
            location=Location(origin),
            message=Template("", ()),
            description=rule.description,
            check=rule.check,
            is_own=False,
        )
        for rule in written.rules
    )
    parameters = {
        key: ParameterEntry(default=value, description="As the package says.")
        for key, value in (written.parameters or {}).items()
    }
    return Pack(name, written.description, origin, parameters, rules)


def _check_codes(written: RuleFile, document: YamlDocument) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, entry in enumerate(written.rules):
        if entry.code in seen:
            at = document.locate(("rules", index, "code"))
            yield make_finding(INVALID, f"rule {entry.code} is declared twice", at, "give one of the two another code")
        seen.add(entry.code)


def _check_parameters(written: RuleFile, document: YamlDocument) -> Iterator[Finding]:
    for name, entry in written.parameters.items():
        if entry.choices is not None and entry.default not in entry.choices:
            at = document.locate(("parameters", name, "default"))
            yield make_finding(INVALID, f"the default of `{name}` is none of its choices", at, "add it to `choices`")


class _Compiling:
    """One rule on its way from text to what can be evaluated; what is wrong is added to the findings."""

    def __init__(self, document: YamlDocument, index: int, findings: list[Finding]) -> None:
        self._document = document
        self._index = index
        self._findings = findings
        self._variables: frozenset[str] = frozenset()
        self._keys: Mapping[str, frozenset[str]] = {}
        self._params = ""

    def make_rule(self, entry: RuleEntry, file: RuleFile) -> Rule | None:
        before = len(self._findings)
        self._variables = VARIABLES[entry.scope]
        self._params = params_name(file.pack)
        self._keys = {**KEYS, "params": frozenset(file.parameters)}
        if entry.each and entry.scope in LISTS:
            remedy = "leave `each` out, or use the scope schema or subject"
            self._report("each", ExpressionError(f"the scope {entry.scope} goes over a list by itself", remedy))
            return None
        each = self._compile("each", entry.each) if entry.each else None
        if each:
            self._variables |= {"item"}
        when = self._compile("when", entry.when) if entry.when else None
        asserted = self._compile("assert", entry.assert_)
        message = self._make_template("message", entry.message)
        fix = self._make_template("fix", entry.fix) if entry.fix else None
        if len(self._findings) > before or asserted is None or message is None:
            return None
        templates = (message, fix)
        used = [each, when, asserted, *(e for template in templates if template for e in _expressions(template))]
        condition = rename_variable(_make_condition(entry), "params", self._params)
        listed = each.text if each else ENTRIES if entry.scope in LISTS else None
        variable = ("item" if entry.each else str(entry.scope)) if listed else None
        try:
            all_hold, verdicts = (
                (_make_list_expression(macro, listed, variable, condition) for macro in ("all", "map"))
                if listed and variable
                else (None, None)
            )
        except ExpressionError as error:
            self._report("assert", error)
            return None
        return Rule(
            code=entry.code,
            pack=file.pack,
            title=entry.title,
            severity=entry.severity,
            is_enabled=entry.enabled,
            scope=entry.scope,
            formats=_choose_formats(entry),
            condition=condition,
            holds=Expression(condition),
            all_hold=all_hold,
            verdicts=verdicts,
            each=each,
            variable=variable,
            message=message,
            fix=fix,
            links=tuple(entry.links),
            description=entry.description,
            location=self._document.locate(("rules", self._index, "assert")),
            written=entry,
            names=frozenset(name for e in used if e for name in e.names),
            loops=frozenset(path for e in used if e for path in find_loops(e.text, _ONE_OF_MANY)),
        )

    def _compile(self, key: str, text: str) -> Expression | None:
        try:
            return compile_renamed(text, self._variables, self._keys, self._params)
        except ExpressionError as error:
            self._report(key, error)
            return None

    def _make_template(self, key: str, text: str) -> Template | None:
        try:
            return make_template(text, self._variables, self._keys, self._params)
        except ExpressionError as error:
            self._report(key, error)
            return None

    def _report(self, key: str, error: ExpressionError) -> None:
        at = self._document.locate(("rules", self._index, key))
        self._findings.append(make_finding(INVALID, f"`{key}`: {error.message}", at, error.fix))


def compile_renamed(text: str, variables: Iterable[str], keys: Mapping[str, frozenset[str]], params: str) -> Expression:
    """Compile an expression as it is written, so that what is wrong is told so, and call its parameters by the pack.

    Raises:
        ExpressionError: as for :func:`compile_expression`.
    """
    written = compile_expression(text, variables, keys)
    renamed = rename_variable(text, "params", params)
    return written if renamed == text else Expression(renamed)


def make_template(
    text: str, variables: Iterable[str], keys: Mapping[str, frozenset[str]], params: str = "params"
) -> Template:
    """Take a text apart into itself and the expressions between ``{{`` and ``}}``.

    Raises:
        ExpressionError: one of them cannot be used, or the text is too long.
    """
    if len(text) > MAX_TEMPLATE:
        raise ExpressionError(f"has {len(text)} characters, where {MAX_TEMPLATE} are read", "say it in fewer words")
    parts = _BLANK.split(text)
    if any("{{" in part for part in parts[::2]):
        raise ExpressionError("`{{` has no `}}`", "write `{{ subject.name }}`")
    variables = frozenset(variables)
    pieces = (compile_renamed(p, variables, keys, params) if i % 2 else p for i, p in enumerate(parts))
    return Template(text, tuple(pieces))


def _expressions(template: Template) -> Iterator[Expression]:
    return (piece for piece in template.pieces if isinstance(piece, Expression))


def _make_condition(entry: RuleEntry) -> str:
    # A line break ends whatever comment the expression may end with.
    return f"!({entry.when}\n) || ({entry.assert_}\n)" if entry.when else f"{entry.assert_}\n"


def _make_list_expression(macro: str, listed: str, variable: str, condition: str) -> Expression:
    """Ask a condition about each entry of a list.

    Raises:
        ExpressionError: with this loop around it, it is nested too deeply.
    """
    text = f"({listed}\n).{macro}({variable}, {condition})"
    raise_if_unbounded(text)
    return Expression(text)


_OF_TEXTS = frozenset({Scope.SCHEMA, Scope.DEFINITION, Scope.FIELD})


def _choose_formats(entry: RuleEntry) -> frozenset[Format]:
    """The formats that a rule names. What is asked of a text without naming any means those that have fields."""
    named = frozenset(Format(name.upper()) for name in entry.formats or ())
    return named or (EVENT_FORMATS if entry.scope in _OF_TEXTS else frozenset(Format))
