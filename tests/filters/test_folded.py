"""Folding by arrays is held against `overlap.plain`, character by character and on texts that hypothesis makes."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.block import Block
from mt.filters.folded import Folded, fold
from mt.filters.overlap import plain

# characters whose neighbours matter: marks that join, Hangul letters, half-width kana, ligatures, letters whose lower case is two
HARD = "かがハﾊﾞﾟ゙゚\u0301\u0327eéßẞİıſΣςﬁ㌔㎏½Ⅷ각\u1100\u1161\u11a8क्ष\u09c7\u09be𠮷😀𝐀_-… 　a1Ａ１ー々.,．，−－①‥"


def test_every_character_alone_folds_as_plain_does():
    """All of the first plane, and of the others letters of mathematics and some ideographs."""
    for first in (*range(0, 0x10000, 0x1000), 0x1D000, 0x20000):
        texts = [chr(code) for code in range(first, first + 0x1000)]
        folded = Folded(texts)
        wrong = [text for number, text in enumerate(texts) if folded.text(number) != plain(text)]
        assert wrong == []


@settings(deadline=None)  # the first call makes the table of characters
@given(st.lists(st.text(st.sampled_from(HARD) | st.characters(), max_size=12), max_size=6))
def test_texts_fold_as_plain_does(texts):
    folded = Folded(texts)
    assert [folded.text(number) for number in range(len(texts))] == [plain(text) for text in texts]
    assert len(folded.opens) == len(folded.letters)


@settings(deadline=None)  # the first call makes the table of characters
@given(st.lists(st.text(st.sampled_from("ab 1、猫_…𠮷"), max_size=12), max_size=5))
def test_words_open_after_what_is_no_letter(texts):
    """Counted here in the texts as they are: none of these characters is lost by folding, or comes apart, but those that are no letters."""
    folded = Folded(texts)
    for number, text in enumerate(texts):
        opens = [c.isalnum() and not before.isalnum() for before, c in pairwise("." + text)]
        expected = [opens[i] for i, c in enumerate(text) if c.isalnum()]
        assert folded.opens[folded.starts[number] : folded.starts[number + 1]].tolist() == expected


@settings(deadline=None)  # the first call makes the table of characters
@given(st.lists(st.text(st.sampled_from("abcd"), max_size=9), min_size=1, max_size=6))
def test_grams_are_equal_where_their_letters_are(texts):
    hashes, starts = Folded(texts).grams
    for number, text in enumerate(texts):
        expected = [text[i : i + 5] for i in range(len(text) - 4)] if len(text) >= 5 else [text] * bool(text)
        own = hashes[starts[number] : starts[number + 1]].tolist()
        assert len(own) == len(expected)
        known = dict(zip(expected, own, strict=True))
        assert [known[gram] for gram in expected] == own
        assert len(set(own)) == len(set(expected))


def test_grams_of_one_text_do_not_depend_on_its_neighbours():
    texts = ["abcdefgh", "", "ab", "猫は庭で遊んでいる", "abcde"]
    hashes, starts = Folded(texts).grams
    for number, text in enumerate(texts):
        alone, _ = Folded([text]).grams
        np.testing.assert_array_equal(hashes[starts[number] : starts[number + 1]], alone)


def test_a_block_is_folded_in_parts_of_rows():
    block = Block.of([(f"a:{n}", f"猫{n}", f"cat {n}") for n in range(1203)])
    parts = fold(block)
    assert [len(part) for part in parts] == [1000, 1000, 406]
    assert [parts[2].text(404), parts[2].text(405)] == ["猫1202", "cat1202"]
    assert fold(Block.of([])) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.5%", "3.5"), ("35%", "35"), ("3．5", "3.5"), ("1,5 l", "1,5l"), ("3. 5", "35"), ("a.5", "a5"), ("5.", "5"),
        ("-5", "−5"), ("−5", "−5"), ("(-5)", "−5"), ("x -5", "x−5"), ("は-5", "は−5"), ("é-5", "é5"), ("x-5", "x5"), ("5-3", "53"), ("5−3", "5−3"),
        ("①.５", "1.5"), ("--5", "−5"),
    ],
)  # fmt: skip
def test_signs_of_numbers_are_kept(text, expected):
    """By hand: points and commas between digits, a minus before one; hyphens go, as other marks do."""
    assert plain(text) == expected
    assert [Folded(["7", text, "8"]).text(number) for number in range(3)] == ["7", expected, "8"]
    assert Folded([text + "ﬁ"]).text(0) == expected + "fi"  # which is folded by itself


def test_a_number_with_its_signs_is_a_word():
    folded = Folded(["now 3.5 or -5"])
    assert [chr(c) for c in folded.letters[folded.opens]] == ["n", "3", "o", "−"]


@pytest.mark.parametrize("text", ["", "!?", "\ud800"])
def test_texts_without_letters_are_empty(text):
    folded = Folded([text, "a", text])
    assert folded.lengths.tolist() == [0, 1, 0]
    assert len(folded.grams[0]) == 1
