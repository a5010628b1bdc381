"""Sufficient statistics: every row and every score is sacrebleu's own, computed beside it by its own extraction and its own formula."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.metrics.lib_ter import BeamEditDistance, translation_edit_rate

from mt.errors import ConfigError, CountError, InputError
from mt.evaluate.edits import _Distances, edits
from mt.evaluate.extraction import extract
from mt.evaluate.formulas import COLUMNS, METRICS, bleu_parts
from mt.evaluate.statistics import Table, table, tables, values

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "wmt21-ja-en"
THEIRS = {"bleu": BLEU, "chrf": CHRF, "chrf++": lambda **k: CHRF(word_order=2, **k), "ter": TER}
# what counting can trip over: punctuation, entities, white space of all kinds, other scripts, long repeats, nothing at all
ODD = [
    "",
    " ",
    "\u3000",
    ".",
    "a",
    "a a a a a a a a",
    'It cost $1,234.56 - "cheap"!',
    "AT&amp;T &quot;x&quot; <skipped> end-\nof line",
    "猫は３匹いる。",
    "「はい」 と言った",
    "e\u0301 é ﬁ 👩‍🚀 \U0002000b",
    "(hi) 'tis U.S. 3.14, 5-6",
    "tab\tand\xa0no-break\u2028line",
    "the cat sat on the mat",
    "on the mat sat the cat",
]
LINES = st.one_of(
    st.sampled_from(ODD),
    st.lists(st.sampled_from(["a", "b", "c", "a.", "(b", "d,e", "猫"]), max_size=12).map(" ".join),
    st.text(max_size=20),
)


def read(path):
    return path.read_text("utf-8").split("\n")[:-1]


def own(metric, hyps, refs, **options):
    """sacrebleu's own rows and score."""
    scorer = THEIRS[metric](**options)
    rows = scorer._extract_corpus_statistics(hyps, refs)
    return np.array(rows, float), scorer._aggregate_and_compute([list(row) for row in rows]).score


@pytest.mark.parametrize("metric", METRICS)
@given(st.lists(st.tuples(LINES, LINES, LINES), min_size=1, max_size=8), st.booleans())
@settings(max_examples=80, deadline=None)
def test_rows_and_scores_are_sacrebleus_whatever_the_text(metric, lines, two):
    hyps = [line[0] for line in lines]
    refs = [[line[n] for line in lines] for n in ((1, 2) if two else (1,))]
    rows, score = own(metric, hyps, refs)
    ours = table(metric, hyps, refs)
    assert np.array_equal(ours.rows, rows)
    assert ours.score() == pytest.approx(score, abs=1e-9)
    for row in rows:  # each segment by itself as well: sums that are zero in places
        one = THEIRS[metric]()._compute_score_from_stats(row.tolist()).score
        assert values(metric, row[None])[0] == pytest.approx(one, abs=1e-9)


