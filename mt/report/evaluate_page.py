"""The report of an evaluation: a single HTML file that needs no network, for a desk, a telephone, the dark and the printer.

A page is sections of blocks: text, facts, tables, figures, examples. `render` puts them into `evaluate.html.j2` with the style and the script
inline; `markdown` writes the same blocks as Markdown, figures left out. Everything that came from a text is escaped; a content security policy
that names the hashes of the style and the script forbids whatever else a text could try.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from mt import __version__
from mt.report import plots, tables
from mt.report.diffs import Part, compared
from mt.report.run_page import _asset, _policy
from mt.report.tables import TextTable
from mt.report.templates import environment

if TYPE_CHECKING:
    from jinja2 import Template

Mood = Literal["", "good", "bad", "muted", "warn"]


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs; `mood` says how they look."""

    lines: tuple[str, ...]
    mood: Mood = ""
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values, e.g. counts or a recipe; `code` sets values in a font of fixed width."""

    title: str
    rows: tuple[tuple[str, str], ...]
    code: bool = False
    kind: str = "facts"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; `moods` colours cells by (row, column), `folded` shows its title until somebody opens it.

    Attributes:
        table: heads, rows and notes.
        moods: of single cells.
        folded: shut at first; printed open.
        lang: language of the cells behind the first column, empty where they are words of the report.
        links: where a cell leads, `#…`, by (row, column).
        text: columns of running text: to the left, in lines.
    """

    table: TextTable
    moods: Mapping[tuple[int, int], Mood] = field(default_factory=lambda: MappingProxyType({}))
    folded: bool = False
    lang: str = ""
    links: Mapping[tuple[int, int], str] = field(default_factory=lambda: MappingProxyType({}))
    text: tuple[int, ...] = ()
    kind: str = "grid"


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing of `evaluate_plots`, its heading, and what stands under it; `legend` names the two colours where there are two."""

    title: str
    svg: str
    caption: str
    legend: tuple[str, ...] = ()
    kind: str = "figure"


@dataclass(frozen=True, slots=True)
class Example:
    """A segment to read.

    Attributes:
        number: from 1.
        document: its name, or empty.
        src: the source, or empty.
        reference: the first reference.
        texts: (system, what it wrote, its sentence chrF2 in percent), the two compared ones first.
        why: why it is shown.
    """

    number: int
    document: str
    src: str
    reference: str
    texts: tuple[tuple[str, str, float], ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Examples:
    """Groups of segments to read; the page's search goes through all segments in `EvaluatePage.segments`."""

    groups: tuple[tuple[str, tuple[Example, ...]], ...]
    kind: str = "examples"


Block = Text | Facts | Grid | Figure | Examples


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: `id` is its address."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    hint: str = ""

    @property
    def rows(self) -> tuple[tuple[Block, ...], ...]:
        """Blocks as they stand below each other: figures that follow each other stand side by side where there is room."""
        found: list[tuple[Block, ...]] = []
        for block in self.blocks:
            if isinstance(block, Figure) and found and len(found[-1]) == 1 and isinstance(found[-1][0], Figure):
                found[-1] = (found[-1][0], block)
            else:
                found.append((block,))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Segments:
    """Segments for the page's search, all or a part: columns of equal length.

    Attributes:
        systems: names.
        pair: places of the two compared systems in `systems`; equal where there is one.
        documents: name of each segment's document; empty = not known.
        src: sources; empty = not known.
        references: the first reference of each.
        texts: what each system wrote, by system.
        scores: sentence chrF2 in percent, by system.
        flags: what is wrong at sight, joined by line feeds, by system; empty = not looked for.
        seed: of the order "random".
        numbers: of the segments, from 1, ascending; empty = all of them.
        total: how many there are, where `numbers` is not empty.
        note: which segments these are, shown beside the search.

    Raises:
        ValueError: for columns of different lengths.
    """

    systems: tuple[str, ...]
    pair: tuple[int, int]
    documents: tuple[str, ...]
    src: tuple[str, ...]
    references: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    scores: tuple[tuple[float, ...], ...]
    flags: tuple[tuple[str, ...], ...] = ()
    seed: int = 12345
    numbers: tuple[int, ...] = ()
    total: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        n = len(self.references)
        columns: tuple[Sequence[object], ...] = (*self.texts, *self.scores, *self.flags)
        columns += tuple(x for x in (self.documents, self.src, self.numbers) if x)
        if any(len(column) != n for column in columns) or not len(self.systems) == len(self.texts) == len(self.scores):
            raise ValueError(f"page: expected columns of {n} segments for {len(self.systems)} systems, found others")


