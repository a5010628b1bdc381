"""Metrics of metrics against plain definitions written out here, pair by pair."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.errors import CountError, InputError
from mt.evaluate import meta

NAN = float("nan")


def acc_eq(human, metric, pairs, epsilon):
    """acc_eq of Deutsch et al. 2023, equation 6, mean over items, by its words."""
    found = []
    for item in range(human.shape[1]):
        right = count = 0
        for i, j in pairs:
            h, m = human[i, item] - human[j, item], metric[i, item] - metric[j, item]
            if np.isnan(h) or np.isnan(m):
                continue
            count += 1
            m = 0.0 if abs(m) <= epsilon else m
            right += np.sign(h) == np.sign(m)
        if count:
            found.append(right / count)
    return float(np.mean(found))


SCORES = st.lists(
    st.tuples(*[st.sampled_from([0.0, 1.0, 2.0, NAN])] * 3, *[st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0])] * 3),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60)
@given(SCORES)
def test_tie_calibration_finds_the_best_epsilon_of_all(rows):
    human, metric = (np.array([row[k : k + 3] for row in rows]).T for k in (0, 3))
    pairs = list(combinations(range(3), 2))
    known = ~np.isnan(human[0] + human[1]) | ~np.isnan(human[0] + human[2]) | ~np.isnan(human[1] + human[2])
    if not known.any():
        with pytest.raises(InputError):
            meta.tie_accuracy(human, metric, pairs)
        return
    found = meta.tie_accuracy(human, metric, pairs)
    differences = {abs(metric[i, n] - metric[j, n]) for i, j in pairs for n in range(metric.shape[1])}
    best = max(acc_eq(human, metric, pairs, e) for e in {0.0, *differences})
    assert found.value == pytest.approx(best)
    assert acc_eq(human, metric, pairs, found.epsilon) == pytest.approx(found.value)
    assert found.uncalibrated == pytest.approx(acc_eq(human, metric, pairs, 0.0))
    assert float(np.nanmean(found.by_item)) == pytest.approx(found.value)


def test_pairwise_accuracy_counts_ties_of_one_side_as_wrong():
    human, metric = np.array([4.0, 3.0, 2.0, 2.0]), np.array([9.0, 9.0, 1.0, 1.0])
    found = meta.pairwise_accuracy(human, metric, meta.pairs_of("abcd"))
    # ab tied by the metric only; cd tied by both; ac, ad, bc, bd alike
    assert (found.alike, found.against, found.tied, found.pairs) == (5, 0, 1, 6)
    with pytest.raises(InputError):
        meta.pairwise_accuracy(human, metric, [])


def test_p_values_are_those_of_all_exchanges():
    a, b = np.array([3.0, 1.0, 4.0, NAN]), np.array([1.0, 2.0, 1.0, 5.0])
    every = np.array(list(product([-1.0, 1.0], repeat=4)))
    [p] = meta.p_values(a[None], b[None], every)
    d = [2.0, -1.0, 3.0]  # the last segment was judged for one only
    assert p == np.mean([np.dot(s, d) >= 4.0 for s in product([-1, 1], repeat=3)])


def test_soft_accuracy_of_a_metric_with_itself_is_1_and_of_its_opposite_low():
    rng = np.random.default_rng(3)
    scores = rng.normal(size=(5, 200)) + np.arange(5)[:, None] * 0.3
    signs, pairs = meta.draw(400, 200, 1), meta.pairs_of("abcde")
    i, j = ([pair[k] for pair in pairs] for k in (0, 1))
    p = meta.p_values(scores[i], scores[j], signs)
    assert meta.soft_accuracy(p, p) == 1.0
    assert meta.soft_accuracy(p, meta.p_values(-scores[i], -scores[j], signs)) < 0.2


def test_draws_are_fair_and_fixed():
    signs = meta.draw(200, 50, 7)
    assert set(np.unique(signs)) == {-1.0, 1.0}
    assert abs(signs.mean()) < 0.03
    assert np.array_equal(signs, meta.draw(200, 50, 7))
    assert signs[0, :8].tolist() == meta.draw(1, 8, 7)[0].tolist()


def test_metrics_that_are_alike_differ_by_chance_only_about_as_often_as_they_should():
    # two metrics that are people's scores with noise of one size: the null hypothesis is true
    rng = np.random.default_rng(5)
    pairs, small = meta.pairs_of([str(n) for n in range(12)]), 0
    for trial in range(120):
        people = rng.normal(size=12)
        metrics = people + rng.normal(size=12), people + rng.normal(size=12)
        small += meta.compare_accuracy(people, metrics, pairs, meta.draw(199, 12, trial))[1] <= 0.05
    # 6 are expected of 120; 15 or more have a chance of 0.0013 (binomial)
    assert small < 15


def test_a_good_metric_beats_noise_by_every_test():
    rng = np.random.default_rng(9)
    people = rng.normal(size=(10, 150)) + np.arange(10)[:, None] * 0.2
    good, noise = people + 0.3 * rng.normal(size=people.shape), rng.normal(size=people.shape)
    pairs = meta.pairs_of([str(n) for n in range(10)])
    i, j = ([pair[k] for pair in pairs] for k in (0, 1))
    signs, drawn = meta.draw(300, 10, 1), meta.draw(300, 150, 1)
    human_p = meta.p_values(people[i], people[j], drawn)
    assert meta.compare_accuracy(people.mean(1), (good.mean(1), noise.mean(1)), pairs, signs)[1] < 0.05
    d, p = meta.compare_soft(human_p, (good, noise), pairs, signs, drawn)
    assert d > 0.2
    assert p < 0.05
    ties = [meta.tie_accuracy(people, m, pairs).by_item for m in (good, noise)]
    d, p = meta.compare_items(*ties, meta.draw(300, 150, 2))
    assert d > 0.2
    assert p == pytest.approx(1 / 301)


def test_shapes_are_checked():
    with pytest.raises(CountError):
        meta.tie_accuracy(np.zeros((2, 3)), np.zeros((2, 4)), [(0, 1)])
