"""Slices and their intervals: sacrebleu scores the same lines beside, the bootstrap draws the same units, tables give Student's quantiles."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF, TER

from mt.errors import CountError, InputError
from mt.evaluate import linear
from mt.evaluate.frequencies import LABELS, Frequencies, count
from mt.evaluate.resampling import weighted
from mt.evaluate.slices import LEAST, Slice, measure, slices
from mt.evaluate.statistics import METRICS, Table, table, tables, values
from mt.evaluate.testset import TestSet
from mt.evaluate.traits import katakana, traits
from mt.signature import Signature

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "wmt21-ja-en"
TEXT = "the old bridge over a quiet river was built by people who liked stone more than wood"
WORDS = TEXT.split()
THEIRS = {"bleu": BLEU, "chrf": CHRF, "chrf++": lambda: CHRF(word_order=2), "ter": TER}


def sentence(n: int) -> str:
    return " ".join(WORDS[(n * 7 + k * (1 + n % 3)) % len(WORDS)] for k in range(6 + n % 5)) + "."


def spoilt(every: int, count: int = 120) -> list[str]:
    return [
        " ".join("x" if (n + k) % every == 0 else w for k, w in enumerate(sentence(n).split())) for n in range(count)
    ]


REFS = [sentence(n) for n in range(120)]
DOCS = [f"d{n // 6}" for n in range(120)]


@pytest.fixture(scope="module")
def wmt21():
    if not SHARED.exists():
        pytest.skip("needs ../shared/data/wmt21-ja-en")
    read = lambda name: tuple((SHARED / name).read_text("utf-8").splitlines())  # noqa: E731
    test = TestSet((read("ref.en"),), read("src.ja"), read("docids.txt"))
    return test, {name: read(f"systems/{name}.en") for name in ("HuaweiTSC", "Online-B", "Online-W")}


# --- intervals by influence


@pytest.mark.parametrize("metric", METRICS)
def test_influences_add_up_to_nothing_and_foretell_what_a_unit_more_would_change(metric):
    rows = table(metric, spoilt(5), [REFS]).rows
    found = linear.influences(metric, rows)
    assert found.sum() == pytest.approx(0, abs=1e-6)
    base = values(metric, rows.sum(axis=0)[None])[0]
    # the definition: the derivative of the score by the weight of a unit, by a small weight
    for n in (0, 17, 119):
        moved = values(metric, (rows.sum(axis=0) + 1e-4 * rows[n])[None])[0]
        assert (moved - base) / 1e-4 == pytest.approx(found[n], rel=1e-2, abs=1e-4)


def test_the_error_of_a_ratio_is_taylors():
    # TER is a ratio of sums, 100 Σe / Σl; its variance by Taylor is Σ (e − R l)² / (Σl)² (Cochran 1977, 6.4), here with m / (m − 1)
    e, length = np.array([1.0, 4, 2, 0, 5]), np.array([10.0, 12, 9, 8, 11])
    ratio = e.sum() / length.sum()
    expected = 100 * np.sqrt(5 / 4 * ((e - ratio * length) ** 2).sum()) / length.sum()
    assert linear.error(linear.influences("ter", np.stack([e, length], 1))) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("documents", [False, True])
def test_intervals_are_as_wide_as_the_bootstraps(metric, documents):
    a, b = tables(metric, [spoilt(4), spoilt(7)], [REFS])
    places = np.array([int(d[1:]) for d in DOCS]) if documents else None
    rows = [t.grouped(DOCS) if documents else t.rows for t in (a, b)]
    x, y = (values(metric, sums) for sums in weighted(rows, 4000, 7))
    spread = linear.influences(metric, a.rows) - linear.influences(metric, b.rows)
    own = linear.error(linear.by_unit(spread, places))
    m = len(rows[0])
    # resampling m units has a variance of (m − 1) / m; 4,000 draws leave about 1 % of chance, curvature the rest
    assert own * np.sqrt((m - 1) / m) == pytest.approx(float((x - y).std()), rel=0.08)


@pytest.mark.parametrize(
    ("free", "expected"), [(5, 2.571), (10, 2.228), (20, 2.086), (30, 2.042), (60, 2.000), (120, 1.980)]
)
def test_quantiles_and_probabilities_are_those_of_printed_tables_of_t(free, expected):
    assert linear.quantile(free) == pytest.approx(expected, rel=0.003)
    units = np.array([1.0, -1.0] * ((free + 1) // 2) + [0.0] * ((free + 1) % 2))
    error = linear.error(units)
    # 2^−free is the least that so few units can show, far below .05 here
    assert linear.p_value(expected * error, units) == pytest.approx(0.05, rel=0.02)
    assert linear.p_value(-expected * error, units) == linear.p_value(expected * error, units)


def test_few_units_cannot_show_much():
    assert linear.p_value(50.0, np.zeros(4)) == 1 / 8  # four pairs, each as it is or changed: 2 of 16
    assert linear.p_value(0.0, np.zeros(4)) == 1
    assert linear.p_value(1.0, np.zeros(1)) is None
    assert linear.half_width(np.zeros(1)) is None


def test_where_nothing_differs_about_one_test_in_twenty_rejects():
    # rows of two systems from one distribution, documents that hang together: of 600 tests 30 should reject at .05; 3.5 to 6.5 % is chance
    draw = np.random.Generator(np.random.PCG64(3))
    documents = np.repeat(np.arange(40), 8)
    rejected = 0
    for _ in range(600):
        effect = draw.normal(0, 2, (2, 40))[:, documents]
        edits = np.maximum(10 + effect + draw.normal(0, 3, (2, 320)), 0)
        one, two = (np.stack([e, np.full(320, 20.0)], 1) for e in edits)
        spread = linear.by_unit(linear.influences("ter", one) - linear.influences("ter", two), documents)
        gap = values("ter", one.sum(axis=0)[None])[0] - values("ter", two.sum(axis=0)[None])[0]
        rejected += linear.p_value(float(gap), spread) < 0.05
    assert 21 <= rejected <= 39


# --- measured slices


@pytest.mark.parametrize("metric", METRICS)
def test_a_slices_score_is_sacrebleus_of_its_lines(metric):
    made = tables(metric, [spoilt(4), spoilt(7)], [REFS])
    places = tuple(range(5, 95, 2))
    found = measure([Slice("x", "y", places)], dict(zip("AB", made, strict=True)), documents=DOCS).slices[0]
    for score, every in zip(found.scores, (4, 7), strict=True):
        theirs = THEIRS[metric]().corpus_score([spoilt(every)[n] for n in places], [[REFS[n] for n in places]])
        assert score.value == pytest.approx(theirs.score, abs=1e-6)
        assert score.low < score.value < score.high
    assert found.unit == "document"
    assert found.difference == pytest.approx(found.scores[0].value - found.scores[1].value)
    assert found.low < found.difference < found.high


def test_the_whole_as_a_slice_differs_from_the_whole_by_nothing():
    made = dict(zip("AB", tables("chrf", [spoilt(4), spoilt(7)], [REFS]), strict=True))
    [one] = measure([Slice("all", "all", tuple(range(120)))], made).slices
    for score in one.scores:
        assert (score.to_whole, score.to_whole_low, score.to_whole_high) == pytest.approx((0, 0, 0), abs=1e-9)
    assert (one.change, one.change_low, one.change_high) == pytest.approx((0, 0, 0), abs=1e-9)


def test_small_slices_are_counted_and_not_scored():
    made = {"A": table("chrf", spoilt(4), [REFS])}
    report = measure([Slice("x", "small", tuple(range(LEAST - 1))), Slice("x", "large", tuple(range(LEAST)))], made)
    small, large = report.slices
    assert (small.enough, small.scores, small.segments) == (False, (), LEAST - 1)
    assert large.enough
    assert large.difference is None
    assert report.tests == 0
    assert report.pair == ("A", "A")


def test_segments_are_the_units_where_few_documents_are_touched():
    made = {"A": table("chrf", spoilt(4), [REFS])}
    few, many = measure(
        [Slice("x", "few", tuple(range(54))), Slice("x", "many", tuple(range(60)))], made, documents=DOCS
    ).slices
    assert (few.unit, many.unit) == ("segment", "document")


def test_p_is_corrected_for_the_number_of_slices():
    made = dict(zip("AB", tables("chrf", [spoilt(4), spoilt(7)], [REFS]), strict=True))
    parts = [Slice("x", str(k), tuple(range(k, 120, 3))) for k in range(3)]
    report = measure(parts, made)
    assert report.tests == 3
    assert "holm:3" in report.signature
    smallest = min(report.slices, key=lambda s: s.p)
    assert smallest.p_holm == pytest.approx(3 * smallest.p)
    json.dumps(dataclasses.asdict(report), allow_nan=False)


def test_what_cannot_be_measured_is_refused():
    one = table("chrf", REFS, [REFS])
    with pytest.raises(InputError):
        measure([], {})
    with pytest.raises(CountError):
        measure([], {"A": one, "B": table("chrf", ["a"], [["a"]])})
    with pytest.raises(CountError):
        measure([], {"A": one}, documents=["d"])


# --- kinds of segments


@given(st.lists(st.text(alphabet="猫カタナとは。？「」12a A・氏", max_size=40), min_size=1, max_size=12), st.data())
@settings(max_examples=60, deadline=None)
def test_slices_of_a_dimension_part_the_segments_they_apply_to(src, data):
    docs = data.draw(st.none() | st.just(tuple(f"d{n // 3}" for n in range(len(src)))))
    test = TestSet((tuple("a" for _ in src),), tuple(src), docs)
    found = slices(test)
    for dimension in {s.dimension for s in found}:
        places = [n for s in found if s.dimension == dimension for n in s.segments]
        assert len(places) == len(set(places))
        assert set(places) <= set(range(len(src)))
        assert all(s.segments == tuple(sorted(s.segments)) for s in found)


def test_labels_are_among_those_listed():
    for lang in ("ja", "en"):
        for trait in traits(lang):
            for text in ("", "猫", "ジョー・バイデン氏は、「2021年に行く」と述べたか？", "He said 'no' in 2020?", "。"):
                assert trait.label(text) in (*trait.labels, None)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("アンゲラ・メルケル", "with a name"),
        ("バイデン大統領", "with a name"),
        ("トヨタ社が", "with a name"),
        ("サービス社会", "with a word"),
        ("マスク", "with a word"),
        ("ネコとイヌ", "without"),
    ],
)
def test_a_name_in_katakana_has_a_dot_or_a_title(text, label):
    assert katakana(text) == label


def test_without_a_source_the_reference_is_looked_at():
    test = TestSet((("Is it?", "It is."),))
    found = {(s.dimension, s.name): s.segments for s in slices(test)}
    assert found["question", "question"] == (0,)
    assert not any("source" in s.dimension for s in slices(test))


def test_columns_are_sliced_by_value_and_rare_values_go_together():
    many = tuple(f"v{n:02}" for n in range(20) for _ in range(2))
    test = TestSet((("x",) * 40,), columns={"domain": ("news",) * 30 + ("",) * 10, "many": many, "one": ("a",) * 40})
    found = slices(test)
    domain = {s.name: len(s.segments) for s in found if s.dimension == "domain"}
    assert domain == {"(empty)": 10, "news": 30}
    own = {s.name: len(s.segments) for s in found if s.dimension == "many"}
    assert own["8 other values"] == 16
    assert len(own) == 13
    assert not [s for s in found if s.dimension == "one"]


def test_first_and_last_segments_of_documents():
    test = TestSet((("x",) * 6,), documents=("a", "a", "a", "b", "c", "c"))
    assert {s.name: s.segments for s in slices(test) if s.dimension == "place in the document"} == {
        "first": (0, 4),
        "between": (1,),
        "last": (2, 5),
    }


def test_the_rarest_word_decides_by_training_frequency():
    frequencies = count(["The cat."] * 1200 + ["A dog's bone"] * 12 + ["one"], "training")
    test = TestSet((("The cat.", "The DOG'S cat", "One cat", "The zebra", "12"),))
    found = {s.name: s.segments for s in slices(test, frequencies) if "training" in s.dimension}
    assert found == {LABELS[0]: (3,), LABELS[1]: (2,), LABELS[2]: (1,), LABELS[4]: (0,)}
    with pytest.raises(InputError):
        Frequencies({}, "nothing")


def test_wmt21_headlines_are_where_one_online_system_loses(wmt21):
    # counted from the files themselves: 81 documents, so 81 first segments; 1,005 segments in all
    test, systems = wmt21
    made = dict(zip(systems, tables("chrf", list(systems.values()), test.references), strict=True))
    report = measure(slices(test), made, pair=("HuaweiTSC", "Online-W"), documents=test.documents)
    by_name = {(s.dimension, s.name): s for s in report.slices}
    first = by_name["place in the document", "first"]
    assert first.segments == 81
    assert first.difference > 2 * by_name["place in the document", "between"].difference
    assert first.change_low > 0
    lengths = [s.segments for s in report.slices if s.dimension == "length of the source"]
    assert sum(lengths) == 1005


def test_tables_of_one_segment_have_no_interval():
    one = Table("ter", np.array([[1.0, 4.0]]), Signature.parse("a:b"))
    assert linear.half_width(linear.influences("ter", one.rows)) is None


def test_large_documents_are_slices_and_the_small_ones_another():
    documents = ("a",) * 30 + ("b",) * 29 + ("c",) * 31 + ("d",)
    test = TestSet((tuple(f"Sentence {n}." for n in range(91)),), documents=documents)
    found = {s.name: s.segments for s in slices(test) if s.dimension == "document"}
    # 30 segments are enough for a score, 29 are not
    assert list(found) == ["a", "c", "2 other documents"]
    assert found["c"] == tuple(range(59, 90))
    assert found["2 other documents"] == (*range(30, 59), 90)
    small = TestSet((("One.", "Two."),), documents=("a", "b"))
    assert not [s for s in slices(small) if s.dimension == "document"]
