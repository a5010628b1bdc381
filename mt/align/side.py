"""One document as an aligner sees it: its sentences in order, its language, and what is known of its paragraphs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

# Written without blanks between sentences; a run of sentences is joined without one, as a writer would.
_UNSPACED = frozenset({"ja", "zh", "yue", "th", "lo", "km", "my"})


@dataclass(frozen=True, slots=True)
class Side:
    """One document's sentences, in order.

    Attributes:
        sentences: the texts; an empty one is a sentence without content, which may stand in a null bead only by chance.
        lang: language code, e.g. `ja`, `en`, `pt-BR`; decides the joiner and the expected ratio of lengths.
        paragraphs: number of the paragraph (or chapter) of each sentence, ascending; gaps are allowed; None = unknown.
        headings: those sentences that are headings, ascending, each with its level from 1.

    Example:
        >>> side = Side(("猫。", "犬が いる。"), "ja", (0, 1))
        >>> side.joiner, side.lengths(), side.first_of_paragraph()
        ('', (2, 5), (0, 1))
    """

    sentences: tuple[str, ...]
    lang: str
    paragraphs: tuple[int, ...] | None = None
    headings: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for no language, or for paragraphs that do not ascend or are not one a sentence."""
        if not self.lang:
            raise ValueError("side: expected a language, found none")
        if any(not 0 <= i < len(self.sentences) or level < 1 for i, level in self.headings):
            raise ValueError(f"side: expected headings among {len(self.sentences)} sentences, found {self.headings}")
        if self.paragraphs is None:
            return
        if len(self.paragraphs) != len(self.sentences):
            raise ValueError(f"side: expected {len(self.sentences)} paragraph numbers, found {len(self.paragraphs)}")
        for a, b in pairwise(self.paragraphs):
            if a > b:
                raise ValueError(f"side: expected ascending paragraph numbers, found {b} behind {a}")

    def __len__(self) -> int:
        return len(self.sentences)

    @property
    def joiner(self) -> str:
        """What stands between two sentences of a run: nothing in Japanese, a blank in English."""
        return "" if self.lang.lower().replace("_", "-").split("-")[0] in _UNSPACED else " "

    def lengths(self) -> tuple[int, ...]:
        """Characters of each sentence, blanks not counted (Gale and Church 1993 count so)."""
        return tuple(len("".join(s.split())) for s in self.sentences)

    def first_of_paragraph(self) -> tuple[int, ...] | None:
        """Numbers of the sentences that begin a paragraph; None where paragraphs are unknown."""
        if self.paragraphs is None:
            return None
        return tuple(i for i, p in enumerate(self.paragraphs) if not i or p != self.paragraphs[i - 1])

    def run(self, start: int, stop: int) -> str:
        """Text of sentences `start` to `stop - 1`, joined.

        Example:
            >>> Side(("A cat.", "A dog."), "en").run(0, 2)
            'A cat. A dog.'
        """
        return self.joiner.join(self.sentences[start:stop])
