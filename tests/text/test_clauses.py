from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.text.clauses import parts


def cut(text, limit, length=len):
    return [text[a:b] for a, b in parts(text, length, limit)]


def test_what_fits_is_not_cut():
    assert cut("猫がいる。", 5) == ["猫がいる。"]


@pytest.mark.parametrize(
    ("text", "limit", "wanted"),
    [
        ("雨が降ったので、試合は中止になった。", 12, ["雨が降ったので、", "試合は中止になった。"]),
        ("彼は帰った；彼女は残った。", 8, ["彼は帰った；", "彼女は残った。"]),
        ("It rained all day, but the match went on.", 25, ["It rained all day, ", "but the match went on."]),
        ("一二三四五六七八", 4, ["一二三四", "五六七八"]),
        ("1,000,000,000", 8, ["1,000,", "000,000"]),
    ],
)
def test_the_better_place_wins(text, limit, wanted):
    if text[0] == "1":
        # a comma between digits is no clause mark, so only the last resort is left: the middle
        assert [len(x) for x in cut(text, limit)] == [6, 7]
    else:
        assert cut(text, limit) == wanted


@given(st.text(st.sampled_from("あ猫、。；「」が aB1\n"), max_size=120), st.integers(1, 30))
def test_the_parts_are_the_sentence_and_fit(text, limit):
    found = cut(text, limit)
    assert "".join(found) == text
    assert all(len(part) <= limit for part in found)


def test_length_is_asked_a_few_times_a_part():
    asked = []

    def length(part):
        asked.append(part)
        return len(part)

    found = parts("あいうえお、" * 1000, length, 30)
    assert len(asked) < 3 * len(found)


def test_a_limit_nothing_fits_is_an_error():
    with pytest.raises(ValueError, match="room for a single character"):
        parts("猫", lambda _: 9, 8)


def test_parts_are_of_similar_length():
    sizes = [len(x) for x in cut("猫がいて、" * 40, 50)]
    assert min(sizes) > 0.4 * max(sizes)


def test_a_decimal_point_is_no_clause_mark():
    assert not any(part.endswith("3.") for part in cut("円周率は3.14159で自然対数の底は2.71828だという。", 9))


def test_a_letter_keeps_its_marks():
    # written as base letter and combining sound mark
    assert all(part[0] != "\u3099" for part in cut("か\u3099" * 40, 7))
    assert cut("👨‍👩‍👧" * 3, 6) == ["👨‍👩‍👧"] * 3


@given(st.text(max_size=200), st.integers(2, 20))
def test_any_length_that_grows_is_kept_to(text, limit):
    def length(part):  # roughly additive, as pieces are: one for the beginning, one for every two characters
        return 1 + len(part) // 2

    spans = parts(text, length, limit)
    assert "".join(text[a:b] for a, b in spans) == text
    assert all(length(text[a:b]) <= limit for a, b in spans)


def test_a_letter_of_marks_only_ends_soon():
    asked = []
    parts("e" + "\u0301" * 20_000, lambda part: asked.append(1) or len(part), 10)
    assert len(asked) < 8 * 20_000 / 10
