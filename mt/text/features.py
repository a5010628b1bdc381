"""Properties of a string that rules use."""

from __future__ import annotations

import re
import unicodedata

# Letters by category that carry no word of their own: a run of them is a rule or an ornament.
_MARKS = frozenset("ーｰゝゞヽヾ々〃")


# Kana, Han and what is written with them: hiragana, katakana (half-width too), CJK ideographs with their extensions and compatibility forms.
_JAPANESE = re.compile(
    "[\u3005-\u3007\u3041-\u3096\u309f\u30a1-\u30fa\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff6f\uff71-\uff9d\U00020000-\U0003ffff]"
)


def translatable(text: str, lang: str = "ja") -> bool:
    """True where there is something to translate: from Japanese a kana or a kanji, from other languages a letter of any script.

    Symbols, digits, emoji, URLs and names in Latin script alone are not: a model does not improve them.

    Example:
        >>> translatable("猫"), translatable("ﾈｺ"), translatable("NATO 2021 https://nato.int"), translatable("ーーー"), translatable("")
        (True, True, False, False, False)
        >>> translatable("NATO", "en"), translatable("※★ 2021 …", "en")
        (True, False)
    """
    if lang == "ja":
        return any(c not in _MARKS for c in _JAPANESE.findall(text))
    return any(unicodedata.category(c)[0] == "L" and c not in _MARKS for c in text)


def is_kana(char: str) -> bool:
    """True for hiragana, full-width katakana and the marks among them (ー, ・).

    Example:
        >>> is_kana("の"), is_kana("ア"), is_kana("ｱ"), is_kana("猫")
        (True, True, False, False)
    """
    return "\u3041" <= char <= "\u30ff"
