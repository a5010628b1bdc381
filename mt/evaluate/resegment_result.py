"""What re-segmentation hands back, and what each of its methods is known to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mt.errors import plural
from mt.evaluate.resegment_bags import tokens
from mt.signature import Signature

COVERED = 0.6  # share of the words that must be aligned for segments to be compared
Method = Literal["lines", "ids", "bead+soft", "soft", "document"]


@dataclass(frozen=True, slots=True)
class MethodError:
    """What a method changed where the truth is known.

    Attributes:
        bleu: score after it less the true score, in points of BLEU; of several systems the one furthest from 0.
        chrf: likewise of chrF2.
        exact: share of the segments that came out as they were, the lowest.
        systems: how many were measured.
        source: on what.
    """

    bleu: float
    chrf: float
    exact: float
    systems: int
    source: str


@dataclass(frozen=True, slots=True)
class Resegmented:
    """A system's words in the reference's segments.

    Attributes:
        name: of the system.
        hypotheses: one string a segment, or a document where `unit` says so; together every word of the input, in the order of the documents.
        unit: `segment` or `document`.
        documents: names of the documents where they are the unit, else None.
        method: the rung of the ladder.
        coverage: share of the words in beads that resemble each other, the lesser of both sides; 1 where nothing had to be aligned.
        words: of the hypothesis, as they are counted here.
        unaligned_hypothesis: words of sentences that belong to no segment; added to the segment before.
        unaligned_reference: words of segments that no sentence belongs to.
        empty: segments without any word.
        cut: ends of segments that were found within a sentence.
        beads: how often sentences and segments met as 1-1, 2-1 and so on.
        error: what the method is known to change; None where it changes nothing.
        signature: `seg:ref|align:bead+soft|cov:0.98`, to be joined to a score's.
        said: the same in one sentence.
    """

    name: str
    hypotheses: tuple[str, ...]
    unit: Literal["segment", "document"]
    documents: tuple[str, ...] | None
    method: Method
    coverage: float
    words: int
    unaligned_hypothesis: int
    unaligned_reference: int
    empty: int
    cut: int
    beads: tuple[tuple[str, int], ...]
    error: MethodError | None
    signature: Signature
    said: str


# scripts/bench_resegment.py: the largest change of a system, and the least share of segments that came out as they were; by whether documents are
# known. For the words alone all marks and capitals were removed too.
_NEWS = "newstest2021 ja-en, 1,005 segments, 16 systems"
KNOWN: dict[tuple[Method, bool], MethodError] = {
    ("bead+soft", True): MethodError(-0.23, -0.41, 0.914, 16, f"{_NEWS}, documents known"),
    ("bead+soft", False): MethodError(-0.35, -0.55, 0.902, 16, f"{_NEWS}, documents not known"),
    ("soft", True): MethodError(-0.47, -1.09, 0.327, 16, f"{_NEWS}, without marks and capitals"),
}


def result(
    name: str,
    hypotheses: Sequence[str],
    lang: str,
    method: Method,
    *,
    coverage: float = 1.0,
    unaligned: tuple[int, int] = (0, 0),
    known: bool = True,
    cuts: int = 0,
    beads: Mapping[str, int] | None = None,
    documents: Sequence[str] | None = None,
) -> Resegmented:
    """Puts the counts together and says them.

    Args:
        name: of the system.
        hypotheses: one string a unit.
        lang: of the text.
        method: the rung.
        coverage: 0 to 1.
        unaligned: words of the hypothesis and of the reference that belong to nothing.
        known: whether the documents of the lines are.
        cuts: ends of segments within sentences.
        beads: counts by kind.
        documents: names, where documents are the unit.
    """
    words = sum(len(tokens(text, lang)) for text in hypotheses)
    empty = sum(not text.strip() for text in hypotheses)
    signature = Signature.of(seg="doc" if method == "document" else "ref", align=method, cov=f"{coverage:.2f}")
    error = KNOWN.get((method, known))
    counted = tuple(sorted((beads or {}).items(), key=lambda pair: (-pair[1], pair[0])))
    said = _said(method, (words, empty), coverage, unaligned, error)
    return Resegmented(
        name,
        tuple(hypotheses),
        "document" if method == "document" else "segment",
        tuple(documents) if documents is not None else None,
        method,
        coverage,
        words,
        *unaligned,
        empty,
        cuts,
        counted,
        error,
        signature,
        said,
    )


def _said(
    method: Method, size: tuple[int, int], coverage: float, unaligned: tuple[int, int], error: MethodError | None
) -> str:
    words, empty = size
    if method == "lines":
        return "One line a segment, taken as it is."
    if method == "document":
        why = f"Only {100 * coverage:.0f} % of the words could be aligned, so whole" if coverage < COVERED else "Whole"
        return f"{why} documents are compared: their scores cannot be set beside scores of segments."
    nothing = f"{plural(empty, 'segment')} without text"
    if method == "ids":
        return f"Joined by ids: {nothing}."
    how = "sentence by sentence, and word by word within" if method == "bead+soft" else "word by word"
    said = (
        f"Aligned {how}: {100 * coverage:.0f} % of the words, {plural(unaligned[0], 'word')} of {words:,} without a segment, "
        f"{plural(unaligned[1], 'word')} of the reference without text, {nothing}."
    )
    if error is not None:
        said += (
            f" The method itself changed scores by up to {error.bleu:+.2f} BLEU and {error.chrf:+.2f} chrF2 where the true lines are known "
            f"({error.source})."
        )
    return said
