"""An alignment to read and correct: a single HTML file that needs no network, for a desk, a telephone, the dark and the printer.

`render` puts an `AlignPage` into `align.html.j2` with `align.css`, `align_beads.js` and `align.js` inline. Everything that came from a text is
escaped; a content security policy that names the hashes of the style and the script forbids whatever else a text could try.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from mt import __version__
from mt.errors import plural
from mt.files import sha256
from mt.report import plots
from mt.report.run_page import _asset, _policy
from mt.report.templates import environment
from mt.types import Alignment, Bead, Links

if TYPE_CHECKING:
    from jinja2 import Template

BLOCK = 40  # beads laid out together: the browser skips blocks that are far from the window
LONG = 200  # beads from which it does

# From which probability on a bead is called so. Colours are Okabe and Ito's, which all kinds of colour vision tell apart.
LEVELS = ((0.9, "sure"), (0.7, "likely"), (0.4, "doubt"), (0.0, "weak"))
# The same by rank, where a file has scores only: the lowest twentieth is called doubtful, the lowest fiftieth weak.
RANKS = ((0.2, "sure"), (0.05, "likely"), (0.02, "doubt"), (0.0, "weak"))
# A ribbon in a square of 100: between two sides, and from one side into nothing.
SHAPES = {
    "band": "M0 0C30 0 35 9 50 9S70 0 100 0V100C70 100 65 91 50 91S30 100 0 100Z",
    "only-src": "M0 0C14 6 20 24 20 50S14 94 0 100Z",
    "only-tgt": "M100 0C86 6 80 24 80 50S86 94 100 100Z",
}
_WORDS = {"sure": "sure", "likely": "likely", "doubt": "doubtful", "weak": "weak", "none": "not measured"}
_RANGES = {"sure": "from 90 %", "likely": "70 to 90 %", "doubt": "40 to 70 %", "weak": "below 40 %"}
_KEYS = (
    (("j", "↓"), "next bead"),
    (("k", "↑"), "previous bead"),
    (("n", "N"), "next, previous doubtful bead"),
    (("Home", "End"), "first, last bead"),
    (("x", "Space"), "this bead is right (again: it is not)"),
    (("m",), "merge with the next bead"),
    (("s",), "split: one to one as far as it goes"),
    (("u",), "unlink: no side has a partner"),
    (("r", "f"), "source border up, down: give the last sentence to the next bead, take its first"),
    (("t", "g"), "target border up, down"),
    (("z", "y"), "undo, redo"),
    (("w", "W"), "next, previous word link"),
    (("o",), "only doubtful beads, all beads"),
    (("/",), "find"),
    (("e",), "save"),
    (("?",), "these keys"),
)


@dataclass(frozen=True, slots=True)
class AlignPage:
    """Everything the page shows.

    Attributes:
        title: heading.
        alignment: of all sentences of both sides.
        src: sentences of the source document.
        tgt: sentences of the target document.
        langs: codes of the two languages.
        joiners: what stands between two sentences of a side where they are joined.
        verdict: one sentence on the two documents; empty = none.
        alarm: the verdict is a warning.
        man: numbers of the beads that a person made or confirmed.
        links: number of a bead → its word links, spans of its joined sentences.
        tables: keys and values of what it was made of.
    """

    title: str
    alignment: Alignment
    src: Sequence[str]
    tgt: Sequence[str]
    langs: tuple[str, str] = ("ja", "en")
    joiners: tuple[str, str] = ("", " ")
    verdict: str = ""
    alarm: bool = False
    man: frozenset[int] = frozenset()
    links: Mapping[int, Links] = field(default_factory=lambda: MappingProxyType({}))
    tables: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError where the alignment is not one of these sentences."""
        counts = tuple(sum(len(side) for side in sides) for sides in zip(*self._sides(), strict=True))
        if counts and counts != (len(self.src), len(self.tgt)):
            raise ValueError(f"page: expected {(len(self.src), len(self.tgt))} sentences in the beads, found {counts}")

    def _sides(self) -> list[tuple[range, range]]:
        return [(bead.src, bead.tgt) for bead in self.alignment.beads] or [(range(0), range(0))]

    @property
    def names(self) -> tuple[str, str]:
        """Of the documents."""
        return self.alignment.src_id, self.alignment.tgt_id


@dataclass(frozen=True, slots=True)
class _Row:
    """A bead as the page shows it; `value` orders doubt, from 0 to 1."""

    number: int
    src: range
    tgt: range
    level: str
    value: float | None
    probability: float | None
    score: float | None
    shown: str
    said: str
    man: bool

    @property
    def kind(self) -> str:
        return "only-src" if not self.tgt else "only-tgt" if not self.src else "band"

    @property
    def type(self) -> str:
        return "" if len(self.src) == len(self.tgt) == 1 else f"{len(self.src)}–{len(self.tgt)}"

    @property
    def label(self) -> str:
        sides = (_told("source", self.src), _told("target", self.tgt))
        return f"{', '.join(sides)}: {'right, says a person' if self.man else self.said}"


