"""What `mt align view` does: an alignment and its sentences become a page to read and correct."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mt.bitext import links as word_links
from mt.bitext.beads import MAN, BeadFile, Direction, Row, joiner, origins, read_beads, to_alignment
from mt.errors import CountError, InputError
from mt.files import write_text
from mt.pipeline.score import file_lines
from mt.report.align_page import AlignPage, render
from mt.types import Alignment, Links

_NAMED = 20  # crossing beads that are named on the page
_SAMPLE = 200  # sentences looked at to tell Japanese from the rest


@dataclass(frozen=True, slots=True)
class Viewed:
    """What the page shows.

    Attributes:
        beads: all of them.
        nulls: without a partner.
        man: made or confirmed by a person.
        bytes: of the page.
        crossing: pairs of the file that cross others: their sentences are shown without a partner, and the page names them.
    """

    beads: int
    nulls: int
    man: int
    bytes: int
    crossing: int = 0


def view(
    path: Path,
    out: Path,
    *,
    texts: tuple[Path, Path] | None = None,
    format: str = "auto",
    base: int = 0,
    score_is: Direction | None = None,
    langs: tuple[str, str] = ("auto", "auto"),
    title: str = "",
    words: Path | None = None,
) -> Viewed:
    """Write the page of an alignment, beside and renamed.

    Args:
        path: the alignment, in any of `mt.bitext.beads.FORMATS`; sentences that no row names are shown without a partner.
        out: the HTML file.
        texts: sentences of both sides, one a line; None = they are in the alignment itself (JSON lines of `mt align`).
        format: of the alignment.
        base: what its sentence numbers count from, 0 or 1.
        score_is: which end of its scores is good; None = the format's habit.
        langs: codes of the two languages; `auto` = Japanese where most sentences have kana, else English.
        title: heading; empty = the names of the documents.
        words: word links as JSON lines of `mt align words`, a line a bead, or a line a bead that has both sides; None = those of the alignment.

    Raises:
        InputError: for a file that is not what it should be, or an alignment of other sentences.
        OutputError: for a place that cannot be written.
    """
    given = None if texts is None else (file_lines(texts[0]), file_lines(texts[1]))
    file = read_beads(path, format=format, base=base, score_is=score_is, sentences=given)
    sentences = given or file.sentences
    if sentences is None:
        raise InputError(
            path, "its sentences within it, or given beside it", f"an alignment in the format {file.format}"
        )
    names = file.names or (("source", "target") if texts is None else (texts[0].name, texts[1].name))
    file, crossing = _in_order(file)
    alignment = to_alignment(file, len(sentences[0]), len(sentences[1]), ids=names)
    rows = list(origins(file, alignment))
    langs = (_language(langs[0], sentences[0]), _language(langs[1], sentences[1]))
    joiners = (joiner(langs[0]), joiner(langs[1]))
    links = {n: row.links for n, row in enumerate(rows) if row is not None and row.links is not None}
    page = AlignPage(
        title=title or f"{names[0]} – {names[1]}",
        alignment=alignment,
        src=sentences[0],
        tgt=sentences[1],
        langs=langs,
        verdict=_verdict(file.translations),
        alarm=file.translations is not None and file.translations < 0.5,
        joiners=joiners,
        man=frozenset(n for n, row in enumerate(rows) if row is not None and row.status == MAN),
        links=links if words is None else _links(words, path, alignment, sentences, joiners),
        tables=_facts(file, alignment, texts, crossing),
    )
    html = render(page)
    write_text(out, html)
    nulls = sum(not (bead.src and bead.tgt) for bead in alignment.beads)
    return Viewed(len(alignment.beads), nulls, len(page.man), len(html.encode()), len(crossing))


def _in_order(file: BeadFile) -> tuple[BeadFile, tuple[Row, ...]]:
    """The file without the fewest sentences in pairs that cross others, and those pairs; people's alignments of moved passages have some."""
    pairs = sorted((r for r in file.rows if r.src and r.tgt), key=lambda r: (min(r.src), min(r.tgt)))
    # longest ascending chain, by sentences: of chains that end in a target sentence, and by which pair before
    ends: list[int] = []  # ascending, and so are their chains' sentences
    chains: list[tuple[int, int]] = []  # sentences, last pair
    before: list[int] = []
    for number, row in enumerate(pairs):
        start = min(row.tgt)
        at = bisect_right(ends, start)
        weight, last = chains[at - 1] if at else (0, -1)
        before.append(last)
        weight += len(row.src) + len(row.tgt)
        stop = at
        while stop < len(ends) and chains[stop][0] <= weight:
            stop += 1
        ends[at:stop], chains[at:stop] = [start], [(weight, number)]
    kept: set[int] = set()
    last = chains[-1][1] if chains else -1
    while last >= 0:
        kept.add(id(pairs[last]))
        last = before[last]
    crossing = tuple(row for row in pairs if id(row) not in kept)
    gone = {id(row) for row in crossing}
    return replace(file, rows=tuple(row for row in file.rows if id(row) not in gone)), crossing


