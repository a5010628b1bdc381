"""The report of one run: a single HTML file that needs no network, for a desk, a telephone, the dark and the printer.

`render` puts a `RunPage` into `run.html.j2` with `run.css` and `run.js` inline. Everything that came from a text is escaped; a content
security policy that names the hashes of the style and the script forbids whatever else a text could try.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mt.errors import plural
from mt.report import plots
from mt.report.flags import FLAGS
from mt.report.templates import environment
from mt.types import FAILURES, LOWER_IS_BETTER, Score

if TYPE_CHECKING:
    from jinja2 import Template

SCATTER_CAP = 1500  # dots of one kind: more are a blot, and slow to draw
BARS_CAP = 400  # bars thinner than two pixels cannot be told apart
EXTREMES = 3  # worst and best paragraphs linked from the top
LOWEST = 10  # paragraphs that the filter "lowest" shows
LONG = 200  # paragraphs from which the browser lays out only those near the window

LANGUAGES = {"ja": "Japanese", "en": "English"}
UNSPACED = frozenset({"ja", "zh", "th"})  # written without spaces: lengths are counted in characters


@dataclass(frozen=True, slots=True)
class SentenceView:
    """One sentence and its output.

    Attributes:
        id: as in `sentences.jsonl`.
        src: source sentence, untouched.
        hyp: output.
        logprob: natural logarithm of the output's probability, or None where no model was asked.
        pieces: number of output pieces, the end included.
        flags: what a reader must know.
    """

    id: str
    src: str
    hyp: str
    logprob: float | None
    pieces: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParagraphView:
    """One paragraph: its number (0-based), its sentences, its reference and its chrF2 (percent), None without a reference."""

    number: int
    sentences: tuple[SentenceView, ...]
    reference: str | None
    chrf: float | None


@dataclass(frozen=True, slots=True)
class Table:
    """Key and value lines under a name: inputs, options, versions, timings."""

    name: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """Everything the report shows.

    Attributes:
        title: heading.
        created: when the run started, as text.
        src_lang: language code of the source, e.g. `ja`.
        tgt_lang: of the output and the reference.
        verdict: one sentence on the result.
        notes: what the intervals mean, what was flagged.
        unit: what one scored unit is, e.g. `paragraph`.
        unit_count: how many there are.
        scores: by unit, percent, with intervals; empty without a reference.
        document_scores: the whole document as one unit, without intervals.
        paragraphs: in the document's order.
        counts: label and number, in the order shown.
        tables: what is needed to reproduce the run.
    """

    title: str
    created: str
    src_lang: str
    tgt_lang: str
    verdict: str
    notes: tuple[str, ...]
    unit: str
    unit_count: int
    scores: tuple[Score, ...]
    document_scores: tuple[Score, ...]
    paragraphs: tuple[ParagraphView, ...]
    counts: tuple[tuple[str, int], ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A sentence as the page shows it: `number` counts through the document from 1."""

    number: int
    view: SentenceView
    confidence: str

    @property
    def anchor(self) -> str:
        return f"s{self.number}"


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph as the page shows it; `rank` is `worst`, `best` or empty."""

    view: ParagraphView
    rows: tuple[_Row, ...]
    rank: str
    low: bool

    @property
    def anchor(self) -> str:
        return f"p{self.view.number + 1}"

    @property
    def flagged(self) -> bool:
        return any(row.view.flags for row in self.rows)

    @property
    def opening(self) -> str:
        """The first characters of the source, to recognise it by."""
        return " ".join("".join(row.view.src for row in self.rows[:2]).split())[:80]


@dataclass(frozen=True, slots=True)
class _Plot:
    """A drawing, and what stands under it."""

    svg: str
    caption: str


def render(page: RunPage) -> str:
    """The page as one HTML document: no external address, no clock, no chance; equal pages give equal text.

    Characters that a browser would hide or that would reorder the text (controls, U+2028, bidirectional overrides) show as ⟨U+XXXX⟩.

    Example:
        >>> sentence = SentenceView("a-1", "猫 & 犬。", "A cat & a dog.", -3.2, 7, ())
        >>> paragraph = ParagraphView(0, (sentence,), None, None)
        >>> html = render(RunPage("Cats", "2025-01-01", "ja", "en", "No score.", (), "paragraph", 1, (), (), (paragraph,), (), ()))
        >>> "猫 &amp; 犬。" in html, "<svg" in html
        (True, True)
    """
    blocks = _blocks(page.paragraphs)
    rows = [row for block in blocks for row in block.rows]
    css, script = _asset("run.css"), _asset("run.js")
    flags = Counter(flag for row in rows for flag in row.view.flags)
    return _template().render(
        page=page,
        blocks=blocks,
        css=css,
        script=script,
        policy=_policy(css, script),
        languages={"src": _language(page.src_lang), "tgt": _language(page.tgt_lang)},
        scores=[(score, _lower(score), _interval(score)) for score in page.scores],
        document_scores=[(score, _lower(score)) for score in page.document_scores],
        units=plural(page.unit_count, page.unit),
        has_reference=any(p.reference is not None for p in page.paragraphs),
        worst=[b for b in _by_chrf(blocks) if b.rank == "worst"],
        best=[b for b in reversed(_by_chrf(blocks)) if b.rank == "best"],
        unsure=_least_certain(rows) if not page.scores else [],
        chrf_plot=_chrf_plot(page, blocks),
        length_plot=_length_plot(page, rows),
        flags=[(f"flag-{n}", name, count, FLAGS.get(name, "")) for n, (name, count) in enumerate(flags.items(), 1)],
        flag_anchor={name: f"flag-{n}" for n, name in enumerate(flags, 1)},
        explain=FLAGS,
        failures=FAILURES,
        sentences=len(rows),
        long=len(blocks) > LONG,
        flagged=sum(block.flagged for block in blocks),
        lowest=sum(block.low for block in blocks),
    )


def _blocks(paragraphs: Sequence[ParagraphView]) -> tuple[_Block, ...]:
    """Paragraphs with their sentences numbered and the worst and best by chrF named; of two equal ones the earlier counts as worse."""
    scored = sorted((p.chrf, n) for n, p in enumerate(paragraphs) if p.chrf is not None)
    few = min(EXTREMES, len(scored) // 2)  # no paragraph is both worst and best
    ranks = {n: "worst" for _, n in scored[:few]} | {n: "best" for _, n in scored[len(scored) - few :]}
    low = {n for _, n in scored[: min(LOWEST, len(scored) // 2)]}
    blocks, number = [], 0
    for n, paragraph in enumerate(paragraphs):
        rows = []
        for sentence in paragraph.sentences:
            number += 1
            rows.append(_Row(number, sentence, _confidence(sentence)))
        blocks.append(_Block(paragraph, tuple(rows), ranks.get(n, ""), n in low))
    return tuple(blocks)


def _by_chrf(blocks: Sequence[_Block]) -> list[_Block]:
    """Blocks that have a chrF, lowest first."""
    scored = [(b.view.chrf, n) for n, b in enumerate(blocks) if b.view.chrf is not None]
    return [blocks[n] for _, n in sorted(scored)]


def _confidence(sentence: SentenceView) -> str:
    """The record of a sentence in one line, for whoever points at its number."""
    if sentence.logprob is None or not sentence.pieces:
        return f"{sentence.id}: no model was asked"
    mean = sentence.logprob / sentence.pieces
    return f"{sentence.id}: log-probability {_signed(sentence.logprob, 2)}, {plural(sentence.pieces, 'piece')}, {_signed(mean, 2)} a piece"


def _least_certain(rows: Sequence[_Row]) -> list[tuple[_Row, float]]:
    """The sentences with the lowest mean log-probability a piece: where to look when no reference says it."""
    known = [
        (row.view.logprob / row.view.pieces, row.number, row)
        for row in rows
        if row.view.logprob is not None and row.view.pieces
    ]
    few = min(EXTREMES, len(known) // 2)
    return [(row, mean) for mean, _, row in sorted(known, key=lambda item: item[:2])[:few]]


def _interval(score: Score) -> str:
    said = f"{score.name} {score.value:.1f} percent"
    if score.low is not None and score.high is not None:
        said += f", 95 % interval {score.low:.1f} to {score.high:.1f}"
    return plots.interval_plot(score.value, score.low, score.high, label=said)


def _chrf_plot(page: RunPage, blocks: Sequence[_Block]) -> _Plot | None:
    """chrF2 along the document; None where fewer than two paragraphs have one."""
    if sum(b.view.chrf is not None for b in blocks) < 2:
        return None
    shown = plots.sampled(blocks, BARS_CAP)
    bars = []
    for block in shown:
        value = block.view.chrf
        title = f"Paragraph {block.view.number + 1}: " + ("no chrF" if value is None else f"chrF2 {value:.1f} %")
        bars.append(plots.Bar(value, f"#{block.anchor}", title, block.rank == "worst"))
    whole = next((s.value for s in page.scores if s.name.startswith("chrF")), None)
    svg = plots.bars(
        bars,
        y_title="chrF2, % ↑",
        x_title=f"paragraph 1 to {blocks[-1].view.number + 1:,}",
        label=f"chrF2 of {plural(len(shown), 'paragraph')} in the order of the document",
        rule=whole,
    )
    caption = "One bar a paragraph, in the document's order; the worst are coloured. A click leads there."
    if whole is not None:
        caption += f" Dashed: all paragraphs together, {whole:.1f} %."
    if len(shown) < len(blocks):
        caption += f" {len(shown):,} of {len(blocks):,} paragraphs, at even distances."
    return _Plot(svg, caption)


def _length_plot(page: RunPage, rows: Sequence[_Row]) -> _Plot | None:
    """Source characters against the output's length, a dot a sentence; None without sentences."""
    if not rows:
        return None
    from statistics import (
        median,
    )  # brings decimal, fractions and random along: 10 ms that `mt --help` need not wait for

    measure = "characters" if page.tgt_lang in UNSPACED else "words"
    calm, odd = [row for row in rows if not row.view.flags], [row for row in rows if row.view.flags]
    plain, flagged = plots.sampled(calm, SCATTER_CAP), plots.sampled(odd, SCATTER_CAP)
    points = []
    for row in (*plain, *flagged):
        x, y = len(row.view.src), _length(row.view.hyp, page.tgt_lang)
        title = f"Sentence {row.number}: {x:,} characters, {y:,} {measure}"
        title += f" ({', '.join(row.view.flags)})" if row.view.flags else ""
        points.append(plots.Point(x, y, f"#{row.anchor}", title, bool(row.view.flags)))
    slope = median(_length(row.view.hyp, page.tgt_lang) / max(1, len(row.view.src)) for row in rows)
    svg = plots.scatter(
        points,
        x_title="source, characters →",
        y_title=f"output, {measure} ↑",
        label=f"Length of {plural(len(points), 'sentence')}: source characters against output {measure}",
        slope=slope,
    )
    caption = f"One dot a sentence; far off the line, something was left out or repeated. Line: the median, {slope:.2f} {measure} a character."
    if flagged:
        caption += " Coloured: flagged."
    if len(points) < len(rows):
        caption += f" Shown, at even distances: {len(plain):,} of {len(calm):,} sentences without a flag"
        caption += f", {len(flagged):,} of {len(odd):,} flagged." if odd else "."
    return _Plot(svg, caption)


