"""Templates of names: what they can say, and that none of them takes long."""

from __future__ import annotations

import pytest

from reconciler.name_templates import SUBJECT_VARIABLES, TemplateError, compile_template

VALUES = {
    "stem": "order-placed",
    "path": "a/order-placed",
    "folder": "a",
    "record_name": "Order",
    "namespace": "",
    "package": "",
}


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{{ stem }}", "order-placed"),
        ("{{stem}}-value", "order-placed-value"),
        ("{{ folder }}.{{ record_name }}", "a.Order"),
        ("{{ stem | upper }}", "ORDER-PLACED"),
        ("{{ path.replace('/', '.') }}", "a.order-placed"),
        ("{{ stem.split('-')[0] }}", "order"),
        ("{{ namespace | default('none') }}", "none"),
        ("{% if namespace is defined %}{{ namespace }}.{% endif %}{{ stem[:5] }}", "order"),
        ("fixed", "fixed"),
    ],
)
def test_name(template: str, name: str) -> None:
    assert compile_template(template, SUBJECT_VARIABLES).render(VALUES) == name


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in stem %}{{ i }}{% endfor %}",
        "{% set x = stem %}{{ x }}",
        "{% macro x() %}{% endmacro %}",
        "{{ 'a' * 1000000000 }}",
        "{{ 10 ** 100 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ stem | center(1000000000) }}",
        "{{ stem.ljust(1000000000) }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ range(10) }}",
        "{{ stem.__class__ }}",
        "{{ stem['__class__'] }}",
        "{{ stem | attr('x') }}",
        "{{ self }}",
        "{{ stem",
        "{{ " + "(" * 450 + "stem" + ")" * 450 + " }}",
        "x" * 1001,
        "{{ stem" + " | replace('e', 'e" + "e" * 40 + "')" * 10 + " }}",
        "{{ namespace }}",
        "{{ stem.split('-')[9] }}",
        "{{ stem[0] + 1 }}",
        "{{ stem | replace('x') }}",
    ],
)
def test_template_that_is_refused(template: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(template, SUBJECT_VARIABLES).render(VALUES)
    assert caught.value.message.startswith("the template ") or "template `" in caught.value.message


def test_unknown_variable_is_suggested() -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template("{{ stm }}", SUBJECT_VARIABLES)
    assert caught.value.message == "template `{{ stm }}` uses `stm`, which is not a variable; did you mean `stem`?"
    assert caught.value.fix == "its variables: stem, path, folder, record_name, namespace, package, format"
