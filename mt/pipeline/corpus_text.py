"""Files of one language → sentences, for making pairs of them: pages, documents, lines, JSON lines; compressed or not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from mt.align.side import Side
from mt.bitext.piles import is_json
from mt.bitext.records import BAD_JSON, COMPRESSED, LONGEST, NO_LANGUAGE, TOO_LONG, Reject, short
from mt.bitext.records_text import raw_lines
from mt.bitext.stream import open_bytes
from mt.documents.prose import Dropped, Prose
from mt.errors import ConfigError
from mt.pipeline.align_text import SPLIT, read_text, read_texts
from mt.text import en, ja
from mt.text.encoding import decode

Format = Literal["auto", "markdown", "html", "text", "lines", "jsonl"]
LINED = frozenset({"auto", "lines", "jsonl"})  # of monolingual files: a line is a sentence
FORMATS = ("auto", "markdown", "html", "text", "lines", "jsonl")
_PAGES = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdx": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A document of one language.

    Attributes:
        side: its sentences and their paragraphs.
        dropped: what was no prose.
    """

    side: Side
    dropped: tuple[Dropped, ...] = ()


def kind_of(path: Path, format: str) -> str:
    """How a file is read: `markdown`, `html`, `jsonl`, `text` (paragraphs), `lines` (sentences), or `auto` where only a look at it can tell.

    Raises:
        ConfigError: for a format that there is not.

    Example:
        >>> kind_of(Path("a.ja.md.gz"), "auto"), kind_of(Path("a.txt"), "auto"), kind_of(Path("a.md"), "lines")
        ('markdown', 'auto', 'lines')
    """
    if format not in FORMATS:
        raise ConfigError("format", f"one of {', '.join(FORMATS)}", format)
    if format != "auto":
        return format
    suffixes = [s.lower() for s in path.suffixes if s.lower() not in COMPRESSED]
    return "jsonl" if is_json(path) else _PAGES.get(suffixes[-1] if suffixes else "", "auto")


def pages(paths: tuple[Path, Path], langs: tuple[str, str], format: str = "auto") -> tuple[Page, Page]:
    """Both sides of a document, as sentences.

    Raises:
        InputError: for a file that cannot be read as text.
        ConfigError: for a format that there is not, or a language whose sentences we cannot find.
    """
    kinds = tuple(kind_of(path, format) for path in paths)
    if set(kinds) == {"auto"}:
        one, other = read_texts(paths, langs)
        return Page(one.side), Page(other.side)
    made = [page(path, lang, kind) for path, lang, kind in zip(paths, langs, kinds, strict=True)]
    return made[0], made[1]


def page(path: Path, lang: str, kind: str) -> Page:
    """One document; arguments as of `pages`."""
    if kind not in ("markdown", "html"):
        chosen: dict[str, Literal["auto", "lines", "document"]] = {"text": "document", "lines": "lines"}
        return Page(read_text(path, lang, chosen.get(kind, "auto")).side)
    split = _splitter(lang)
    with open_bytes(path) as stream:
        data = stream.read()
    prose = _prose(data, lang, kind, path) if data.strip() else Prose(())
    sentences: list[str] = []
    numbers: list[int] = []
    for number, paragraph in enumerate(prose.paragraphs):
        found = [paragraph[start:end] for start, end in split(paragraph)]
        sentences += found
        numbers += [number] * len(found)
    return Page(Side(tuple(sentences), lang, tuple(numbers)), prose.dropped)


def count_lines(path: Path) -> int:
    """Lines of a file, a last one without a line feed among them.

    Raises:
        InputError: when the file is missing or damaged.
    """
    count, last = 0, b"\n"
    with open_bytes(path) as stream:
        while block := stream.read(1 << 20):
            count, last = count + block.count(b"\n"), block[-1:]
    return count + (last != b"\n")


def sentences(
    path: Path, lang: str, format: str = "auto", lines: tuple[int, int] | None = None
) -> Iterator[tuple[int, str] | Reject]:
    """Sentences of a file of one language, each with its line (in a page: its number), and what is none.

    Text is taken for one sentence a line, as files too large to be looked through are; `format = "text"` splits paragraphs instead. JSON lines
    have the text under `text`, or under the language's code. Blank lines are passed over. `lines` are those wanted, from 0, half-open.

    Raises:
        InputError: when the file is missing or damaged.
    """
    kind = kind_of(path, format)
    if kind in ("markdown", "html", "text"):
        found = page(path, lang, kind)
        for dropped in found.dropped:
            yield Reject(dropped.line or 0, dropped.reason, short(dropped.text))
        yield from enumerate(found.side.sentences, 1)
        return
    for number, line in islice(raw_lines(path), *(lines or (0, None))):
        if isinstance(line, Reject):
            yield line
            continue
        text = _text(line, lang) if kind == "jsonl" else line
        if text is None:
            yield Reject(number, NO_LANGUAGE if line.lstrip().startswith("{") else BAD_JSON, short(line))
        elif len(text) > LONGEST:
            yield Reject(number, TOO_LONG, short(text))
        elif text.strip():
            yield number, text


def _text(line: str, lang: str) -> str | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    found = (row.get("text", row.get(lang))) if isinstance(row, dict) else None
    return found if isinstance(found, str) else None


def _prose(data: bytes, lang: str, kind: str, path: Path) -> Prose:
    if kind == "html":
        from mt.documents import html

        return html.prose(html.decoded(data, str(path)), lang, str(path))
    from mt.documents import markdown

    return markdown.prose(decode(data, str(path)).text, lang)


def _splitter(lang: str) -> Callable[[str], list[tuple[int, int]]]:
    if lang not in SPLIT:
        raise ConfigError("src_lang", f"{' or '.join(sorted(SPLIT))}, whose sentences we can find", lang)
    return ja.split if lang == "ja" else en.split
