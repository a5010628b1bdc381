"""Rules of script and language: what a side is written in, and whether that is the language it should be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mt.filters import languages
from mt.filters.classes import SIGNS, Kind, signs
from mt.filters.filter import Numbers
from mt.filters.measures import Measures, share
from mt.filters.side import Ints, Side

_KANA = (Kind.HIRAGANA, Kind.KATAKANA, Kind.LONG, Kind.HALF_KANA)
_HAN = (Kind.HAN, Kind.NUMERAL, Kind.CHINESE, Kind.JAPANESE)
_LATIN = (Kind.LOWER, Kind.UPPER, Kind.LATIN, Kind.LEAD)
_OTHERS = (
    Kind.HANGUL,
    Kind.CYRILLIC,
    Kind.GREEK,
    Kind.HEBREW,
    Kind.ARABIC,
    Kind.DEVANAGARI,
    Kind.THAI,
    Kind.LETTER,
)
_SCRIPTS: dict[str, tuple[Kind, ...]] = {
    "ja": (*_KANA, *_HAN, Kind.LEAD_JA),
    "zh": (*_HAN, Kind.LEAD_JA),
    "yue": (*_HAN, Kind.LEAD_JA),
    "ko": (Kind.HANGUL, *_HAN),
    **dict.fromkeys(("ru", "uk", "be", "bg", "sr", "mk", "kk", "mn"), (Kind.CYRILLIC,)),
    "el": (Kind.GREEK,),
    **dict.fromkeys(("he", "yi"), (Kind.HEBREW,)),
    **dict.fromkeys(("ar", "fa", "ur", "ps"), (Kind.ARABIC,)),
    **dict.fromkeys(("hi", "mr", "ne"), (Kind.DEVANAGARI,)),
    "th": (Kind.THAI,),
    **dict.fromkeys(("ka", "hy", "am", "ta", "te", "bn", "my", "km", "lo"), (Kind.LETTER,)),
}
FEW_HAN, MANY_HAN = (
    6,
    60,
)  # ideographs: a shorter text may be in either language; a longer one without any kana is Chinese
_PARTICLES = "的是了我他也就"  # common in Chinese; two of them and no kana are no Japanese name


def scripts(lang: str) -> tuple[Kind, ...]:
    """Classes of the letters a language is written with; Latin ones for a language not known."""
    return _SCRIPTS.get(lang, _LATIN)


def own_script(m: Measures, side: Side) -> Numbers:
    """Share of the language's own letters among all letters, 0 to 1; NaN without letters."""
    return share(side.count(*scripts(side.lang)), side.letters)


def letters(m: Measures, side: Side) -> Numbers:
    """Share of letters of any script among characters that are no blanks, 0 to 1; NaN where there are none. A row of one sign (=====) is one."""
    return share(side.letters, side.inked - side.cached("rows of signs", _again))


def _again(side: Side) -> Ints:
    """Signs that stand behind the same sign."""
    codes, kinds = side.codes, side.kinds
    places = np.flatnonzero(codes[1:] == codes[:-1]) + 1  # few are left for the table
    return side.per_row(places[_SIGN[kinds[places]]])


_SIGN = np.zeros(256, bool)
_SIGN[[Kind.OTHER, Kind.BULLET, *signs(SIGNS)]] = True


def digits(m: Measures, side: Side) -> Numbers:
    """Share of digits among characters that are no blanks, 0 to 1; NaN where there are none."""
    return share(side.count(Kind.DIGIT), side.inked)


def capitals(m: Measures, side: Side) -> Numbers:
    """Share of capitals among the 26 Latin letters, 0 to 1; NaN below ten of them."""
    upper = side.count(Kind.UPPER)
    return share(upper, upper + side.count(Kind.LOWER), 10)


def language(m: Measures, side: Side) -> Numbers:
    """How surely a side is in its language, -1 to 1; NaN where nothing can be said."""
    if side.lang in ("ja", "zh", "yue", "ko"):
        return _east_asian(side)
    if scripts(side.lang) != _LATIN:
        return np.full(len(side), np.nan, np.float32)  # the share of its script says it all
    return languages.latin(side)


def _east_asian(side: Side) -> Numbers:
    kana, han, hangul = (
        side.count(Kind.HIRAGANA, Kind.KATAKANA, Kind.HALF_KANA),
        side.count(*_HAN),
        side.count(Kind.HANGUL),
    )
    chinese = _is_chinese(side, kana, han)
    foreign = side.count(*(k for k in _OTHERS if k != Kind.HANGUL))
    zero = np.zeros_like(han)
    if side.lang == "ja":
        own, other = kana + np.where(chinese, 0, han), foreign + hangul + np.where(chinese, han, 0)
    elif side.lang == "ko":
        own, other = hangul, foreign + kana + np.where(hangul > 0, zero, han)
    else:
        japanese = kana * 20 > kana + han
        own, other = np.where(japanese, 0, han), foreign + hangul + np.where(japanese, kana + han, 0)
    total = own + other
    found = (own - other).astype(np.float32) / np.maximum(total, 1).astype(np.float32)
    return np.where(total > 0, found, np.float32(np.nan))


def _is_chinese(side: Side, kana: Ints, han: Ints) -> NDArray[np.bool_]:
    """Ideographs with hardly a kana, among them some that Japanese does not write, or particles, or very many."""
    chinese = side.count(Kind.CHINESE)
    hardly = kana * 20 <= han
    found: NDArray[np.bool_] = hardly & (((chinese * 12 >= han) & (chinese > 0)) | ((han >= MANY_HAN) & (kana == 0)))
    for row, text in side.texts_of(~found & (kana == 0) & (han >= FEW_HAN)):
        found[row] = sum(map(text.count, _PARTICLES)) >= 2
    return found
