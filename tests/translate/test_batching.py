from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.translate.batching import plan, target_limit

lengths = st.lists(st.integers(0, 600), max_size=200)


@given(lengths, st.integers(1, 3000))
def test_every_row_is_in_exactly_one_batch_within_budget(sizes, budget):
    batches = plan(sizes, budget, 511)
    assert sorted(row for b in batches for row in b.rows) == list(range(len(sizes)))
    for b in batches:
        longest = max([1, *(sizes[row] for row in b.rows)])
        assert len(b.rows) == 1 or longest * len(b.rows) <= budget


@given(lengths, st.integers(1, 3000))
def test_what_a_sentence_may_grow_to_depends_on_it_alone(sizes, budget):
    for b in plan(sizes, budget, 511):
        assert {target_limit(sizes[row], 511) for row in b.rows} == {b.max_target_pieces}


@given(lengths)
def test_longest_first(sizes):
    order = [sizes[row] for b in plan(sizes, 100, 511) for row in b.rows]
    assert order == sorted(sizes, reverse=True)


def test_a_row_over_the_budget_goes_alone():
    assert [b.rows for b in plan([5, 50, 5], 20, 511)] == [(1,), (0, 2)]


@pytest.mark.parametrize(
    ("pieces", "limit"), [(0, 82), (16, 82), (17, 98), (25, 114), (64, 178), (65, 242), (97, 306), (400, 511)]
)
def test_limits_by_class(pieces, limit):
    # 2 * class + 50 with classes 16, 24, 32, 48, 64, 96, 128, …, and the model's ceiling
    assert target_limit(pieces, 511) == limit


def test_a_budget_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least 1 piece"):
        plan([1], 0, 511)
