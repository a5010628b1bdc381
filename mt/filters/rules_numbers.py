"""The rule of numbers: what is said in digits on one side has to be said on the other.

Numbers of a Japanese and an English text are parsed by `mt.text.numbers`, which knows 3万5千, eras, months and what is rounded, and takes a tenth
of a millisecond a pair. So it is asked only where simpler means do not settle the matter: the same digits on both sides agree, and so do a small
number and its English word, a month and its name, 370万 and 3.7 million, the year of an era beside the year itself. Simpler means find
agreement only; what differs has been parsed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mt.filters.classes import Kind, signs
from mt.filters.filter import Numbers
from mt.filters.measures import Measures
from mt.filters.side import Ints, Side
from mt.text.numbers import LANGS, Number, match
from mt.text.numbers import numbers as parse

_LONGEST = 600  # characters; longer texts are no sentences, and what is in them cannot be matched number by number
_RUN = re.compile(r"\d+(?:[.,]\d+)*", re.ASCII)
_FREE = re.compile(r"(?<![A-Za-z\d])\d+(?:[.,]\d+)*", re.ASCII)
_MONTH = re.compile(r"(\d{1,2})月", re.ASCII)
_MOON = re.compile(r"\d{1,2}[月日]", re.ASCII)
_LAST_MOON = 1873  # dates of years before were by the moon, and translators convert them
_ERA = re.compile(r"[\u4e00-\u9fff)] ?(\d{1,2})年", re.ASCII)
_SCALED = re.compile(r"(\d+(?:\.\d+)?)(?: (thousand|million|billion|trillion)|([千万億兆]))(?!\d)")
_SCALES = {
    "thousand": 3, "million": 6, "billion": 9, "trillion": 12,
    "千": 3, "万": 4, "億": 8, "兆": 12,
}  # fmt: skip
_MIXED = re.compile(r"(\d+)万(\d+)(千)?", re.ASCII)
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}  # first year less one
_MODERN = re.compile(rf"({'|'.join(_ERAS)})(\d{{1,2}})年", re.ASCII)
_DAY = re.compile(r"(?i:\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (\d{1,2})\b)", re.ASCII)
_KANJI = re.compile("[一二三四五六七八九十]+")
_KANJI_DIGITS = {char: value for value, char in enumerate("一二三四五六七八九", 1)}
_WORD = re.compile("[a-z]+")
_BASE = re.compile(r"(?:10|16|2|8) ?進", re.ASCII)
_BASED = re.compile(r"decimal|\bhex|binary|\boctal|\bbits?\b", re.IGNORECASE)
_SPACED = re.compile(r"(?<=\d) \. (?=\d)", re.ASCII)
_FULL = str.maketrans("０１２３４５６７８９，．", "0123456789,.")

_MONTHS = dict(zip(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"), range(1, 13), strict=True))
_ONES = (
    "zero no none", "one a an first once single", "two second secondly twice both double pair couple half", "three third triple thrice",
    "four fourth quarter", "five fifth", "six sixth", "seven seventh", "eight eighth", "nine ninth", "ten tenth", "eleven eleventh",
    "twelve twelfth dozen", "thirteen thirteenth", "fourteen fourteenth", "fifteen fifteenth", "sixteen sixteenth", "seventeen seventeenth",
    "eighteen eighteenth", "nineteen nineteenth",
)  # fmt: skip
_SMALL = {word: value for value, words in enumerate(_ONES) for word in words.split()}
_TENS = {
    f"{stem}{end}": 10 * value
    for value, stem in enumerate(("twent", "thirt", "fort", "fift", "sixt", "sevent", "eight", "ninet"), 2)
    for end in ("y", "ieth")
}


def numbers(m: Measures) -> Numbers:
    """How many numbers of one side are missing on the other, both ways; NaN where no side has a digit, and for texts over 600 characters.

    For languages other than Japanese and English, runs of digits are compared.
    """
    found = np.full(len(m), np.nan, np.float32)
    some = (m.src.count(Kind.DIGIT) + m.tgt.count(Kind.DIGIT)) > 0
    some &= (m.src.length <= _LONGEST) & (m.tgt.length <= _LONGEST)
    same = some & (m.src.cached("digits", _digits) == m.tgt.cached("digits", _digits))
    found[same] = 0
    rows = np.flatnonzero(some & ~same).tolist()
    src, tgt = (s.cached("narrow", _narrow) for s in m.sides)
    found[rows] = [differing(src[row], tgt[row], m.src_lang, m.tgt_lang) for row in rows]
    return found


def digit_runs(side: Side) -> tuple[Ints, Ints, NDArray[np.uint64]]:
    """Runs of digits: where each begins in `codes`, where it ends, and a number for its digits, the same for either width."""
    codes = side.codes
    places = np.flatnonzero(side.kinds == Kind.DIGIT)  # few are left to compare with their neighbours
    parted = np.diff(places, prepend=-2, append=len(codes) + 1) > 1
    starts, ends = places[parted[:-1]], places[parted[1:]] + 1
    mixed = np.zeros(len(starts), np.uint64)
    longest = int((ends - starts).max(initial=0))
    inside = np.arange(len(starts))
    for offset in range(longest):
        inside = inside[(starts + offset < ends)[inside]]
        # the last four bits are a digit's value, of either width
        digit = (codes[starts[inside] + offset] & 15).astype(np.uint64) + np.uint64(1)
        mixed[inside] = (mixed[inside] ^ digit) * _FACTOR
        mixed[inside] ^= mixed[inside] >> np.uint64(31)
    return starts, ends, mixed


def _digits(side: Side) -> NDArray[np.uint64]:
    """One number for the runs of digits of a row, whatever their order: rows with the same runs have the same."""
    starts, ends, mixed = side.cached("digit runs", digit_runs)
    # 1.5 and 2 are not 1 and 2.5: what is joined by a point is mixed with what stands before the point
    joined = np.flatnonzero((starts[1:] == ends[:-1] + 1) & _POINT[side.kinds[ends[:-1]]]) + 1
    whole = mixed.copy()
    whole[joined] ^= mixed[joined - 1] * _FACTOR
    total = np.zeros(len(side), np.uint64)
    np.add.at(total, side.row[starts], whole)
    return total


_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_POINT = np.zeros(256, bool)
_POINT[signs(".,")] = True


def _narrow(side: Side) -> Sequence[str]:
    """The texts, digits of full width made narrow."""
    rows = side.cached("wide", wide).tolist()
    if not rows:
        return side.texts
    texts = list(side.texts)
    for row in rows:
        texts[row] = texts[row].translate(_FULL)
    return texts


def wide(side: Side) -> Ints:
    """Rows with a letter or digit of full width."""
    places = np.flatnonzero(side.codes >= ord("０"))
    return np.unique(side.row[places[side.codes[places] <= ord("ｚ")]])


def differing(src: str, tgt: str, src_lang: str, tgt_lang: str) -> int:
    """Numbers of one text that the other has not, both ways; digits are narrow ones.

    Example:
        >>> differing("5月3日に370万人", "3.7 million people on May 3", "ja", "en"), differing("3匹の猫", "four cats", "ja", "en")
        (0, 1)
    """
    if " . " in src or " . " in tgt:  # texts cut into words: 2 . 5
        src, tgt = _SPACED.sub(".", src), _SPACED.sub(".", tgt)
    if src_lang == "ja" and "進" in src:
        src = _named(src, tgt)
    if tgt_lang == "ja" and "進" in tgt:
        tgt = _named(tgt, src)
    left, right = _runs(src), _runs(tgt)
    missing, extra = left - right, right - left
    if not missing and not extra:
        return 0
    if src_lang not in LANGS or tgt_lang not in LANGS:
        return len(missing) + len(extra)
    if _explained_either(missing, extra, (src, tgt), (left, right), (src_lang, tgt_lang)):
        return 0
    # i32, h8 and \u30bb are names; 5km is none
    free = missing & _runs(src, _FREE), extra & _runs(tgt, _FREE)
    if free != (missing, extra) and _explained_either(*free, (src, tgt), (left, right), (src_lang, tgt_lang)):
        return 0
    found = match(_parsed(src, src_lang), _parsed(tgt, tgt_lang))
    return len(found.missing) + len(found.extra)


def _explained_either(
    missing: set[str], extra: set[str], texts: tuple[str, str], runs: tuple[set[str], set[str]], langs: tuple[str, str]
) -> bool:
    """`_explained`, whichever side is Japanese; each argument but the first two has one for the source and one for the target."""
    if langs == ("ja", "en"):
        return _explained(missing, extra, *texts, runs[1])
    return langs == ("en", "ja") and _explained(extra, missing, texts[1], texts[0], runs[0])


def _named(ja: str, other: str) -> str:
    """16進 and its kin without their number, where the other side has a word for it: hexadecimal."""
    return _BASE.sub("進", ja) if _BASED.search(other) else ja


@lru_cache(maxsize=4096)
def _parsed(text: str, lang: str) -> tuple[Number, ...]:
    """Numbers of a text; kept, since corpora have several translations of a sentence close together."""
    return parse(text, lang)


def _runs(text: str, kind: re.Pattern[str] = _RUN) -> set[str]:
    return {run.replace(",", "").lstrip("0") or "0" for run in kind.findall(text)}


def _explained(missing: set[str], extra: set[str], ja: str, en: str, runs: set[str]) -> bool:
    """Whether all that differs is said in other ways: `missing` are digits of the Japanese only, `extra` of the English only."""
    missing, extra = set(missing), set(extra)
    missing.discard("1")  # 1つ is `a`
    if "万" in ja or "億" in ja or "千" in ja or "兆" in ja:
        _explain_scales(missing, extra, ja, en)
    if "年" in ja or "月" in ja:
        _explain_dates(missing, extra, ja, en, runs)
    if extra and max(map(len, extra)) <= 2:
        extra -= _kanji(ja)
    return not extra and (not missing or missing <= _words(en))


def _explain_scales(missing: set[str], extra: set[str], ja: str, en: str) -> None:
    """Leave out 370万 beside 3.7 million and 63万4千 beside 634,000."""
    for thousands, rest, thousand in _MIXED.findall(ja.replace(",", "")):
        value = str(10_000 * int(thousands) + int(rest) * (1000 if thousand else 1))
        if value in extra:
            extra.discard(value)
            missing -= {thousands, rest}
    scaled = _scaled(ja)
    for number, value in _scaled(en).items() | {(run, run) for run in extra}:
        for other, same in scaled.items():
            if value == same:
                missing.discard(other)
                extra.discard(number)


def _explain_dates(missing: set[str], extra: set[str], ja: str, en: str, runs: set[str]) -> None:
    """Leave out months beside their names, years of eras beside years, and dates by the moon."""
    for era, year in _MODERN.findall(ja):
        value = str(_ERAS[era] + int(year))
        if value in extra or value in runs:
            extra.discard(value)
            missing.discard(year.lstrip("0"))
    years = [int(run) for run in runs | extra if 3 <= len(run) <= 4 and run.isdigit()]
    old = set(_ERA.findall(ja))
    if years and old:
        missing -= {one.lstrip("0") for one in old}
        extra -= {run for run in extra if len(run) in (3, 4) and run.isdigit() and 645 <= int(run) <= 1912}
    moon = min(years, default=_LAST_MOON) < _LAST_MOON
    if moon:
        missing -= {one[:-1].lstrip("0") for one in _MOON.findall(ja)}
        if extra:
            extra -= set(_DAY.findall(en))
    elif missing and "月" in ja:
        named = {str(_MONTHS[word[:3]]) for word in _WORD.findall(en.lower()) if word[:3] in _MONTHS}
        missing -= named & {one.lstrip("0") for one in _MONTH.findall(ja)}


def _scaled(text: str) -> dict[str, str]:
    """Digits before a scale word → what both say, in digits."""
    found = {}
    for digits, word, kanji in _SCALED.findall(text.replace(",", "")):
        whole, _, part = digits.partition(".")
        places = _SCALES[word or kanji]
        if len(part) <= places:
            found[digits.lstrip("0") or "0"] = (whole + part).lstrip("0") + "0" * (places - len(part))
    return found


def _kanji(text: str) -> set[str]:
    """Values below a hundred of numerals in kanji."""
    found = set()
    for run in _KANJI.findall(text):
        head, ten, tail = run.partition("十")
        if len(head) <= 1 and len(tail) <= 1:
            found.add(str(10 * _KANJI_DIGITS.get(head, 1) * bool(ten) + _KANJI_DIGITS.get(tail if ten else head, 0)))
    return found


def _words(text: str) -> set[str]:
    """Values below a hundred of English words."""
    words = _WORD.findall(text.lower())
    found = {str(_SMALL[word]) for word in words if word in _SMALL}
    for word, after in pairwise([*words, ""]):
        if word in _TENS:
            found.add(str(_TENS[word] + (one if (one := _SMALL.get(after, 0)) < 10 else 0)))
    return found
