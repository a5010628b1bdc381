"""Paired tests: against exact enumeration, against sacrebleu's own draws' results, under true nulls, and for what must hold in any case."""

from __future__ import annotations

import dataclasses
import json
import math
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.significance import PairedTest

from mt.errors import ConfigError, CountError, InputError
from mt.evaluate import resampling
from mt.evaluate.resampling import signed, weighted
from mt.evaluate.significance import LEAST_DOCUMENTS, compare, holm
from mt.evaluate.statistics import Table, table, tables, values

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "wmt21-ja-en"
wmt21 = pytest.mark.skipif(not SHARED.is_dir(), reason="WMT21 data is not on this machine")


def read(path):
    return path.read_text("utf-8").split("\n")[:-1]


def system(name):
    return read(SHARED / "systems" / f"{name}.en")


def noisy(count, share, seed=0, width=7):
    """References, and the same with a share of the words spoilt."""
    rng = np.random.default_rng(seed)
    refs = [" ".join(f"w{rng.integers(50)}" for _ in range(width)) for _ in range(count)]
    return refs, [" ".join("x" if rng.random() < share else w for w in line.split()) for line in refs]


# --- draws


def test_draws_are_those_of_pcg64_on_any_machine():
    """The bits of PCG64 are fixed by its authors' reference program (O'Neill 2014) and numpy never changes them; the rule from bits to draws is
    computed here a second time, with whole numbers of Python."""
    raw = [int(x) for x in np.random.PCG64(7).random_raw(10)]
    halves = [half for x in raw for half in (x & 0xFFFFFFFF, x >> 32)]  # a row starts with a fresh number of 64 bits
    counts = [[sum(h * 5 >> 32 == unit for h in halves[k : k + 5]) for unit in range(5)] for k in (0, 6)]
    assert weighted([np.eye(5)], 2, 7)[0].tolist() == counts
    signs = [[x >> unit & 1 for unit in range(7, -1, -1)] for x in raw[:3]]  # the lowest byte, its highest bit first
    assert signed([np.eye(8)], 3, 7)[0].tolist() == signs


@pytest.mark.parametrize("draw", [weighted, signed])
def test_the_size_of_a_block_changes_nothing(draw, monkeypatch):
    rows = [np.random.default_rng(n).integers(0, 9, (37, 3)).astype(float) for n in range(5)]
    whole = draw(rows, 50, 3)
    for block in (1, 40, 111, 500):
        monkeypatch.setattr(resampling, "_BLOCK", block)
        for one, other in zip(whole, draw(rows, 50, 3), strict=True):
            assert np.array_equal(one, other)


def test_every_unit_is_drawn_once_on_average_and_swapped_half_of_the_time():
    rows = [np.eye(20)]
    assert weighted(rows, 20_000, 1)[0].sum(axis=1).tolist() == [20] * 20_000
    # standard errors: sqrt(0.95 / 20,000) = 0.007 and 0.5 / sqrt(20,000) = 0.0035
    np.testing.assert_allclose(weighted(rows, 20_000, 1)[0].mean(axis=0), 1, atol=0.03)
    np.testing.assert_allclose(signed(rows, 20_000, 1)[0].mean(axis=0), 0.5, atol=0.015)
    # two units are taken together a quarter of the time
    halves = signed(rows, 20_000, 1)[0]
    np.testing.assert_allclose((halves.T @ halves / 20_000)[np.triu_indices(20, 1)], 0.25, atol=0.015)


# --- p


def exact(one, other, metric):
    """p over all 2^units exchanges, written out."""
    real = abs(values(metric, one.sum(axis=0)[None]) - values(metric, other.sum(axis=0)[None]))[0]
    hits = 0
    for swap in product((False, True), repeat=len(one)):
        chosen = np.array(swap)[:, None]
        a, b = np.where(chosen, other, one).sum(axis=0), np.where(chosen, one, other).sum(axis=0)
        hits += abs(values(metric, a[None]) - values(metric, b[None]))[0] >= real - 1e-9
    return hits / 2 ** len(one)


@pytest.mark.parametrize("metric", ["bleu", "chrf", "ter"])
def test_p_of_randomisation_is_that_of_all_exchanges(metric):
    refs, hyps = noisy(9, 0.3, seed=5)
    a, b = tables(metric, [hyps, noisy(9, 0.45, seed=6)[1]], [refs])
    [pair] = compare({"a": a, "b": b}, trials=20_000, resample="segment").pairs
    p = exact(a.rows, b.rows, metric)
    assert pair.p == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / 20_000))


