"""Words of two systems: counts by plain counting, ratio and z by their formulas, written here once more."""

from __future__ import annotations

import dataclasses
import json
import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.errors import CountError
from mt.evaluate import words
from mt.evaluate.frequencies import LABELS, Frequencies
from mt.evaluate.words import by_frequency, differences

TEXTS = st.lists(st.lists(st.sampled_from("abcd"), max_size=7).map(" ".join), min_size=4, max_size=4)


def grams(text: str, order: int) -> Counter[str]:
    cut = text.split()
    return Counter(" ".join(cut[k : k + order]) for k in range(len(cut) - order + 1))


@given(TEXTS, TEXTS, TEXTS, TEXTS)
@settings(max_examples=80, deadline=None)
def test_matches_are_clipped_by_segment_as_bleu_counts_them(a, b, ref, other):
    found = differences(("A", "B"), a, b, [ref, other], shown=1000)
    for row in (*found.right_first, *found.right_second):
        wanted = [
            max(grams(r, row.order)[row.gram], grams(o, row.order)[row.gram]) for r, o in zip(ref, other, strict=True)
        ]
        ours = [[min(grams(t, row.order)[row.gram], w) for t, w in zip(s, wanted, strict=True)] for s in (a, b)]
        assert row.reference == sum(wanted)
        assert (row.first, row.second) == (sum(ours[0]), sum(ours[1]))
        assert row.ratio == (row.first + 1) / (row.first + row.second + 2)
        assert set(row.segments) <= {n + 1 for n in range(4) if ours[0][n] != ours[1][n]}
    assert all(r.ratio > 0.5 for r in found.right_first)
    assert all(r.ratio < 0.5 for r in found.right_second)


@given(TEXTS, TEXTS, TEXTS)
@settings(max_examples=40, deadline=None)
def test_turning_the_systems_round_turns_the_answer_round(a, b, ref):
    one, other = differences(("A", "B"), a, b, [ref]), differences(("B", "A"), b, a, [ref])
    assert [(r.gram, r.first, r.second) for r in one.right_first] == [
        (r.gram, r.second, r.first) for r in other.right_second
    ]
    assert {w.word: w.z for w in one.more_first} == pytest.approx({w.word: -w.z for w in other.more_second})


def test_the_ratio_is_that_of_compare_mt():
    # its documentation: (a + α) / (a + b + 2 α) with α = 1, 9 matches against none: 10 / 11
    refs = ["one two"] * 9
    [row] = differences(("A", "B"), refs, ["two"] * 9, [refs]).right_first
    assert (row.gram, row.ratio) == ("one two", 10 / 11)


def test_z_is_monroes():
    a, b, ref = ["x x y"], ["x y y"], ["x y z"]
    made = differences(("A", "B"), a, b, [ref])
    found = {w.word: w.z for w in (*made.more_first, *made.more_second)}
    # α of a word: its count in all three texts; x: 4, y: 4, z: 1; α0 = 9; n = 3 each (equations 16 and 20 to 22)
    delta = math.log((2 + 4) / (3 + 9 - 2 - 4)) - math.log((1 + 4) / (3 + 9 - 1 - 4))
    assert found["x"] == pytest.approx(delta / math.sqrt(1 / (2 + 4) + 1 / (1 + 4)))
    assert found["y"] == pytest.approx(-found["x"])


def test_names_come_whole_and_words_of_many_places_alone():
    refs = ["on the new mat", "on an old mat", "in new york city", "in new york city"]
    found = differences(("A", "B"), refs, ["by the new mat", "by an old mat", "in nyc", "in nyc"], [refs])
    # `new`, `york`, `city` and their pairs: york city has the counts of new york city (2, 2, 0), new has not: it stands in the first line too
    assert [(r.gram, r.reference, r.first, r.second) for r in found.right_first[:2]] == [
        ("in new york city", 2, 2, 0),
        ("on", 2, 2, 0),
    ]
    assert not {"york", "city", "new york", "york city", "new york city"} & {r.gram for r in found.right_first}


def test_what_is_joined_to_a_word_stays_with_it():
    text = "COVID-19 hit on the 22nd: it’s 1,000.5 U.S. dollars"
    assert words._cut(text) == ["covid-19", "hit", "on", "the", "22nd", ":", "it’s", "1,000.5", "u.s", ".", "dollars"]


def test_marks_alone_and_at_the_ends_are_no_words():
    found = differences(("A", "B"), ["Yes, sir!"], [""], [["Yes, sir!"]], shown=99)
    assert {r.gram for r in found.right_first} == {"yes , sir"}
    found = differences(("A", "B"), ["Yes, sir!"], ["yes sir"], [["Yes, sir!"]], shown=99)
    assert {r.gram for r in found.right_first} == {"yes , sir"}


def test_identical_systems_have_no_differences():
    found = differences(("A", "B"), ["a b"], ["a b"], [["a c"]])
    assert not (*found.right_first, *found.right_second, *found.more_first, *found.more_second)
    json.dumps(dataclasses.asdict(found))


def test_of_long_texts_segments_at_even_distances_are_looked_at(monkeypatch):
    monkeypatch.setattr(words, "MOST_SEGMENTS", 10)
    found = differences(("A", "B"), ["a"] * 25, ["b"] * 25, [["a"] * 25])
    assert (found.segments, found.right_first[0].first) == (10, 10)


def test_streams_of_different_length_are_refused():
    with pytest.raises(CountError):
        differences(("A", "B"), ["a"], ["a", "b"], [["a"]])
    with pytest.raises(CountError):
        by_frequency("A", ["a"], ["a", "b"], Frequencies({"a": 1}, "x"))


def test_bands_hold_every_word_once():
    known = Frequencies({"the": 5000, "cat": 100, "sat": 9}, "x")
    bands = {b.band: b for b in by_frequency("A", ["The cat sat.", "cat"], ["the cat slept 3 times", "the"], known)}
    assert [bands[label].reference for label in LABELS] == [2, 0, 0, 1, 2]
    assert [bands[label].written for label in LABELS] == [0, 1, 0, 2, 1]
    assert [bands[label].right for label in LABELS] == [0, 0, 0, 1, 1]
    assert bands[LABELS[3]].precision == 50
    assert bands[LABELS[3]].recall == 100
    assert bands[LABELS[3]].f1 == pytest.approx(200 / 3)
    assert bands[LABELS[2]].f1 is None
    assert bands[LABELS[0]].precision is None
