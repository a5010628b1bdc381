"""Properties of a string that rules use."""

from __future__ import annotations

import unicodedata

# Letters by category that carry no word of their own: a run of them is a rule or an ornament.
_MARKS = frozenset("ーｰゝゞヽヾ々〃")


def translatable(text: str) -> bool:
    """True where there is a word to translate: at least one letter of any script. Digits, symbols and emoji alone are not.

    Example:
        >>> translatable("猫"), translatable("Ａ"), translatable("※★ 2021 …"), translatable("ーーー"), translatable("")
        (True, True, False, False, False)
    """
    return any(unicodedata.category(c)[0] == "L" and c not in _MARKS for c in text)


def is_kana(char: str) -> bool:
    """True for hiragana, full-width katakana and the marks among them (ー, ・).

    Example:
        >>> is_kana("の"), is_kana("ア"), is_kana("ｱ"), is_kana("猫")
        (True, True, False, False)
    """
    return "\u3041" <= char <= "\u30ff"