def _links(
    words: Path,
    path: Path,
    alignment: Alignment,
    sentences: tuple[Sequence[str], Sequence[str]],
    joiners: tuple[str, str],
) -> dict[int, Links]:
    """Number of a bead → its word links, of a file whose lines are the beads or the pairs among them."""
    lines = word_links.read(words, "jsonl")
    beads = list(enumerate(alignment.beads))
    if len(lines) != len(beads):
        beads = [(n, bead) for n, bead in beads if bead.src and bead.tgt]
    if len(lines) != len(beads):
        raise CountError(words, len(lines), path, len(beads), "pair")
    found = {}
    for number, ((n, bead), line) in enumerate(zip(beads, lines, strict=True), 1):
        if line.src is None or line.tgt is None:
            raise InputError(words, "words with their places", "links alone", line=number)
        for side, tokens, run in ((0, line.src, bead.src), (1, line.tgt, bead.tgt)):
            text = joiners[side].join(sentences[side][k] for k in run)
            if tokens.text != text:
                raise InputError(words, f"the text of bead {n + 1}: {text[:40]!r}", repr(tokens.text[:40]), line=number)
        cells = {(line.src.spans[i], line.tgt.spans[j]) for i, j in line.sure}
        found[n] = Links(tuple(sorted(cells)))
    return found


def _facts(
    file: BeadFile, alignment: Alignment, texts: tuple[Path, Path] | None, crossing: Sequence[Row]
) -> tuple[tuple[str, str], ...]:
    alone = sum(len(row.src) + len(row.tgt) for row in crossing)
    filled = len(alignment.beads) - sum(bool(row.src or row.tgt) for row in file.rows) - alone
    facts = [("alignment", f"{Path(file.path).name} ({file.format}, {len(file.rows) + len(crossing):,} beads)")]
    if crossing:
        named = ", ".join(f"{list(row.src)}:{list(row.tgt)}" for row in crossing[:_NAMED])
        more = f" and {len(crossing) - _NAMED:,} more" if len(crossing) > _NAMED else ""
        facts.append(("beads that cross others", f"{len(crossing):,}, shown without a partner: {named}{more}"))
    if filled:
        facts.append(("in no bead of the file", f"{filled:,} sentences, shown without a partner"))
    if file.score_is is not None:
        facts.append(("scores", "lower is better" if file.score_is == "cost" else "higher is better"))
    if file.origin is not None:
        facts.append(("made by", file.origin))
    if texts is not None:
        facts.append(("sentences", f"{texts[0].name}, {texts[1].name}"))
    return tuple(facts)


def _verdict(translations: float | None) -> str:
    if translations is None:
        return ""
    if translations < 0.5:
        return f"These two documents are not translations of each other (probability {translations:.2f})."
    likely = "more than 0.99" if translations > 0.99 else f"{translations:.2f}"
    return f"These two documents are translations of each other, with a probability of {likely}."


def _language(code: str, sentences: tuple[str, ...] | list[str]) -> str:
    if code != "auto":
        return code
    sample = [text for text in sentences if text.strip()][:_SAMPLE]
    kana = sum(any("\u3041" <= c <= "\u30ff" for c in text) for text in sample)
    return "ja" if kana * 2 > len(sample) else "en"