@wmt21
def test_p_and_intervals_are_sacrebleus_on_wmt21_with_segments():
    """sacrebleu's own randomisation test and its bootstrap of one system draw otherwise, so equal within the error of 1,000 draws."""
    names = ("HuaweiTSC", "NiuTrans")
    ref, outputs = read(SHARED / "ref.en"), [system(name) for name in names]
    for metric, scorer in (("bleu", BLEU()), ("chrf", CHRF())):
        _, theirs = PairedTest(
            list(zip(names, outputs, strict=True)), {"m": scorer}, [ref], "ar", n_samples=1000, n_ar_confidence=1000
        )()
        [results] = [column for key, column in theirs.items() if key != "System"]
        ours = compare(dict(zip(names, tables(metric, outputs, [ref]), strict=True)), resample="segment", trials=1000)
        for result, name in zip(results, names, strict=True):
            [score] = [s for s in ours.scores if s.system == name]
            assert score.value == pytest.approx(result.score, abs=1e-6)
            assert (score.high - score.low) / 2 == pytest.approx(result.ci, rel=0.12)
            assert (score.high + score.low) / 2 == pytest.approx(result.mean, abs=0.25 * float(result.ci))
        for result, pair in zip(results[1:], ours.pairs, strict=False):
            p = result.p_value
            assert pair.p == pytest.approx(p, abs=4 * math.sqrt(2 * p * (1 - p) / 1000) + 0.002)


def test_the_smallest_p_is_that_of_the_trials_or_of_the_units():
    refs, hyps = noisy(200, 0.5)
    few = compare(dict(zip("ab", tables("chrf", [refs[:4], hyps[:4]], [refs[:4]]), strict=True)), trials=999)
    assert few.pairs[0].smallest_p == 2 / 2**4  # four units: 16 exchanges, two of them give |Δ| itself
    assert few.pairs[0].p == pytest.approx(0.125, abs=0.05)
    many = compare(dict(zip("ab", tables("chrf", [refs, hyps], [refs]), strict=True)), trials=999)
    assert many.pairs[0].p == many.pairs[0].smallest_p == 1 / 1000
    one = compare(dict(zip("ab", tables("chrf", [refs[:1], hyps[:1]], [refs[:1]]), strict=True)), trials=99)
    assert (one.pairs[0].p, one.pairs[0].smallest_p, one.scores[0].low, one.pairs[0].p_bootstrap) == (1, 1, None, None)


def test_identical_systems_are_not_tested_and_count_for_nothing():
    refs, hyps = noisy(150, 0.2)
    a, b, c = tables("chrf", [hyps, hyps, refs], [refs])
    found = compare({"a": a, "b": b, "c": c}, trials=999)
    same = found.pairs[0]
    assert (same.identical, same.difference, same.low, same.high, same.p, same.p_bootstrap) == (True, 0, 0, 0, 1, 1)
    assert found.clusters == (("c",), ("a", "b"))
    assert "|holm:2|" in found.signature
    assert [pair.p_holm for pair in found.pairs[1:]] == [0.002, 0.002]


# --- several systems


def test_holm_is_the_published_procedure():
    # R's p.adjust(c(0.01, 0.02, 0.03, 0.005, 0.8), "holm"): 0.04 0.06 0.06 0.025 0.8
    assert holm([0.01, 0.02, 0.03, 0.005, 0.8]) == pytest.approx([0.04, 0.06, 0.06, 0.025, 0.8])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_keeps_the_order_and_is_between_p_and_bonferroni(p):
    found = holm(p)
    for raw, corrected in zip(p, found, strict=True):
        assert raw <= corrected <= min(1, raw * len(p)) + 1e-12
    assert [found[k] for k in sorted(range(len(p)), key=lambda k: p[k])] == sorted(found)


def test_clusters_part_where_everyone_above_beats_everyone_below():
    shares = {"worst": 0.6, "good": 0.1, "twin": 0.1, "between": 0.13, "best": 0.0}
    refs = noisy(400, 0)[0]
    # the same references with different words spoilt
    hyps = [
        [" ".join("x" if rng.random() < share else w for w in line.split()) for line in refs]
        for share, rng in ((share, np.random.default_rng(n)) for n, share in enumerate(shares.values()))
    ]
    found = compare(dict(zip(shares, tables("chrf", hyps, [refs]), strict=True)), trials=999)
    assert (found.clusters[0], found.clusters[-1]) == (("best",), ("worst",))
    assert [s.rank for s in found.scores if s.system in ("best", "worst")] == [(1, 1), (5, 5)]
    won = {(p.better, q) for p in found.pairs for q in (p.first, p.second) if p.better not in (None, q)}
    order = [score.system for score in found.scores]
    ends = set(np.cumsum([len(cluster) for cluster in found.clusters]))
    for cut in range(1, 5):
        assert (cut in ends) == all((x, y) in won for x in order[:cut] for y in order[cut:])


