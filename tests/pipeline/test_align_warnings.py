"""Texts in the wrong language or in several: an alignment all the same, with a line that says what looks wrong, and a verdict where vectors tell."""

from __future__ import annotations

import pytest

from mt.pipeline.align_text import read_texts
from mt.pipeline.align_warnings import scripts, warnings

JA = ["猫が庭にいる。", "犬もいる。", "彼は長い本を静かに読んでいた。", "昨日は東京で雨が降った。"]
EN = ["A cat is in the garden.", "There is a dog too.", "He was quietly reading a long book.", "It rained in Tokyo."]
ZH = [
    "委员会昨天在北京通过了一项关于保护海洋环境的新决议，各国代表对此表示热烈欢迎。",
    "他们认为这项协议将为全球经济的长期发展带来重要机遇和新的挑战。",
]
KO = ["고양이가 정원에 있다.", "그는 조용히 긴 책을 읽고 있었다."]
ROMAJI = [
    "Neko ga niwa ni iru.",
    "Inu mo iru.",
    "Kare wa nagai hon o shizuka ni yonde ita.",
    "Kinou wa Tokyo de ame ga futta.",
]
DE = ["Die Börse schloss gestern im Minus.", "Das Parlament berät über den Haushalt.", "Der Zug hat Verspätung."]


def told(tmp_path, src, tgt, langs=(None, None)):
    for name, rows in (("a", src), ("b", tgt)):
        (tmp_path / name).write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    said = warnings(*read_texts((tmp_path / "a", tmp_path / "b"), langs, "lines"))
    return [line.replace(f"{tmp_path}/", "") for line in said]


def test_a_translation_and_its_source_need_no_warning(tmp_path):
    assert told(tmp_path, JA, EN) == []
    assert told(tmp_path, JA, EN, ("ja", "en")) == []
    assert told(tmp_path, ["東京都", "大阪府", "NATO"], ["Tokyo", "Osaka", "NATO"], ("ja", "en")) == []
    assert told(tmp_path, [*ZH, "北京。", "上海。"] * 3, EN, ("zh", "en")) == []
    assert told(tmp_path, JA, EN, ("zh", "en"))[0].startswith("a: taken for zh, but 100% kana or kanji")
    assert told(tmp_path, DE, EN, ("de", "en")) == []  # one script, both named
    assert told(tmp_path, [], EN, ("ja", "en")) == []


@pytest.mark.parametrize(
    ("src", "tgt", "langs", "said"),
    [
        (EN, EN, ("ja", "en"), "a: taken for ja, but 100% Latin letters: it may be in another language, or mix several"),
        (ROMAJI, EN, ("ja", "en"), "a: taken for ja, but 100% Latin letters: it may be in another language, or mix several"),
        (JA, KO, ("ja", "en"), "b: taken for en, but 100% hangul: it may be in another language, or mix several"),
        (ZH, EN, ("ja", "en"), "a: taken for ja, but 100% Chinese characters without kana: it may be in another language"),
        (ROMAJI, EN, (None, None), "a and b are both taken for en by their script; if one is in another language, name it"),
        (DE, EN, (None, "en"), "a and b are both taken for en by their script; if one is in another language, name it"),
    ],
    ids=["English for Japanese", "Japanese in Latin letters", "Korean for English", "Chinese for Japanese", "Latin unnamed", "German unnamed"],
)  # fmt: skip
def test_the_wrong_language_is_told(tmp_path, src, tgt, langs, said):
    [line] = told(tmp_path, src, tgt, langs)
    assert line.startswith(said)


def test_a_mixture_is_told_with_its_parts(tmp_path):
    [line] = told(tmp_path, [*JA, *ZH, *KO], EN, ("ja", "en"))
    # 40 of 130 characters Japanese, 69 Chinese, 30 Korean: counted from the texts above
    total = sum(map(len, JA + ZH + KO))
    assert f"{sum(map(len, ZH)) / total:.0%} Chinese characters without kana" in line
    assert f"{sum(map(len, KO)) / total:.0%} hangul" in line
    assert scripts([*JA, *KO]) == {"ja": sum(map(len, JA)), "ko": sum(map(len, KO))}


def test_the_command_aligns_and_tells(mt, tmp_path):
    for name, rows in (("ja", JA), ("mixed", [*ZH, *KO, *JA]), ("romaji", ROMAJI), ("de", DE * 4)):
        (tmp_path / name).write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    mixed = mt("align", "mixed", "ja", "-o", "m.jsonl", "--src-lang", "en", "--method", "embed", cwd=tmp_path)
    assert mixed.code == 0, mixed.err
    assert "mixed: taken for en, but" in mixed.err
    assert len((tmp_path / "m.jsonl").read_text(encoding="utf-8").splitlines()) >= 8
    # the wrong document altogether: told by its verdict
    wrong = mt("align", "ja", "de", "-o", "w.tsv", "--method", "embed", "--strict", cwd=tmp_path)
    assert wrong.code == 3, wrong.err
    assert "ja and de are not translations of each other (probability 0." in wrong.err
    romaji = mt("align", "romaji", "de", "-o", "r.tsv", "--report", "r.json", "--src-lang", "ja", cwd=tmp_path)
    assert romaji.code == 0, romaji.err
    assert "romaji: taken for ja, but 100% Latin letters" in romaji.err
    assert "Latin letters" in (tmp_path / "r.json").read_text(encoding="utf-8")
