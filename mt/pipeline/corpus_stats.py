"""`mt corpus stats`: how many rows a corpus has, how long they are, of which letters and words, from where, how many are copies."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mt.bitext.records import Reject
from mt.block import Block
from mt.filters.classes import Kind, table, within
from mt.filters.keys import keys
from mt.pipeline.corpus_folder import Corpus
from mt.protocols import Progress, Silent
from mt.report.run_page import UNSPACED
from mt.report.tables import TextTable

_LONGEST = 2048  # characters that are counted one by one
_QUANTILES = (0.05, 0.5, 0.95)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SCRIPTS: dict[str, tuple[Kind, ...]] = {
    "hiragana": (Kind.HIRAGANA,),
    "katakana": (Kind.KATAKANA, Kind.LONG, Kind.HALF_KANA),
    "han": (Kind.HAN, Kind.NUMERAL, Kind.CHINESE, Kind.JAPANESE),
    "latin": (Kind.LOWER, Kind.UPPER, Kind.LATIN),
    "digits": (Kind.DIGIT,),
    "blanks": (Kind.SPACE,),
}


class _Side:
    """What is counted of one side."""

    def __init__(self, spaced: bool) -> None:
        self.lengths = np.zeros(_LONGEST + 1, np.int64)
        self.characters, self.longest, self.empty = 0, 0, 0
        self.classes = np.zeros(256, np.int64)
        self.seen = np.zeros(0x110000, bool)
        self.words: Counter[str] | None = Counter() if spaced else None

    def add(self, texts: Sequence[str]) -> None:
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        self.characters += int(lengths.sum())
        self.longest = max(self.longest, int(lengths.max(initial=0)))
        self.empty += int((lengths == 0).sum())
        self.lengths += np.bincount(np.minimum(lengths, _LONGEST), minlength=_LONGEST + 1)
        codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4")
        self.seen[codes] = True
        self.classes += np.bincount(table()[within(codes.astype(np.uint32))], minlength=256)
        if self.words is not None:
            self.words.update(_WORD.findall("\n".join(texts).lower()))

    def record(self) -> dict[str, Any]:
        rows = int(self.lengths.sum())
        at = np.cumsum(self.lengths)
        quantiles = {
            f"p{round(100 * q)}": int(np.searchsorted(at, max(1, q * rows))) if rows else None for q in _QUANTILES
        }
        found: dict[str, Any] = {
            "characters": self.characters,
            "mean": round(self.characters / rows, 2) if rows else None,
            **quantiles,
            "longest": self.longest,
            "empty": self.empty,
            "different_characters": int(self.seen.sum()),
            "scripts": self._scripts(),
        }
        if self.words is not None:
            found |= {"words": self.words.total(), "different_words": len(self.words)}
        return found

    def _scripts(self) -> dict[str, float]:
        """Shares of the characters by script, 0 to 1."""
        total = max(1, self.characters)
        named = {name: int(self.classes[list(kinds)].sum()) for name, kinds in _SCRIPTS.items()}
        named["other"] = self.characters - sum(named.values())
        return {name: round(count / total, 4) for name, count in named.items()}


@dataclass(slots=True)
class _Split:
    src: _Side
    tgt: _Side
    rows: int = 0
    sources: Counter[str] = field(default_factory=Counter)
    documents: set[str] = field(default_factory=set)
    keys: list[NDArray[np.uint64]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stats:
    """Numbers of a corpus; `record` is the same as JSON."""

    record: dict[str, Any]
    langs: tuple[str, str]

    def tables(self) -> tuple[TextTable, ...]:
        """As tables for a terminal."""
        splits = self.record["splits"]
        heads = ("split", "rows", "documents", "sources", "copies")
        rows = tuple(
            (name, f"{s['rows']:,}", f"{s['documents']:,}", f"{len(s['sources']):,}", f"{100 * s['copies']:.2f} %")
            for name, s in splits.items()
        )
        made = [TextTable("Rows", heads, rows)]
        sides = [(name, side, s[side]) for name, s in splits.items() for side in ("src", "tgt")]
        columns = ("split, side", "characters", "mean", "5 %", "half", "95 %", "longest", "empty", "letters", "words")
        made.append(TextTable("Lengths in characters", columns, tuple(self._length_row(*one) for one in sides)))
        names = [*_SCRIPTS, "other"]
        shares = tuple(
            (self._named(name, side), *(f"{100 * found['scripts'][one]:.1f}" for one in names))
            for name, side, found in sides
        )
        made.append(TextTable("Scripts, % of the characters", ("split, side", *names), shares))
        sources: Counter[str] = Counter()
        for s in splits.values():
            sources.update(s["sources"])
        if len(sources) > 1:
            counts = tuple((name, f"{count:,}") for name, count in sorted(sources.items(), key=lambda x: (-x[1], x[0])))
            made.append(TextTable("Sources", ("source", "rows"), counts))
        return tuple(made)

    def _named(self, split: str, side: str) -> str:
        return f"{split}, {self.langs[0 if side == 'src' else 1]}"

    def _length_row(self, split: str, side: str, s: dict[str, Any]) -> tuple[str, ...]:
        numbers = [s[name] for name in ("p5", "p50", "p95", "longest", "empty", "different_characters")]
        mean = "—" if s["mean"] is None else f"{s['mean']:.1f}"
        words = f"{s['different_words']:,}" if "different_words" in s else "—"
        said = ["—" if n is None else f"{n:,}" for n in numbers]
        return (self._named(split, side), f"{s['characters']:,}", mean, *said, words)


def stats(
    corpus: Corpus, split: str | None = None, *, skipped: list[Reject] | None = None, progress: Progress | None = None
) -> Stats:
    """Count a corpus, as a stream: memory grows by 8 bytes a row, and with different words and documents.

    Copies are rows that are equal to an earlier row of their split on both sides but for case, width, white space and punctuation; `copies` is their
    share, 0 to 1. Words are runs of letters in lower case, counted where the language is written with spaces.

    Raises:
        InputError: naming file and line.
        ConfigError: for a split that there is not.
    """
    told = progress or Silent()
    made: dict[str, Any] = {}
    for name in corpus.chosen(split):
        told.stage(name, corpus.record.funnel.published if corpus.record else None, "row")
        counted = _Split(_Side(corpus.langs[0] not in UNSPACED), _Side(corpus.langs[1] not in UNSPACED))
        for block in corpus.blocks(name, skipped=skipped):
            _add(counted, block)
            told.advance(len(block))
        made[name] = _split_record(counted)
    found: dict[str, Any] = {"path": str(corpus.path), "langs": list(corpus.langs)}
    found |= {"rows": sum(one["rows"] for one in made.values()), "splits": made}
    if skipped is not None:
        found["malformed"] = len(skipped)
    return Stats(found, corpus.langs)


def _add(counted: _Split, block: Block) -> None:
    counted.rows += len(block)
    counted.src.add(block.src)
    counted.tgt.add(block.tgt)
    counted.sources.update(block.origins)
    counted.documents.update(block.documents)
    counted.keys.append(keys(block)["pair_high"])


def _split_record(counted: _Split) -> dict[str, Any]:
    whole = np.concatenate(counted.keys) if counted.keys else np.zeros(0, np.uint64)
    copies = len(whole) - len(np.unique(whole))
    return {
        "rows": counted.rows,
        "documents": len(counted.documents - {""}),
        "sources": dict(sorted(counted.sources.items())),
        "copies": round(copies / counted.rows, 6) if counted.rows else 0.0,
        "src": counted.src.record(),
        "tgt": counted.tgt.record(),
    }
