"""Segments that metrics judge in opposite ways. sacrebleu's sentence scores are the second program; orders are found again by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF, TER

from mt.evaluate.disagreement import disagreements, sentence_values
from mt.evaluate.statistics import table

HYPS = ["A cat sat on the mat today.", "Yes.", "", "No sir, not at all!", "dogs", "The the the the the."]
REFS = ["A cat sat down on a mat.", "Yes.", "Something.", "No, sir.", "A dog and a cat.", "The end of the end."]


def test_sentence_scores_are_sacrebleus_turned_so_that_higher_is_better():
    made = {metric: sentence_values(table(metric, HYPS, [REFS])) for metric in ("bleu", "chrf", "ter")}
    bleu, chrf, ter = BLEU(effective_order=True), CHRF(), TER()
    for n, (hyp, ref) in enumerate(zip(HYPS, REFS, strict=True)):
        assert made["bleu"][n] == pytest.approx(bleu.sentence_score(hyp, [ref]).score, abs=1e-9)
        assert made["chrf"][n] == pytest.approx(chrf.sentence_score(hyp, [ref]).score, abs=1e-6)
        assert made["ter"][n] == pytest.approx(-ter.sentence_score(hyp, [ref]).score, abs=1e-9)


SCORES = st.lists(st.tuples(*[st.integers(0, 6)] * 4), min_size=1, max_size=25)


@given(SCORES, st.integers(1, 6))
def test_the_most_opposed_come_first_and_agreement_never(rows, count):
    xa, xb, ya, yb = (list(column) for column in zip(*rows, strict=True))
    found = disagreements({"x": (xa, xb), "y": (ya, yb)}, count=count)
    opposed = {n for n in range(len(rows)) if (xa[n] - xb[n]) * (ya[n] - yb[n]) < 0}
    assert {d.segment for d in found} <= opposed
    assert len(found) == min(count, len(opposed))
    assert list(found) == sorted(found, key=lambda d: -d.strength)
    for d in found:
        assert (d.first, d.second) == (xa[d.segment] - xb[d.segment], ya[d.segment] - yb[d.segment])
    # which system is called the first does not matter
    turned = disagreements({"x": (xb, xa), "y": (yb, ya)}, count=count)
    assert [(d.segment, -d.first, d.strength) for d in turned] == [(d.segment, d.first, d.strength) for d in found]


def test_of_one_system_ranks_are_compared():
    """Ranks of five as shares 0, .2, .4, .6, .8; the third is last by y, two places further."""
    x, y = [1, 2, 3, 4, 5], [2, 3, 9, 4, 5]
    [first, *_] = disagreements({"x": (x, x), "y": (y, y)}, one=True)
    assert (first.segment, round(first.strength, 6)) == (2, 0.4)
    assert disagreements({"x": (x, x), "y": (x, x)}, one=True) == ()
    assert disagreements({"chrF2": (x, y), "chrF2++": (y, x)}) == ()


def test_scores_of_different_numbers_are_refused():
    with pytest.raises(ValueError, match="2 and 1 segments"):
        disagreements({"x": ([1, 2], [1, 2]), "y": ([1], [2])})
