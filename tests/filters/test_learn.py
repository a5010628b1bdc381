"""Thresholds under a budget that can be worked out by hand, and a ROC area by counting pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.errors import OptionError
from mt.filters.filter import Limit
from mt.filters.learn import curve, reject, thresholds


def numbers(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_the_budget_goes_where_it_buys_most():
    # score a finds 3 of 4 noise rows for nothing; b the fourth for one clean row of ten
    clean = np.array([True] * 10 + [False] * 4)
    a = numbers(*[0.5] * 10, 0.1, 0.2, 0.3, 0.5)
    b = numbers(0.1, *[0.9] * 9, 0.9, 0.9, 0.9, 0.1)
    found = thresholds({"b": b, "a": a}, clean, 0.0)
    assert found.limits == {"a": Limit(low=0.5)}
    assert found.rejected.tolist() == [False] * 10 + [True] * 3 + [False]
    found = thresholds({"b": b, "a": a}, clean, 0.1)
    assert set(found.limits) == {"a", "b"}
    assert found.limits["b"].low == np.float32(0.9)
    assert [step[0] for step in found.steps] == ["a", "b"]
    assert found.steps[-1][2:] == (1.0, 0.1)


def test_ranges_are_cut_at_both_ends():
    clean = np.array([True] * 5 + [False] * 2)
    found = thresholds({"ratio": numbers(0.9, 1, 1, 1.1, 1.2, 0.1, 7)}, clean, 0.0)
    assert found.limits == {"ratio": Limit(float(np.float32(0.9)), float(np.float32(1.2)))}


def test_intervals_that_hold_already_are_kept_and_count():
    clean = np.array([True] * 4 + [False] * 2)
    scores = {"a": numbers(1, 1, 1, 0, 1, 1), "b": numbers(1, 1, 1, 1, 0, 0)}
    found = thresholds(scores, clean, 0.25, start={"a": Limit(low=0.5)})
    assert found.limits == {"a": Limit(low=0.5), "b": Limit(low=1)}
    assert found.rejected.tolist() == [False, False, False, True, True, True]


def test_what_was_not_measured_is_not_rejected():
    clean = np.array([True, True, False, False])
    found = thresholds({"a": numbers(1, np.nan, np.nan, 0)}, clean, 0.0)
    assert found.rejected.tolist() == [False, False, False, True]
    assert thresholds({"a": numbers(*[np.nan] * 4)}, clean, 0.5).limits == {}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.02, 0.1, 0.3]))
def test_the_budget_is_never_overspent_and_rejects_are_those_of_the_limits(seed, budget):
    dice = np.random.default_rng(seed)
    clean = np.append(dice.random(200) < 0.8, [True, False])
    scores = {
        name: np.round(dice.normal(clean * shift, 1), 1).astype(np.float32) for name, shift in (("a", 2), ("b", 0.5))
    }
    found = thresholds(scores, clean, budget)
    assert found.rejected[clean].sum() <= budget * clean.sum()
    np.testing.assert_array_equal(found.rejected, reject(found.limits, scores, len(clean)))
    more = thresholds(scores, clean, min(1.0, budget + 0.2))
    assert more.rejected[~clean].sum() >= found.rejected[~clean].sum()


def test_only_clean_rows_or_only_noise_teach_nothing():
    for only in (True, False):
        with pytest.raises(OptionError, match="clean: expected rows that are clean and rows that are not"):
            thresholds({"a": numbers(1, 2)}, np.array([only, only]), 0.1)
    with pytest.raises(OptionError, match="budget: expected"):
        thresholds({"a": numbers(1, 2)}, np.array([True, False]), 1.5)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_the_area_counts_pairs(rows):
    values, clean = np.array([v for v, _ in rows], np.float32), np.array([c for _, c in rows])
    if clean.all() or not clean.any():
        return
    pairs = [(good > bad) + (good == bad) / 2 for good in values[clean] for bad in values[~clean]]
    found = curve(values, clean)
    assert found.area == pytest.approx(np.mean(pairs))
    for threshold, precision, recall, loss in zip(
        found.threshold, found.precision, found.recall, found.loss, strict=True
    ):
        out = values < threshold
        assert recall == pytest.approx(out[~clean].mean())
        assert loss == pytest.approx(out[clean].mean())
        assert precision == pytest.approx((~clean[out]).mean() if out.any() else 1)


def test_the_strictest_threshold_within_a_loss():
    clean = np.array([True] * 10 + [False] * 3)
    found = curve(numbers(*range(1, 11), 0, 2, 0.5), clean)
    place = found.at(0.1)
    assert found.threshold[place] == 2 and found.recall[place] == pytest.approx(2 / 3)
    assert found.recall[found.at(0.2)] == 1
