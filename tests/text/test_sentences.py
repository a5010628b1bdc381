"""Sentence ends: golden files whose marks, stripped, are the input; and what holds for any text at all."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.documents.plain import document
from mt.text import en, ja
from mt.text.marks import quotations
from tests.conftest import ROOT

SPLITTERS = {"ja": ja.split, "en": en.split}


def goldens(lang):
    lines = (ROOT / "tests" / "goldens" / f"split.{lang}.txt").read_text("utf-8").splitlines()
    return [(lang, line) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(("lang", "line"), [*goldens("ja"), *goldens("en")])
def test_golden(lang, line):
    marked = line.replace("⏎", "\n")
    text = marked.replace("│", "")
    found = [text[a:b] for a, b in SPLITTERS[lang](text)]
    assert found == [part.strip() for part in marked.split("│")]


def test_the_goldens_are_many():
    assert len(goldens("ja")) >= 60
    assert len(goldens("en")) >= 40


alphabet = st.sampled_from(
    [*'猫犬がはとのも。！？｡．.…、「」『』（）()"“” \u3000\n・1３aZ', "です", "Mr", "U.S.", "と思う"]
)
texts = st.lists(alphabet, max_size=60).map("".join)


@given(texts, st.sampled_from(["ja", "en"]))
def test_every_character_is_kept_in_order(text, lang):
    spans = SPLITTERS[lang](text)
    last = 0
    for start, end in spans:
        assert last <= start < end
        assert text[last:start].strip() == ""
        assert text[start:end] == text[start:end].strip()
        last = end
    assert text[last:].strip() == ""


@given(st.text(), st.sampled_from(["ja", "en"]))
def test_any_unicode_is_kept(text, lang):
    spans = SPLITTERS[lang](text)
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())


@given(texts)
def test_no_japanese_sentence_begins_with_what_cannot_begin_one(text):
    for start, _ in ja.split(text)[1:]:
        line = text.rfind("\n", 0, start)
        if line < 0 or text[line:start].strip():
            assert text[start] not in "。｡、" or text[:start].rstrip()[-1] not in "。｡！？"


@given(
    st.lists(
        st.sampled_from(["猫がいる。", "本当？", "「寒い。」と言った。", "彼は３．５％増と述べた！", "U.S.の政策だ。"])
    )
)
def test_sentences_joined_are_found_again(sentences):
    text = "".join(sentences)
    assert [text[a:b] for a, b in ja.split(text)] == sentences


@pytest.mark.parametrize(
    "unit",
    [
        "「",
        "」",
        "。",
        "（",
        "((",
        '"',
        ".",
        "…",
        "「。",
        "。」",
        "「』",
        "\n",
        "　\n",
        "あ\n",
        "a.",
        "。 ",
        "！と",
        "1.",
        "http://",
        " ",
        " " * 99 + "一.а",
        " " * 99 + "x. a",
        "a@",
        "「" * 9 + "』",
    ],
)
@pytest.mark.parametrize("split", [ja.split, en.split, lambda t: document("d", "ja", t)], ids=["ja", "en", "document"])
def test_nasty_input_takes_linear_time(split, unit):
    # four times the text may take four times the time, and some; quadratic work would take sixteen times
    def seconds(n):
        text = unit * (n // len(unit)) + "x"
        best = float("inf")
        for _ in range(3):
            begin = time.process_time()
            split(text)
            best = min(best, time.process_time() - begin)
        return best

    small, large = seconds(10_000), seconds(40_000)
    assert large < 9 * small + 0.05


def test_a_quotation_over_the_budget_is_split():
    text = "「" + "長い話が続く。" * 10 + "」と彼は言った。"
    assert len(ja.split(text)) == 1
    assert len(ja.split(text, longest_quotation=30)) > 5


@given(st.text(st.sampled_from('「」『』（）()"あ。\n'), max_size=40), st.integers(0, 50))
def test_quotations_are_balanced_and_apart(text, longest):
    last = 0
    for start, end in quotations(text, longest):
        assert last <= start
        assert end - start <= longest
        assert (text[start], text[end - 1]) in {("「", "」"), ("『", "』"), ("（", "）"), ("(", ")"), ('"', '"')}
        last = end


def test_the_article_is_split_as_a_person_would():
    lines = (ROOT / "corpora" / "nato-demands" / "article.ja.txt").read_text("utf-8").split("\n")
    found = [[line[a:b] for a, b in ja.split(line)] for line in lines]
    assert [len(x) for x in found] == [
        1,
        1,
        1,
        2,
        2,
        1,
        1,
        2,
        1,
        1,
        3,
        1,
        2,
        1,
        1,
        2,
        2,
        2,
        2,
        2,
        1,
        1,
        1,
        2,
        2,
        1,
        1,
        1,
        1,
        1,
        1,
    ]
    assert found[1][0].endswith("求めている。 。")
    assert found[7][1] == "ウクライナなどのNATOのヨーロッパのパートナーと。」"
    assert found[15][1] == "ジョージア。"