@pytest.mark.parametrize("metric", ["chrf", "ter"])
def test_better_is_higher_but_for_ter(metric):
    refs, hyps = noisy(120, 0.5)
    found = compare(dict(zip(("spoilt", "whole"), tables(metric, [hyps, refs], [refs]), strict=True)), trials=999)
    assert found.pairs[0].better == "whole"
    assert [score.system for score in found.scores] == ["whole", "spoilt"]
    assert (found.pairs[0].difference > 0) == found.lower_is_better == (metric == "ter")


def test_bleu_below_a_hundred_segments_decides_nothing():
    refs, hyps = noisy(99, 0.5)
    found = compare(dict(zip("ab", tables("bleu", [refs, hyps], [refs]), strict=True)), trials=999)
    assert (found.verdict, found.pairs[0].better, found.clusters) == (False, None, (("a", "b"),))
    assert found.notes[-1] == "BLEU decides nothing below 100 segments; this set has 99: see chrF."
    assert (
        compare(dict(zip("ab", tables("chrf", [refs, hyps], [refs]), strict=True)), trials=999).pairs[0].better == "a"
    )


# --- units


def test_documents_are_drawn_where_enough_are_known():
    refs, hyps = noisy(120, 0.3)
    both = dict(zip("ab", tables("chrf", [refs, hyps], [refs]), strict=True))
    ids = [f"d{n // 6}" for n in range(120)]
    found = compare(both, documents=ids, trials=99)
    assert (found.resampled, found.units, found.notes) == ("document", 20, ())
    assert (
        "|text:raw|unit:segment|n:120|resample:document|units:20|bs:1000|ci:percentile95|ar:99|holm:1|seed:12345"
        in found.signature
    )
    few = compare(both, documents=[f"d{n // 40}" for n in range(120)], trials=99)
    assert (few.resampled, few.units) == ("segment", 120)
    assert few.notes[0].startswith("Segments were drawn, since 3 documents are too few to draw from")
    none = compare(both, trials=99)
    assert none.notes[0].startswith("Segments were drawn, since no documents are known")
    assert compare(both, documents=ids, resample="segment", trials=99).notes == ()
    assert LEAST_DOCUMENTS <= 20


