"""The largest set of pairs: held against trying everything."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.compatibility.json_schema.matching import match

candidates = st.dictionaries(st.integers(0, 4), st.lists(st.integers(0, 4), unique=True), max_size=5)


def largest(choices: dict[int, list[int]]) -> int:
    sizes = [
        sum(right in choices[left] for left, right in zip(choices, order, strict=False))
        for order in permutations(range(5))
    ]
    return max(sizes, default=0)


@given(candidates)
def test_as_many_pairs_as_trying_everything_finds(choices: dict[int, list[int]]) -> None:
    pairs = match(choices)

    assert len(pairs) == largest(choices)
    assert len(set(pairs.values())) == len(pairs)
    assert all(right in choices[left] for left, right in pairs.items())


def test_a_partner_is_given_up_for_one_who_has_no_other() -> None:
    assert match({0: [0, 1], 1: [0]}) == {0: 1, 1: 0}


def test_early_candidates_are_preferred() -> None:
    assert match({0: [1, 0], 1: [0, 1]}) == {0: 1, 1: 0}


def test_a_long_chain_of_exchanges() -> None:
    chain = {left: [left, left + 1] for left in range(3000)}

    assert len(match({**chain, 3000: [0]})) == 3001
