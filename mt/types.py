"""The words everybody speaks: frozen values, checked when they are made.

*segment* = a span of a document, *sentence* = its text, *piece* = subword, *bead* = aligned group of sentences, *link* = aligned words,
*pair* = row of a corpus, *shard* = file of pairs. `src`/`tgt` name the sides. `None` means "not measured", never "empty".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType

from mt.errors import OptionError
from mt.signature import Signature

# What a segment's record can say of its translation.
PASSED_THROUGH = "passed-through"  # nothing to translate (empty, symbols, digits): the source stands unchanged
SPLIT = "split"  # longer than the model takes: cut at clause marks, translated in parts, joined
RETRIED = "retried"  # decoded a second time, with repeated sequences forbidden
UNFINISHED = "unfinished"  # the decoder reached its length limit before ending the sentence
EMPTY = "empty"  # the model answered nothing for a segment that has text
# Reasons to doubt a translation that is there, seen by comparing it with its source (`mt/translate/guard.py`).
REPETITION = "repetition"  # a phrase or a piece again and again, more than the source does
LENGTH = "length"  # much shorter or longer than sources of that length become
NUMBERS = "numbers"  # a number of the source is missing, or one stands there that it has not
SCRIPT = "source-script"  # Japanese characters left in English
UNKNOWN = "unknown-piece"  # the model wrote its sign for what it cannot write
BRACKETS = "unbalanced"  # quotes or brackets that do not close, where the source's do
NAMES = "names"  # a name in Latin script is missing
LINKS = "links"  # a URL or an e-mail address is missing or changed
STOCK = "stock-phrase"  # a phrase that models say when they know nothing, which the source does not
COPIED = "copied"  # the source itself
UNLIKELY = "unlikely"  # the model itself gives its answer a low probability
HUMAN = "human"  # a person's translation, from an imported memory

LOWER_IS_BETTER = frozenset({"TER"})  # scores where less is better
FAILURES = frozenset({UNFINISHED, EMPTY})  # no translation to speak of: these flags make a run end with exit code 3
# Delivered, but to be looked at; worst first, which is the order in which retries are spent on them.
DOUBTS = (REPETITION, STOCK, COPIED, LENGTH, NUMBERS, LINKS, NAMES, SCRIPT, UNKNOWN, BRACKETS, UNLIKELY)


@dataclass(frozen=True, slots=True)
class Segment:
    """One sentence, as a half-open span of characters of its document.

    Attributes:
        text: the sentence, untouched: `document.text[start:end] == text`.
        start: offset of its first character, 0-based.
        end: offset behind its last character.
        paragraph: number of the paragraph it stands in, 0-based.
    """

    text: str
    start: int
    end: int
    paragraph: int = 0

    def __post_init__(self) -> None:
        """Raises ValueError where span and text disagree."""
        if self.start < 0 or self.end - self.start != len(self.text) or not self.text:
            raise ValueError(
                f"segment: expected a span of {len(self.text)} characters, found [{self.start},{self.end})"
            )
        if self.paragraph < 0:
            raise ValueError(f"segment: expected a paragraph number from 0, found {self.paragraph}")


@dataclass(frozen=True, slots=True)
class Document:
    """A text and its segments. Nothing is rewritten: segments and the white space between them give the text back.

    Example:
        >>> d = Document("d", "ja", "猫。 犬。", (Segment("猫。", 0, 2), Segment("犬。", 3, 5)))
        >>> d.gaps()
        ('', ' ', '')
        >>> d.rebuild(["Cat.", "Dog."])
        'Cat. Dog.'
    """

    id: str
    lang: str
    text: str
    segments: tuple[Segment, ...]

    def __post_init__(self) -> None:
        """Raises ValueError unless spans ascend, match the text and leave only white space outside."""
        last, paragraph = 0, 0
        for s in self.segments:
            if s.start < last or self.text[s.start : s.end] != s.text:
                raise ValueError(f"document {self.id}: segment [{s.start},{s.end}) overlaps or is not the text there")
            if self.text[last : s.start].strip():
                raise ValueError(f"document {self.id}: text before offset {s.start} is in no segment")
            if s.paragraph not in (paragraph, paragraph + 1):
                raise ValueError(f"document {self.id}: paragraph {s.paragraph} follows paragraph {paragraph}")
            last, paragraph = s.end, s.paragraph
        if self.text[last:].strip():
            raise ValueError(f"document {self.id}: text behind offset {last} is in no segment")
        if self.segments and self.segments[0].paragraph != 0:
            raise ValueError(f"document {self.id}: the first segment stands in paragraph {self.segments[0].paragraph}")

    def gaps(self) -> tuple[str, ...]:
        """White space before, between and behind the segments: len(segments) + 1 strings."""
        edges = [0, *(x for s in self.segments for x in (s.start, s.end)), len(self.text)]
        return tuple(self.text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True))

    @property
    def paragraph_count(self) -> int:
        """Number of paragraphs that hold at least one segment."""
        return self.segments[-1].paragraph + 1 if self.segments else 0

    def paragraphs(self) -> tuple[tuple[int, ...], ...]:
        """Numbers of the segments of each paragraph, in order."""
        rows: list[list[int]] = [[] for _ in range(self.paragraph_count)]
        for number, segment in enumerate(self.segments):
            rows[segment.paragraph].append(number)
        return tuple(tuple(row) for row in rows)

    def paragraph_texts(self) -> tuple[str, ...]:
        """Source text of each paragraph, from its first segment to its last."""
        return tuple(self.text[self.segments[p[0]].start : self.segments[p[-1]].end] for p in self.paragraphs())

    def rebuild(self, sentences: Sequence[str], *, between: str = " ") -> str:
        """The document with every segment's text replaced, paragraphs and outer white space kept.

        Args:
            sentences: one string a segment, in order.
            between: what stands between two sentences of one paragraph.

        Raises:
            ValueError: when the number of sentences is not the number of segments.
        """
        if len(sentences) != len(self.segments):
            raise ValueError(f"document {self.id}: expected {len(self.segments)} sentences, found {len(sentences)}")
        if not sentences:
            return self.text
        gaps = self.gaps()
        parts = [gaps[0], sentences[0]]
        for (left, right), gap, sentence in zip(pairwise(self.segments), gaps[1:-1], sentences[1:], strict=True):
            parts += [between if left.paragraph == right.paragraph else gap, sentence]
        return "".join([*parts, gaps[-1]])


@dataclass(frozen=True, slots=True)
class Bead:
    """An aligned group of sentences: numbers of the source sentences and of the target sentences.

    One side may be empty (a null bead), not both; the empty range starts where the other document stands at that moment.

    Attributes:
        src: numbers of the source sentences, neighbours.
        tgt: numbers of the target sentences, neighbours.
        score: the method's own measure, higher is better; None when nothing measured it.
        probability: from 0 to 1, that a person would have made the same bead; None when nothing measured it.
    """

    src: range
    tgt: range
    score: float | None = None
    probability: float | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for two empty sides, for a range with a step, or for a probability that is none."""
        if not self.src and not self.tgt:
            raise ValueError("bead: expected sentences on at least one side, found none")
        if self.src.step != 1 or self.tgt.step != 1 or self.src.start < 0 or self.tgt.start < 0:
            raise ValueError(f"bead: expected runs of neighbouring sentences, found {self.src} and {self.tgt}")
        if self.probability is not None and not 0 <= self.probability <= 1:
            raise ValueError(f"bead: expected a probability from 0 to 1, found {self.probability}")


