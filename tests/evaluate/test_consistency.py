"""One name for one thing: documents made so that the answer can be read off."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

from mt.evaluate.accuracy import REFERENCE
from mt.evaluate.consistency import consistency
from mt.evaluate.testset import System, TestSet

SRC = ("メルケルが来た。", "雨が降った。", "メルケルは話した。", "メルケルが去った。", "メルケルは寝た。")
REF = ("Merkel came.", "Rain fell.", "Merkel talked.", "Merkel left.", "Merkel slept.")


def measured(hyp: tuple[str, ...], src: tuple[str, ...] = SRC, **changes):
    test = TestSet((REF,), src, ("d",) * len(src))
    return consistency(test, [System("A", hyp)], **changes)


def test_one_name_all_through_is_all_alike():
    people, a = measured(REF)
    assert (people.system, people.terms, people.alike, people.share, people.entropy) == (REFERENCE, 1, 1, 100.0, 0.0)
    assert a.uses == ()


def test_two_names_share_the_term_by_their_segments():
    _, a = measured(("Merkel came.", "Rain fell.", "Merkel talked.", "Mercer left.", "Mercer slept."))
    [use] = a.uses
    assert (use.term, use.document, use.segments) == ("メルケル", "d", (1, 3, 4, 5))
    assert sorted(use.renderings) == [("mercer", 2), ("merkel", 2)]
    assert (a.share, a.entropy, a.alike) == (50.0, 1.0, 0)


def test_segments_that_share_nothing_are_each_their_own():
    _, a = measured(("Merkel came.", "Rain fell.", "Merkel talked.", "She left.", "Mercer slept."))
    # shares ½, ¼, ¼: entropy ½·1 + ¼·2 + ¼·2 = 1.5 bits
    assert a.uses[0].renderings == (("merkel", 2), ("…", 1), ("…", 1))
    assert a.entropy == pytest.approx(0.5 * math.log2(2) + 2 * 0.25 * math.log2(4))


def test_words_of_the_segments_without_the_term_are_no_rendering():
    src = ("メルケルが来た。", "雨が降った。", "雪が降った。", "メルケルは話した。", "風だ。")
    _, a = measured(("He fell.", "Rain fell.", "Snow fell.", "She fell.", "Wind fell."), src)
    assert a.share == 50.0  # `fell` is everywhere, so nothing is shared


def test_endings_do_not_make_two_names():
    _, a = measured(("Merkel came.", "Rain fell.", "Merkel's talk.", "The Merkels left.", "merkel slept."))
    assert a.share == 100.0


def test_a_systems_terms_are_listed_where_people_chose_one_name():
    ref = ("Merkel came.", "Rain fell.", "She talked.", "Angela left.", "They slept.")
    test = TestSet((ref,), SRC, ("d",) * 5)
    people, a = consistency(test, [System("A", ref)])
    assert len(people.uses) == 1
    assert a.uses == ()
    assert a.share == people.share < 100


def test_terms_of_a_glossary_are_measured_too():
    src = ("猫が来た。", "雨が降った。", "猫は話した。", "犬だ。", "犬か。")
    assert measured(REF, src)[0].terms == 0
    people, a = measured(
        ("The cat came.", "Rain.", "The cat spoke.", "x", "y"), src, find=lambda s: ["猫"] if "猫" in s else []
    )
    assert (people.terms, a.share) == (1, 100.0)
    json.dumps(dataclasses.asdict(a))


def test_without_source_or_documents_nothing_can_be_told():
    assert consistency(TestSet((REF,), SRC), []) == ()
    assert consistency(TestSet((REF,), documents=("d",) * 5), []) == ()


def test_a_term_of_two_documents_is_two_terms_and_once_is_none():
    test = TestSet((REF,), SRC, ("d", "d", "d", "e", "e"))
    [people] = consistency(test, [])
    assert people.terms == 2
    test = TestSet((REF,), SRC, ("a", "b", "c", "d", "e"))
    [people] = consistency(test, [])
    assert (people.terms, people.share) == (0, None)


def test_a_word_of_many_documents_without_the_term_is_no_name():
    src, ref, docs = [], [], []
    for n in range(12):
        src += (
            ["メルケルが来た。", "メルケルは話した。", "雨だ。"]
            if n == 0
            else ["誰かが来た。", "誰かが話した。", "雨だ。"]
        )
        ref += ["People saw her.", "People heard her.", "Rain."]
        docs += [f"d{n}"] * 3
    [people] = consistency(TestSet((tuple(ref),), tuple(src), tuple(docs)), [])
    assert (people.terms, people.share) == (1, 50.0)
    # where the documents have the term, their having the word says nothing against it
    src = ["メルケルが来た。", "メルケルは話した。", "雨だ。"] * 12
    [people] = consistency(TestSet((tuple(ref),), tuple(src), tuple(docs)), [])
    assert (people.terms, people.share) == (12, 100.0)
