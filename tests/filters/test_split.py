"""Held-out documents: shares within the binomial error, stable as documents come, and nothing like them left in train."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.errors import OptionError
from mt.filters.split import DEV, TEST, TRAIN, split, straddlers

SHARES = st.tuples(st.floats(0, 0.5), st.floats(0, 0.5))


@pytest.mark.parametrize(("dev", "test"), [(0.01, 0.02), (0.3, 0.3), (0.0, 0.5), (0.5, 0.0), (0.0, 0.0), (0.0, 1.0)])
def test_shares_are_right_within_the_binomial_error(dev, test):
    count = 20_000
    found = split([f"source/{n}" for n in range(count)], 7, dev, test)
    for code, share in ((DEV, dev), (TEST, test)):
        error = (count * share * (1 - share)) ** 0.5
        assert abs(int((found == code).sum()) - count * share) <= 4 * error


@given(st.lists(st.text(max_size=5), max_size=20), st.lists(st.text(max_size=5), max_size=20), st.integers(), SHARES)
def test_documents_stay_where_they_are_when_others_come(documents, more, seed, shares):
    alone = split(documents, seed, *shares)
    assert split(more + documents, seed, *shares)[len(more) :].tolist() == alone.tolist()
    assert split(documents * 2, seed, *shares).tolist() == alone.tolist() * 2


@given(st.lists(st.text(max_size=5), max_size=20), st.integers(0, 99), SHARES, SHARES)
def test_a_share_that_grows_loses_nothing(documents, seed, one, other):
    less, more = (tuple(pick(pair) for pair in zip(one, other, strict=True)) for pick in (min, max))
    before, after = split(documents, seed, *less), split(documents, seed, *more)
    assert (after[before != TRAIN] == before[before != TRAIN]).all()


def test_another_seed_is_another_choice():
    documents = [str(n) for n in range(2000)]
    both = split(documents, 1, 0.0, 0.5) == split(documents, 2, 0.0, 0.5)
    assert 0.4 < both.mean() < 0.6


@pytest.mark.parametrize(("dev", "test"), [(0.6, 0.6), (-0.1, 0), (0, 1.5)])
def test_impossible_shares_are_refused(dev, test):
    with pytest.raises(OptionError):
        split(["a"], 1, dev, test)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=30))
def test_after_straddlers_go_no_group_is_in_two_splits(rows):
    roots, held = (np.array([row[i] for row in rows], kind) for i, kind in ((0, np.uint64), (1, np.uint8)))
    like = straddlers(roots, held)
    left = {}
    for root, code, gone in zip(roots.tolist(), held.tolist(), like.tolist(), strict=True):
        highest = max(h for r, h in rows if r == root)
        assert gone == (highest if code < highest else 0)
        if not gone:
            left.setdefault(root, set()).add(code)
    assert all(len(codes) == 1 for codes in left.values())
