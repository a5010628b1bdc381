"""People's judgements. Expected values: weights as published with MQM's data and in mt-metrics-eval's documentation; the rest derived here."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mt.errors import ConfigError, InputError
from mt.evaluate.human import Rating, Weights, most_informative, segment_values, summarise, z_scores


@pytest.mark.parametrize(
    ("severity", "category", "weight"),
    [
        ("Major", "Accuracy/Mistranslation", 5),
        ("Minor", "Accuracy/Mistranslation", 1),
        ("Minor", "Fluency/Punctuation", 0.1),
        ("Major", "Fluency/Punctuation", 5),
        ("Neutral", "Style", 0),
        ("Major", "Non-translation!", 25),
        ("Minor", "Non-translation!", 1),
        ("Critical", "Style", 5),
    ],
)
def test_the_default_weights_are_the_published_ones(severity, category, weight):
    assert Weights()(severity, category) == weight


def test_other_weights_and_unknown_words():
    assert Weights("Major:10 Minor:2").value([("major", "x"), ("minor", "y")]) == -12
    with pytest.raises(ConfigError):
        Weights("Major=5")
    with pytest.raises(InputError, match="severities"):
        Weights()("terrible")


def test_z_removes_how_strict_an_annotator_is():
    # b gives each system 30 less than a does, and judges y more often: raw means turn the order round, z does not
    ratings = [Rating("x", n, "a", 80.0 + n) for n in range(4)] + [Rating("y", n, "a", 70.0 + n) for n in range(4)]
    ratings += [Rating("x", n, "b", 50.0 + n) for n in range(4)] + [Rating("y", n, "b", 40.0 + n) for n in range(4)]
    only = [r for r in ratings if not (r.system == "x" and r.annotator == "a")]
    assert summarise(ratings, "da").systems[0].system == "x"
    found = {s.system: s for s in summarise(only, "da").systems}
    assert found["x"].mean < found["y"].mean
    assert found["x"].z > found["y"].z


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 100)), min_size=2, max_size=20))
@example([("a", 1.9)] * 3)
def test_zs_of_an_annotator_have_mean_0_and_deviation_1(rows):
    ratings = [Rating("x", n, who, value) for n, (who, value) in enumerate(rows)]
    for who in {who for who, _ in rows}:
        own = [r.value for r in z_scores(ratings) if r.annotator == who]
        assert statistics.fmean(own) == pytest.approx(0, abs=1e-6)
        given_values = [value for name, value in rows if name == who]
        if len(own) > 1 and statistics.stdev(given_values) > 1e-3:
            assert statistics.stdev(own) == pytest.approx(1, abs=1e-6)


def test_segments_are_means_over_annotators_and_agreement_is_counted():
    ratings = [
        Rating("x", 0, "a", 90, 30.0),
        Rating("y", 0, "a", 50, 30.0),
        Rating("x", 0, "b", 70),
        Rating("y", 0, "b", 60),
        Rating("x", 1, "a", 10),
        Rating("y", 1, "a", 20),
        Rating("x", 1, "b", 40),
        Rating("y", 1, "b", 30),
    ]
    assert segment_values(ratings) == {"x": {0: 80.0, 1: 25.0}, "y": {0: 55.0, 1: 25.0}}
    found = summarise(ratings, "esa")
    # segment 0: both put x before y; segment 1: they differ
    assert (found.twice, found.agreement, found.minutes) == (4, 0.5, 1.0)
    assert [a.ratings for a in found.annotators] == [4, 4]
    with pytest.raises(InputError):
        summarise([], "esa")


def test_the_most_informative_segments_are_those_where_systems_differ_most():
    scores = {"x": [50.0, 90.0, 10.0, 0.0], "y": [50.0, 20.0, 30.0, 100.0]}
    assert most_informative(scores, 2) == [3, 1]
    alike = {"x": ["a", "b", "c", "same"], "y": ["d", "e", "f", "same"]}
    assert most_informative(scores, 9, texts=alike) == [1, 2]
