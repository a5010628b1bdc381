"""The data order: held against its definitions (a permutation, exact shares, budgets), not against what it happened to give once."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.train.options import Sampling, Source
from mt.train.sampling import batches, drawn, permuted, rates


@given(st.integers(1, 3000), st.integers(0, 2**31))
def test_permuted_is_a_permutation_in_any_slice(size, seed):
    whole = permuted(np.arange(size), size, seed)
    assert sorted(whole.tolist()) == list(range(size))
    middle = np.arange(size // 3, size // 2 + 1)
    assert permuted(middle, size, seed).tolist() == whole[middle].tolist()


def test_it_is_shuffled():
    """Neighbours of a random order differ by a third of its length on average (the mean distance of two uniform numbers)."""
    order = permuted(np.arange(30_000), 30_000, 1)
    assert np.abs(np.diff(order)).mean() == pytest.approx(10_000, rel=0.03)
    assert not np.array_equal(order, permuted(np.arange(30_000), 30_000, 2))


def test_over_whole_passes_every_pair_is_drawn_as_often_as_its_share_says():
    """share 0.5 of 400 and 3 times 100: a pass is 500 pairs; after 4 passes each pair of the first came twice, of the second twelve times."""
    sources = {"big": Source("x", share=0.5), "small": Source("y", share=3)}
    ranges, options = [(0, 400), (400, 500)], Sampling(pool=250)
    share = rates(sources, [400, 100], options)
    seen = Counter(int(n) for pool in range(8) for n in drawn(pool, ranges, share, options, 7))
    assert [seen[n] for n in range(500)] == [2] * 400 + [12] * 100


@pytest.mark.parametrize("pool", [0, 3])
def test_a_pool_is_the_same_without_the_pools_before_it(pool):
    ranges, options = [(0, 90), (90, 1000)], Sampling(pool=100)
    one = drawn(pool, ranges, [0.3, 0.7], options, 5)
    assert one.tolist() == drawn(pool, ranges, [0.3, 0.7], options, 5).tolist()
    assert sum(n < 90 for n in one) == 30


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=1, max_size=80), st.booleans(), st.floats(0, 1)
)
def test_batches_lose_nothing_and_keep_their_budget(lengths, short, concat):
    src, tgt = (np.array(x) for x in zip(*lengths, strict=True))
    options = Sampling(longest=60, short_pieces=24, concat=concat, pool=100)
    numbers = np.arange(len(lengths)) + 1000
    made = batches(numbers, src, tgt, options, tokens=200, seed=(1, 2), short=short)
    found = sorted(n for batch in made for item in batch for n in item.pairs)
    assert found == [n for n, (s, t) in zip(numbers.tolist(), lengths, strict=True) if not short or max(s, t) <= 24]
    for batch in made:
        for item in batch:
            sides = [sum(int(x[n - 1000]) for n in item.pairs) for x in (src, tgt)]
            assert item.length == max(sides) <= (24 if short else 60)
        assert len(batch) == 1 or (max(i.length for i in batch) + 1) * len(batch) <= 200


def test_an_empty_source_gets_no_share():
    assert rates({"a": Source("a"), "b": Source("b")}, [0, 10], Sampling()) == [0.0, 1.0]