def _length(text: str, lang: str) -> int:
    """Words, or characters in languages written without spaces."""
    return len(text) if lang in UNSPACED else len(text.split())


def _signed(value: float, digits: int) -> str:
    """Fixed digits, with the minus sign of print and no minus zero."""
    text = f"{value:.{digits}f}"
    return text.replace("-", "\N{MINUS SIGN}") if float(text) else text.lstrip("-")


def _lower(score: Score) -> bool:
    """True where a lower number is the better one."""
    return score.name.startswith(tuple(LOWER_IS_BETTER))


def _language(code: str) -> str:
    return LANGUAGES.get(code, code)


def _policy(css: str, script: str) -> str:
    """Content security policy: our own style and script, known by their hashes, and nothing else from anywhere."""
    return f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


@cache
def _asset(name: str) -> str:
    # A newline at both ends: what stands between the tags is exactly what was hashed.
    return "\n" + (Path(__file__).parent / name).read_text(encoding="utf-8").strip() + "\n"


@cache
def _template() -> Template:
    filled = environment()
    filters: Mapping[str, object] = {
        "number": lambda n: f"{n:,}",
        "one": lambda x: _signed(x, 1),
        "two": lambda x: _signed(x, 2),
        "plural": plural,
    }
    filled.filters.update(filters)
    return filled.get_template("run.html.j2")
