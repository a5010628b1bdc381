"""The report's first sentence and its notes: what the numbers say, and what they cannot."""

from __future__ import annotations

from collections.abc import Sequence

from mt.errors import plural
from mt.types import FAILURES, Hypothesis, Score

# chrF2 of published ja→en systems on WMT21 news (segments): opus-mt-ja-en 32.4, FuguMT 44.0, best submission 53.5.
_BANDS = (
    (25.0, "not usable as a translation"),
    (32.4, "fragments of the meaning at best, below opus-mt-ja-en"),
    (44.0, "the gist with many errors, between opus-mt-ja-en and FuguMT"),
    (53.5, "a draft to edit, between FuguMT and the best WMT21 systems"),
    (101.0, "on a level with the best WMT21 systems"),
)
FEW_UNITS = 100  # below it no verdict is taken from BLEU


def verdict(scores: Sequence[Score], units: int, unit: str) -> str:
    """One sentence, from chrF2 alone: of the three scores it agrees best with people on ja→en.

    Example:
        >>> from mt.signature import Signature
        >>> verdict([Score("chrF2", 12.34, 11.0, 13.5, Signature.of(n=31))], 31, "paragraph")
        'chrF2 12.3 (95 % interval 11.0 to 13.5) over 31 paragraphs: not usable as a translation.'
        >>> verdict([Score("chrF2", 46.1, None, None, Signature.of(n=31))], 31, "paragraph")
        'chrF2 46.1 over 31 paragraphs: read it beside the source; published figures are by sentence, which scores lower, so it has no rank.'
    """
    chrf = next((s for s in scores if s.name == "chrF2"), None)
    if chrf is None:
        return "No chrF was measured, so no verdict is given."
    said = next(words for limit, words in _BANDS if chrf.value < limit)
    if unit != "segment" and chrf.value >= _BANDS[0][0]:
        # the starter has 32 on WMT21 by sentence and 46 on an article by paragraph: a band of sentences would call it a good system
        said = "read it beside the source; published figures are by sentence, which scores lower, so it has no rank"
    interval = "" if chrf.low is None else f" (95 % interval {chrf.low:.1f} to {chrf.high:.1f})"
    return f"chrF2 {chrf.value:.1f}{interval} over {plural(units, unit)}: {said}."


def notes(scores: Sequence[Score], units: int, unit: str, hypotheses: Sequence[Hypothesis]) -> tuple[str, ...]:
    """What a reader must know before trusting the numbers."""
    said: list[str] = []
    if scores:
        if any(s.low is not None for s in scores):
            said.append(
                f"An interval says how far the score would move with other {unit}s of the same kind: 95 of 100 such samples fall inside. "
                "It says nothing about other texts, other references or what people think."
            )
        if units < FEW_UNITS:
            said.append(
                f"{plural(units, unit).capitalize()}: few. Intervals from so small a sample are wide and themselves uncertain, and below "
                f"{FEW_UNITS} units BLEU is shown for comparability only; no verdict is taken from it."
            )
        if unit == "segment":
            said.append(
                "The verdict's words place chrF2 among published systems on WMT21 news, scored by sentence; on other texts the same system may "
                "score quite differently."
            )
    if any(s.name == "TER" for s in scores):
        said.append(
            "TER is not computed over the document as one unit: its shifts take the better part of a minute on an article."
        )
    bad = sum(h.failed for h in hypotheses)
    if bad:
        kinds = ", ".join(sorted({flag for h in hypotheses for flag in h.flags if flag in FAILURES}))
        said.append(
            f"{plural(bad, 'sentence')} flagged as failed ({kinds}): delivered, marked, and left out of the pairs."
        )
    doubted = sum(bool(h.doubts) and not h.failed for h in hypotheses)
    if doubted:
        said.append(
            f"{plural(doubted, 'sentence')} flagged as doubtful by comparison with the source: to be looked at first."
        )
    return tuple(said)
