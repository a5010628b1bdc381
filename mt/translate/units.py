"""A sentence ↔ what is decoded of it: itself, or its parts where it is too long for the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mt.protocols import Translator
from mt.text.clauses import parts
from mt.types import SPLIT, Hypothesis


@dataclass(frozen=True, slots=True)
class Unit:
    """One input of the decoder.

    Attributes:
        text: normalised; with the options it names the answer in the journal.
        pieces: at least one.
    """

    text: str
    pieces: tuple[str, ...]


def units(texts: Sequence[str], engine: Translator, longest: int) -> list[tuple[Unit, ...]]:
    """What is decoded of each text: nothing for one without a piece, one unit, or several of at most `longest` pieces."""
    rows = []
    for text, pieces in zip(texts, engine.encode(texts), strict=True):
        if len(pieces) > longest:
            rows.append(cut(text, engine, longest))
        else:
            rows.append((Unit(text, tuple(pieces)),) if pieces else ())
    return rows


def cut(text: str, engine: Translator, longest: int) -> tuple[Unit, ...]:
    """A text's parts, cut at clause marks, each of at most `longest` pieces."""

    def length(part: str) -> int:
        return len(engine.encode([part])[0])

    spans = [text[a:b].strip() for a, b in parts(text, length, longest)]
    return tuple(Unit(t, tuple(p)) for t, p in zip(spans, engine.encode(spans), strict=True) if p)


def joined(units_: Sequence[Unit], answers: Sequence[Hypothesis]) -> Hypothesis:
    """One hypothesis of the parts of a sentence that was split: log-probabilities add, flags unite, alignments follow each other.

    Example:
        >>> one, two = Unit("猫、", ("猫", "、")), Unit("犬。", ("犬", "。"))
        >>> h = joined([one, two], [Hypothesis("Cats,", -1.0, 3), Hypothesis("dogs.", -2.0, 3)])
        >>> h.text, h.logprob, h.pieces, h.flags
        ('Cats, dogs.', -3.0, 6, ('split',))
    """
    if len(answers) == 1:
        return answers[0]
    known = [a.logprob for a in answers if a.logprob is not None]
    return Hypothesis(
        " ".join(a.text for a in answers if a.text),
        sum(known) if len(known) == len(answers) else None,
        sum(a.pieces for a in answers),
        all(a.finished for a in answers),
        flags=(SPLIT, *dict.fromkeys(flag for a in answers for flag in a.flags)),
        alignment=_alignment(units_, answers),
        parts=tuple((len(u.pieces), a.written) for u, a in zip(units_, answers, strict=True)),
    )


def _alignment(units_: Sequence[Unit], answers: Sequence[Hypothesis]) -> tuple[tuple[int, int], ...] | None:
    links: list[tuple[int, int]] = []
    src = tgt = 0
    for unit, answer in zip(units_, answers, strict=True):
        if answer.alignment is None:
            return None
        links += [(a + src, b + tgt) for a, b in answer.alignment]
        # the end mark that is counted among the pieces stands in no text
        src, tgt = src + len(unit.pieces), tgt + answer.written
    return tuple(links)
