"""Matching documents: partners are planted; densities, chains and weights are compared with loops written from their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.align import documents as d
from mt.align.document_vectors import TextDocument, _pert, vectors
from mt.align.documents import DocumentOptions, Likeness, Matched, agreement, chain, match
from mt.align.hints import key, matches
from mt.align.literals import literals, shared
from mt.errors import OptionError
from mt.signature import Signature
from tests.align.test_neighbours import pile, unit
from tests.meaning import MeaningEncoder

ENCODER = MeaningEncoder()


def collection(meanings, word, lang, *, ids=None, names=None):
    """A document for every list of meanings, a sentence for each."""
    ids, names = ids or [f"{lang}{i}" for i in range(len(meanings))], names or [""] * len(meanings)
    made = [
        TextDocument(i, lang, tuple(word.format(m) for m in one), name)
        for i, one, name in zip(ids, meanings, names, strict=True)
    ]
    return made, [ENCODER.encode(one.sentences) for one in made]


def planted(seed=1, count=20, sentences=8, shuffled=True):
    rng = np.random.default_rng(seed)
    meanings = [[int(m) for m in rng.integers(1000, 9999, sentences)] for _ in range(count)]
    order = rng.permutation(count) if shuffled else np.arange(count)
    src = collection(meanings, "第{}号の話である。", "ja")
    tgt = collection([meanings[i] for i in order], "This is about number {}.", "en")
    return src, tgt, {int(i): place for place, i in enumerate(order)}


def found(src, tgt, **options):
    return match(src[0], tgt[0], (src[1], tgt[1]), DocumentOptions(**options))


def test_shuffled_documents_find_their_partners():
    src, tgt, gold = planted()
    matched = found(src, tgt)
    assert {p.src: p.tgt for p in matched.pairs} == gold
    assert {p.reason for p in matched.pairs} == {d.VECTORS}
    assert min(p.margin for p in matched.pairs) > 0.2


def test_documents_without_a_partner_are_told_with_their_best_candidate():
    src, tgt, gold = planted()
    gone = gold[4]
    tgt = ([x for j, x in enumerate(tgt[0]) if j != gone], [x for j, x in enumerate(tgt[1]) if j != gone])
    matched = found(src, tgt)
    [null] = matched.src_nulls
    assert null.number == 4
    assert null.likeness.score < 0.45
    assert matched.tgt_nulls == ()
    assert len(matched.pairs) == 19


def test_order_tells_documents_of_the_same_sentences():
    meanings = [list(range(100, 110)), list(range(109, 99, -1))]
    src = collection(meanings, "第{}号。", "ja")
    tgt = collection(meanings[::-1], "Number {}.", "en")
    assert [(p.src, p.tgt) for p in found(src, tgt).pairs] == [(0, 1), (1, 0)]


def test_boilerplate_weighs_little():
    menu = [1, 2, 3, 4, 5, 6]
    src = collection([[*menu, 100 + i, *menu] for i in range(10)], "第{}号。", "ja")
    tgt = collection([[*menu, 109 - i, *menu] for i in range(10)], "Number {}.", "en")
    assert {(p.src, p.tgt) for p in found(src, tgt).pairs} == {(i, 9 - i) for i in range(10)}


def test_empty_sides_and_documents_have_a_defined_answer():
    src, tgt, _ = planted(count=3)
    nothing = ([], [])
    assert found(nothing, nothing) == Matched((), (), (), (), DocumentOptions().signature())
    assert [n.best for n in found(src, nothing).src_nulls] == [None] * 3
    blank = ([*tgt[0], TextDocument("blank", "en", ())], [*tgt[1], np.zeros((0, 256), np.float32)])
    matched = found(src, blank)
    assert len(matched.pairs) == 3
    assert [(n.number, n.best) for n in matched.tgt_nulls] == [(3, None)]


def test_hints_speak_for_a_pair_and_texts_against_a_hint():
    src, tgt, gold = planted(count=6)
    names = [f"ja/page{i}.html" for i in range(6)]
    others = [""] * 6
    for i, j in gold.items():
        others[j] = f"en/page{i}.html"
    others[gold[0]], others[gold[1]] = others[gold[1]], others[gold[0]]  # two names exchanged: wrong hints

    def name(side, given):
        made = [TextDocument(x.id, x.lang, x.sentences, n) for x, n in zip(side[0], given, strict=True)]
        return made, side[1]

    matched = found(name(src, names), name(tgt, others))
    assert {p.src: p.tgt for p in matched.pairs} == gold
    assert [p.reason for p in matched.pairs] == [d.VECTORS] * 2 + [d.HINT] * 4
    assert matched.refused == ((0, gold[1]), (1, gold[0]))
    assert {p.reason for p in found(name(src, names), name(tgt, others), hints=False).pairs} == {d.VECTORS}


def test_hints_tell_twins_apart():
    meanings = [[7, 8, 9, 10, 11]] * 2
    src = collection(meanings, "第{}号。", "ja", names=["a/ja/x.txt", "a/ja/y.txt"])
    tgt = collection(meanings, "Number {}.", "en", names=["a/en/y.txt", "a/en/x.txt"])
    assert [(p.src, p.tgt, p.reason) for p in found(src, tgt).pairs] == [(0, 1, "hint"), (1, 0, "hint")]


def test_an_untranslated_page_is_no_translation():
    meanings = [[i * 10 + k for k in range(8)] for i in range(5)]
    src = collection(meanings, "第{}号。", "ja")
    copy = collection(meanings[:1], "Number {}.", "ja")
    src[0][0], src[1][0] = copy[0][0], copy[1][0]
    tgt = collection(meanings, "Number {}.", "en")
    matched = found(src, tgt)
    assert [n.number for n in matched.src_nulls] == [0]
    assert len(matched.pairs) == 4


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 999), st.integers(0, 8), st.integers(0, 8))
def test_every_document_is_in_one_pair_or_null_and_sides_exchange(seed, rows, columns):
    rng = np.random.default_rng(seed)
    sides = [
        collection([rng.integers(0, 6, rng.integers(1, 5)).tolist() for _ in range(n)], word, lang)
        for n, word, lang in ((rows, "第{}号。", "ja"), (columns, "Number {}.", "en"))
    ]
    there, back = found(sides[0], sides[1], min_score=0.2), found(sides[1], sides[0], min_score=0.2)
    assert len(there.pairs) + len(there.src_nulls) == rows  # that each is there once, Matched checks itself
    assert sorted(p.likeness.score for p in there.pairs) == pytest.approx(sorted(p.likeness.score for p in back.pairs))


def test_more_candidates_than_documents_change_nothing():
    src, tgt, _ = planted(count=5)
    assert found(src, tgt, candidates=5).pairs == found(src, tgt, candidates=1000).pairs


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9999), st.integers(0, 7), st.integers(0, 7))
def test_the_chain_is_the_best_of_all_chains(seed, rows, columns):
    src, tgt = unit(pile(seed, rows, 3) + 0.3), unit(pile(seed + 1, columns, 3) + 0.3)
    cosine = src.astype(float) @ tgt.astype(float).T

    def best(i, j):  # by the definition: take a pair, or pass over a sentence of either side
        if i == rows or j == columns:
            return 0.0
        gain = cosine[i, j] if cosine[i, j] > 0.3 else 0.0
        return max(gain + best(i + 1, j + 1), best(i + 1, j), best(i, j + 1))

    expected = 2 * best(0, 0) / (rows + columns) if rows and columns else 0.0
    assert chain(src, tgt) == pytest.approx(expected, abs=1e-3)
    assert chain(src, tgt) == chain(tgt, src)


def test_a_long_chain_is_summed_over_blocks():
    x = pile(1, 700, 8)
    assert chain(x, x) == pytest.approx(1, abs=1e-3)


def test_slots_have_the_densities_of_pert():
    # PERT(0, mode, 1) with shape γ is Beta(1 + γ mode, 1 + γ (1 - mode)); a density integrates to 1, and is greatest at its mode
    places = (np.arange(4000) + 0.5) / 4000
    density = _pert(places)
    assert density.shape == (16, 4000)
    assert density.mean(1) == pytest.approx(np.ones(16), abs=1e-3)
    assert places[density.argmax(1)] == pytest.approx((np.arange(16) + 0.5) / 16, abs=1e-3)
    mode = 3.5 / 16
    a, b = 1 + 20 * mode, 1 + 20 * (1 - mode)
    beta = math.gamma(a) * math.gamma(b) / math.gamma(a + b)
    assert _pert(np.array([0.4]))[3, 0] == pytest.approx(0.4 ** (a - 1) * 0.6 ** (b - 1) / beta)


def test_vectors_of_documents_are_units_or_nothing():
    src, _, _ = planted(count=3)
    made, content = vectors([*src[0], TextDocument("x", "ja", ())], [*src[1], np.zeros((0, 256), np.float32)], 256)
    assert made.shape == (4, 17 * 256)
    assert np.linalg.norm(made, axis=1) == pytest.approx([1, 1, 1, 0], abs=1e-6)
    assert np.linalg.norm(content, axis=1) == pytest.approx([1, 1, 1, 0], abs=1e-6)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("https://example.com/ja/about/", "https://example.com/en/about"),
        ("https://ja.example.com/a.html", "https://en.example.com/a.html"),
        ("http://example.com/a?lang=ja&id=7", "https://www.example.com/a?id=7&lang=en"),
        ("example.com/a/index.html", "example.com/en-US/a/"),
        ("a.ja.md", "a.md"),
        ("news/2021_jp.txt", "news/2021-en.txt"),
        ("ja_guide.txt", "en_guide.txt"),
        ("日本語/手引き.txt", "english/%E6%89%8B%E5%BC%95%E3%81%8D.txt"),
    ],
)
def test_names_that_differ_by_language_only_are_one(one, two):
    assert key(one, "ja") == key(two, "en") != ""


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("j0001", "e0001"),
        ("a/japan.html", "a/england.html"),
        ("a?id=7", "a?id=8"),
        ("jan.txt", "eng.txt"),
        ("x/1", "x/2"),
    ],
)
def test_names_that_differ_otherwise_are_two(one, two):
    assert key(one, "ja") != key(two, "en")


def test_a_name_that_comes_twice_is_no_hint():
    assert matches(["a", "a", "b"], ["a", "b", "b"]) == {}


def test_literals_are_read_in_every_width():
    assert literals(["ＣＶＥ－２０１４－１２３ 版2.6.1", "v1,234,567 at 10:30"]) == literals(
        ["cve-2014-123 2.6.1 1234567 10:30"]
    )


def test_what_both_write_alike_is_a_cosine():
    # by hand: of 4 documents `7` stands in 2 and `9` in 2, so both weigh ln(5/2); vectors (1, 1) / √2 and (1, 0)
    sides = [[["7と9"], ["犬"]], [["7 cats"], ["9 dogs"]]]
    assert shared(sides, [(0, 0), (0, 1), (1, 0)]) == pytest.approx([0.707107, 0.707107, 0.0])


def test_agreement_of_other_languages():
    assert agreement(["Hallo.", "1"], "de") == 1.0
    assert agreement(["一二三。"], "zh") == 1.0
    assert agreement([], "ja") == 1.0
    assert agreement(["code();"] * 9 + ["猫。"], "ja") == 0.5


def test_the_score_is_a_mean():
    assert Likeness(1, 1, 1, 1).score == 1
    assert Likeness(1, 1, 1, 0).score == 0


def test_options_out_of_range_and_signatures():
    with pytest.raises(OptionError, match="candidates: expected a number from 1 to 1,024, found 0"):
        DocumentOptions(candidates=0)
    with pytest.raises(ValueError, match="every src document once"):
        Matched((), (d.NullDocument(1),), (), (), Signature.of(x=1))
    src, tgt, _ = planted(count=2)
    assert str(match(src[0], tgt[0], (src[1], tgt[1]), encoder=ENCODER.signature).signature).endswith(
        "|encoder:meaning"
    )
