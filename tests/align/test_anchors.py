"""Anchors, chains and boxes, on made vectors; chains against all subsequences there are."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.align import anchors as module
from mt.align.anchors import anchors, boxes, chain
from mt.align.grid import cosines
from mt.align.half import prepare
from mt.align.side import Side


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def half(rows: np.ndarray):
    runs = [unit(sum(rows[k : len(rows) - n + 1 + k] for k in range(n))) for n in (1, 2, 3, 4)]
    return prepare(Side(("x" * 20,) * len(rows), "en"), runs, 4, False)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 5)), max_size=8))
def test_a_chain_is_the_heaviest_ascending_subsequence(points):
    places, weights = [p for p, _ in points], [float(w) for _, w in points]
    kept = chain(places, weights).tolist()
    assert all(places[a] < places[b] for a, b in pairwise(kept))
    every = [
        c
        for size in range(len(points) + 1)
        for c in combinations(range(len(points)), size)
        if all(places[a] < places[b] for a, b in pairwise(c))
    ]
    assert sum(weights[k] for k in kept) == max(sum(weights[k] for k in c) for c in every)


def test_anchors_are_the_true_pairs_and_skip_an_inserted_chapter():
    rows = np.random.default_rng(0).normal(size=(300, 64))
    src, tgt = half(rows), half(np.concatenate([rows[:100], rows[200:]]))
    found = anchors(src.windows[0], tgt.windows[0], (0, 300, 0, 200))
    pairs = dict(zip(found.src.tolist(), found.tgt.tolist(), strict=True))
    assert len(pairs) > 190
    assert all(j == (i if i < 100 else i - 100) for i, j in pairs.items())


def test_the_nearest_are_found_across_tiles(monkeypatch):
    rows = np.random.default_rng(1).normal(size=(50, 16))
    src, tgt = half(rows), half(rows[::-1])
    one = module._nearest(src.windows[0], tgt.windows[0])
    monkeypatch.setattr(module, "_TILE", 7)
    other = module._nearest(src.windows[0], tgt.windows[0])
    assert all((a == b).all() for a, b in zip(one, other, strict=True))
    # by hand: the whole matrix, sorted
    products = cosines(src.windows[0], tgt.windows[0])
    assert (one[0] == products.argmax(axis=1)).all()
    assert np.allclose(one[1], np.sort(products, axis=1)[:, -1])
    assert np.allclose(one[2], np.maximum(np.sort(products, axis=1)[:, -2], 0))


def test_boxes_cover_the_rectangle_in_order_and_are_small():
    rows = np.random.default_rng(2).normal(size=(600, 64))
    src, tgt = half(rows), half(np.delete(rows, np.r_[50:53, 300:380], axis=0))
    found = boxes(src, tgt, (0, len(src), 0, len(tgt)))
    assert found[0][0] == found[0][2] == 0
    assert (found[-1][1], found[-1][3]) == (len(src), len(tgt))
    assert all((a[1], a[3]) == (b[0], b[2]) for a, b in pairwise(found))
    assert sum((b[1] - b[0]) * (b[3] - b[2]) for b in found) < 600 * 60


def test_documents_that_have_nothing_in_common_are_cut_all_the_same():
    rng = np.random.default_rng(3)
    src, tgt = half(rng.normal(size=(900, 16))), half(rng.normal(size=(800, 16)))
    found = boxes(src, tgt, (0, 900, 0, 800))
    assert all((a[1], a[3]) == (b[0], b[2]) for a, b in pairwise(found))
    assert max((b[1] - b[0]) * (b[3] - b[2]) for b in found) <= module.LARGEST