def test_documents_that_go_wrong_as_a_whole_widen_the_interval():
    """Twenty documents of ten equal segments: a mean over documents has √10 times the deviation of one over segments that were independent."""
    refs, hyps = noisy(1, 0)[0] * 200, []
    for n in range(20):
        hyps += [refs[0] if n % 2 else "x x x x x x x"] * 10
    one = {"a": table("ter", hyps, [refs])}
    ids = [str(n // 10) for n in range(200)]
    [wide], [narrow] = (compare(one, documents=ids, resample=unit).scores for unit in ("document", "segment"))
    assert (wide.high - wide.low) / (narrow.high - narrow.low) == pytest.approx(math.sqrt(10), rel=0.15)


@wmt21
def test_documents_of_wmt21_widen_intervals_as_the_field_notes_measured():
    # there: 1.4 to 1.9 times for one system, 1.13 to 1.26 for a difference, over WMT21 and WMT22
    ref, ids = read(SHARED / "ref.en"), read(SHARED / "docids.txt")
    both = dict(zip("ab", tables("chrf", [system("Facebook-AI"), system("Online-W")], [ref]), strict=True))
    wide, narrow = (compare(both, documents=ids, resample=unit, trials=9) for unit in ("document", "segment"))
    ratio = [
        (w.high - w.low) / (n.high - n.low)
        for w, n in ((wide.scores[0], narrow.scores[0]), (wide.pairs[0], narrow.pairs[0]))
    ]
    assert 1.2 < ratio[0] < 2.1
    assert 1.0 < ratio[1] < 1.4


# --- whatever the numbers


row = st.lists(st.integers(0, 9), min_size=2, max_size=2)
# two to four systems, each with two counts for each of the same 2 to 12 segments
several = st.integers(2, 12).flatmap(lambda n: st.lists(st.lists(row, min_size=n, max_size=n), min_size=2, max_size=4))


@given(several, st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_what_holds_for_any_systems(systems, seed):
    signature = table("ter", ["a"], [["a"]]).signature
    named = {f"s{n}": Table("ter", np.array(rows, float), signature) for n, rows in enumerate(systems)}
    found = compare(named, trials=49, resamples=50, seed=seed)
    assert found == compare(named, trials=49, resamples=50, seed=seed)
    json.loads(json.dumps(dataclasses.asdict(found)))
    for pair in found.pairs:
        assert 1 / 50 <= pair.p <= pair.p_holm <= 1
        assert 1 / 51 <= pair.p_bootstrap <= 1
        assert pair.low <= pair.high
    assert sorted(name for cluster in found.clusters for name in cluster) == sorted(named)
    for place, score in enumerate(found.scores, 1):
        assert 1 <= score.rank[0] <= place <= score.rank[1] <= len(named)
    # the other way round: the same tests with the other sign, since all pairs share their draws
    turned = compare(dict(reversed(named.items())), trials=49, resamples=50, seed=seed)
    for pair in found.pairs:
        [other] = [p for p in turned.pairs if {p.first, p.second} == {pair.first, pair.second}]
        assert (other.difference, other.better, other.identical) == (-pair.difference, pair.better, pair.identical)
        assert other.p_bootstrap == pair.p_bootstrap
        assert (other.low, other.high) == pytest.approx((-pair.high, -pair.low))


def test_the_seed_decides_the_draws_and_nothing_else():
    refs, hyps = noisy(60, 0.3)
    both = dict(zip("ab", tables("chrf", [hyps, noisy(60, 0.3, seed=9)[1]], [refs]), strict=True))
    one, same, other = (compare(both, trials=499, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one.pairs[0].difference == other.pairs[0].difference
    assert (one.pairs[0].p, one.pairs[0].low) != (other.pairs[0].p, other.pairs[0].low)


def test_what_cannot_be_compared_is_said():
    a, b = table("chrf", ["a"], [["a"]]), table("chrf", ["a", "b"], [["a", "b"]])
    with pytest.raises(InputError, match="systems: expected at least one, found none"):
        compare({})
    with pytest.raises(CountError, match="b: expected 1 segment as in a, found 2 segments"):
        compare({"a": a, "b": b})
    with pytest.raises(ConfigError, match=r"signature of b: expected .*case:mixed.* as of a, found .*case:lc"):
        compare({"a": a, "b": table("chrf", ["a"], [["a"]], lowercase=True)})
    for options, said in (
        ({"trials": 0}, "trials: expected a number from 1, found 0"),
        ({"resamples": -1}, "resamples: expected a number from 0, found -1"),
        ({"alpha": 1.0}, "alpha: expected a level between 0 and 1, found 1.0"),
        ({"resample": "word"}, "resample: expected auto, segment or document, found 'word'"),
        ({"resample": "document"}, "resample: expected names of documents"),
    ):
        with pytest.raises(ConfigError, match=said):
            compare({"a": a}, **options)
    with pytest.raises(CountError, match="documents: expected 1 segment as in hypothesis, found 2 segments"):
        compare({"a": a}, documents=["x", "y"])


# --- true nulls


@pytest.mark.slow
@wmt21
@pytest.mark.parametrize("unit", ["segment", "document"])
@pytest.mark.parametrize("metric", ["bleu", "chrf"])
def test_under_a_true_null_one_in_twenty_is_rejected(metric, unit):
    """Two real systems with their units exchanged at random differ by chance only: p < .05 in .035 to .065 of 1,000 such pairs (the standard error
    is .007), for randomisation and for the centred bootstrap. sacrebleu's formula, on the same draws, rejects about twice as often."""
    ref, ids = read(SHARED / "ref.en"), read(SHARED / "docids.txt")
    a, b = tables(metric, [system("NiuTrans"), system("Facebook-AI")], [ref])
    rows = [t.grouped(ids) if unit == "document" else t.rows for t in (a, b)]
    rng = np.random.default_rng(2021)
    p_swaps, p_bootstrap, p_theirs = [], [], []
    for trial in range(1000):
        swap = rng.random((len(rows[0]), 1)) < 0.5
        mixed = [np.where(swap, rows[1], rows[0]), np.where(swap, rows[0], rows[1])]
        found = compare(
            {name: Table(metric, m, a.signature) for name, m in zip("ab", mixed, strict=True)},
            resample="segment",
            trials=499,
            resamples=500,
            seed=trial,
        )
        p_swaps.append(found.pairs[0].p)
        p_bootstrap.append(found.pairs[0].p_bootstrap)
        drawn = [values(metric, sums) for sums in weighted(mixed, 500, trial)]
        size = np.abs(drawn[0] - drawn[1])
        p_theirs.append((1 + (size - size.mean() > abs(found.pairs[0].difference)).sum()) / 501)
    rejected = [float((np.array(p) <= 0.05).mean()) for p in (p_swaps, p_bootstrap, p_theirs)]
    assert 0.035 <= rejected[0] <= 0.065, rejected
    assert 0.035 <= rejected[1] <= 0.065, rejected
    assert rejected[2] > 0.08, rejected