@dataclass(frozen=True, slots=True)
class Alignment:
    """Beads of two documents: monotone, and every sentence of both sides in exactly one of them.

    Attributes:
        src_id: name of the source document.
        tgt_id: name of the target document.
        beads: in the order of both documents.
        signature: method, encoder and options; None for a file somebody else wrote.
        translations: probability that the two documents are translations of each other; None when nothing measured it.
    """

    src_id: str
    tgt_id: str
    beads: tuple[Bead, ...]
    signature: Signature | None = None
    translations: float | None = None

    def __post_init__(self) -> None:
        """Raises ValueError at the first bead that skips or repeats a sentence."""
        src = tgt = 0
        for number, bead in enumerate(self.beads):
            if (bead.src and bead.src.start != src) or (bead.tgt and bead.tgt.start != tgt):
                raise ValueError(f"alignment: bead {number} starts at {bead.src}:{bead.tgt}, expected {src}:{tgt}")
            src, tgt = src + len(bead.src), tgt + len(bead.tgt)


@dataclass(frozen=True, slots=True)
class Links:
    """Aligned words of one pair, as (src span, tgt span) of characters, half-open, sorted, no link twice."""

    spans: tuple[tuple[tuple[int, int], tuple[int, int]], ...]

    def __post_init__(self) -> None:
        """Raises ValueError for empty spans or an unsorted or repeated link."""
        if any(a >= b or a < 0 for link in self.spans for a, b in link):
            raise ValueError("links: expected spans of at least one character")
        if any(x >= y for x, y in pairwise(self.spans)):
            raise ValueError("links: expected ascending links, each once")


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of a parallel corpus, whether translated, aligned or mined.

    Attributes:
        id: unique in its corpus.
        src: source sentence.
        tgt: target sentence.
        origin: where it comes from, e.g. `mt:starter`.
        scores: name → number, in the order they were measured.
    """

    id: str
    src: str
    tgt: str
    origin: str
    scores: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Raises ValueError for a missing id or origin."""
        if not self.id or not self.origin:
            raise ValueError(f"pair: expected an id and an origin, found {self.id!r} and {self.origin!r}")


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a model answered for one segment.

    Attributes:
        text: the translation, detokenised.
        logprob: natural logarithm of the probability of all pieces including the end; ≤ 0; None where no model was asked.
        pieces: number of target pieces, the end of the sentence included.
        finished: the decoder ended the sentence itself.
        flags: what a reader must know, e.g. `split`; see the constants of this module.
        steps: what was done to get here beyond the first decoding, in order, e.g. `no-repeat:repetition`.
        alternatives: what else the search found, best first; empty unless asked for.
        alignment: (source piece, target piece) that belong together, ascending; None unless asked for.
        parts: (source pieces, target pieces) of each part of a segment that was split, end marks not counted; empty for a whole one.
    """

    text: str
    logprob: float | None
    pieces: int
    finished: bool = True
    flags: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    alternatives: tuple[Hypothesis, ...] = ()
    alignment: tuple[tuple[int, int], ...] | None = None
    parts: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for a line break (a hypothesis is one line) or an impossible probability."""
        if "\n" in self.text:
            raise ValueError("hypothesis: expected one line, found a line break")
        if self.logprob is not None and not self.logprob <= 1e-6:
            raise ValueError(f"hypothesis: expected a log-probability of at most 0, found {self.logprob}")

    @property
    def written(self) -> int:
        """Target pieces that stand in the text: all but the end marks."""
        return sum(tgt for _, tgt in self.parts) if self.parts else self.pieces - self.finished

    @property
    def failed(self) -> bool:
        """True where a flag says that this is no translation."""
        return not FAILURES.isdisjoint(self.flags)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Flags that say why this translation should be looked at, failures included."""
        return tuple(flag for flag in self.flags if flag in FAILURES or flag in DOUBTS)


@dataclass(frozen=True, slots=True)
class Score:
    """One number with its recipe.

    Attributes:
        name: e.g. `BLEU`.
        value: percent for BLEU, chrF and TER.
        low: lower end of the 95 % interval, or None where none was measured.
        high: its upper end, or None.
        signature: changes whenever the number could.
    """

    name: str
    value: float
    low: float | None
    high: float | None
    signature: Signature

    def __post_init__(self) -> None:
        """Raises ValueError for a number that is none, or for half an interval."""
        if not math.isfinite(self.value):
            raise ValueError(f"score {self.name}: expected a number, found {self.value}")
        if (self.low is None) != (self.high is None) or (
            self.low is not None and self.high is not None and self.low > self.high
        ):
            raise ValueError(f"score {self.name}: expected an interval, found [{self.low}, {self.high}]")


@dataclass(frozen=True, slots=True)
class Decision:
    """What one filter made of one pair: the score first, the verdict second. Nothing is dropped without one."""

    pair_id: str
    filter: str
    score: float
    accepted: bool


@dataclass(frozen=True, slots=True)
class Corpus:
    """A published parallel corpus: its files, and the recipe they were made by."""

    name: str
    version: str
    shards: tuple[str, ...]
    signature: Signature


@dataclass(frozen=True, slots=True)
class DecodingOptions:
    """How a sentence is searched for. Every field changes the result, so every field is in the signature.

    Attributes:
        beam_size: hypotheses kept at each step, 1 to 64; 1 is greedy search.
        length_penalty: exponent of the length that the score is divided by (Wu et al. 2016 without the constant); 0 = none.
        repetition_penalty: divides the logits of pieces that stand already; ≥ 1; 1 = none.
        no_repeat_ngram_size: forbids repeating any sequence of so many pieces; 0 = none.
        max_source_pieces: longest input given to the model, in pieces; longer sentences are split at clause marks.
        num_hypotheses: answers asked for, best first; 1 to `beam_size`.
        alignment: also say which source piece each target piece comes from.

    Example:
        >>> str(DecodingOptions(beam_size=1).signature())
        'beam:1|lp:1|rp:1|nrn:0|cut:160'
    """

    beam_size: int = 4
    length_penalty: float = 1.0
    repetition_penalty: float = 1.0
    no_repeat_ngram_size: int = 0
    max_source_pieces: int = 160
    num_hypotheses: int = 1
    alignment: bool = False

    def __post_init__(self) -> None:
        """Raises OptionError naming the option, its range and what was found."""
        check_range("num_hypotheses", self.num_hypotheses, 1, max(self.beam_size, 1))
        check_range("beam_size", self.beam_size, 1, 64)
        check_range("length_penalty", self.length_penalty, 0, 10)
        check_range("repetition_penalty", self.repetition_penalty, 1, 10)
        check_range("no_repeat_ngram_size", self.no_repeat_ngram_size, 0, 100)
        check_range("max_source_pieces", self.max_source_pieces, 8, 100_000)

    def signature(self) -> Signature:
        """All fields, short; the last two only where they ask for more than one plain answer."""
        more = {"nbest": self.num_hypotheses} if self.num_hypotheses > 1 else {}
        more |= {"align": True} if self.alignment else {}
        return Signature.of(
            beam=self.beam_size,
            lp=float(self.length_penalty),
            rp=float(self.repetition_penalty),
            nrn=self.no_repeat_ngram_size,
            cut=self.max_source_pieces,
            **more,
        )


def check_range(key: str, value: float, low: float, high: float) -> None:
    """Raises OptionError unless low ≤ value ≤ high.

    Example:
        >>> check_range("seed", -1, 0, 100)
        Traceback (most recent call last):
        mt.errors.OptionError: seed: expected a number from 0 to 100, found -1
    """
    if not low <= value <= high:
        raise OptionError(key, f"a number from {low:,} to {high:,}", value)
