"""Expected agreement: the authors' own numbers, and the table of ja-en pairs."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.errors import ConfigError
from mt.evaluate.agreement import CURVES, agreement, needed


@pytest.mark.parametrize(("metric", "difference", "percent"), [("bleu", 1.0, 63.989), ("BLEU", -1.0, 63.989)])
def test_the_curve_is_that_of_the_authors_own_tool(metric, difference, percent):
    # README of mt-thresholds 1.0.4: `mt-thresholds bleu 1.00` answers 63.989 %
    assert agreement(metric, difference).curve == pytest.approx(percent, abs=5e-4)


@pytest.mark.parametrize(
    ("metric", "sizes"),
    # deltas for 60, 70, 80, 90 %, computed with mt_thresholds.delta of version 1.0.4; nan there = never
    [
        ("bleu", (0.78, 1.39, 2.34, None)),
        ("chrf", (0.54, 1.00, 1.63, 3.05)),
        ("spbleu200", (0.82, 1.49, 2.46, 5.57)),
        ("bertscore", (0.20, 0.38, 0.62, 1.08)),
        ("bleurt20", (0.33, 0.66, 1.07, 1.73)),
        ("comet20", (0.65, 1.29, 2.10, 3.45)),
        ("comet22", (0.18, 0.35, 0.56, 0.94)),
        ("cometkiwi22", (0.16, 0.33, 0.53, 0.85)),
        ("xcometxl", (0.34, 0.67, 1.08, 1.80)),
        ("metricx-23-large", (0.02, 0.04, 0.07, 0.12)),
    ],
)
def test_needed_differences_are_the_published_ones(metric, sizes):
    found = [needed(metric, percent) for percent in (60, 70, 80, 90)]
    assert [x if x is None else round(x, 2) for x in found] == list(sizes)


@pytest.mark.parametrize(
    ("metric", "difference", "percent", "band"),
    # 347 pairs of WMT20 to WMT23 ja-en, counted in the project's field notes; no number stands there for chrF from 2 to 3 and above 5
    [
        ("bleu", 0.0, 57, (0, 1)),
        ("bleu", 1.0, 59, (1, 2)),
        ("bleu", -2.5, 80, (2, 3)),
        ("bleu", 4.9, 92, (3, 5)),
        ("bleu", 5.0, 98, (5, None)),
        ("chrf", 0.49, 46, (0, 0.5)),
        ("chrf", 0.5, 67, (0.5, 1)),
        ("chrf", 1.5, 80, (1, 2)),
        ("chrf", 2.5, None, None),
        ("chrf", 3.0, 94, (3, 5)),
        ("chrf", 6.0, None, None),
        ("ter", 1.0, None, None),
    ],
)
def test_japanese_to_english_pairs_by_the_size_of_the_difference(metric, difference, percent, band):
    found = agreement(metric, difference)
    assert (found.pairs, found.band) == (percent, band)


def test_other_languages_have_the_curve_only_and_unfitted_metrics_nothing():
    other = agreement("bleu", 2.5, langs="en-ja")
    assert other.pairs is None
    assert other.curve is not None
    assert agreement("chrf++", 2).words == "nobody measured how often people agree"
    assert needed("ter", 80) is None


def test_words_never_promise_less_than_a_coin():
    assert agreement("bleu", 0).curve == pytest.approx(88.3333 / 2)
    assert agreement("bleu", 0).words.startswith("people would agree in about 50 % (curve")


@given(st.sampled_from(sorted(CURVES)), st.floats(0, 100), st.floats(0, 100))
def test_a_larger_difference_is_never_worth_less(metric, one, two):
    low, high = sorted((one, two))
    assert agreement(metric, low).curve <= agreement(metric, high).curve <= 100


@given(st.sampled_from(sorted(CURVES)), st.floats(50.5, 99.5))
def test_needed_is_the_inverse_of_the_curve(metric, percent):
    size = needed(metric, percent)
    if size is None:
        assert agreement(metric, 1000).curve <= percent
    else:
        assert agreement(metric, size).curve == pytest.approx(percent, abs=1e-6)


def test_it_can_be_written_as_json():
    assert json.loads(json.dumps(dataclasses.asdict(agreement("bleu", 9))))["band"] == [5.0, None]


@pytest.mark.parametrize("percent", [50, 100, -3])
def test_percentages_out_of_range_are_an_error(percent):
    with pytest.raises(ConfigError, match="percent: expected a number between 50 and 100"):
        needed("bleu", percent)


def test_a_difference_must_be_a_number():
    with pytest.raises(ConfigError, match="difference: expected a number of points, found nan"):
        agreement("bleu", float("nan"))
