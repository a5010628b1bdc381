"""Who loses, held against the rule written out row by row; and the answer does not depend on order or buckets."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.filters.winners import losers

ROWS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(0, 1),
        st.sampled_from([0.0, 0.5, 0.75, float("nan"), -float("inf")]),
        st.sampled_from([1.0, 2.0]),
    ),
    max_size=30,
)


def run(rows, per=1):
    """`rows`: (high, low, quality, weight, place)."""
    high, low, quality, weight, place = (list(c) for c in zip(*rows, strict=True)) if rows else ([], [], [], [], [])
    key = np.array(high, np.uint64), np.array(low, np.uint64)
    return losers(
        key, np.array(quality, np.float32), np.array(weight, np.float32), np.array(place, np.uint64), per=per
    ).tolist()


def by_rule(rows, per):
    groups = {}
    for high, low, quality, weight, place in rows:
        rank = (float("inf") if math.isnan(quality) else -quality, -weight, place)
        groups.setdefault((high, low), []).append(rank)
    found = []
    for group in groups.values():
        best, *_ = ordered = sorted(group)
        found += [[rank[2], best[2]] for rank in ordered[per:]]
    return sorted(found)


@given(ROWS, st.integers(1, 3), st.integers(0, 1000))
def test_the_best_stay_whatever_the_order(some, per, seed):
    rows = [(*row, place) for row, place in zip(some, random.Random(seed).sample(range(2**40), len(some)), strict=True)]
    expected = by_rule(rows, per)
    assert run(rows, per) == expected
    random.Random(seed + 1).shuffle(rows)
    assert run(rows, per) == expected


@given(ROWS, st.integers(1, 5))
def test_buckets_do_not_matter(some, buckets):
    rows = [(*row, place) for place, row in enumerate(some)]
    apart = [run([row for row in rows if row[0] % buckets == number]) for number in range(buckets)]
    assert sorted(pair for part in apart for pair in part) == run(rows)


@pytest.mark.parametrize("per", [0, 5])
def test_nothing_is_lost_where_all_may_stay(per):
    assert run([(1, 1, 0.5, 1.0, place) for place in range(5)], per) == []
