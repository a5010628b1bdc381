"""A pile of sentences to be mined: which of them take part, and why the others do not."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mt.align.neighbours import Array
from mt.protocols import Progress, SentenceEncoder, Silent

_CHUNK = 4096
EMPTY = "empty"
REPEATED = "repeated"  # the same as an earlier sentence of its pile, white space and forms of width aside
SHORT = "short"
LONG = "long"


@dataclass(frozen=True, slots=True)
class Pool:
    """Sentences in the order they were read; each takes part or has a reason not to.

    Attributes:
        sentences: all of them.
        kept: numbers of those that take part, ascending.
        reasons: for every sentence why it does not, None where it does.

    Example:
        >>> pool = Pool.of(["猫がいる。", "", "猫がいる。 ", "！"], shortest=2, longest=100)
        >>> pool.kept, pool.reasons
        ((0,), (None, 'empty', 'repeated', 'short'))
    """

    sentences: tuple[str, ...]
    kept: tuple[int, ...]
    reasons: tuple[str | None, ...]

    @classmethod
    def of(cls, sentences: Sequence[str], *, shortest: int, longest: int) -> Pool:
        """Sort out what is blank, has fewer than `shortest` letters and digits, has more than `longest` characters, or was there before."""
        seen: set[str] = set()
        reasons: list[str | None] = []
        for sentence in sentences:
            key = " ".join(unicodedata.normalize("NFKC", sentence).split())
            if not key:
                reasons.append(EMPTY)
            elif len(sentence) > longest:
                reasons.append(LONG)
            elif shortest and sum(map(str.isalnum, key[: 50 * shortest])) < shortest:
                reasons.append(SHORT)
            elif key in seen:
                reasons.append(REPEATED)
            else:
                seen.add(key)
                reasons.append(None)
        kept = tuple(number for number, reason in enumerate(reasons) if reason is None)
        return cls(tuple(sentences), kept, tuple(reasons))

    def text(self, place: int) -> str:
        """The sentence at a place among those kept."""
        return self.sentences[self.kept[place]]

    def texts(self) -> list[str]:
        """All that are kept, in order."""
        return [self.sentences[number] for number in self.kept]

    def with_reasons(self, found: Mapping[int, str | None], otherwise: str) -> tuple[str | None, ...]:
        """The pile's reasons, and for what is kept those found, by place; None = in a pair."""
        every = list(self.reasons)
        for place, number in enumerate(self.kept):
            every[number] = found.get(place, otherwise)
        return tuple(every)


def overlap(one: str, two: str) -> float:
    """Share of common letters of two texts: those of triples of neighbouring letters and digits, small and of one width, by Dice's measure.

    A translation into another script has next to none; an untranslated sentence, a list of names or a copied address has nearly all.

    Example:
        >>> overlap("Ruby 2.2.9 Released", "ＲＵＢＹ 2.2.9 released!"), round(overlap("NATOは拡大した。", "NATO grew."), 2)
        (1.0, 0.31)
    """
    a, b = _triples(one), _triples(two)
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0


def _triples(text: str) -> Counter[str]:
    letters = "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())
    return Counter(letters[i : i + 3] for i in range(max(len(letters) - 2, 1))) if letters else Counter()


def encode(encoder: SentenceEncoder, texts: Sequence[str], progress: Progress | None = None) -> Array:
    """Vectors of many texts, a few thousand at a time: float32 of shape (texts, width).

    Raises:
        ValueError: where the encoder answers with rows of another number or width.
    """
    progress = progress or Silent()
    progress.stage("encoding", len(texts), "sentence")
    made = np.zeros((len(texts), encoder.width), np.float32)
    for start in range(0, len(texts), _CHUNK):
        part = texts[start : start + _CHUNK]
        rows = encoder.encode(part)
        if rows.shape != (len(part), encoder.width):
            raise ValueError(f"encoder: expected vectors of shape {(len(part), encoder.width)}, found {rows.shape}")
        made[start : start + len(part)] = rows
        progress.advance(len(part))
    return made
