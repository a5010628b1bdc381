"""What is done about a doubtful translation: other answers of the same search, other searches, the sentence in parts.

Each rung is tried on the segments that still give reason to doubt, the worst first, while the work stays within a budget; the best answer so far
is kept, and every step is logged. What is still doubtful at the top is delivered with its flags. Rungs that forbid repeated sequences or cut a
sentence damage what is well, so they are only ever tried on what is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from mt.protocols import Translator
from mt.translate.decode import Round
from mt.translate.units import Unit, cut, joined
from mt.types import (
    COPIED,
    DOUBTS,
    EMPTY,
    FAILURES,
    REPETITION,
    RETRIED,
    STOCK,
    UNFINISHED,
    UNLIKELY,
    DecodingOptions,
    Hypothesis,
)

RETRY_NGRAM = 4  # a repeated four-piece sequence is a loop far more often than a name
FLOOR = 256  # pieces of retries that any window may spend, so that a sentence translated alone has a second chance
_SHORTEST = 12  # pieces; a shorter sentence has no parts worth translating alone
_BROKEN = frozenset({UNFINISHED, EMPTY, REPETITION, STOCK, COPIED})

Judge = Callable[[str, Hypothesis], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to try again.

    Attributes:
        name: in the log of steps.
        cures: flags it may help with; others are not tried.
        beam: width of the search; 0 = as it was.
        no_repeat: forbids repeated sequences of so many pieces; 0 = as it was.
        share: the sentence is cut into parts of at most this share of its pieces; 1 = it stays whole.
    """

    name: str
    cures: frozenset[str]
    beam: int = 0
    no_repeat: int = 0
    share: float = 1.0

    def options(self, base: DecodingOptions) -> DecodingOptions:
        """How it searches."""
        beam = self.beam or base.beam_size
        return replace(
            base,
            beam_size=beam,
            num_hypotheses=min(beam, max(base.num_hypotheses, _listed(base, beam))) if self.share == 1 else 1,
            no_repeat_ngram_size=self.no_repeat or base.no_repeat_ngram_size,
        )


_ALL = frozenset(DOUBTS) | FAILURES
_SEEN = _ALL - {UNLIKELY}  # a model does not find its own second answer likelier
# The cheapest first. On 400 sentences of WMT21 and 400 of Kyoto articles each rung satisfied the guard in a third to a half of its cases with the
# starter, and the wide beam costs twice what halves do. Forbidding repeats is greedy: a beam goes on until all its answers have ended, and took
# six times as long.
_NO_REPEAT = Rung("no-repeat", _BROKEN, beam=1, no_repeat=RETRY_NGRAM)
LADDER = (
    Rung("halves", _SEEN, share=0.6),
    Rung("parts", _SEEN, share=0.3),
    _NO_REPEAT,
    Rung("beam", _SEEN, beam=8),
)
# Without a guard only what the decoder itself says is wrong can be seen: an answer that does not end.
SHORT_LADDER = (replace(_NO_REPEAT, cures=frozenset({UNFINISHED})),)


def listed(options: DecodingOptions) -> DecodingOptions:
    """The options with as many answers asked for as the search finds without more work."""
    return replace(options, num_hypotheses=max(options.num_hypotheses, _listed(options, options.beam_size)))


def _listed(options: DecodingOptions, beam: int) -> int:
    # with a length penalty ctranslate2 ends a search when as many answers as beams have ended, wanted or not (src/decoding.cc)
    return beam if options.length_penalty else options.num_hypotheses


@dataclass(slots=True)
class Case:
    """A segment that is doubted.

    Attributes:
        text: normalised source.
        units: what was decoded of it.
        best: the least doubtful answer so far.
        doubts: of that answer.
        steps: what was tried, and what it made of the doubts.
        cost: pieces of extra work.
        first: what the first decoding answered.
    """

    text: str
    units: tuple[Unit, ...]
    best: Hypothesis
    doubts: tuple[str, ...]
    steps: list[str] = field(default_factory=list)
    cost: int = 0
    first: Hypothesis = field(init=False)

    def __post_init__(self) -> None:
        """Remembers the answer it begins with."""
        self.first = self.best

    @property
    def pieces(self) -> int:
        """Source pieces."""
        return sum(len(unit.pieces) for unit in self.units)

    def consider(self, rung: str, answers: Sequence[Hypothesis], judge: Judge) -> None:
        """Take the first answer with the fewest doubts, if it is better than the best so far."""
        was = self.doubts
        for answer in answers:
            doubts = judge(self.text, answer)
            if _weight(doubts) < _weight(self.doubts):
                self.best, self.doubts = answer, doubts
        self.steps.append(f"{rung}:{'+'.join(was)}>{'+'.join(self.doubts) or 'ok'}")

    def result(self) -> Hypothesis:
        """The best answer, with its flags and the log."""
        tried = [step for step in self.steps if not step.startswith(("rerank:", "no-budget"))]
        flags = tuple(flag for flag in self.best.flags if flag not in _ALL)
        return replace(self.best, flags=(*flags, *([RETRIED] if tried else []), *self.doubts), steps=tuple(self.steps))


