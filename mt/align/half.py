"""A side made ready for scoring: vectors on the grid, lengths in common units, borders."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mt.align.anchors import Anchors
from mt.align.grid import SCALE, grid
from mt.align.literals import literals
from mt.align.score import Fit, Half, deviations
from mt.align.side import Side

# Characters of English that a character becomes, by its kind: the fit of `mt/translate/limits.py` to 10,000 pairs of five corpora. What kind
# a character is matters more than how many there are: the standard deviation of the logarithm of the ratio falls from 0.40 to 0.28.
_KINDS = (
    (re.compile("[\u3041-\u309f]"), 1.23),  # hiragana
    (re.compile("[\u30a0-\u30ff\u31f0-\u31ff\uff66-\uff9f]"), 1.02),  # katakana
    (re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"), 5.1),  # kanji
    (re.compile("[0-9A-Za-z\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]"), 0.63),
)
_OTHER = 1.85  # any other mark, blanks aside
_HAN = 3.2  # Chinese has no kana beside it: about 1.7 times as long as English
_HANGUL = 2.0
# How much the values to start from count, in pairs of sentences.
_PRIOR_PAIRS = 10
_BUCKETS = 128
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
    lengths = np.array([0, *(expected(s, side.lang) for s in side.sentences)], np.float64)
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
    found = [[literals([s]) for s in side.sentences] for side in sides]
    totals = [Counter[str]() for _ in sides]
    for total, counts in zip(totals, found, strict=True):
        for count in counts:
            total.update(count.keys())
    weights = {w: round(64 / math.sqrt(max(n, totals[1][w]))) / 64 for w, n in totals[0].items() if totals[1][w]}
    if not any(weights.values()):
        return halves
    made = []
    for half, counts in zip(halves, found, strict=True):
        sums = np.zeros((len(half) + 1, _BUCKETS), np.float32)
        for i, count in enumerate(counts):
            for word in count:
                if weight := weights.get(word):
                    sums[i + 1, zlib.crc32(word.encode()) % _BUCKETS] += weight
        made.append(replace(half, literals=np.cumsum(sums, axis=0)))
    return made[0], made[1]


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
    products = np.einsum("ij,ij->i", src.windows[0][places[:, 0]], tgt.windows[0][places[:, 1]]) / (SCALE * SCALE)
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


def expected(sentence: str, lang: str) -> float:
    """Characters of English, blanks aside, that a sentence is expected to become; its own where nothing better is known.

    Example:
        >>> expected("猫は 3匹", "ja"), expected("a cat", "en")
        (12.06, 4.0)
    """
    code = lang.lower().replace("_", "-").split("-")[0]
    length = len("".join(sentence.split()))
    if code == "ja":
        counts = [(len(kind.findall(sentence)), chars) for kind, chars in _KINDS]
        found = sum(n * chars for n, chars in counts) + _OTHER * (length - sum(n for n, _ in counts))
        return round(found, 2)
    return round(length * {"zh": _HAN, "yue": _HAN, "ko": _HANGUL}.get(code, 1.0), 2)