@dataclass(frozen=True, slots=True)
class EvaluatePage:
    """Everything the report shows.

    Attributes:
        title: heading.
        facts: a line under it: languages, segments, when.
        verdict: one to three sentences; the first is the answer.
        alarm: the verdict is a warning.
        sections: in the order shown.
        segments: for the search; None where texts are not shown.
        langs: codes of source and target.
        command: what makes the page again.
    """

    title: str
    facts: tuple[str, ...]
    verdict: tuple[str, ...]
    sections: tuple[Section, ...]
    segments: Segments | None = None
    alarm: bool = False
    langs: tuple[str, str] = ("ja", "en")
    command: str = ""


def render(page: EvaluatePage) -> str:
    """The page as one HTML document: no external address, no clock, no chance; equal pages give equal text.

    Characters that a browser would hide or that would reorder the text show as ⟨U+XXXX⟩.

    Example:
        >>> table = TextTable("Scores", ("system", "BLEU"), (("A & B", "27.2"),))
        >>> html = render(EvaluatePage("Cats", (), ("A is best.",), (Section("scores", "Scores", (Grid(table),)),)))
        >>> "<td>27.2</td>" in html, "A &amp; B" in html
        (True, True)
    """
    css, script = _asset("run.css") + _asset("evaluate.css"), _asset("evaluate.js")
    return _template().render(
        page=page,
        css=css,
        script=script,
        policy=_policy(css, script),
        data=_data(page.segments) if page.segments is not None else "",
        version=__version__,
    )


def markdown(page: EvaluatePage) -> str:
    """The same content without drawings, as GitHub's Markdown.

    Example:
        >>> print(markdown(EvaluatePage("Cats", ("ja → en",), ("A is best.",), (Section("s", "Scores", (Text(("Few.",)),)),))), end="")
        # Cats
        <BLANKLINE>
        ja → en
        <BLANKLINE>
        **A is best.**
        <BLANKLINE>
        ## Scores
        <BLANKLINE>
        Few.
    """
    escaped = tables._escaped
    parts = [f"# {escaped(page.title)}", escaped(" · ".join(page.facts)), *(f"**{escaped(x)}**" for x in page.verdict)]
    for section in page.sections:
        parts.append(f"## {escaped(section.title)}")
        parts += [escaped(section.hint)] if section.hint else []
        parts += [text for block in section.blocks if (text := _marked_down(block))]
    return "\n\n".join(part for part in parts if part) + "\n"


def text_tables(page: EvaluatePage, ids: Sequence[str] = ("scores", "differences")) -> tuple[TextTable, ...]:
    """The tables of some sections, for LaTeX and the terminal; folded ones are left out."""
    return tuple(
        block.table
        for section in page.sections
        if section.id in ids
        for block in section.blocks
        if isinstance(block, Grid) and not block.folded
    )


def _marked_down(block: Block) -> str:
    escaped = tables._escaped
    if isinstance(block, Text):
        return "\n\n".join(escaped(line) for line in block.lines)
    if isinstance(block, Facts):
        return tables.markdown([TextTable(block.title, ("", ""), block.rows)]).strip() if block.rows else ""
    if isinstance(block, Grid):
        return tables.markdown([block.table]).strip()
    if isinstance(block, Figure):
        return ""
    lines = []
    for title, examples in block.groups:
        lines.append(f"### {escaped(title)}")
        for e in examples:
            lines.append(f"**{e.number}** {escaped(e.why)}")
            said = [("source", e.src), ("reference", e.reference)]
            said += [(f"{name} ({score:.1f})", text) for name, text, score in e.texts]
            lines.append("\n".join(f"- {escaped(name)}: {escaped(text)}" for name, text in said if text))
    return "\n\n".join(lines)


def _data(segments: Segments) -> str:
    """The segments as JSON that can stand inside a script element: no `<` in it."""
    show = plots.visible
    found = {
        "systems": [show(name) for name in segments.systems],
        "pair": segments.pair,
        "documents": [show(x) for x in segments.documents],
        "src": [show(x) for x in segments.src],
        "ref": [show(x) for x in segments.references],
        "hyp": [[show(x) for x in texts] for texts in segments.texts],
        "score": [[round(x, 1) for x in scores] for scores in segments.scores],
        "flag": [[show(x) for x in flags] for flags in segments.flags],
        "seed": segments.seed,
        "number": segments.numbers,
        "total": segments.total if segments.numbers else len(segments.references),
    }
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _diff(text: str, other: str) -> tuple[Part, ...]:
    return compared(plots.visible(text), plots.visible(other))


@cache
def _template() -> Template:
    filled = environment()
    # a percent sign alone at the start of a line looks like a mistake
    filled.filters.update(
        {"diff": _diff, "one": lambda x: f"{x:.1f}", "tight": lambda x: x.replace(" %", "\N{NO-BREAK SPACE}%")}
    )
    return filled.get_template("evaluate.html.j2")
