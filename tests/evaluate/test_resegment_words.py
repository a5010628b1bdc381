"""The word programme against one written here in plain Python from its definition: the whole table, every place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.evaluate import resegment_words
from mt.evaluate.resegment_bags import tokens
from mt.evaluate.resegment_marks import Marks, join
from mt.evaluate.resegment_words import _Through, cut, cuts

words = st.lists(st.sampled_from(["a", "ab", "abc", "the", "that", "cat", ",", ".", "7", "71"]), min_size=1, max_size=9)
text = st.text(st.sampled_from("abcあ猫。.,! ?\"'AB7\u3000"), max_size=60)


def worth(one, other):
    if one == other:
        return 1.0
    if one[0].isalnum() != other[0].isalnum():
        return 0.0
    a, b = set(one), set(other)
    return (len(a & b) / len(a | b)) ** 2


def best(hyp, ref):
    """Worth of the best alignment in order, nothing for gaps (Needleman & Wunsch 1970)."""
    table = np.zeros((len(hyp) + 1, len(ref) + 1))
    for i in range(len(hyp)):
        for j in range(len(ref)):
            met = table[i, j] + worth(hyp[i], ref[j])
            table[i + 1, j + 1] = max(met, table[i, j + 1], table[i + 1, j])
    return table[-1, -1]


@given(words, words, st.data())
def test_every_place_is_worth_the_best_alignment_through_it(hyp, ref, data):
    ends = sorted(data.draw(st.sets(st.integers(0, len(ref)), min_size=1, max_size=3)))
    through = _Through(hyp, ref, np.array(ends, np.int64))
    for number, end in enumerate(ends):
        first, values = through.through(number)
        assert first == 0
        expected = [best(hyp[:p], ref[:end]) + best(hyp[p:], ref[end:]) for p in range(len(hyp) + 1)]
        assert values.tolist() == pytest.approx(expected, abs=1e-5)


@given(text, st.lists(text, min_size=1, max_size=4), st.sampled_from(["en", "ja"]))
def test_a_cut_moves_and_loses_nothing(line, segments, lang):
    parts = cut(line, segments, Marks(segments, lang))
    assert len(parts) == len(segments)
    assert "".join("".join(parts).split()) == "".join(line.split())
    places = cuts(line, segments, Marks(segments, lang))
    assert places == sorted(places)
    if lang == "en":  # words stay whole
        assert " ".join(" ".join(parts).split()) == " ".join(line.split())


def test_the_reference_itself_is_cut_where_its_segments_end():
    segments = [
        "On Monday it rained, and the river rose.",
        "Nobody came",
        "The bridge, old as it was, held.",
        "It rained.",
    ]
    assert cut(join(segments, "en"), segments, Marks(segments)) == tuple(segments)


def test_marks_decide_where_the_words_say_nothing():
    segments = ["He was glad. ", "They left at once."]
    marks = Marks([*segments, "She smiled.", "We waited."])
    assert cut("One felt happiness! Everyone went away immediately", segments, marks)[0] == "One felt happiness!"


def test_japanese_is_cut_between_characters():
    segments = ["猫がいる。", "犬もいる。"]
    assert cut("猫がいます。犬もいます。", segments, Marks(segments, "ja")) == ("猫がいます。", "犬もいます。")


def test_a_long_text_is_cut_in_a_band_as_in_the_whole_table(monkeypatch):
    rng = np.random.default_rng(1)
    lines = [" ".join(f"w{n}" for n in rng.integers(0, 400, 12)) + "." for _ in range(110)]
    # every tenth word is another one, every seventh segment has lost its first half
    changed = []
    for k, line in enumerate(lines):
        own = [word if (n + k) % 10 else "x" for n, word in enumerate(line.split())]
        changed.append(" ".join(own[6:] if k % 7 == 0 else own))
    marks = Marks(lines)
    joined = " ".join(changed)
    assert len(tokens(joined)) > 4 * 300
    narrow = cut(joined, lines, marks)
    monkeypatch.setattr(resegment_words, "_NARROW", 10_000)
    assert narrow == cut(joined, lines, marks)
    assert sum(a == b for a, b in zip(narrow, changed, strict=True)) >= 85


def test_empty_texts():
    assert cut("", ["a", "b"], Marks(["a", "b"])) == ("", "")
    assert cut("a b", ["", ""], Marks(["", ""])) in {("a b", ""), ("", "a b"), ("a", "b")}
    assert cut("a", ["x"], Marks(["x"])) == ("a",)