def _weight(doubts: tuple[str, ...]) -> tuple[int, int, int]:
    """Failures first, then how many, then how bad the worst is."""
    worst = min((DOUBTS.index(d) for d in doubts if d in DOUBTS), default=len(DOUBTS))
    return sum(d in FAILURES for d in doubts), len(doubts), -worst


class Ladder:
    """Takes the cases of one window up the rungs.

    Args:
        engine: cuts and counts pieces.
        base: how the window was decoded.
        judge: finds the doubts of an answer to a text.
        rungs: in the order they are tried.
        allowance: pieces of extra work, source and target, counted for a beam as wide as the first one's; None = no limit.
    """

    def __init__(
        self,
        engine: Translator,
        base: DecodingOptions,
        judge: Judge,
        rungs: Sequence[Rung] = LADDER,
        allowance: float | None = None,
    ) -> None:
        self.engine, self.base, self.judge, self.rungs, self.left = engine, base, judge, rungs, allowance
        self._tried: list[tuple[Case, tuple[Unit, ...]]] = []
        self._answers: dict[str, Hypothesis] = {}
        self._expected: dict[str, float] = {}
        self._round: Round | None = None

    def climb(self, cases: Sequence[Case]) -> Iterator[Round]:
        """Rounds to decode; `arrived` must have been told every answer before the next one is asked for."""
        for case in cases:
            self._rerank(case)
        for rung in self.rungs:
            options = rung.options(self.base)
            factor = options.beam_size / self.base.beam_size
            self._tried = [(case, units) for case, units in self._admitted(cases, rung, factor)]
            if not self._tried:
                continue
            needed = {unit.text: unit for _, units in self._tried for unit in units}
            self._round = Round(tuple(needed.values()), options)
            yield self._round
            for case, units in self._tried:
                self._judge(rung, case, units, factor)
            self._answers.clear()
        for case in cases:
            if case.doubts and any(not rung.cures.isdisjoint(case.doubts) for rung in self.rungs) and not case.steps:
                case.steps.append("no-budget")

    def arrived(self, number: int, answer: Hypothesis) -> None:
        """The answer to a unit of the round last yielded."""
        assert self._round is not None
        self._answers[self._round.units[number].text] = answer

    def _rerank(self, case: Case) -> None:
        others = case.best.alternatives
        if others and case.doubts != (UNLIKELY,):
            case.consider("rerank", others, self.judge)

    def _admitted(self, cases: Sequence[Case], rung: Rung, factor: float) -> Iterator[tuple[Case, tuple[Unit, ...]]]:
        """Cases that the rung may cure and the budget bears, with what to decode of them."""
        doubtful = [case for case in cases if not rung.cures.isdisjoint(case.doubts)]
        for case in sorted(doubtful, key=lambda case: _weight(case.doubts), reverse=True):
            if rung.share < 1 and case.pieces < _SHORTEST:
                continue
            # as much again is expected to be written as the first time, but for what ran on; parts come out a little longer than the whole
            expected = factor * (case.pieces + min(case.first.pieces, 2 * case.pieces)) * (1.1 if rung.share < 1 else 1)
            if self.left is not None and expected > self.left:
                continue
            units = case.units if rung.share == 1 else self._cut(case, rung.share)
            if rung.share < 1 and len(units) <= len(case.units):
                continue
            if self.left is not None:
                self.left -= expected
                self._expected[case.text] = expected
            yield case, units

    def _cut(self, case: Case, share: float) -> tuple[Unit, ...]:
        return cut(case.text, self.engine, max(8, round(share * case.pieces)))

    def _judge(self, rung: Rung, case: Case, units: tuple[Unit, ...], factor: float) -> None:
        answers = [self._answers[unit.text] for unit in units]
        spent = sum(len(unit.pieces) for unit in units) + sum(answer.pieces for answer in answers)
        case.cost += round(factor * spent)
        if self.left is not None:  # what was written more or less than expected is there for the next rung
            self.left += self._expected.pop(case.text) - factor * spent
        whole = joined(units, answers)
        case.consider(rung.name, (whole, *whole.alternatives), self.judge)
