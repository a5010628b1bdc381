"""Alignment by lengths: the published formula, properties that every alignment has, and text it was not made for."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.align import band as bands
from mt.align.length import Lengths, align_length, best_path, calibrated, fit, length_costs, near
from mt.align.options import AlignOptions
from mt.align.pieces import pieces
from mt.align.side import Side
from mt.errors import OptionError
from mt.types import Bead

TEXTS = st.lists(st.text("abc de。", max_size=12), max_size=25).map(tuple)


def side(*lengths, lang="en", paragraphs=None):
    return Side(tuple("x" * n for n in lengths), lang, paragraphs)


def ids(alignment):
    return [(tuple(b.src), tuple(b.tgt)) for b in alignment.beads]


@pytest.mark.parametrize(
    ("x", "y", "kind", "prior"),
    [
        ([40.0], [44.0], (1, 1), 0.89),
        ([40.0, 20.0], [44.0], (2, 1), 0.089 / 2),
        ([40.0, 20.0], [44.0, 30.0], (2, 2), 0.011),
        ([1.0], [], (1, 0), 0.0099 / 2),
    ],
)
def test_costs_are_gale_and_churchs(x, y, kind, prior):
    # their formula with their constants, c = 1 and s² = 6.8, written out with the error function of the standard library
    kinds = bands.shapes(2)
    costs = length_costs(np.array(x), np.array(y), kinds, Lengths(1.0))
    band = bands.around(np.linspace(0, len(y), len(x) + 1), len(y), len(y))
    found = costs(band, 0, len(x) + 1)[len(x), kinds.index(kind), len(y)]
    delta = (sum(y) - sum(x)) / math.sqrt(6.8 * (sum(x) + sum(y)) / 2)
    wanted = -math.log(prior) - math.log(math.erfc(abs(delta) / math.sqrt(2)))
    assert found == pytest.approx(wanted, abs=0.02)  # the table has steps of 1/128 standard deviations


def test_a_null_bead_costs_its_prior_and_five_nats_at_most():
    kinds = bands.shapes(1)
    costs = length_costs(np.array([500.0]), np.array([]), kinds, Lengths(1.0))
    band = bands.around(np.linspace(0, 0, 2), 0, 0)
    assert costs(band, 0, 2)[1, 1, 0] == pytest.approx(-math.log(0.0099 / 2) + 5, abs=0.01)


@settings(max_examples=40, deadline=None)
@given(TEXTS, TEXTS, st.integers(1, 4))
def test_every_sentence_is_in_one_bead_in_order(src, tgt, longest):
    made = align_length(Side(src, "ja"), Side(tgt, "en"), AlignOptions(longest=longest))
    assert [i for b in made.beads for i in b.src] == list(range(len(src)))
    assert [j for b in made.beads for j in b.tgt] == list(range(len(tgt)))
    assert all(max(len(b.src), len(b.tgt)) <= max(longest, 1) for b in made.beads)
    assert all(b.probability is not None and 0 <= b.probability <= 1 for b in made.beads)
    again = align_length(Side(src, "ja"), Side(tgt, "en"), AlignOptions(longest=longest))
    assert again == made


@given(st.lists(st.integers(1, 200), min_size=1, max_size=20), st.integers(0, 1000))
def test_swapping_the_sides_transposes(lengths, seed):
    # random lengths, so that no two paths cost the same
    draw = np.random.default_rng(seed)
    others = [max(1, round(n * draw.uniform(0.6, 1.6))) for n in lengths if draw.random() > 0.1]
    src, tgt = side(*lengths), side(*others)
    options = AlignOptions(longest=3)
    there, back = align_length(src, tgt, options), align_length(tgt, src, options)
    cost = [-sum(b.score or 0 for b in made.beads) for made in (there, back)]
    assert cost[0] == pytest.approx(cost[1], rel=0.01, abs=0.2)


def test_merged_and_missing_sentences_are_found():
    # 1-1, two joined into one, 1-1, one that is missing on the other side, 1-1; lengths as unlike as can be
    src = side(30, 80, 45, 20, 200, 60)
    tgt = side(31, 126, 21, 61)
    assert ids(align_length(src, tgt)) == [((0,), (0,)), ((1, 2), (1,)), ((3,), (2,)), ((4,), ()), ((5,), (3,))]


def test_ratio_and_variance_are_fitted_to_the_documents():
    draw = np.random.default_rng(7)
    x = draw.integers(10, 60, 200)
    y = np.maximum(1, np.rint(x * 2.5 + draw.normal(0, np.sqrt(3.0 * 2.5**1.5 * x)))).astype(int)
    src, tgt = side(*x, lang="ja"), side(*y)
    options = AlignOptions()
    model, _ = fit(src, tgt, options, pieces(src, tgt, options))
    assert model.ratio == pytest.approx(y.sum() / x.sum(), rel=0.02)
    # between the truth, 3, and the paper's 6.8, which counts as a hundred beads
    assert 3 < model.variance < 6.8


def test_paragraph_borders_are_a_hint_and_may_be_hard():
    # lengths alone would rather take (0, 1):(0,)
    src = side(30, 29, 30, paragraphs=(0, 1, 1))
    tgt = side(58, 30, paragraphs=(0, 1))
    assert ids(align_length(src, tgt))[0] == ((0, 1), (0,))
    hard = align_length(src, tgt, AlignOptions(hard=True))
    assert ids(hard) == [((0,), (0,)), ((1, 2), (1,))]


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (side(58, 30), "paragraphs on both sides, found none on one"),
        (side(58, 30, paragraphs=(0, 0)), "equally many paragraphs on both sides, found 2 and 1"),
    ],
)
def test_hard_borders_need_paragraphs(second, said):
    with pytest.raises(OptionError, match=said):
        align_length(side(30, 29, paragraphs=(0, 1)), second, AlignOptions(hard=True))


def test_fixed_beads_stand():
    src, tgt = side(30, 30, 30, 30), side(30, 30, 30, 30)
    fixed = [Bead(range(1, 3), range(0, 1), probability=1.0), Bead(range(3, 3), range(1, 2))]
    made = align_length(src, tgt, fixed=fixed)
    assert ((1, 2), (0,)) in ids(made)
    assert ((), (1,)) in ids(made)
    assert ids(made)[0] == ((0,), ())


@pytest.mark.parametrize(
    "fixed",
    [
        [Bead(range(0, 2), range(0, 1)), Bead(range(1, 2), range(1, 2))],
        [Bead(range(0, 1), range(1, 2)), Bead(range(1, 2), range(0, 1))],
        [Bead(range(0, 1), range(4, 5))],
    ],
    ids=["overlap", "crossing", "outside"],
)
def test_fixed_beads_that_cannot_stand_are_refused(fixed):
    with pytest.raises(OptionError, match=r"fixed: expected beads in order, without overlap, of 2 and 2 sentences"):
        align_length(side(3, 3), side(3, 3), fixed=fixed)


@pytest.mark.parametrize(
    ("src", "tgt", "wanted"),
    [
        ((), (), []),
        ((), (3, 4), [((), (0,)), ((), (1,))]),
        ((3,), (), [((0,), ())]),
        ((3,), (4,), [((0,), (0,))]),
    ],
)
def test_hardly_any_text(src, tgt, wanted):
    assert ids(align_length(side(*src), side(*tgt))) == wanted


def test_a_thousand_blank_lines_pair_with_as_many():
    made = align_length(side(*[0] * 1000), side(*[0] * 1000))
    assert ids(made) == [((i,), (i,)) for i in range(1000)]


def test_one_huge_line_among_others():
    made = align_length(side(30, 1_000_000, 40), side(31, 41))
    assert ids(made) == [((0,), (0,)), ((1,), ()), ((2,), (1,))]


def test_very_unequal_documents():
    # 5,000 against 10; 100,000 take the same way
    made = align_length(side(*[20] * 5_000), side(*[20] * 10))
    assert [j for b in made.beads for j in b.tgt] == list(range(10))
    assert [i for b in made.beads for i in b.src] == list(range(5_000))


def test_the_signature_is_the_recipe():
    made = align_length(side(3), side(3), AlignOptions(longest=2))
    assert str(made.signature) == "method:length|priors:1|longest:2|hard:no|soft:yes"


def test_a_probability_is_no_surer_than_the_fit():
    rows = [calibrated(w / 100) for w in range(101)]
    assert rows == sorted(rows)
    assert all(p <= w / 100 + 1e-4 for w, p in enumerate(rows))


def reading(seed: int, count: int) -> list[int]:
    """Lengths of sentences as texts have them: about 12 to 120 characters."""
    rng = random.Random(seed)
    return [round(40 * math.exp(rng.gauss(0, 0.6))) for _ in range(count)]


def test_the_order_of_lengths_tells_a_translation_from_another_text():
    one, other = reading(1, 200), reading(2, 200)
    rng = random.Random(3)
    translated = [max(2, round(1.9 * n * math.exp(rng.gauss(0, 0.25)))) for n in one]
    same = align_length(side(*one), side(*translated)).translations
    assert same is not None
    assert same > 0.95
    # the last tenth is missing on one side, and still a translation
    assert (align_length(side(*one), side(*translated[:180])).translations or 0) > 0.9
    strange = align_length(side(*one), side(*[round(1.9 * n) for n in other])).translations
    assert strange is not None
    assert strange < 0.3


def test_few_sentences_and_equal_ones_get_no_verdict_that_says_more_than_is_known():
    assert align_length(side(*reading(1, 31)), side(*reading(1, 31))).translations is None
    assert align_length(side(*reading(1, 32)), side(*reading(1, 32))).translations is not None
    # every order of equal lengths fits as well
    assert align_length(side(*[40] * 60), side(*[76] * 60)).translations == pytest.approx(
        1 / (1 + math.exp(3.42)), abs=1e-3
    )


def test_a_narrow_band_around_a_coarse_path_holds_the_cheapest_one():
    # expected: the search of everything, which needs no band
    rng = random.Random(7)
    one = reading(5, 900)
    two: list[int] = []
    k = 0
    while k < len(one):
        step = rng.choice([1, 1, 1, 1, 2, 3])
        if rng.random() > 0.05:
            two.append(max(2, round(sum(one[k : k + step]) * 1.8 * math.exp(rng.gauss(0, 0.2)))))
        k += step
    x, y = np.array(one, float), np.array(two, float)
    kinds, model = bands.shapes(4), Lengths(1.8)
    costs = length_costs(x, y, kinds, model)
    narrow = near(x, y, model)
    assert narrow.width < 60 < len(y)
    whole = bands.around(np.linspace(0, len(y), len(x) + 1), len(y), len(y))
    assert best_path(narrow, kinds, costs)[0] == bands.search(whole, kinds, costs)
