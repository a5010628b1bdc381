"""Segments to read: orders by sorting, flags on texts where the fault can be seen."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.evaluate.examples import choose, flags
from mt.evaluate.testset import System, TestSet

SCORES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30)


@given(SCORES, st.integers(1, 10), st.integers(0, 99))
def test_the_chosen_are_the_extremes(pairs, count, seed):
    a, b = [x for x, _ in pairs], [y for _, y in pairs]
    found = choose(a, b, count=count, seed=seed)
    least = sorted(a)[: len(found.worst)]
    assert [a[n] for n in found.worst] == least
    assert len(found.worst) == len(found.random) == min(count, len(a))
    gaps = [x - y for x, y in pairs]
    assert [gaps[n] for n in found.first_better] == sorted((g for g in gaps if g > 0), reverse=True)[:count]
    assert [gaps[n] for n in found.second_better] == sorted(g for g in gaps if g < 0)[:count]
    assert list(found.random) == sorted(random.Random(seed).sample(range(len(a)), len(found.random)))
    assert choose(b, a, count=count, seed=seed).first_better == found.second_better


def test_chance_takes_no_heed_of_scores():
    assert choose([1, 2, 3], [0, 0, 0], count=2).random == choose([9, 9, 9], [1, 5, 2], count=2).random


def test_flagged_are_those_that_only_the_first_has():
    both = ([["empty"], ["a loop"], [], ["x", "y"]], [["empty"], [], ["a loop"], []])
    assert choose([1, 2, 3, 4], [0, 0, 0, 0], flags=both).flagged == (3, 1)


def test_scores_of_different_numbers_are_refused():
    with pytest.raises(ValueError):
        choose([1], [1, 2])


@pytest.mark.parametrize(
    ("src", "ref", "hyp", "said"),
    [
        ("猫だ。", "A cat.", "", ["empty"]),
        ("", "", "", []),
        ("猫だ。", "A cat.", "猫だ。", ["as the source"]),
        ("NATO", "NATO", "NATO", []),  # people kept it too
        ("猫だ。", "It is a cat.", "猫は猫で猫だった。", ["another language"]),
        ("猫だ。", "It is a very big cat.", "It is a very very very big cat.", ["a loop"]),
        ("3匹だ。", "There are 3.", "There are 4.", ["numbers: missing 3匹, extra 4"]),
        (
            "https://a.org/xを見よ。",
            "See https://a.org/x now.",
            "See it on the web.",
            ["links: missing https://a.org/x"],
        ),
        ("NATOだ。", "It is NATO.", "It is so.", ["Latin names: missing NATO"]),
        ("猫だ。", "It is a cat on a mat.", "A cat.", ["short: 0.3 of the reference"]),
        ("猫だ。", "A cat.", "It is a cat on a mat.", ["long: 3.5 of the reference"]),
        ("猫だ。", "A cat.", "The cat.", []),
    ],
)
def test_faults_are_seen(src, ref, hyp, said):
    found = flags(TestSet(((ref or "",),), (src,)), [System("A", (hyp,))])
    assert list(found["A"][0]) == said


def test_without_a_source_length_and_loops_are_seen():
    found = flags(TestSet((("It is a cat.",),)), [System("A", ("no no no",)), System("B", ("It is a cat.",))])
    assert found == {"A": (("a loop",),), "B": ((),)}
