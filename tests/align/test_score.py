"""Features of beads: the ones on the page derived by hand, symmetry, and the grid that makes them exact."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt.align.anchors import Anchors
from mt.align.grid import SCALE, cosines, grid, whole
from mt.align.half import expected, measure, prepare, share
from mt.align.probability import FEATURES, calibrated, features
from mt.align.score import Fit, table
from mt.align.score import features as bead_features
from mt.align.side import Side
from mt.align.weights import PROBABILITY, WEIGHTS

WHOLE = np.array([[0, 3, 0, 2]])


def runs(rows: np.ndarray) -> list[np.ndarray]:
    sums = [sum(rows[k : len(rows) - n + 1 + k] for k in range(n)) for n in (1, 2, 3, 4)]
    return [s / np.maximum(np.linalg.norm(s, axis=1, keepdims=True), 1e-9) for s in sums]


def pair():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(3, 24))
    other = np.stack([rows[0] + rows[1], rows[2]]) + rng.normal(size=(2, 24)) * 0.2
    src, tgt = Side(("aaaa 1234", "bb", "cccccccc"), "en", (0, 0, 1)), Side(("dddd 1234", "eeee"), "en", (0, 1))
    halves = share((prepare(src, runs(rows), 4, True), prepare(tgt, runs(other), 4, True)), (src, tgt))
    return rows, other, halves


def test_products_on_the_grid_are_exact_in_any_order():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(40, 512))
    on = grid(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    exact = [[sum(int(x) * int(y) for x, y in zip(a, b, strict=True)) for b in on[:4]] for a in on]
    assert max(abs(v) for line in exact for v in line) < 2**24
    order = rng.permutation(512)
    on = whole(on)
    for product in (on @ on[:4].T, on[:, order] @ on[:4, order].T, (on[:4] @ on.T).T):
        assert product.astype(np.int64).tolist() == exact
    truth = rows @ rows.T / np.outer(*[np.linalg.norm(rows, axis=1)] * 2)
    assert np.abs(cosines(on.astype(np.int16), on.astype(np.int16)) - truth).max() < 1e-3


def test_what_is_no_number_or_too_long_does_no_harm():
    on = grid([[math.nan, 1.0], [math.inf, 0.0], [30.0, 40.0], [0.0, 0.0]])
    assert on.tolist() == [[0, SCALE], [0, 0], [2400, 3200], [0, 0]]


def test_features_are_what_their_names_say():
    rows, other, (src, tgt) = pair()
    fit = Fit(0.5, 1.0)
    found = dict(bead_features(src, tgt, WHOLE, longest=4, fit=fit, soft=True))
    one, two = [r / np.linalg.norm(r) for r in rows], [r / np.linalg.norm(r) for r in other]
    both = (rows[0] + rows[1]) / np.linalg.norm(rows[0] + rows[1])
    bead = {k: v if isinstance(v, float) else float(v[0, 0, 0]) for k, v in found[2, 1].items()}
    assert bead["cosine"] == pytest.approx(both @ two[0] - 0.5, abs=1e-3)
    assert bead["extra"] == 1 and bead["one"] == 0
    # beside the target run stands target 1 only; above the source run stands source 2 only
    assert bead["contrast"] == pytest.approx((both @ two[1] + one[2] @ two[0]) / 2, abs=1e-3)
    assert bead["gain"] == pytest.approx(both @ two[0] - max(one[0] @ two[0], one[1] @ two[0]), abs=1e-3)
    assert bead["growth"] == pytest.approx(0, abs=1e-3)
    single = {k: v if isinstance(v, float) else float(v[0, 0, 0]) for k, v in found[1, 1].items()}
    assert single["growth"] == pytest.approx(both @ two[0] - one[0] @ two[0], abs=1e-3)
    assert single["unshared"] == 0  # 1234 stands on both sides
    assert float(found[1, 1]["unshared"][0, 1, 0]) == 1
    assert float(found[1, 0]["unshared"][0, 0, 0]) == 1
    # paragraphs begin at source 0 and 2 and at both targets: only a bead that begins at source 1 begins at a border of one side
    assert found[1, 1]["border"][0].tolist() == [[0, 0], [1, 1], [0, 0]]
    assert found[3, 1]["inside"][0].tolist() == [[1, 1]]
    assert bead["weakest"] == pytest.approx(min(one[0] @ two[0], one[1] @ two[0]) - 0.5, abs=1e-3)


def test_exchanged_sides_have_exchanged_scores():
    _, _, (src, tgt) = pair()
    fit = Fit(0.5, 1.2, (0.25, -0.5, 0.125))
    there = table(src, tgt, WHOLE, WEIGHTS, longest=4, fit=fit, soft=True).beads
    back = table(tgt, src, WHOLE[:, [2, 3, 0, 1]], WEIGHTS, longest=4, fit=fit, soft=True).beads
    for (a, b), scores in there.items():
        assert (scores == back[b, a].transpose(0, 2, 1)).all(), (a, b)


def test_lengths_are_in_characters_of_english_by_kind():
    # 猫 kanji, は and いる hiragana, ３ a digit, 。 another mark
    assert expected(["猫は３いる。"], "ja")[0] == pytest.approx(5.1 + 3 * 1.23 + 0.63 + 1.85)
    assert expected(["a  cat.", ""], "en").tolist() == [5, 0]


def test_the_ratio_is_that_of_the_pairs_and_few_pairs_say_little():
    rows = np.random.default_rng(2).normal(size=(200, 16))
    src = prepare(Side(("x" * 40,) * 200, "en"), runs(rows), 4, False)
    tgt = prepare(Side(("x" * 80,) * 200, "de"), runs(rows), 4, False)
    every = np.arange(200)
    log_ratio, fit = measure(src, tgt, [Anchors(every, every, np.ones(200), 200, 200)])
    assert log_ratio == pytest.approx(math.log(81 / 41) * 200 / 210)
    assert fit.level == pytest.approx((200 * 1.0 + 10 * 0.65) / 210, abs=1e-3)
    assert measure(src, tgt, []) == (0.0, Fit(0.65, 1.0))
    # of a thousand pairs that were mutually nearest only these form a chain: chance
    assert measure(src, tgt, [Anchors(every, every, np.ones(200), 200, 1000)])[0] == 0


def test_probabilities_follow_chances_and_neighbours():
    rows = features([0.9, 0.2, 0.9, 0.9], [(1, 1), (1, 1), (1, 2), (1, 0)], [0.7, 0.2, 0.6, 0.0])
    assert rows.shape == (4, len(FEATURES))
    # null beads count for nothing as neighbours: (0.2 + 0.9 + 0) / 3
    assert rows[0][FEATURES.index("neighbours")] == pytest.approx((0.2 + 0.9) / 3)
    found = calibrated(rows, PROBABILITY)
    assert found[1] < found[0] and ((found > 0) & (found < 1)).all()
    assert len(features([], [], [])) == 0
