"""Terms of a glossary: which stands where, and what counts as its translation; answers read off the texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.errors import InputError
from mt.evaluate.glossary import Finder, Term, glossary, terms
from mt.evaluate.testset import System, TestSet


@pytest.mark.parametrize(
    ("glossed", "text", "found"),
    [
        (["東京", "東京都", "都庁"], "東京都庁", ["東京都"]),  # from left to right, the longest first, none twice
        (["庁", "東京"], "東京都庁", ["東京", "庁"]),
        (["リー"], "リーダーのリーは、リーさん", ["リー", "リー"]),
        (["NATO"], "natoとNATOとNATOS", ["NATO", "NATO"]),
        (["NATO"], "ＮＡＴＯ", ["NATO"]),  # full-width letters are the same letters
        (["猫"], "犬", []),
        (["猫"], "", []),
    ],
)
def test_terms_are_found_longest_first_and_not_within_other_words(glossed, text, found):
    finder = Finder(terms([(g, "x") for g in glossed]))
    assert [t.src for t in finder(text)] == found


@given(st.lists(st.text("東京都庁", min_size=1, max_size=3), min_size=1, max_size=5), st.text("東京都庁", max_size=20))
def test_terms_found_stand_in_the_text_one_behind_the_other(glossed, text):
    at = 0
    for term in Finder(terms([(g, "x") for g in glossed]))(text):
        at = text.index(term.src, at) + len(term.src)


@pytest.mark.parametrize(
    ("ways", "text", "hit"),
    [
        ("prime minister", "The Prime Minister spoke.", True),
        ("prime minister", "Two prime ministers.", True),
        ("prime minister", "the prime minister’s car", True),
        ("long-term loan", "A long term loan.", True),
        ("loan", "a loaned car", False),
        ("PM|premier", "The premier.", True),
        ("C++", "in C++.", True),
        ("loan", "", False),
    ],
)
def test_a_translation_may_be_spelled_otherwise_but_be_no_other_word(ways, text, hit):
    [_, score] = glossary(TestSet((("x",),), ("語",)), [System("A", (text,))], terms([("語", ways)]))
    assert (score.hits, score.wanted) == (int(hit), 1)


def test_each_time_a_term_stands_it_must_be_translated():
    test = TestSet((("cat cat", "cat"),), ("猫と猫", "猫"))
    people, a = glossary(test, [System("A", ("cat", "cat cat cat"))], terms([("猫", "cat")]))
    assert (people.hits, people.wanted, people.share) == (3, 3, 100.0)
    assert (a.hits, a.wanted, a.terms[0].misses) == (2, 3, (1,))
    assert a.low < a.share < a.high


def test_rows_of_one_term_are_its_translations():
    assert terms([(" 猫 ", "cat | kitty"), ("猫", "cat")]) == (Term("猫", ("cat", "kitty")),)


@pytest.mark.parametrize("rows", [[], [("猫", " ")], [("", "cat")], [("猫", "cat"), ("犬", "|")]])
def test_empty_sides_and_empty_glossaries_are_refused(rows):
    with pytest.raises(InputError, match=r"a\.tsv"):
        terms(rows, "a.tsv")


def test_without_a_source_there_are_no_terms():
    assert glossary(TestSet((("cat",),)), [System("A", ("cat",))], terms([("猫", "cat")])) == ()


def test_a_glossary_whose_terms_stand_nowhere_has_no_share():
    [people] = glossary(TestSet((("cat",),), ("犬",)), [], terms([("猫", "cat")]))
    assert (people.wanted, people.share, people.terms) == (0, None, ())
