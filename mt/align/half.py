"""A side made ready for scoring: vectors on the grid, lengths in common units, borders."""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain

import numpy as np
import numpy.typing as npt

from mt.align.anchors import Anchors
from mt.align.grid import SCALE, grid, whole
from mt.align.score import Fit, Half, deviations
from mt.align.side import Side

# Characters of English that a character becomes, by its kind: the fit of `mt/translate/limits.py` to 10,000 pairs of five corpora. What kind
# a character is matters more than how many there are: the standard deviation of the logarithm of the ratio falls from 0.40 to 0.28.
_KINDS: tuple[tuple[tuple[tuple[int, int], ...], float], ...] = (
    (((0x3041, 0x309F),), 1.23),  # hiragana
    (((0x30A0, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F)), 1.02),  # katakana
    (((0x3005, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)), 5.1),  # kanji
    (((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A), (0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A)), 0.63),
)
_OTHER = 1.85  # any other mark, blanks aside; rare kanji beyond the first plane count so too
_HAN = 3.2  # Chinese has no kana beside it: about 1.7 times as long as English
_HANGUL = 2.0
# How much the values to start from count, in pairs of sentences.
_PRIOR_PAIRS = 10
_BUCKETS = 128
# 2.6.1, 2014-09-19, 10:30, 1,000; words of three Latin letters or more
_LITERAL = re.compile(r"\d+(?:[.,:/-]\d+)*|[a-z][a-z0-9_]{2,}")
_LEVEL = 0.65  # median cosine of pairs in three corpora with the default encoder


def prepare(side: Side, vectors: Sequence[npt.ArrayLike], longest: int, soft: bool, alone: Iterable[int] = ()) -> Half:
    """A side with its vectors.

    Args:
        side: n sentences.
        vectors: `longest` arrays or more, of shape (n - k + 1, d).
        longest: most sentences of a run.
        soft: keep the paragraph borders.
        alone: numbers of sentences that must stay without a partner.

    Raises:
        ValueError: for arrays of another number or shape.
    """
    if len(vectors) < longest:
        raise ValueError(f"vectors: expected runs of 1 to {longest} sentences, found {len(vectors)} arrays")
    for k in range(1, longest + 1):
        shape = np.shape(vectors[k - 1])
        if len(shape) != 2 or shape[0] != max(0, len(side) - k + 1):
            raise ValueError(f"vectors of runs of {k}: expected {max(0, len(side) - k + 1)} rows, found shape {shape}")
    lengths = np.concatenate([[0.0], expected(side.sentences, side.lang)])
    borders = np.zeros(len(side) + 1, np.bool_)
    if soft and (firsts := side.first_of_paragraph()) is not None:
        borders[list(firsts)] = True
        borders[-1] = True
    single = np.zeros(len(side), np.bool_)
    single[list(alone)] = True
    nothing = np.zeros((len(side) + 1, 0), np.float32)
    return Half([grid(v) for v in vectors[:longest]], np.cumsum(lengths), borders, single, nothing)


def share(halves: tuple[Half, Half], sides: tuple[Side, Side]) -> tuple[Half, Half]:
    """The sides with what they write alike: numbers and words in Latin letters that stand on both.

    A word that stands n times in a document weighs 1/√n, so that what is everywhere says little. Words are hashed into `_BUCKETS` numbers, which
    seldom meet within one box.
    """
    found = [[_words(line) for line in _folded(side.sentences)] for side in sides]
    totals = [Counter(chain.from_iterable(words)) for words in found]
    weights = {w: round(64 / math.sqrt(max(n, totals[1][w]))) / 64 for w, n in totals[0].items() if w in totals[1]}
    if not any(weights.values()):
        return halves
    made = []
    for half, counts in zip(halves, found, strict=True):
        sums = np.zeros((len(half) + 1, _BUCKETS), np.float32)
        for i, words in enumerate(counts):
            for word in words & weights.keys():
                sums[i + 1, zlib.crc32(word.encode()) % _BUCKETS] += weights[word]
        made.append(replace(half, literals=np.cumsum(sums, axis=0)))
    return made[0], made[1]


