"""The classifier: an optimum that its own gradient proves, chances worked out by hand, kinds of noise that show in different scores."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt.errors import OptionError
from mt.filters.classifier import Classifier, Feature, Odds, _features, _newton, _sigmoid, fit, out_of_fold


def numbers(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def kinds(clean: np.ndarray) -> list[str | None]:
    return [None if one else "noise" for one in clean]


def test_newton_finds_the_optimum():
    # at the optimum of the penalised likelihood its gradient X'(y - p) - ridge * w is 0
    dice = np.random.default_rng(3)
    table = np.concatenate([np.ones((500, 1)), dice.normal(size=(500, 4))], axis=1)
    wanted = (dice.random(500) < _sigmoid(table @ [0.5, 1, -2, 0, 3])).astype(float)
    weights = _newton(table, wanted, 0.7)
    gradient = table.T @ (wanted - _sigmoid(table @ weights)) - np.array([0, 0.7, 0.7, 0.7, 0.7]) * weights
    assert np.abs(gradient).max() < 1e-3
    assert weights[4] > 1 and weights[2] < -1


def test_rows_that_can_be_parted_do_not_run_away():
    clean = np.arange(100) >= 20
    found = fit({"a": np.arange(100, dtype=np.float32)}, kinds(clean))
    chance = found.chance({"a": np.arange(100, dtype=np.float32)})
    assert np.isfinite([found.kind["noise"].bias, *found.kind["noise"].weights["a"]]).all()
    assert chance[clean].min() > chance[~clean].max()


def test_both_ends_and_missing_numbers_can_be_signs_of_noise():
    dice = np.random.default_rng(1)
    clean = np.arange(900) >= 300
    values = np.where(clean, dice.normal(0, 1, 900), np.tile([6, -6, np.nan], 300)).astype(np.float32)
    found = fit({"x": values}, kinds(clean), fitted="a test")
    chance = found.chance({"x": values})
    assert chance[clean].mean() > 0.95 and chance[~clean].mean() < 0.1
    assert found.fitted == "a test"
    with pytest.raises(OptionError, match=r"learned\.score\.x: expected a score that is measured"):
        found.chance({"y": values})


def test_features_by_hand():
    one = Feature(middle=1.0, scale=2.0, low=0.0, high=3.0)
    found = _features(numbers(1, -2, 5, np.nan, 100), one)
    assert found.tolist() == [[0, 0, 0, 0], [-1.5, 1, 0, 0], [2, 0, 1, 0], [0, 0, 0, 1], [4, 0, 4, 0]]


def test_a_pair_is_clean_when_it_is_no_kind_of_noise():
    # two kinds, each with odds of its own: 1 / (1 + e^-a + e^-b)
    one = Feature(0.0, 1.0, 0.0, 0.0)
    made = Classifier(
        {"x": one}, {"html": Odds(1.0, {"x": (2.0, 0.0, 0.0, 0.0)}), "copy": Odds(3.0, {"x": (0.0, 0.0, -4.0, 0.0)})}
    )
    expected = [1 / (1 + math.exp(-(1 + 2 * x)) + math.exp(-(3 - 4 * max(x, 0)))) for x in (-1, 0, 2)]
    assert made.chance({"x": numbers(-1, 0, 2)}).tolist() == pytest.approx(expected, abs=6e-6)


def test_kinds_that_show_in_different_scores_are_both_found():
    dice = np.random.default_rng(8)
    names = [None] * 900 + ["copy"] * 50 + ["html"] * 50
    a, b = dice.normal(0, 1, (2, 1000))
    a[900:950] -= 5
    b[950:] += 5
    found = fit({"a": a.astype(np.float32), "b": b.astype(np.float32)}, names)
    chance = found.chance({"a": a.astype(np.float32), "b": b.astype(np.float32)})
    assert (chance[900:] < 0.5).mean() > 0.9 and (chance[:900] < 0.5).mean() < 0.02
    assert list(found.kind) == ["copy", "html"]


def test_impossible_weights_are_refused():
    for middle, scale, low, high in ((0, 0, 0, 0), (2, 1, 0, 1), (0, -1, 0, 0)):
        with pytest.raises(OptionError):
            Feature(middle, scale, low, high)
    with pytest.raises(OptionError, match=r"weights\.x: expected four numbers, found 3"):
        Odds(0.0, {"x": (1.0, 2.0, 3.0)})
    with pytest.raises(OptionError, match=r"kind\.html\.weights: expected of y, found x"):
        Classifier({"y": Feature(0, 1, 0, 0)}, {"html": Odds(0.0, {"x": (1.0, 2.0, 3.0, 4.0)})})


def test_a_chance_does_not_depend_on_the_rows_beside_it():
    dice = np.random.default_rng(5)
    clean = np.arange(300) >= 60
    scores = {name: dice.normal(clean, 1).astype(np.float32) for name in "abc"}
    found = fit(scores, kinds(clean))
    whole = found.chance(scores)
    parts = [found.chance({n: c[a : a + 7] for n, c in scores.items()}) for a in range(0, 300, 7)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_out_of_fold_sees_no_row_of_its_group():
    # a score that gives each group away: within a group it says which rows are clean, and says the contrary in the other
    clean = np.array([True, False] * 20)
    values = np.concatenate([clean[:20], ~clean[20:]]).astype(np.float32)
    found = out_of_fold({"a": values}, kinds(clean), ["x"] * 20 + ["y"] * 20)
    assert (found[clean] < 0.5).all() and (found[~clean] > 0.5).all()
    with pytest.raises(OptionError, match="groups: expected two or more"):
        out_of_fold({"a": values}, kinds(clean), ["x"] * 40)


def test_a_classifier_without_scores_answers_nothing():
    assert Classifier({}, {}).chance({}).tolist() == []


def test_groups_that_leave_nothing_to_learn_from_are_not_doubted():
    clean = np.array([True, False, True, True])
    found = out_of_fold({"a": numbers(1, 0, 1, 1)}, kinds(clean), ["x", "x", "y", "y"])
    assert found[:2].tolist() == [1, 1]
