"""What texts look like from outside: how long against the reference, how much is said again, how many different words.

Measures of form, not of quality; but a system that loops, breaks off or has few words shows here before any score does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mt.evaluate.accuracy import REFERENCE
from mt.evaluate.testset import System, TestSet
from mt.text import tokens

SHORT, LONG = 0.5, 2.0  # of the reference's length
LOOP = 3  # times in a row that a word or a stretch of words makes a loop
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SHOWN = 10
_STRETCH = 12  # words of the longest stretch looked for


@dataclass(frozen=True, slots=True)
class Profile:
    """Form of one system's text; `(reference)` is the first reference.

    Attributes:
        system: its name.
        words: words and marks in all.
        words_a_segment: mean.
        different: different words, case apart.
        per_thousand: different words a thousand, mean over stretches of a thousand words; None for a shorter text.
        ratios: characters of each segment against the reference's: quantiles 5, 25, 50, 75, 95 %.
        short: segments below half of the reference's length.
        long: segments above twice.
        short_segments: the first of them, from 1.
        long_segments: the first of them, from 1.
        loops: segments in which a word or stretch of words stands three times in a row.
        loop_segments: the first of them, from 1.
        repeated: 4-grams of words that stood earlier in the same segment, a thousand.
        same: segments whose text another segment with another source (without sources: another reference) has too.
    """

    system: str
    words: int
    words_a_segment: float
    different: int
    per_thousand: float | None
    ratios: tuple[float, ...]
    short: int
    long: int
    short_segments: tuple[int, ...]
    long_segments: tuple[int, ...]
    loops: int
    loop_segments: tuple[int, ...]
    repeated: float
    same: int


def profiles(test: TestSet, systems: Sequence[System]) -> tuple[Profile, ...]:
    """The reference's profile, then those of the systems.

    Example:
        >>> t = TestSet((("A cat sat on the mat.", "A dog."),))
        >>> p = profiles(t, [System("A", ("A cat sat sat sat sat.", "A dog, a dog, a dog, a dog."))])[1]
        >>> p.loop_segments, p.long_segments, p.words, p.different
        ((1, 2), (2,), 19, 6)
    """
    ref, source = test.references[0], test.src or test.references[0]
    return tuple(_profile(system, ref, source) for system in (System(REFERENCE, ref), *systems))


def loops(words: Sequence[str]) -> bool:
    """Whether a word or a stretch of up to 12 words stands three times in a row; marks and figures alone do not count.

    Example:
        >>> loops("very very very good".split()), loops("very very good".split()), loops(list("1 0 0 0 . . .".split()))
        (True, False, False)
    """
    if len(set(pairwise(words))) >= len(words) - 1:
        return False  # a loop has two equal pairs of neighbours at least
    for size in range(1, min(_STRETCH, len(words) // LOOP) + 1):
        equal = 0
        for n in range(size, len(words)):
            equal = equal + 1 if words[n] == words[n - size] else 0
            if equal >= size * (LOOP - 1) and any(word[0].isalpha() for word in words[n - size + 1 : n + 1]):
                return True
    return False


def length_ratio(text: str, reference: str) -> float:
    """Characters without blanks at the ends, against the reference's, which counts as one character at least.

    Example:
        >>> length_ratio("ab", "abcd"), length_ratio("", "")
        (0.5, 0.0)
    """
    return len(text.strip()) / max(len(reference.strip()), 1)


def _profile(system: System, ref: Sequence[str], source: Sequence[str]) -> Profile:
    cut = [[word.lower() for word in tokens.words(text).words] for text in system.hypotheses]
    flat = [word for words in cut for word in words]
    ratios = [length_ratio(text, other) for text, other in zip(system.hypotheses, ref, strict=True)]
    short = [n for n, ratio in enumerate(ratios, 1) if ratio < SHORT]
    long = [n for n, ratio in enumerate(ratios, 1) if ratio > LONG]
    looping = [n for n, words in enumerate(cut, 1) if loops(words)]
    grams = again = 0
    for words in cut:
        counts = Counter(zip(words, words[1:], words[2:], words[3:], strict=False))
        grams += sum(counts.values())
        again += sum(counts.values()) - len(counts)
    stretches = [len(set(flat[k : k + 1000])) for k in range(0, len(flat) - 999, 1000)]
    ordered = sorted(ratios)
    return Profile(
        system=system.name,
        words=len(flat),
        words_a_segment=len(flat) / len(cut),
        different=len(set(flat)),
        per_thousand=sum(stretches) / len(stretches) if stretches else None,
        ratios=tuple(ordered[min(int(q * len(ordered)), len(ordered) - 1)] for q in QUANTILES),
        short=len(short),
        long=len(long),
        short_segments=tuple(short[:SHOWN]),
        long_segments=tuple(long[:SHOWN]),
        loops=len(looping),
        loop_segments=tuple(looping[:SHOWN]),
        repeated=1000 * again / grams if grams else 0.0,
        same=_same(system.hypotheses, source),
    )


def _same(texts: Sequence[str], source: Sequence[str]) -> int:
    sources: dict[str, set[str]] = {}
    for text, src in zip(texts, source, strict=True):
        sources.setdefault(text, set()).add(src)
    return sum(len(sources[text]) > 1 for text in texts)
