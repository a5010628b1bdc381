"""How long a translation is: the length expected of a text, by the scripts it is written in, and how far real ones stray from it.

One ratio of lengths does not do for Japanese: a kanji stands for three or four English letters, a kana for one or two, and words in Latin letters
are as long in both languages. So the expected length is a weighted count, ln(real / expected) is nearly normal about 0, and short texts
stray further than long ones: variance = `floor`² + `short` / expected length (Gale and Church 1993 have the variance of a difference grow with
the length, which is the second term).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mt.filters.classes import Kind
from mt.filters.side import Side

Floats = NDArray[np.float64]
_HAN = (Kind.HAN, Kind.NUMERAL, Kind.CHINESE, Kind.JAPANESE)
_KATAKANA = (Kind.KATAKANA, Kind.LONG, Kind.HALF_KANA)
GROUPS = ("han", "hiragana", "katakana", "hangul", "other")
_CLOSE = 20  # characters
WIDE = ("ja", "zh", "ko")  # languages whose side is the weighted one


@dataclass(frozen=True, slots=True)
class LengthModel:
    """Expected lengths of one pair of languages.

    Attributes:
        weights: characters of the other side that a character of each of `GROUPS` stands for.
        floor: standard deviation of ln(real / expected) of very long texts.
        short: what is added to the variance, times the expected length.
    """

    weights: tuple[float, ...]
    floor: float
    short: float

    def expected(self, side: Side) -> Floats:
        """Length that the other side should have, in characters."""
        total = np.zeros(len(side))
        for weight, count in zip(self.weights, _groups(side), strict=True):
            total += weight * count
        return total

    def deviations(self, base: Side, other: Side) -> NDArray[np.float32]:
        """(ln real - ln expected) / standard deviation; positive where the other side is longer than expected; NaN where a side is empty.

        Within -3 and 3 where the lengths are less than 20 characters apart: 無理です is `No`, and 電話番号 `Phone`.

        Three decimals: what is behind them may depend on the machine's logarithm.
        """
        expected = self.expected(base)
        spread = np.sqrt(self.floor * self.floor + self.short / np.maximum(expected, 1.0))
        found = (np.log(np.maximum(other.length, 1)) - np.log(np.maximum(expected, 1.0))) / spread
        found = np.where(np.abs(other.length - expected) < _CLOSE, np.clip(found, -3, 3), found)
        found[(expected <= 0) | (other.length == 0)] = np.nan
        return np.round(found, 3).astype(np.float32)


# Fitted by `fit` to 22,000 pairs: 3,000 each (or all there are) of NTREX, PUD, Wikipedia on Kyoto, Tatoeba, Coursera, the Python and Vue
# documentation and Wesnoth.
MODELS: Mapping[frozenset[str], LengthModel] = {
    frozenset({"ja", "en"}): LengthModel((4.665, 1.492, 1.389, 2.12, 0.843), 0.1573, 1.738),
}


def oriented(src_lang: str, tgt_lang: str) -> bool:
    """True where the source is the weighted side: where it is Japanese, Chinese or Korean, or neither is."""
    return src_lang in WIDE or tgt_lang not in WIDE


def fit(src: Sequence[str], tgt: Sequence[str], src_lang: str, tgt_lang: str, *, rounds: int = 20) -> LengthModel:
    """The model of good pairs of two languages.

    Weights minimise Σ ρ(ln real - ln expected) by Gauss–Newton, ρ Huber's with its bend at 0.5, so that bad pairs among the good ones count
    little; a weight that few characters speak for stays near the overall ratio. The variance is fitted to squared residuals, those beyond
    three deviations left out.

    Args:
        src: sources, some hundreds at least.
        tgt: their translations.
        src_lang: code of the source language.
        tgt_lang: code of the target language.
        rounds: of Gauss–Newton.

    Raises:
        ValueError: for fewer than ten pairs with text on both sides.

    Example:
        >>> model = fit(["猫" * n for n in range(1, 40)], ["c" * 3 * n for n in range(1, 40)], "ja", "en")
        >>> round(model.weights[0], 2), model.floor
        (3.0, 0.05)
    """
    base, other = Side(src, src_lang), Side(tgt, tgt_lang)
    if not oriented(src_lang, tgt_lang):
        base, other = other, base
    counts = np.array(_groups(base), np.float64).T
    real = other.length.astype(np.float64)
    good = (counts.sum(axis=1) > 0) & (real > 0)
    if good.sum() < 10:
        raise ValueError(f"lengths: expected ten pairs or more, found {int(good.sum())}")
    counts, real = counts[good], real[good]
    ratio = float(np.exp(np.median(np.log(real) - np.log(counts.sum(axis=1)))))
    weights = np.full(len(GROUPS), ratio)
    for _ in range(rounds):
        expected = counts @ weights
        residual = np.log(real) - np.log(expected)
        # long texts say more than short ones about what a character stands for
        trust = np.minimum(1.0, 0.5 / np.maximum(np.abs(residual), 1e-9)) * np.minimum(expected, 100)
        slopes = counts / expected[:, None]
        system = (slopes * trust[:, None]).T @ slopes + 1e-3 * trust.sum() / len(GROUPS) * np.eye(
            len(GROUPS)
        ) / ratio**2
        pull = 1e-3 * trust.sum() / len(GROUPS) * (ratio - weights) / ratio**2
        weights = np.maximum(weights + np.linalg.solve(system, (slopes * trust[:, None]).T @ residual + pull), 0.1)
    floor, short = _variance(counts @ weights, real)
    return LengthModel(tuple(round(float(w), 3) for w in weights), floor, short)


def _variance(expected: Floats, real: Floats) -> tuple[float, float]:
    residual = np.log(real) - np.log(expected)
    kept = np.ones(len(real), bool)
    floor, short = 0.05, 0.01
    for _ in range(5):
        design = np.stack([np.ones(kept.sum()), 1 / expected[kept]], axis=1)
        # a squared residual strays in proportion to itself, so rows are weighed by the variance they should have
        scale = (floor**2 + short / expected[kept])[:, None]
        solution = np.linalg.lstsq(design / scale, (residual[kept] ** 2) / scale[:, 0], rcond=None)[0]
        floor, short = float(np.sqrt(max(solution[0], 0.05**2))), float(max(solution[1], 0.01))
        kept = residual**2 <= 9 * (floor**2 + short / expected)
    return round(floor, 4), round(short, 3)


def _groups(side: Side) -> list[NDArray[np.int64]]:
    han, hiragana = side.count(*_HAN), side.count(Kind.HIRAGANA)
    katakana, hangul = side.count(*_KATAKANA), side.count(Kind.HANGUL)
    return [han, hiragana, katakana, hangul, side.length - han - hiragana - katakana - hangul]
