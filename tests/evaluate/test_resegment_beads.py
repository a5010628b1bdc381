"""Beads of sentences and segments: the best sum of gains by plain recursion, written here from the formula at the top of the module."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import chain, pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mt.evaluate.resegment_bags import Bags, Vocabulary, diagonal
from mt.evaluate.resegment_beads import PENALTY, align, anchors, band, likeness

rows = st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=6), min_size=1, max_size=7)


def gain(hyp, ref):
    a, b = [w for row in hyp for w in row], [w for row in ref for w in row]
    shared = sum((Counter(a) & Counter(b)).values())
    return shared - PENALTY * (len(hyp) + len(ref) - 2) * (len(a) + len(b)) / 2


def best(hyp, ref):
    @cache
    def rest(i, j):
        if i == len(hyp) and j == len(ref):
            return 0.0
        found = []
        if i < len(hyp):
            found.append(rest(i + 1, j))
        if j < len(ref):
            found.append(rest(i, j + 1))
        for m, n in [(1, 1), (2, 1), (3, 1), (4, 1), (1, 2), (1, 3), (1, 4)]:
            if i + m <= len(hyp) and j + n <= len(ref):
                found.append(gain(hyp[i : i + m], ref[j : j + n]) + rest(i + m, j + n))
        return max(found)

    return rest(0, 0)


@given(rows, rows)
def test_beads_cover_both_sides_once_and_gain_what_the_best_course_gains(hyp, ref):
    beads = align(hyp, ref)
    assert [i for b in beads for i in range(b.hyp_start, b.hyp_end)] == list(range(len(hyp)))
    assert [j for b in beads for j in range(b.ref_start, b.ref_end)] == list(range(len(ref)))
    kinds = {b.kind for b in beads} - {"1-0", "0-1"}
    # sides of very different length allow beads of more than four, which this recursion does not know
    if all(int(one) <= 4 for kind in kinds for one in kind.split("-")) and sum(map(len, hyp)) / len(hyp) <= 2:
        total = sum(
            gain(hyp[b.hyp_start : b.hyp_end], ref[b.ref_start : b.ref_end])
            for b in beads
            if b.hyp_end > b.hyp_start and b.ref_end > b.ref_start
        )
        assert np.isclose(total, best(hyp, ref))


@given(rows)
def test_a_text_against_itself_is_one_to_one(texts):
    assert {b.kind for b in align(texts, texts)} == {"1-1"}


def test_no_side_and_one_side():
    assert align([], []) == []
    assert [b.kind for b in align([[1]], [])] == ["1-0"]
    assert [b.kind for b in align([], [[1], [2]])] == ["0-1", "0-1"]


def test_more_sentences_than_four_may_be_one_segment_where_it_has_as_many():
    sentences = [[k, k + 100, k + 200] for k in range(7)]
    segment = [w for sentence in sentences for w in sentence]
    assert [b.kind for b in align(sentences, [segment], sentences=[7])] == ["7-1"]


def test_a_long_text_with_a_hole_of_two_hundred_sentences_is_followed_through_anchors():
    ref = [[10 * k + n for n in range(8)] for k in range(600)]
    beads = align(ref[:150] + ref[350:], ref)
    kinds = Counter(b.kind for b in beads)
    assert kinds == {"1-1": 400, "0-1": 200}
    assert all(b.likeness == 1 for b in beads if b.kind == "1-1")


def test_the_band_of_a_long_text_is_narrow_and_hangs_together():
    texts = [[10 * k + n for n in range(8)] for k in range(2000)]
    low, high = band(texts, texts)
    assert (high - low).max() <= 2 * 48 + 1
    assert low[0] == 0
    assert high[-1] == 2000
    assert (low[1:] <= high[:-1]).all()
    # nothing in common: still a way from corner to corner, in bounded memory
    low, high = band([[1] * 8] * 3000, [[2] * 8] * 2000)
    assert low[0] == 0
    assert high[-1] == 2000
    assert (low[1:] <= high[:-1]).all()
    assert int((high - low + 1).sum()) <= 3001 * 2800


@given(st.lists(st.integers(0, 30), max_size=40), st.lists(st.integers(0, 30), max_size=40))
def test_anchors_ascend_and_are_alike(hyp, ref):
    found = anchors(hyp, ref)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(found))
    assert all(hyp[a : a + 4] == ref[b : b + 4] for a, b in found)


@given(rows, rows, st.integers(-3, 3))
def test_the_diagonal_is_the_likeness_of_each_pair(hyp, ref, offset):
    found = diagonal(Bags.of(hyp), Bags.of(ref), offset)
    for k, value in enumerate(found.tolist()):
        there = 0 <= k + offset < len(ref)
        assert value == (likeness(hyp[k], ref[k + offset]) if there else -1)


@given(rows, st.integers(1, 3))
def test_merged_bags_are_the_bags_of_the_joined_rows(texts, n):
    merged = Bags.of(texts, n)
    joined = Bags.of([list(chain(*texts[k : k + n])) for k in range(len(texts) - n + 1)])
    for key in ("starts", "words", "counts", "lengths"):
        assert getattr(merged, key).tolist() == getattr(joined, key).tolist()


def test_words_are_compared_without_regard_to_case():
    words = Vocabulary()
    assert words.number("The cat") == words.number("the CAT")
    assert len(Vocabulary("ja").number("猫は3匹")) == 4