@pytest.mark.parametrize("metric", METRICS)
@given(st.data())
@settings(max_examples=80, deadline=None)
def test_the_formula_is_sacrebleus_for_any_counts(metric, data):
    """Also for counts that no text gives, e.g. matches of order 3 without any of order 2."""
    cells = st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 10**6))
    rows = data.draw(
        st.lists(st.lists(cells, min_size=COLUMNS[metric], max_size=COLUMNS[metric]), min_size=1, max_size=6)
    )
    theirs = [THEIRS[metric]()._compute_score_from_stats(list(row)).score for row in rows]
    np.testing.assert_allclose(values(metric, np.array(rows)), theirs, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("metric", METRICS)
def test_a_thousand_segments_in_blocks_are_those_of_one_pass(metric):
    hyps = [f"{ODD[n % len(ODD)]} {n % 7}" for n in range(1000)]
    refs = [[f"{ODD[(n * 3) % len(ODD)]} {n % 5}" for n in range(1000)]]
    assert np.array_equal(table(metric, hyps, refs).rows, own(metric, hyps, refs)[0])


@pytest.mark.parametrize("metric", ["bleu", "chrf", "chrf++"])
def test_lower_case_is_sacrebleus(metric):
    hyps, refs = [line.upper() for line in ODD], [ODD]
    ours = table(metric, hyps, refs, lowercase=True)
    assert np.array_equal(ours.rows, own(metric, hyps, refs, lowercase=True)[0])
    assert "|case:lc|" in str(ours.signature)


@pytest.mark.parametrize("tokenize", ["13a", "none", "intl", "char", "zh"])
def test_tokenisers_are_sacrebleus(tokenize):
    ours = table("bleu", ODD[::-1], [ODD], tokenize=tokenize)
    assert np.array_equal(ours.rows, own("bleu", ODD[::-1], [ODD], tokenize=tokenize)[0])
    assert f"|tok:{tokenize}|" in str(ours.signature)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_signatures_are_sacrebleus_and_say_the_unit(metric, count):
    scorer = THEIRS[metric]()
    scorer.corpus_score(ODD, [ODD] * count)
    signature = table(metric, ODD, [ODD] * count, unit="paragraph").signature
    assert str(signature) == f"{scorer.get_signature()}|text:raw|unit:paragraph|n:{len(ODD)}"


words = st.lists(st.sampled_from("abcde"), max_size=14)


@given(words, words)
@settings(max_examples=300, deadline=None)
def test_edits_are_sacrebleus(hyp, ref):
    assert edits(hyp, ref) == translation_edit_rate(hyp, ref)[0]


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_edits_of_long_segments_are_sacrebleus_where_its_band_and_its_limits_cut(data):
    """Tercom looks at 25 cells on each side of the diagonal, at moves of 50 places, at 1,000 moves: 30 to 120 words, many of them equal."""
    few = st.sampled_from(data.draw(st.sampled_from(["ab", "abcdefgh", "abcdefghijklmnopqrstuvwxyz"])))
    ref = data.draw(st.lists(few, min_size=30, max_size=70))
    cut = data.draw(st.integers(0, len(ref)))
    hyp = data.draw(
        st.one_of(
            st.just(ref[cut:] + ref[:cut]), st.lists(few, max_size=60), st.just(ref[:5]), st.just(ref + ref[cut:])
        )
    )
    assert edits(hyp, ref) == translation_edit_rate(hyp, ref)[0]


def test_the_band_changes_an_edit_distance_as_it_does_in_sacrebleu():
    """Thirty strange words, then the reference's first fifty: 30 too many, 50 equal, 30 missing would be 60 edits, but that path leaves the
    diagonal by 30 cells, and the band is 25 wide."""
    ref = [f"r{n}" for n in range(80)]
    hyp = [f"h{n}" for n in range(30)] + ref[:50]
    assert _Distances(ref).of(hyp) == BeamEditDistance(ref)(hyp)[0] > 60
    assert edits(hyp, ref) == translation_edit_rate(hyp, ref)[0]


def test_documents_sum_the_rows_of_their_segments_wherever_they_stand():
    ours = table("bleu", ["a b", "c", "d e f"], [["a b", "c d", "e f"]])
    found = ours.grouped(["x", "y", "x"])
    assert found.tolist() == [(ours.rows[0] + ours.rows[2]).tolist(), ours.rows[1].tolist()]
    with pytest.raises(CountError, match="documents: expected 3 segments as in hypothesis, found 1 segment"):
        ours.grouped(["x"])


def test_equal_systems_share_their_rows_and_the_order_stays():
    one, two, three = tables("chrf", [["a"], ["b"], ["a"]], [["a"]])
    assert (one.score(), two.score(), three.score()) == (100, 0, 100)
    assert not one.rows.flags.writeable


def test_parts_of_bleu_are_what_sacrebleu_prints():
    hyps, refs = ["the cat sat on a mat", "it rained"], [["the cat sat on the mat", "it is raining today"]]
    theirs = BLEU().corpus_score(hyps, refs)
    ours = bleu_parts(table("bleu", hyps, refs).rows.sum(axis=0))
    assert ours.precisions == pytest.approx(theirs.precisions)
    assert (ours.brevity, ours.ratio) == pytest.approx((theirs.bp, theirs.ratio))
    assert (ours.length, ours.ref_length) == (theirs.sys_len, theirs.ref_len)
    assert bleu_parts(np.zeros(10)).precisions == (0, 0, 0, 0)


def test_what_cannot_be_counted_is_said():
    with pytest.raises(CountError, match="system 2: expected 2 segments as in reference, found 1 segment"):
        tables("chrf", [["a", "b"], ["a"]], [["a", "b"]])
    with pytest.raises(CountError, match="reference 2: expected 2 segments as in reference 1, found 3 segments"):
        table("chrf", ["a", "b"], [["a", "b"], ["a", "b", "c"]])
    with pytest.raises(InputError, match="reference: expected at least one segment, found none"):
        table("chrf", [], [[]])
    with pytest.raises(ConfigError, match="metric: expected one of bleu, chrf, chrf\\+\\+, ter, found 'rouge'"):
        table("rouge", ["a"], [["a"]])
    with pytest.raises(ConfigError, match="tokenize: expected one of none, zh, 13a"):
        table("bleu", ["a"], [["a"]], tokenize="14b")
    with pytest.raises(ValueError, match="bleu: expected rows of 10"):
        Table("bleu", np.zeros((1, 9)), table("bleu", ["a"], [["a"]]).signature)


@pytest.mark.skipif(not SHARED.is_dir(), reason="WMT21 data is not on this machine")
@pytest.mark.parametrize(
    "plan",
    [
        (("bleu", 5, None), ("chrf", 2, None), ("chrf++", 1, 400), ("ter", 2, 20)),
        pytest.param(
            (("bleu", 16, None), ("chrf", 5, None), ("chrf++", 1, None), ("ter", 2, 40)), marks=pytest.mark.slow
        ),
    ],
    ids=["some", "all"],
)
def test_systems_of_wmt21_score_as_sacrebleu_scores_them(plan):
    """To 1e-6: the scores of a metric for so many systems and so many segments (sacrebleu takes half a minute for TER of all of one system)."""
    ref = read(SHARED / "ref.en")
    systems = [read(path) for path in sorted(SHARED.glob("systems/*.en"))]
    assert len(systems) == 16
    for metric, few, most in plan:
        refs, scorer = [ref[:most]], THEIRS[metric](references=[ref[:most]])
        for hyps, ours in zip(systems[:few], tables(metric, [s[:most] for s in systems[:few]], refs), strict=True):
            rows = scorer._extract_corpus_statistics(hyps[:most], None)
            assert np.array_equal(ours.rows, np.array(rows, float))
            assert ours.score() == pytest.approx(scorer._aggregate_and_compute(rows).score, abs=1e-6)


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="WMT21 data is not on this machine")
@pytest.mark.parametrize("metric", ["chrf", "chrf++", "ter"])
def test_every_row_of_wmt21_is_sacrebleus(metric):
    ref = read(SHARED / "ref.en")
    systems = [read(path) for path in sorted(SHARED.glob("systems/*.en"))]
    scorer = THEIRS[metric](references=[ref])
    for hyps, ours in zip(systems, tables(metric, systems, [ref]), strict=True):
        assert np.array_equal(ours.rows, np.array(scorer._extract_corpus_statistics(hyps, None), float))


def test_extraction_of_no_system_is_nothing_but_a_signature():
    rows, signature = extract("chrf", [], [["a"]])
    assert rows == []
    assert signature.startswith("nrefs:1|")
