"""The page of `mt corpus tune`: points where they belong, by positions worked out here; text escaped; no curve where nothing was learnt."""

from __future__ import annotations

import dataclasses
import re

import pytest

from mt.report.corpus_tune_page import CurveView, KindView, StepView, TunePage, render

KINDS = [KindView("html", 40, 30, 0.5), KindView("<b>", 10, 0, 0.0), KindView("all", 50, 30, 0.75)]
# thresholds descend: 0.9 rejects half of the noise and a fiftieth of the clean rows, and so on
CURVE = CurveView(
    [0.95, 0.9, 0.5, 0.1], [0.4, 0.5, 0.8, 1.0], [1.0, 0.5, 0.25, 0.0], [0.5, 0.02, 0.01, 0.0], 0.875, 0.9
)
PAGE = TunePage(
    KINDS,
    0.03,
    {"": 0.02, "a & b": 0.004},
    [StepView("cosine ≥ 0.2", 0.4, 0.01), StepView("tags ≥ 1", 0.6, 0.02)],
    CURVE,
    {"cosine": "≥ 0.2"},
    ["dates"],
    "rows:9",
)
NB = "\N{NO-BREAK SPACE}"


def drawings(html):
    """Every plot: what it says of itself → its drawing."""
    return dict(re.findall(r'<svg class="plot [a-z]+" [^>]*aria-label="([^"]*)">(.*?)</svg>', html, re.S))


def marks(svg):
    return re.findall(r"<title>([^<]*)</title>.*?cx=\"([\d.]+)%\" cy=\"([\d.]+)\"", svg)


def test_the_verdict_and_the_parts():
    html = render(PAGE)
    assert f"60.0{NB}% of the noise planted is found, and 2.0{NB}% of the clean rows are lost" in html
    assert f"a &amp; b: 0.40{NB}% of its clean rows are lost" in html
    assert "&lt;b&gt;" in html and "<b>" not in html
    assert "<script" not in html and "http" not in html.replace("http-equiv", "")
    assert render(PAGE) == html


def test_points_stand_where_their_numbers_say():
    found = drawings(render(PAGE))
    assert len(found) == 4
    # axes from 0 to 2 % lost and from 40 to 60 % found; the drawing is 200 px high
    [first, second] = marks(found["Intervals: noise found for clean rows lost"])
    assert first == (f"cosine ≥ 0.2: 40.0{NB}% found, 1.0{NB}% lost", "50", "200")
    assert second[1:] == ("100", "0")
    # the threshold chosen is 0.9: recall 50 %, and precision 50 % on an axis from 40 to 100
    [chosen] = marks(found["Classifier: precision and recall"])
    assert chosen[0].startswith(
        f"learned ≥ 0.9: recall 50.0{NB}%, precision 50.0{NB}%, 2.0{NB}% of the clean rows lost"
    )
    assert chosen[1] == "50"
    assert float(chosen[2]) == pytest.approx(200 * 50 / 60, abs=0.1)
    # as far as three times the budget: the loss of a half is not drawn, so that 2 % stands at the end
    assert [m[1] for m in marks(found["Classifier: noise found for clean rows lost"])] == ["100"]
    # recall and precision by turns, in % of an axis from 0 to 80
    said = [m[1] for m in marks(found["Recall and precision by kind of noise"])]
    assert said == ["93.75", "62.5", "0", "0", "75", "93.75"]


def test_without_a_classifier_and_without_cuts_there_is_no_curve():
    html = render(dataclasses.replace(PAGE, steps=(), classifier=None))
    assert [*drawings(html)] == ["Recall and precision by kind of noise"]
    assert "Curves" not in html
    # of a threshold that nobody chose, only the curve
    html = render(dataclasses.replace(PAGE, classifier=dataclasses.replace(CURVE, chosen=None)))
    assert marks(drawings(html)["Classifier: precision and recall"]) == []


def test_long_curves_are_thinned_and_keep_their_ends():
    many = [n / 5000 for n in range(5000, -1, -1)]
    view = CurveView(many, [0.5] * 5001, many, many, 0.5, 0.5)
    svg = drawings(render(dataclasses.replace(PAGE, classifier=view)))["Classifier: precision and recall"]
    ends = re.findall(r'class="path" x1="([\d.]+)%" x2="([\d.]+)%"', svg)
    assert 100 < len(ends) <= 203
    assert (ends[0][0], ends[-1][1]) == ("0", "100")
