"""Runs, held against tokens cut and compared as the definition says."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.filters.folded import Folded
from mt.filters.runs import LETTERS, WORDS, RunIndex, runs

TOKEN = re.compile(r"[あ-ん]|[a-z]+")
TEXT = st.text(st.sampled_from("ab あい。"), max_size=24)


def by_rule(text, words, letters):
    tokens = TOKEN.findall(text)
    wide = [token >= "あ" for token in tokens]
    found = [tuple(tokens[i : i + words]) for i in range(len(tokens) - words + 1) if not any(wide[i : i + words])]
    for i in range(len(tokens) - letters + 1):
        if 2 * sum(wide[i : i + letters]) >= letters:
            found.append(tuple(tokens[i : i + letters]))
    return found


@settings(deadline=None)  # the first call makes the table of characters
@given(st.lists(TEXT, max_size=5), st.integers(1, 5), st.integers(1, 7))
def test_runs_are_equal_where_their_tokens_are(texts, words, letters):
    found, at = runs(Folded(texts), words, letters)
    known = {}
    for number, text in enumerate(texts):
        own = found[at == number].tolist()
        expected = by_rule(text, words, letters)
        assert len(own) == len(expected)
        if words != letters:  # runs of the same length in words and letters are still told apart by what they hold
            for run, value in zip(expected, own, strict=True):
                assert known.setdefault(run, value) == value
    assert len(set(known.values())) == len(known)


@given(st.lists(TEXT, min_size=1, max_size=4), st.lists(TEXT, max_size=5))
def test_a_text_that_shares_a_run_is_found(tests, texts):
    index = RunIndex(Folded(tests), np.arange(1, len(tests) + 1, dtype=np.uint16), words=2, letters=3)
    first = {}
    for number, text in enumerate(tests, 1):
        for run in by_rule(text, 2, 3):
            first.setdefault(run, number)
    expected = [next((first[run] for run in by_rule(text, 2, 3) if run in first), 0) for text in texts]
    assert index.find(Folded(texts)).tolist() == expected


JA = "彼は昨日の夕方に新しい図書館の前で古い友人と偶然出会った"
EN = "He met an old friend by chance in front of the new library yesterday evening"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("…" + JA[:LETTERS] + "のだ。", True),
        (JA[1 : LETTERS - 2], False),
        ("Later " + " ".join(EN.split()[2 : 2 + WORDS]).upper() + ", too.", True),
        (" ".join(EN.split()[: WORDS - 1]), False),
        (JA[:10] + "、" + JA[10:], True),  # punctuation does not count
        (JA[:14] + "も" + JA[14:], False),  # 14 and 14 letters
    ],
)
def test_runs_of_the_usual_length(text, found):
    index = RunIndex(Folded([JA, EN]), np.array([1, 1], np.uint16))
    assert bool(index.find(Folded([text]))[0]) is found


def test_an_index_of_nothing_finds_nothing():
    index = RunIndex(Folded([]), np.zeros(0, np.uint16))
    assert index.find(Folded([JA, ""])).tolist() == [0, 0]
    assert RunIndex(Folded([JA]), np.ones(1, np.uint16)).find(Folded([])).tolist() == []
