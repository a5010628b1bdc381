from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.text.features import translatable
from mt.text.normalize import normalize


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # Moses-style tables turn １ into a double quote (OPUS-MT-train#109); every date of a newspaper would be lost
        ("１２日", "12日"),
        ("１億１,１００万円", "1億1,100万円"),
        ("０１２３４５６７８９", "0123456789"),
        ("３．１４％！？：；（）", "3.14%!?:;()"),
        ("ﾃﾞｰﾀ㌔①", "データキロ1"),
        ("a\u3000b\u00a0c\td\r\ne", "a b c d e"),
        ("  猫  ", "猫"),
        ("「“引用”」", "「“引用”」"),  # curly quotes of Japanese text are what the starter was trained on
    ],
)
def test_full_width_characters_survive_as_what_they_mean(text, wanted):
    assert normalize(text) == wanted


def test_every_full_width_digit_is_that_digit():
    assert [normalize(chr(0xFF10 + n)) for n in range(10)] == [str(n) for n in range(10)]


def test_english_quotes_become_straight():
    assert normalize("“It’s ‘so’”", "en") == "\"It's 'so'\""


@given(st.text(), st.sampled_from(["ja", "en"]))
def test_twice_is_once(text, lang):
    once = normalize(text, lang)
    assert normalize(once, lang) == once


@given(st.text())
def test_the_result_is_nfkc_on_one_line(text):
    result = normalize(text)
    assert unicodedata.is_normalized("NFKC", result)
    assert result == " ".join(result.split())


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "2021",
        "３．５％",
        "※★☆",
        "😀",
        "・・・",
        "ーーー",
        "１２：３０",
        "***",
        "Ａ",
        "NATO",
        "é",
        "한국",
        "https://nato.int",
    ],
)
def test_nothing_to_translate(text):
    assert not translatable(text)


@pytest.mark.parametrize("text", ["猫", "12日", "ﾈｺ", "NATOは", "㐂", "々々の"])
def test_something_to_translate(text):
    assert translatable(text)
