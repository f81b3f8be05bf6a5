"""Which subjects a change of files may concern."""

from __future__ import annotations

import pytest

from reconciler.operations.since import find_touched

NOTHING: frozenset[str] = frozenset()
PARTS = {
    "schemas/order.avsc": frozenset({"schemas/order.avsc", "schemas/order.yaml", "schemas/fragments/id.avsc"}),
    "schemas/shop/cart.avsc": frozenset({"schemas/shop/cart.avsc"}),
    "schemas/shop/cart.v2.avsc": frozenset({"schemas/shop/cart.v2.avsc"}),
    "schemas/gone.avsc": NOTHING,
}
EVERYTHING = None
CASES = [
    pytest.param([], NOTHING, id="nothing changed"),
    pytest.param(["schemas/order.avsc"], {"schemas/order.avsc"}, id="the schema"),
    pytest.param(["schemas/order.yaml"], {"schemas/order.avsc"}, id="its sidecar"),
    pytest.param(["schemas/fragments/id.avsc"], {"schemas/order.avsc"}, id="a fragment that it uses"),
    pytest.param(["schemas/gone.avsc"], {"schemas/gone.avsc"}, id="removed since it was applied"),
    pytest.param(["schemas/shop/cart.meta.yaml"], {"schemas/shop/cart.avsc", "schemas/shop/cart.v2.avsc"}, id="stem"),
    pytest.param(
        ["schemas/shop/defaults.yaml"],
        {"schemas/shop/cart.avsc", "schemas/shop/cart.v2.avsc"},
        id="defaults",
    ),
    pytest.param(["schemas/defaults.yaml"], set(PARTS), id="the outermost defaults"),
    pytest.param(["schemas/shop/waivers.yaml"], {f for f in PARTS if "shop" in f}, id="waivers of a folder"),
    pytest.param(["waivers.yaml"], set(PARTS), id="waivers of the root"),
    pytest.param(["schemafed.yaml"], EVERYTHING, id="the configuration"),
    pytest.param(["schemas/fragments/removed.avsc"], EVERYTHING, id="what may have been a part of any"),
    pytest.param(["README.md", "docs/index.md"], NOTHING, id="what lies elsewhere"),
    pytest.param(["schemas/lonely.yaml"], NOTHING, id="a sidecar of nothing"),
]


@pytest.mark.parametrize(("changed", "touched"), CASES)
def test_what_a_change_may_concern(changed: list[str], touched: set[str] | None) -> None:
    found = find_touched(PARTS, changed, ["schemas"])

    assert found == (None if touched is None else frozenset(touched))
