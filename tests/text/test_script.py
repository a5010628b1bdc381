"""Languages by script: each line is what a person would say."""

from __future__ import annotations

import pytest

from mt.text.script import language


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ロシアは要求草案を公表した。", "ja"),
        ("東京都", "ja"),  # a heading in kanji alone: this program is for Japanese
        ("俄罗斯公布了安全要求草案，要求北约拒绝乌克兰和其他前苏联国家加入，并缩减军事部署。", "zh"),
        ("ﾈｺｶﾞｲﾙ", "ja"),
        ("IBMとNTTとKDDIとNECは、AIとIoTの研究所を設立した。", "ja"),
        ("The word 猫 means cat.", "en"),
        ("Der Bär heißt Örjan.", "en"),  # whatever is in Latin letters
        ("Кошка сидит на окне.", "ru"),
        ("고양이가 있다.", "ko"),
        ("القط هنا", "ar"),
        ("แมวอยู่ที่นี่", "th"),
        ("2021 … ※ 😀", None),
        ("", None),
    ],
)
def test_language(text, code):
    assert language([text]) == code