def render(page: AlignPage) -> str:
    """The page as one HTML document: no external address, no clock, no chance; equal pages give equal text.

    Characters that a browser would hide or that would reorder the text show as ⟨U+XXXX⟩.

    Example:
        >>> alignment = Alignment("a", "b", (Bead(range(1), range(1), probability=0.97),))
        >>> html = render(AlignPage("Cats", alignment, ["猫 & 犬。"], ["A cat & a dog."]))
        >>> "猫 &amp; 犬。" in html, "97 %" in html, "<svg" in html
        (True, True, True)
    """
    rows = _rows(page)
    measure = _measure(page.alignment.beads)
    css, script = _asset("align.css"), _asset("align_beads.js") + _asset("align.js")
    return _template().render(
        page=page,
        rows=rows,
        blocks=[rows[n : n + BLOCK] for n in range(0, len(rows), BLOCK)],
        long=len(rows) > LONG,
        blank=_Row(0, range(1), range(1), "", None, None, None, "", "", False),
        css=css,
        script=script,
        policy=_policy(css, script),
        measure=measure,
        limit=5 if measure == "score" else 70,
        shapes=SHAPES,
        legend=_legend(rows, measure),
        notes=_notes(measure),
        help=_KEYS,
        links=_links(page),
        file_name=_file_name(page.names),
        digest=_digest(page),
        version=__version__,
    )


def _measure(beads: Sequence[Bead]) -> Literal["probability", "score", "none"]:
    if any(bead.probability is not None for bead in beads):
        return "probability"
    return "score" if any(bead.score is not None for bead in beads) else "none"


def _rows(page: AlignPage) -> list[_Row]:
    beads = page.alignment.beads
    measure = _measure(beads)
    scores = sorted(bead.score for bead in beads if bead.score is not None)
    rows = []
    for n, bead in enumerate(beads):
        value = bead.probability
        if measure == "score" and bead.score is not None:
            value = bisect_left(scores, bead.score) / len(scores)
        level = _level(value, LEVELS if measure == "probability" else RANKS)
        shown = said = ""
        if measure == "probability" and value is not None:
            # never rounded up: 99.6 % is not certain, and 89.6 % not yet in the class from 90 %
            shown = f"{int(100 * value + 1e-9)} %"
            said = f"{_WORDS[level]}, {shown.replace(' %', ' percent')}"
        elif value is not None:
            shown = f"{bead.score:.3g}".replace("-", "\N{MINUS SIGN}")
            said = f"{_WORDS[level]}, score {shown}"
        said = said or _WORDS["none"]
        rows.append(
            _Row(
                n + 1,
                bead.src,
                bead.tgt,
                level,
                None if value is None else round(value, 4),
                bead.probability,
                bead.score,
                shown,
                said,
                n in page.man,
            )
        )
    return rows


def _level(value: float | None, levels: Sequence[tuple[float, str]]) -> str:
    return "none" if value is None else next(name for least, name in levels if value >= least)


def _legend(rows: Sequence[_Row], measure: str) -> list[tuple[str, str, int]]:
    counts = Counter(row.level for row in rows if row.kind == "band" and not row.man)
    found = [
        (name, _WORDS[name] + (f", {_RANGES[name]}" if measure == "probability" and name in _RANGES else ""), count)
        for name in _WORDS
        if (count := counts[name])
    ]
    nulls = sum(row.kind != "band" for row in rows)
    man = sum(row.man for row in rows)
    found += [("nulls", "without a partner", nulls)] if nulls else []
    return found + ([("man", "right, says a person", man)] if man else [])


def _notes(measure: str) -> list[str]:
    if measure == "score":
        return [
            "The file has scores and no probabilities: the ribbons’ colours are their ranks, the lowest 5 % doubtful."
        ]
    if measure == "none":
        return ["The file has neither probabilities nor scores: no bead is called doubtful."]
    return ["Percent: how likely a person would have made the same bead."]


def _links(page: AlignPage) -> str:
    """Word links by sentence, [src sentence, start, end, tgt sentence, start, end] in the browser's units (UTF-16), as JSON."""
    found: list[tuple[int, ...]] = []
    for place, links in page.links.items():
        bead = page.alignment.beads[place]
        for src, tgt in links.spans:
            for a in _cut(src, bead.src, page.src, page.joiners[0]):
                found += [(*a, *b) for b in _cut(tgt, bead.tgt, page.tgt, page.joiners[1])]
    return json.dumps(found, separators=(",", ":")) if found else ""


def _cut(span: tuple[int, int], run: range, texts: Sequence[str], joiner: str) -> list[tuple[int, int, int]]:
    """A span of joined sentences → spans of the sentences as they are shown."""
    cut, start = [], 0
    for n in run:
        a, b = max(span[0] - start, 0), min(span[1] - start, len(texts[n]))
        if a < b:
            cut.append((n, _units(texts[n][:a]), _units(texts[n][:b])))
        start += len(texts[n]) + len(joiner)
    return cut


def _units(text: str) -> int:
    return len(plots.visible(text).encode("utf-16-le")) // 2


def _told(name: str, run: range) -> str:
    if not run:
        return f"no {name}"
    return f"{name} {run.stop}" if len(run) == 1 else f"{name} {run.start + 1} to {run.stop}"


def _file_name(names: tuple[str, str]) -> str:
    return "-".join("".join(c if c.isalnum() or c in "._" else "_" for c in name)[:60] for name in names)


def _digest(page: AlignPage) -> str:
    """Of the sentences and the beads: what was kept in the browser belongs to this alignment and no other."""
    beads = [(b.src.start, b.src.stop, b.tgt.start, b.tgt.stop) for b in page.alignment.beads]
    return sha256(json.dumps([list(page.src), list(page.tgt), beads]).encode())[:24]


@cache
def _template() -> Template:
    filled = environment()
    filled.filters.update({"number": lambda n: f"{n:,}", "plural": plural})
    return filled.get_template("align.html.j2")
