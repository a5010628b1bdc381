"""Scores: equal to sacrebleu's own, to published tables, and with intervals like sacrebleu's bootstrap."""

from __future__ import annotations

from pathlib import Path

import pytest
from sacrebleu.metrics import BLEU, CHRF, TER

from mt.errors import ConfigError, CountError, InputError
from mt.evaluate import metrics

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "wmt21-ja-en"
HYP = [
    "The cat sat on the mat.",
    "It rained all day long.",
    "He is not here today, I think.",
    "Yes.",
    "Two and two is 4.",
]
REF = [
    "A cat sat on a mat.",
    "It was raining all day.",
    "I think he is not here today.",
    "Yes, it is.",
    "Two and two are 4.",
]


def test_values_and_signatures_are_sacrebleus():
    for ours, theirs in zip(metrics.score(HYP, REF, resamples=0), (BLEU(), CHRF(), TER()), strict=True):
        assert ours.value == pytest.approx(theirs.corpus_score(HYP, [REF]).score, abs=1e-9)
        assert str(ours.signature) == f"{theirs.get_signature()}|unit:segment|n:5"
        assert ours.low is None


def test_intervals_are_like_sacrebleus_bootstrap():
    # sacrebleu reports mean ± half the 95 % range of its own 1,000 resamples (another generator, so a tolerance)
    for ours, metric in zip(metrics.score(HYP * 8, REF * 8), (BLEU(), CHRF(), TER()), strict=True):
        theirs = metric.corpus_score(HYP * 8, [REF * 8], n_bootstrap=1000)
        assert (ours.high - ours.low) / 2 == pytest.approx(float(theirs._ci), rel=0.15)
        assert (ours.high + ours.low) / 2 == pytest.approx(float(theirs._mean), abs=0.2 * float(theirs._ci))
        assert "|bs:1000|seed:12345|ci:percentile95|unit:segment|n:40" in str(ours.signature)


def test_the_seed_decides_the_interval_and_nothing_else():
    a, b, c = (metrics.score(HYP, REF, metrics=["chrf"], seed=s)[0] for s in (1, 1, 2))
    assert a == b
    assert (a.value, a.low) != (c.value, c.low)
    assert a.value == c.value


def test_the_unit_is_in_the_signature():
    [s] = metrics.score([" ".join(HYP)], [" ".join(REF)], unit="document", metrics=["bleu"])
    assert str(s.signature).endswith("|unit:document|n:1")
    assert s.low is None  # one unit has no interval


@pytest.mark.parametrize(("hyp", "ref"), [(HYP[:3], REF), (HYP, REF[:1])])
def test_unequal_counts_are_an_error(hyp, ref):
    # sacrebleu itself answers 100.0 for three hypotheses against one matching reference (sacrebleu#220)
    with pytest.raises(
        CountError, match=rf"h\.txt: expected {len(ref)} segments? as in r\.txt, found {len(hyp)} segments?"
    ):
        metrics.score(hyp, ref, names=("h.txt", "r.txt"))


def test_an_unknown_metric_is_an_error():
    with pytest.raises(ConfigError, match="metric: expected one of bleu, chrf, ter, found 'rouge'"):
        metrics.score(HYP, REF, metrics=["rouge"])


@pytest.mark.skipif(not SHARED.is_dir(), reason="WMT21 data is not on this machine")
@pytest.mark.parametrize(("system", "bleu", "chrf"), [("WeChat-AI", 27.79, 53.48), ("Facebook-AI", 27.70, 53.61)])
def test_published_wmt21_scores_are_reproduced(system, bleu, chrf):
    # organisers' scores/automatic-scores.tsv of WMT21 ja-en
    file = next(p for p in SHARED.glob("systems/*") if system.lower() in p.name.lower())
    hyp, ref = (p.read_text("utf-8").split("\n")[:-1] for p in (file, SHARED / "ref.en"))
    values = [round(s.value, 2) for s in metrics.score(hyp, ref, metrics=["bleu", "chrf"], resamples=0)]
    assert values == [bleu, chrf]


def test_nothing_to_score_is_an_error():
    with pytest.raises(InputError, match="hypothesis: expected at least one segment, found none"):
        metrics.score([], [])


def test_a_paired_difference_is_that_of_the_scores_and_its_interval_knows_the_pairing():
    """The value is the difference of sacrebleu's scores. A system against itself differs by nothing in any resample; a system that is better
    in every unit is better in every resample, so the interval is above 0, though the intervals of the two scores overlap."""
    other = [h.replace("a", "e") for h in HYP * 4]
    for ours, metric in zip(metrics.difference(HYP * 4, other, REF * 4), (BLEU(), CHRF(), TER()), strict=True):
        one, two = (metric.corpus_score(x, [REF * 4]).score for x in (HYP * 4, other))
        assert ours.value == pytest.approx(one - two, abs=1e-9)
        assert "ci:paired-percentile95" in str(ours.signature)
    for same in metrics.difference(HYP, HYP, REF):
        assert (same.value, same.low, same.high) == (0, 0, 0)
    [better] = metrics.difference(REF * 4, HYP * 4, REF * 4, metrics=["chrf"])
    assert better.low > 0
    with pytest.raises(CountError):
        metrics.difference(HYP, HYP[1:], REF)
