"""Form of texts: counts that can be read off, and the reference beside itself."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.evaluate.accuracy import REFERENCE
from mt.evaluate.profiles import length_ratio, loops, profiles
from mt.evaluate.testset import System, TestSet

REF = ("the cat sat on the mat", "a dog barked at night", "no", "rain fell")


def profile(*texts: str, ref: tuple[str, ...] = REF, src: tuple[str, ...] | None = None):
    return profiles(TestSet((ref,), src), [System("A", texts)])[1]


def test_the_reference_stands_beside_the_systems():
    people, a = profiles(TestSet((REF,)), [System("A", REF)])
    assert people.system == REFERENCE
    assert dataclasses.replace(a, system=REFERENCE) == people
    assert people.ratios == (1.0,) * 5
    json.dumps(dataclasses.asdict(people))


def test_short_and_long_segments_are_named():
    found = profile("the cat", "a dog barked at night and at night and at noon again", "no", "")
    assert (found.short, found.short_segments) == (2, (1, 4))
    assert (found.long, found.long_segments) == (1, (2,))


@given(st.lists(st.sampled_from("ab1."), max_size=14))
def test_loops_are_what_a_plain_search_finds(words):
    plain = any(
        words[k : k + n] == words[k + n : k + 2 * n] == words[k + 2 * n : k + 3 * n]
        and any(w.isalpha() for w in words[k : k + n])
        for n in range(1, 13)
        for k in range(len(words) - 3 * n + 1)
    )
    assert loops(words) == plain


def test_what_is_said_again_is_counted():
    found = profile("a b c d a b c d", "x", "x", "x", src=("1", "2", "3", "3"))
    assert found.repeated == pytest.approx(1000 * 1 / 5)  # a b c d stands twice among five 4-grams
    assert found.same == 3  # x for three segments of two sources
    assert profile("x", "x", "x", "x", src=("1", "1", "1", "1")).same == 0


def test_words_in_a_thousand_need_a_thousand():
    assert profile(*REF).per_thousand is None
    long = tuple(" ".join(f"w{'abcdefghij'[k % 10]}" for k in range(500)) for _ in range(4))
    assert profile(*long, ref=long).per_thousand == 11 - 1


def test_an_empty_reference_counts_as_one_character():
    assert length_ratio("abc", "") == 3.0
