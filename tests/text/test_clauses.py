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
