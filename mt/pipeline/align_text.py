"""A file → one side of an alignment: lines that are sentences already, or a document that is split; its language where nobody names it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mt.align.side import Side
from mt.bitext.stream import open_bytes
from mt.documents import html
from mt.documents.plain import document
from mt.documents.prose import Prose
from mt.errors import ConfigError, InputError
from mt.files import sha256
from mt.text import en, ja
from mt.text.encoding import decode
from mt.text.paragraphs import hard_wrapped
from mt.text.script import language

Kind = Literal["auto", "lines", "document"]

SPLIT = frozenset({"ja", "en"})  # languages whose sentences we can find
_MANY = 0.1  # share of lines of several sentences from which lines are paragraphs: no line-by-line set of ours has more than 0.06
# a list item, a heading, a table row, a quotation, a definition, a comment: begins a paragraph even below a line of text
_OWN_LINE = re.compile(r"\s*(?:[-*+•] |\d+[.)] |#|\||>|:|<!--)")
_ALONE = re.compile(r"\s*(?:#|\||<!--|---|===|:::)")  # and nothing goes on such a line
_HEADING = re.compile(r"(#{1,6})[ \t]")
_FENCES = frozenset({"```", "~~~"})
_DOCUMENTS = frozenset({".md", ".markdown", ".rst", ".adoc"})
_PAGES = frozenset({".html", ".htm", ".xhtml"})


@dataclass(frozen=True, slots=True)
class Text:
    """One side, and where it came from.

    Attributes:
        path: of the file; `-` where there is none.
        side: sentences, language, paragraphs.
        kind: `lines` or `document`, as it was read.
        encoding: it was decoded with.
        sha256: of its bytes.
        known: the language was named, not guessed by script.
    """

    path: str
    side: Side
    kind: Literal["lines", "document"]
    encoding: str
    sha256: str
    known: bool

    def record(self) -> dict[str, object]:
        """For a report."""
        return {
            "path": self.path,
            "sha256": self.sha256,
            "encoding": self.encoding,
            "lang": self.side.lang,
            "input": self.kind,
            "sentences": len(self.side),
        }


def read_text(path: Path, lang: str | None = None, kind: Kind = "auto") -> Text:
    """Read one side; an empty file is a side without sentences.

    Args:
        path: text, compressed or not, in any of the encodings of `mt.text.encoding`.
        lang: its language; None = by its script, and `en` where it has no letters.
        kind: `lines` = a line is a sentence, an empty one too, and blank lines are paragraph borders; `document` = lines or blocks of lines are
            paragraphs, which are split into sentences; `auto` = `document` where a tenth of the lines holds several sentences, where lines were
            broken by hand, and for Markdown and its like. HTML is a document of its main text, unless `lines` is asked for.

    Raises:
        InputError: for a file that cannot be read as text, or a page without any.
        ConfigError: for a document in a language whose sentences we cannot find.
        UserError: for HTML where trafilatura is missing.
    """
    with open_bytes(path) as stream:
        data = stream.read()
    if kind != "lines" and data.strip() and _PAGES.intersection(path.suffixes):
        return _page(path, data, lang)
    decoded = decode(data, str(path)) if data else None
    text = decoded.text if decoded else ""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if not lines[-1]:
        lines.pop()
    code = lang or language(lines) or "en"
    chosen = _kind(path, text, lines, code) if kind == "auto" else kind
    if chosen == "document":
        _check_split(code)
    marked = _DOCUMENTS.intersection(path.suffixes)
    side = (
        (_marked(text, code) if marked else _document(text, code))
        if chosen == "document"
        else Side(tuple(lines), code, _blocks(lines))
    )
    encoding = decoded.encoding if decoded else "utf-8"
    return Text(str(path), side, chosen, encoding, sha256(data), lang is not None)


def read_texts(
    paths: tuple[Path, Path], langs: tuple[str | None, str | None] = (None, None), kind: Kind = "auto"
) -> tuple[Text, Text]:
    """Both sides; where only one looks like a document, the other is read as one too: raw texts come in pairs.

    Raises:
        InputError: for a file that cannot be read as text.
        ConfigError: for a document in a language whose sentences we cannot find.
    """
    made = [read_text(path, lang, kind) for path, lang in zip(paths, langs, strict=True)]
    if kind == "auto" and {text.kind for text in made} == {"lines", "document"}:
        for k, text in enumerate(made):
            if text.kind == "lines" and _base(text.side.lang) in SPLIT:
                made[k] = read_text(paths[k], langs[k], "document")
    return made[0], made[1]


def _base(code: str) -> str:
    return code.lower().replace("_", "-").split("-")[0]


def _kind(path: Path, text: str, lines: list[str], code: str) -> Literal["lines", "document"]:
    full = [line for line in lines if line.strip()]
    if _base(code) not in SPLIT or not full:
        return "lines"
    if _DOCUMENTS.intersection(path.suffixes):
        return "document"
    split = ja.split if _base(code) == "ja" else en.split
    several = sum(len(split(line)) > 1 for line in full)
    return "document" if several > _MANY * len(full) or hard_wrapped(text) else "lines"


def _check_split(code: str) -> None:
    if _base(code) not in SPLIT:
        raise ConfigError(
            "--input", f"lines (sentences are found in {' and '.join(sorted(SPLIT))})", f"document ({code})"
        )


def _page(path: Path, data: bytes, lang: str | None) -> Text:
    """A page of HTML by its main text; its headings are headings."""
    text, encoding = html.characters(data, str(path))
    prose = html.prose(text, _base(lang or "ja"), str(path))
    if not prose.paragraphs:
        raise InputError(path, "a page with a main text", "none that trafilatura takes for it")
    code = lang or language(list(prose.paragraphs)) or "en"
    if lang is None and _base(code) != "ja":  # lines were joined as Japanese ones are
        prose = html.prose(text, code, str(path))
    _check_split(code)
    return Text(str(path), _paragraphs(prose, code), "document", encoding, sha256(data), lang is not None)


def _paragraphs(prose: Prose, code: str) -> Side:
    split = ja.split if _base(code) == "ja" else en.split
    levels = dict(prose.headings)
    sentences: list[str] = []
    numbers: list[int] = []
    headings: list[tuple[int, int]] = []
    for number, paragraph in enumerate(prose.paragraphs):
        if number in levels:
            headings.append((len(sentences), levels[number]))
        found = [paragraph[a:b].strip() for a, b in split(paragraph)]
        sentences += found
        numbers += [number] * len(found)
    return Side(tuple(sentences), code, tuple(numbers), tuple(headings))


def _document(text: str, code: str) -> Side:
    made = document("side", _base(code), text)
    return Side(tuple(s.text for s in made.segments), code, tuple(s.paragraph for s in made.segments))


def _marked(text: str, code: str) -> Side:
    """Markdown and its like, where a line break within a paragraph means nothing."""
    japanese = _base(code) == "ja"
    split = ja.split if japanese else en.split
    sentences: list[str] = []
    numbers: list[int] = []
    headings: list[tuple[int, int]] = []
    code_blocks = _fenced(text)
    for number, (start, end) in enumerate(_paragraphs_of(text)):
        paragraph = text[start:end]
        if (mark := _HEADING.match(paragraph)) and not any(a <= start < b for a, b in code_blocks):
            headings.append((len(sentences), len(mark[1])))
        found = [_one_line(paragraph[a:b], japanese) for a, b in split(paragraph)]
        sentences += found
        numbers += [number] * len(found)
    return Side(tuple(sentences), code, tuple(numbers), tuple(headings))


def _fenced(text: str) -> list[tuple[int, int]]:
    """Spans of code between fences, and of the settings before a page: `#` begins a comment there."""
    spans, at, begin, fence = [], 0, 0, ""
    for number, line in enumerate(text.split("\n")):
        mark = line.strip()[:3]
        if not fence and (mark in _FENCES or (number == 0 and line.strip() == "---")):
            begin, fence = at, mark
        elif fence and mark == fence:
            spans.append((begin, at))
            fence = ""
        at += len(line) + 1
    return [*spans, (begin, at)] if fence else spans


def _paragraphs_of(text: str) -> list[tuple[int, int]]:
    """Spans of paragraphs, as CommonMark has them for as much as sentences need: lines go on what stands above them, unless they are blank, begin
    something (a list item, a heading, …), follow a heading or a table row, or are code or the settings before a page.
    """
    spans: list[tuple[int, int]] = []
    at, fence, goes_on = 0, "", False
    for number, line in enumerate(text.split("\n")):
        kept = line.strip()
        mark = kept[:3]
        begins = _OWN_LINE.match(line) is not None
        alone = bool(fence) or mark in _FENCES or _ALONE.match(line) is not None
        if kept:
            start = at + len(line) - len(line.lstrip())
            if goes_on and not begins and not alone:
                start = spans.pop()[0]
            spans.append((start, at + len(line.rstrip())))
        if fence:
            fence = "" if mark == fence else fence
        elif mark in ("```", "~~~") or (number == 0 and kept == "---"):
            fence = mark
        goes_on = bool(kept) and not alone
        at += len(line) + 1
    return spans


def _one_line(text: str, japanese: bool) -> str:
    first, *following = (line.strip() for line in text.split("\n"))
    for line in following:
        # Japanese has no blanks between words, but a break beside Latin letters was one
        close = japanese and not (first[-1:].isascii() and line[:1].isascii())
        first += line if close else f" {line}"
    return first


def _blocks(lines: list[str]) -> tuple[int, ...] | None:
    """Number of the block between blank lines that each line is in, a blank line with those before it; None where there are no blank lines."""
    blocks: list[int] = []
    at, blank = 0, False
    for line in lines:
        if line.strip() and blank:
            at += 1
        blank = not line.strip()
        blocks.append(at)
    return tuple(blocks) if at else None
