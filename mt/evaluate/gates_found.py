"""What the gates hand back, and the thresholds from which they speak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

from mt.errors import OptionError

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Example:
    """A line that was stopped at a gate.

    Attributes:
        line: 1-based.
        why: what was seen, in a few words; may be empty.
        src: the source; None = not known.
        reference: the first reference.
        hypothesis: the system's; None where the test set itself is concerned.
    """

    line: int
    why: str
    src: str | None
    reference: str
    hypothesis: str | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What the lines of a gate do to a score.

    Attributes:
        metric: name of the score.
        all: with all lines, percent.
        without: without the lines of the gate.
    """

    metric: str
    all: float
    without: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What one gate found in one system, or in the test set.

    Attributes:
        gate: name of the gate.
        system: name of the system; None where it is the test set.
        severity: `error`: the score does not say what it seems to say; `warning`: look at it before believing small differences; `note`: good
            to know.
        said: the finding in one sentence, without a full stop.
        count: lines concerned.
        total: lines looked at.
        share: count by total, 0 to 1.
        lines: numbers of the lines, 1-based, at most 1,000 of them.
        examples: some of them.
        effect: score with and without them; None where it was not measured.
    """

    gate: str
    system: str | None
    severity: Severity
    said: str
    count: int
    total: int
    share: float
    lines: tuple[int, ...]
    examples: tuple[Example, ...]
    effect: Effect | None = None


@dataclass(frozen=True, slots=True)
class Gates:
    """What all gates found.

    Attributes:
        findings: errors first, then warnings, then notes.
        checked: names of all gates that were tried, those that found nothing too.
        lines: of the test set.
        systems: how many were looked at.
    """

    findings: tuple[Finding, ...]
    checked: tuple[str, ...]
    lines: int
    systems: int

    @property
    def failed(self) -> bool:
        """True where there is an error."""
        return any(one.severity == "error" for one in self.findings)


@dataclass(frozen=True, slots=True)
class GateLimits:
    """From where on a gate speaks, and how loudly.

    Line detectors were set on the reference and the systems of newstest2021 ja-en, where they stop almost nothing, and on planted damage, which
    they find; `tests/evaluate/test_gates_news.py` counts both.

    Attributes:
        warning: share of the lines, 0 to 1, from which a gate of lines warns; below it is a note.
        error: share of the lines, 0 to 1, from which it is an error; gates of what no translation may be (empty, copied, in another
            language) use a fifth of it.
        loop: copies in a row of up to eight words, 2 to 1000; the reference's and the source's own are allowed for.
        again: words of a stretch that stands twice, 3 to 1000.
        shortest: length by that of the reference, in characters, 0 to 1; shorter is stopped where at least `slack` are missing.
        longest: likewise above, 1 to 1000.
        slack: characters, 0 to 10,000.
        words: of a segment, 10 to 1,000,000: neural metrics read about 512 pieces of source and translation together and drop the rest in silence.
        same_answer: different segments that get the same answer, 2 to 1,000,000.
        same_words: words that such an answer has at least, 1 to 1000; “Yes.” is the answer to many.
        identical: share of equal lines from which two systems, or two references, or a system and a reference, are called the same, 0 to 1.
        equal: share of answers of eight words or more that are the reference to the letter, from which a warning is given, 0 to 1.
        unrelated: likeness to its own reference less that to others, 0 to 1, below which a system is called unrelated.

    Example:
        >>> GateLimits(loop=1)
        Traceback (most recent call last):
        mt.errors.OptionError: loop: expected a number from 2 to 1000, found 1
    """

    warning: float = 0.005
    error: float = 0.05
    loop: int = 4
    again: int = 10
    shortest: float = 0.4
    longest: float = 2.2
    slack: int = 30
    words: int = 200
    same_answer: int = 3
    same_words: int = 3
    identical: float = 0.9
    equal: float = 0.2
    unrelated: float = 0.05

    def __post_init__(self) -> None:
        """Raises OptionError for a threshold out of range."""
        for field in fields(self):
            low, high = _RANGES.get(field.name, (0, 1))
            value = getattr(self, field.name)
            if not low <= value <= high:
                raise OptionError(field.name, f"a number from {low} to {high}", value)


_RANGES: Mapping[str, tuple[float, float]] = {
    "loop": (2, 1000),
    "again": (3, 1000),
    "longest": (1, 1000),
    "slack": (0, 10_000),
    "words": (10, 1_000_000),
    "same_answer": (2, 1_000_000),
    "same_words": (1, 1000),
}