def _folded(sentences: Sequence[str]) -> list[str]:
    """Sentences in one width and small."""
    return [s.lower() if s.isascii() else unicodedata.normalize("NFKC", s).lower() for s in sentences]


def _words(line: str) -> set[str]:
    return set(_LITERAL.findall(line))


def measure(src: Half, tgt: Half, found: Sequence[Anchors]) -> tuple[float, Fit]:
    """What two documents are like, from pairs that surely belong together.

    Medians, so that some wrong pairs do no harm, drawn towards what is usual elsewhere.

    Args:
        src: the source side.
        tgt: the target side.
        found: chains of anchors.

    Returns:
        Logarithm of the ratio of their lengths, target by source; and the rest.
    """
    places = np.array([p for a in found for p in zip(a.src.tolist(), a.tgt.tolist(), strict=True)], np.int64).reshape(
        -1, 2
    )
    if not len(places):
        return 0.0, Fit(_LEVEL, 1.0)
    # of pairs that are mutually nearest by chance only few form a chain, which then says nothing
    trust = max(0.0, 2 * len(places) / max(sum(a.mutual for a in found), 1) - 1)
    count = len(places) * trust
    # whole numbers below 2^24, exact in any order
    left, right = whole(src.windows[0][places[:, 0]]), whole(tgt.windows[0][places[:, 1]])
    products = np.einsum("ij,ij->i", left, right) / (SCALE * SCALE)
    level = (float(np.median(products)) * count + _LEVEL * _PRIOR_PAIRS) / (count + _PRIOR_PAIRS)
    one, two = np.diff(src.sums)[places[:, 0]] + 1, np.diff(tgt.sums)[places[:, 1]] + 1
    middle = float(np.median(np.log(two / one))) * count / (count + _PRIOR_PAIRS)
    # 1.4826: the standard deviation of a normal distribution for its median absolute deviation
    spread = 1.4826 * float(np.median(np.sqrt(deviations(one * math.exp(middle), two))))
    spread = math.sqrt((spread**2 * count + _PRIOR_PAIRS) / (count + _PRIOR_PAIRS))
    return middle, Fit(level, min(max(spread, 0.5), 2.0))


def scaled(half: Half, log_ratio: float) -> Half:
    """The side with its lengths multiplied by exp(log_ratio)."""
    return replace(half, sums=half.sums * math.exp(log_ratio))


def expected(sentences: Sequence[str], lang: str) -> npt.NDArray[np.float64]:
    """Characters of English, blanks aside, that sentences are expected to become; their own where nothing better is known.

    Example:
        >>> expected(["猫は 3匹", ""], "ja").round(2).tolist(), expected(["a cat"], "en").tolist()
        ([12.06, 0.0], [4.0])
    """
    code = lang.lower().replace("_", "-").split("-")[0]
    sizes = np.fromiter(map(len, sentences), np.int64, len(sentences))
    text = np.frombuffer("".join(sentences).encode("utf-32-le", "surrogatepass"), np.uint32)
    # hundredths, so that sums are exact
    chars = _table(code)[np.minimum(text, 0xFFFF)]
    sums = np.concatenate([[0], np.cumsum(chars)])
    ends = np.cumsum(sizes)
    return np.asarray((sums[ends] - sums[ends - sizes]) / 100)


@cache
def _table(code: str) -> npt.NDArray[np.int64]:
    """Hundredths of a character of English for each character of the first plane."""
    other = {"ja": _OTHER, "zh": _HAN, "yue": _HAN, "ko": _HANGUL}.get(code, 1.0)
    table = np.full(0x10000, round(other * 100), np.int64)
    if code == "ja":
        for ranges, chars in _KINDS:
            for first, last in ranges:
                table[first : last + 1] = round(chars * 100)
    table[[c for c in range(0x10000) if chr(c).isspace()]] = 0
    return table
