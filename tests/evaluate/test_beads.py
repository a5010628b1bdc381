"""The scorer of sentence alignments. Vecalign's rule is programmed a second time here, as its script does it (loops over lists and sets of tuples),
and small cases are derived by hand in the comments. 3,000 random cases of up to three documents
gave the same six numbers as Vecalign 2.0's own `score.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.bitext.beads import read_beads
from mt.errors import CountError, InputError
from mt.evaluate.beads import count, score, score_documents, total

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "sentence-alignment"

# --- the rule, independently


def hits(gold, test):
    """tp strict, fp strict, tp lax, fp lax of the test's beads."""
    gold = {(tuple(a), tuple(b)) for a, b in gold if len(a) or len(b)}
    test = {(tuple(a), tuple(b)) for a, b in test if len(a) or len(b)}
    found = [0, 0, 0, 0]
    for a, b in test:
        reachable = [t for src, tgt in gold for s in src if s in a for t in tgt]
        strict = any((a, b) == bead for bead in gold)
        lax = strict or any(t in reachable for t in b)
        found[0 if strict else 1] += 1
        found[2 if lax else 3] += 1
    return found


def brute(golds, tests):
    """P, R, F1 strict, then lax, from 0 to 1."""
    p, r = [0] * 4, [0] * 4
    for gold, test in zip(golds, tests, strict=True):
        p = [x + y for x, y in zip(p, hits(gold, test), strict=True)]
        no_nulls = [[(a, b) for a, b in beads if len(a) and len(b)] for beads in (test, gold)]
        r = [x + y for x, y in zip(r, hits(*no_nulls), strict=True)]
    out = []
    for tp, fp in ((0, 1), (2, 3)):
        precision = p[tp] / (p[tp] + p[fp]) if p[tp] + p[fp] else 0.0
        recall = r[tp] / (r[tp] + r[fp]) if r[tp] + r[fp] else 0.0
        out += [precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0]
    return out


# neighbours, gaps, crossings and repeats alike: a gold file may have them all
sides = st.lists(st.integers(0, 6), max_size=3, unique=True).map(sorted).map(tuple)
documents = st.lists(st.tuples(sides, sides), max_size=7)


@given(st.lists(st.tuples(documents, documents), min_size=1, max_size=3))
def test_strict_and_lax_are_vecaligns(pairs):
    golds, tests = [g for g, _ in pairs], [t for _, t in pairs]
    scores = score_documents(golds, tests, resamples=0)
    names = [f"{kind} {part}" for kind in ("strict", "lax") for part in ("P", "R", "F1")]
    assert [scores[name].value for name in names] == pytest.approx([100 * x for x in brute(golds, tests)])


@given(documents)
def test_the_gold_itself_is_perfect(gold):
    scores = score_documents([gold], [gold], resamples=0)
    beads = {(a, b) for a, b in gold if a or b}
    pairs = any(a and b for a, b in beads)
    assert scores["strict P"].value == scores["lax P"].value == (100 if beads else 0)
    assert scores["strict R"].value == scores["lax R"].value == (100 if pairs else 0)
    assert all(found == wanted for found, wanted in scores.counts.types.values())
    assert all(s.value == 100 for s in scores.scores if s.name.startswith("null"))


@given(documents, documents)
@settings(max_examples=40)
def test_a_bead_that_stands_twice_counts_once(gold, test):
    assert count(gold * 2, test * 2) == count(gold, test)


@given(documents, documents)
@settings(max_examples=40)
def test_strict_is_never_above_lax_and_order_is_nothing(gold, test):
    one = score_documents([gold], [test], resamples=0)
    for part in ("P", "R", "F1"):
        assert one[f"strict {part}"].value <= one[f"lax {part}"].value
    assert count(gold[::-1], test[::-1]) == count(gold, test)


# --- by hand


def test_one_right_one_lax_one_wrong_one_null():
    gold = [((0,), (0,)), ((1, 2), (1,)), ((3,), (2,)), ((4,), ())]
    test = [((0,), (0,)), ((1,), (1,)), ((2, 3), (3,)), ((4,), ())]
    # Precision over 4 beads: 0-0 and the null are strict hits; [1]:[1] shares 1-1 with the gold: lax; [2, 3]:[3] can only reach 1 and 2: miss.
    # Recall over 3 gold beads: 0-0 strict; [1, 2]:[1] lax (the test aligns 1 with 1); [3]:[2]: the test aligns 3 with 3 only: miss.
    scores = score_documents([gold], [test], resamples=0)
    assert [scores[f"strict {x}"].value for x in ("P", "R")] == pytest.approx([50, 100 / 3])
    assert [scores[f"lax {x}"].value for x in ("P", "R")] == pytest.approx([75, 200 / 3])
    assert scores["strict F1"].value == pytest.approx(40)  # 2 · 1/2 · 1/3 / (5/6)
    # Null beads: one in each, the same. Null sentences: target 3 is in no gold bead, target 2 in none of the test; source 4 is null in both.
    assert [scores[f"null bead {x}"].value for x in ("P", "R", "F1")] == [100, 100, 100]
    assert scores.counts.null_sentences == (1, 2, 2)
    assert dict(scores.counts.types) == {"1-0": (1, 1), "1-1": (1, 2), "2-1": (0, 1)}


