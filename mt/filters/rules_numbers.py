"""The rule of numbers: what is said in digits on one side has to be said on the other.

Numbers of a Japanese and an English text are parsed by `mt.text.numbers`, which knows 3万5千, eras, months and what is rounded, and takes a tenth
of a millisecond a pair. So it is asked only where simpler means do not settle the matter: the same digits on both sides agree, and so do a small
number and its English word, and a month and its name.
"""

from __future__ import annotations

import re

import numpy as np

from mt.filters.classes import Kind
from mt.filters.filter import Numbers
from mt.filters.measures import Measures
from mt.text.numbers import LANGS, compare

_RUN = re.compile(r"\d+(?:[.,]\d+)*", re.ASCII)
_MONTH = re.compile(r"(\d{1,2})月", re.ASCII)
_MONTHS = dict(zip(re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec"), map(str, range(1, 13)), strict=True))
_SMALL = {
    word: str(number)
    for number, words in enumerate(
        (
            "zero no none",
            "one a an first once single",
            "two second secondly twice both double pair couple half",
            "three third triple thrice",
            "four fourth quarter",
            "five fifth",
            "six sixth",
            "seven seventh",
            "eight eighth",
            "nine ninth",
            "ten tenth",
            "eleven eleventh",
            "twelve twelfth dozen",
        )
    )
    for word in words.split()
}
_WORD = re.compile(r"[a-z]+")
_FULL = str.maketrans("０１２３４５６７８９", "0123456789")


def numbers(m: Measures) -> Numbers:
    """How many numbers of one side are missing on the other, both ways; NaN where no side has a digit, or a pair of numerals (三百).

    For languages other than Japanese and English, runs of digits are compared.
    """
    found = np.full(len(m), np.nan, np.float32)
    src, tgt = m.src.count(Kind.DIGIT), m.tgt.count(Kind.DIGIT)
    read = m.src_lang in LANGS and m.tgt_lang in LANGS
    for row in np.flatnonzero((src > 0) | (tgt > 0)).tolist():
        found[row] = _differing(m.src.texts[row], m.tgt.texts[row], m.src_lang, m.tgt_lang, read)
    return found


def _differing(src: str, tgt: str, src_lang: str, tgt_lang: str, read: bool) -> int:
    left, right = _runs(src), _runs(tgt)
    missing, extra = left - right, right - left
    if not missing and not extra:
        return 0
    if not read:
        return len(missing) + len(extra)
    if src_lang != tgt_lang and _words_explain(
        *((missing, extra, src, tgt) if src_lang == "ja" else (extra, missing, tgt, src))
    ):
        return 0
    found = compare(src, tgt, src_lang, tgt_lang)
    return len(found.missing) + len(found.extra)


def _runs(text: str) -> set[str]:
    return {run.replace(",", "").lstrip("0") or "0" for run in _RUN.findall(text.translate(_FULL))}


def _words_explain(missing: set[str], extra: set[str], ja: str, en: str) -> bool:
    """Whether each digit run of the Japanese that the English has not is there as a word, and the English has no other."""
    if extra or any(len(one) > 2 for one in missing):
        return False
    months = set(_MONTH.findall(ja))
    words = _WORD.findall(en.lower())
    said = {_SMALL[word] for word in words if word in _SMALL}
    if months:
        named = {_MONTHS[word[:3]] for word in words if word[:3] in _MONTHS}
        said |= named & {one.lstrip("0") for one in months}
    return missing <= said
