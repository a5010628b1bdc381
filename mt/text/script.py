"""Which language a text is in, as far as its script can tell."""

from __future__ import annotations

import re
from collections.abc import Iterable

# ranges by script, and the language that is meant where nothing else is known of a text in that script
_SCRIPTS = {
    "ja": re.compile("[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]"),  # kana
    "zh": re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"),
    "ko": re.compile("[\uac00-\ud7a3\u1100-\u11ff]"),
    "en": re.compile("[A-Za-z\u00c0-\u024f]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "th": re.compile("[\u0e01-\u0e5b]"),
    "hi": re.compile("[\u0900-\u097f]"),
}
# A Latin word says as much as about three characters of Japanese (the ratio of lengths is 1.9, and words in Latin script stand in both).
_WEIGHT = {"en": 1 / 3}
_SAMPLE = 20_000
_KANA = 0.05  # share of kana among kana and kanji from which they are Japanese; news has 0.5, lists of names 0.1
_FEW = 20  # kanji without any kana among so few are a Japanese heading as well as a Chinese one


def language(texts: Iterable[str]) -> str | None:
    """The language of a text by its script: Japanese is told from Chinese by its kana, whatever is in Latin letters is taken for English.

    Args:
        texts: sentences or lines; the first 20,000 characters are looked at.

    Returns:
        A code, or None for a text without any known letter.

    Example:
        >>> language(["猫がNATO本部にいる。"]), language(["There is a cat in 東京."]), language(["2021 …"])
        ('ja', 'en', None)
    """
    sample = ""
    for text in texts:
        sample += text
        if len(sample) > _SAMPLE:
            break
    counts = {code: len(pattern.findall(sample[:_SAMPLE])) for code, pattern in _SCRIPTS.items()}
    kana, han = counts["ja"], counts["zh"]
    japanese = kana > _KANA * (kana + han) or (0 < han <= _FEW)
    counts["ja"], counts["zh"] = (kana + han, 0) if japanese else (0, han)
    weighed = {code: count * _WEIGHT.get(code, 1) for code, count in counts.items()}
    best = max(weighed, key=lambda code: weighed[code])
    return best if counts[best] else None