def test_a_wrong_null_bead_is_a_miss_of_both_kinds_and_dropping_it_raises_precision():
    gold = [((0,), (0,)), ((1,), (1,))]
    with_null = [((0,), (0,)), ((1,), ()), ((), (1,))]
    assert count(gold, with_null).precision == (1, 3, 1, 3)
    assert count(gold, with_null[:1]).precision == (1, 1, 1, 1)
    assert count(gold, with_null).recall == count(gold, with_null[:1]).recall == (1, 2, 1, 2)
    # said or left out, both sentences are without a partner
    assert count(gold, with_null).null_sentences == (0, 2, 0)
    assert count(gold, with_null[:1]).null_sentences == (0, 2, 0)


def test_sentences_behind_the_last_bead_are_null_where_the_size_is_known():
    gold, test = [((0,), (0,))], [((0,), (0,)), ((1,), ())]
    assert count(gold, test).null_sentences == (1, 1, 1)
    assert count(gold, gold).null_sentences == (0, 0, 0)
    assert count(gold, gold, (2, 3)).null_sentences == (3, 3, 3)


def test_nulls_are_not_scored_where_there_are_none():
    scores = score_documents([[((0,), (0,))]], [[((0,), (0,))]])
    assert [s.name for s in scores.scores][-1] == "lax F1"
    with pytest.raises(KeyError):
        scores["null bead F1"]


def test_documents_are_summed_before_dividing():
    # 1 of 1 and 1 of 3: micro-average 2 of 4, not the mean of 1 and 1/3
    one = [((0,), (0,))]
    three = [((0,), (0,)), ((1,), (1,)), ((2,), (2,))]
    wrong = [((0,), (0,)), ((1,), (2,)), ((2,), (1,))]
    scores = score_documents([one, three], [one, wrong])
    assert scores["strict P"].value == 50
    assert total([count(one, one), count(three, wrong)]) == scores.counts


def test_intervals_by_resampling_documents():
    one, other = [((0,), (0,))], [((0,), (1,))]
    single = score_documents([one], [one])["strict F1"]
    assert single.low is None
    many = score_documents([one] * 20, [one] * 15 + [other] * 5)
    again = score_documents([one] * 20, [one] * 15 + [other] * 5)
    assert many == again
    f = many["strict F1"]
    # each document is right with 3/4: the resampled share has a standard deviation of √(3/16 / 20) ≈ 9.7 percent points
    assert f.value == 75
    assert f.low == pytest.approx(75 - 1.96 * 9.7, abs=5)
    assert f.high == pytest.approx(75 + 1.96 * 9.7, abs=5)
    assert str(f.signature) == "rule:vecalign|avg:micro|docs:20|bs:1000|seed:12345|ci:percentile95"
    assert str(score_documents([one], [one])["strict F1"].signature) == "rule:vecalign|avg:micro|docs:1"
    nulls = score_documents([[((0,), ())]], [[((0,), ())]])
    assert str(nulls["null bead F1"].signature) == "rule:null-bead|avg:micro|docs:1"


def test_nothing_to_score_and_unequal_numbers_are_errors():
    with pytest.raises(InputError, match="test: expected at least one document, found none"):
        score([])
    with pytest.raises(CountError, match="test: expected 1 document as in gold, found 0 documents"):
        score_documents([[]], [])
    assert score_documents([[]], [[]])["strict F1"].value == 0


@pytest.mark.skipif(not DATA.is_dir(), reason="the gold alignments of ../shared/data are not there")
def test_one_to_one_beads_against_a_gold_of_text_and_berg():
    """Figures of the rule above, programmed a second time, on a real gold and a real, if simple, answer: sentence n with sentence n."""
    gold = [(row.src, row.tgt) for row in read_beads(DATA / "text-berg" / "dev.defr").rows]
    test = [((n,), (n,)) for n in range(468)]
    scores = score_documents([gold], [test])
    names = [f"{kind} {part}" for kind in ("strict", "lax") for part in ("P", "R", "F1")]
    assert [scores[name].value for name in names] == pytest.approx([100 * x for x in brute([gold], [test])])
    assert scores.counts.types["1-1"][1] == 246
