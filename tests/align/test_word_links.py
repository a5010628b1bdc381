"""Links from scores and from two directions: against formulas and loops written out plainly here, and against sil-thot where it is installed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.align.links import (
    HEURISTICS,
    carried,
    csls,
    itermax,
    mutual_best,
    off_diagonal,
    symmetrize,
    to_cells,
    to_characters,
)
from mt.text.tokens import Tokens
from mt.text.tokens import given as cut

SIDES = st.tuples(st.integers(1, 6), st.integers(1, 6))
CELLS = st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=14)


@st.composite
def matrices(draw):
    rows, columns = draw(SIDES)
    values = draw(st.lists(st.integers(0, 1000), min_size=rows * columns, max_size=rows * columns, unique=True))
    return np.array(values, float).reshape(rows, columns) / 1000


def published(one, other):
    """GROW-DIAG as Koehn et al. 2005 print it, on a matrix."""
    neighbours = [(-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)]
    union, here = np.zeros((8, 8), bool), np.zeros((8, 8), bool)
    for i, j in one | other:
        union[i, j] = True
    for i, j in one & other:
        here[i, j] = True
    before = None
    while before is None or (before != here).any():
        before = here.copy()
        for i in range(6):
            for j in range(6):
                for down, right in neighbours:
                    x, y = i + down, j + right
                    if here[i, j] and min(x, y) >= 0 and union[x, y] and not (here[x].any() and here[:, y].any()):
                        here[x, y] = True
    return {(int(i), int(j)) for i, j in np.argwhere(here)}


@given(CELLS, CELLS)
def test_grow_diag_is_the_published_loop(one, other):
    assert symmetrize(one, other, "grow-diag") == published(one, other)


@given(CELLS, CELLS)
def test_heuristics_lie_between_intersection_and_union(one, other):
    found = [symmetrize(one, other, name) for name in HEURISTICS]
    both, either, grown, final, final_and = found
    assert both == one & other
    assert either == one | other
    assert both <= grown <= final_and <= either
    assert grown <= final <= either


@given(CELLS, CELLS, st.sampled_from(("intersection", "union")))
def test_sil_thot_agrees_where_order_does_not_matter(one, other, name):
    common = pytest.importorskip("thot.common")
    left, right = common.WordAlignmentMatrix(6, 6), common.WordAlignmentMatrix(6, 6)
    for cells, matrix in ((one, left), (other, right)):
        for cell in cells:
            matrix.set(*cell)
    getattr(left, {"intersection": "intersect", "union": "union"}[name])(right)
    assert symmetrize(one, other, name) == {(i, j) for i in range(6) for j in range(6) if left[i, j]}


def test_an_unknown_heuristic_is_named():
    with pytest.raises(ValueError, match=r"expected one of intersection, .*found 'grow'"):
        symmetrize(set(), set(), "grow")


@given(matrices())
def test_mutual_best_is_greatest_of_row_and_column(scores):
    expected = {
        (i, j)
        for i in range(scores.shape[0])
        for j in range(scores.shape[1])
        if scores[i, j] == scores[i].max() == scores[:, j].max()
    }
    assert mutual_best(scores) == expected
    assert mutual_best(scores.T) == {(j, i) for i, j in expected}


@given(matrices(), st.integers(1, 4))
@settings(max_examples=50)
def test_itermax_only_adds(scores, rounds):
    assert itermax(scores, 1) >= {cell for cell in mutual_best(scores) if scores[cell] > 0}
    assert itermax(scores, rounds) <= itermax(scores, rounds + 1)


def test_itermax_by_hand():
    # round 1: (0,0) is the best of both. Round 2: row 0 and column 0 count 0.9: .72 is the best of row 0 and of column 1, .45 of row 1 only
    scores = np.array([[0.9, 0.8], [0.5, 0.1]])
    assert itermax(scores) == {(0, 0), (0, 1), (1, 0)}
    assert itermax(scores, damping=0.0) == {(0, 0), (1, 1)}


def test_csls_by_hand():
    # 2 · .9 less the means of the two nearest: (.9 + .8) / 2 of the row, (.9 + .1) / 2 of the column
    assert csls(np.array([[0.9, 0.8], [0.1, 0.7]]), 2)[0, 0] == pytest.approx(1.8 - 0.85 - 0.5)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (2, 0)])
def test_an_empty_side_has_no_links(shape):
    empty = np.zeros(shape)
    assert mutual_best(empty) == itermax(empty) == frozenset()
    assert csls(empty).shape == off_diagonal(shape).shape == shape


@given(CELLS)
def test_characters_and_back(cells):
    src, tgt = cut("a bb c dd e ff"), cut("猫 が い る 。 犬")
    assert to_cells(to_characters(cells, src, tgt), src, tgt) == cells


def test_links_are_carried_by_shared_characters():
    coarse = (cut("である 。"), cut("is ."))
    fine = (Tokens("である 。", ((0, 1), (1, 2), (2, 3), (4, 5))), cut("is ."))
    assert carried({(0, 0), (1, 1)}, coarse, fine) == {(0, 0), (1, 0), (2, 0), (3, 1)}
    assert carried(carried({(0, 0)}, coarse, fine), fine, coarse) == {(0, 0)}
