"""Alignment by translation: n-gram products and chrF against the plain definitions, and documents that lengths alone get wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu import sentence_chrf

from mt.align.choose import choose
from mt.align.grams import Overlap, chrf
from mt.align.options import AlignOptions
from mt.align.side import Side
from mt.align.translated import align_translated, anchors
from mt.errors import CountError
from mt.signature import Signature
from mt.types import Bead

TEXTS = st.lists(st.text("ab c。猫", max_size=10), max_size=12).map(tuple)
WORDS = [
    "the",
    "cat",
    "sat",
    "on",
    "mat",
    "while",
    "dogs",
    "barked",
    "loudly",
    "at",
    "every",
    "passing",
    "car",
    "and",
    "birds",
    "flew",
    "home",
]


def ids(alignment):
    return [(tuple(b.src), tuple(b.tgt)) for b in alignment.beads]


def sentences(count, seed):
    draw = np.random.default_rng(seed)
    return [" ".join(f"{WORDS[k]}{draw.integers(50)}" for k in draw.integers(0, len(WORDS), 6)) for _ in range(count)]


@given(st.text("abc dé", max_size=20), st.text("abc dé", max_size=20))
def test_chrf_is_sacrebleus(first, second):
    wanted = sentence_chrf(first, [second]).score / 100
    assert chrf(first, second) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("order", [2, 3])
@given(first=TEXTS, second=TEXTS)
def test_products_and_norms_are_those_of_dense_vectors(order, first, second):
    overlap = Overlap.of(first, second, order)
    dense = []
    for part in (overlap.first, overlap.second):
        table = np.zeros((part.count, len(overlap.weights)))
        table[part.rows, part.ids] = np.sqrt(overlap.weights[part.ids])
        dense.append(table)
    whole = dense[0] @ dense[1].T
    assert overlap.products(0, len(first)) == pytest.approx(whole)
    if len(first) > 2 and len(second) > 2:
        assert overlap.products(1, 3, 1, 3) == pytest.approx(whole[1:3, 1:3])
    for table, norms in zip(dense, overlap.norms(3), strict=True):
        for k, found in enumerate(norms, 1):
            wanted = [np.linalg.norm(table[i - k : i].sum(axis=0)) if i >= k else 0 for i in range(len(table) + 1)]
            assert found == pytest.approx(np.array(wanted), abs=1e-6)


def test_a_weight_is_the_logarithm_of_rarity():
    # " a" is in 2 of the 3 texts: log(4 / 2); "b " in 1 of them: log(4 / 1), by the definition
    overlap = Overlap.of(["a", "b"], ["a"], 2)
    assert sorted(set(np.sqrt(overlap.weights).round(6))) == pytest.approx([np.log(2), np.log(4)], abs=1e-6)


def test_anchors_are_found_across_a_chapter_that_has_no_partner():
    texts = sentences(60, 1)
    overlap = Overlap.of(texts, texts[:20] + texts[40:], 3)
    assert anchors(overlap) == [(i, i) for i in range(20)] + [(i, i - 20) for i in range(40, 60)]


def test_swapped_halves_leave_the_longer_chain():
    texts = sentences(50, 2)
    overlap = Overlap.of(texts, texts[30:] + texts[:30], 3)
    assert anchors(overlap) == [(i, i + 20) for i in range(30)]


def test_merges_and_missing_sentences_are_found_where_lengths_say_nothing():
    texts = [" ".join(s.split()[:4]).ljust(40, "x") for s in sentences(30, 3)]
    target = [texts[0], f"{texts[1]} {texts[2]}", *texts[3:10], *texts[12:]]
    made = align_translated(Side(tuple(texts), "en"), Side(tuple(target), "en"), texts)
    wanted = [((0,), (0,)), ((1, 2), (1,)), *(((i,), (i - 1,)) for i in range(3, 10)), ((10,), ()), ((11,), ())]
    assert ids(made) == wanted + [((i,), (i - 3,)) for i in range(12, 30)]
    assert made.translations is not None
    assert made.translations > 0.99


def test_documents_of_other_content_are_told():
    first, second = sentences(30, 4), ["ことばが違う。" * 2] * 30
    made = align_translated(Side(tuple(first), "en"), Side(tuple(second), "en"), first)
    assert made.translations is not None
    assert made.translations < 0.01


def test_a_band_gives_what_the_whole_gives():
    # 900 sentences a side are searched in a band, 300 at a time as a whole; the chapter without a partner moves the band off the diagonal
    texts = sentences(900, 5)
    target = [*texts[:200], *texts[420:]]
    src, tgt = Side(tuple(texts), "en"), Side(tuple(target), "en")
    made = ids(align_translated(src, tgt, texts))
    assert made == [
        *(((i,), (i,)) for i in range(200)),
        *(((i,), ()) for i in range(200, 420)),
        *(((i,), (i - 220,)) for i in range(420, 900)),
    ]


@settings(max_examples=40, deadline=None)
@given(TEXTS, TEXTS, st.integers(1, 4))
def test_every_sentence_is_in_one_bead_in_order(src, tgt, longest):
    sides = Side(src, "ja"), Side(tgt, "en")
    made = align_translated(*sides, [s[::-1] for s in src], AlignOptions(longest=longest))
    assert [i for b in made.beads for i in b.src] == list(range(len(src)))
    assert [j for b in made.beads for j in b.tgt] == list(range(len(tgt)))
    assert all(0 <= (b.probability or 0) <= 1 for b in made.beads)
    assert align_translated(*sides, [s[::-1] for s in src], AlignOptions(longest=longest)) == made


def test_fixed_beads_stand_and_borders_may_be_hard():
    texts = sentences(6, 6)
    side = Side(tuple(texts), "en", (0, 0, 0, 1, 1, 1))
    fixed = [Bead(range(0, 2), range(0, 1), probability=1.0)]
    made = align_translated(side, side, texts, AlignOptions(hard=True), fixed=fixed)
    assert ids(made)[0] == ((0, 1), (0,))
    assert ids(made)[-3:] == [((i,), (i,)) for i in (3, 4, 5)]


def test_another_number_of_translations_is_refused():
    with pytest.raises(CountError, match="expected 2 sentences as in the source, found 1 sentence"):
        align_translated(Side(("a", "b"), "en"), Side((), "en"), ["a"])


def test_the_signature_names_who_translated():
    made = align_translated(Side(("a",), "en"), Side(("a",), "en"), ["a"], translator=Signature.of(model="x", beam=1))
    assert str(made.signature) == "method:mt|overlap:cos3idf|longest:4|hard:no|soft:yes|mt.model:x|mt.beam:1"


@pytest.mark.parametrize(
    ("langs", "encoder", "translator", "method"),
    [
        (("ja", "en"), "use", ("ja", "en"), "embed"),
        (("en-GB", "en"), "use", None, "embed"),
        (("ja", "en"), None, ("ja", "en"), "mt"),
        (("en", "ja"), None, ("ja", "en"), "mt"),
        (("is", "is"), "use", None, "mt"),
        (("is", "en"), "use", ("ja", "en"), "length"),
    ],
)
def test_a_method_is_chosen_by_what_is_there(langs, encoder, translator, method):
    choice = choose(langs, encoder=encoder, encoder_langs=frozenset({"ja", "en"}), translator_langs=translator)
    assert choice.method == method
    assert choice.why
