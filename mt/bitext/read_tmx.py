"""TMX 1.1 to 1.4b → rows, read as a stream, so that a memory of gigabytes needs none; no entities of its own, no outside files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mt.bitext.read_xml import XmlReader
from mt.bitext.records import NO_LANGUAGE, Layout, Record, Reject, short
from mt.bitext.records_text import number_of
from mt.errors import InputError

Row = tuple[int, str, str]
_LANG = "xml:lang"
_DOCUMENTS = ("source-document", "x-document")


def read(path: Path, src_lang: str, tgt_lang: str) -> Iterator[Row]:
    """Units that hold both languages (`ja` takes `ja-JP` too), with the line their `<tu>` stands on; inline tags give their text only.

    Raises:
        InputError: for what is no well-formed TMX, declares an entity, or has no unit of both languages.
    """
    reader = _Reader(path, Layout(src_lang, tgt_lang))
    found = False
    for one in reader.read():
        if type(one) is Record:
            found = True
            yield one[:3]
    if not found:
        raise InputError(path, f"units in {src_lang} and {tgt_lang}", reader.seen())


def records(path: Path, layout: Layout) -> Iterator[Record | Reject]:
    """All units: those of both languages with the document and the scores that their properties name, the others as rejects.

    Bitextor's properties are known (`source-document`, `score-bicleaner-ai` …), and ours (`x-` before a score's name). Control characters that XML
    forbids are dropped, since many writers let them through.

    Raises:
        InputError: for what is no well-formed TMX, or declares an entity.
    """
    return _Reader(path, layout, lenient=True).read()


class _Reader(XmlReader[Record | Reject]):
    """The code of inline elements (`<bpt>`, `<ph>` …) is formatting, not text; that of `<hi>` and `<sub>` is text."""

    CODE = frozenset({"bpt", "ept", "it", "ph", "ut"})
    INLINE = CODE | {"hi", "sub"}

    def __init__(self, path: Path, layout: Layout, *, lenient: bool = False) -> None:
        super().__init__(path, "TMX", "tmx", lenient=lenient, tags=layout.tags)
        self._wanted = (layout.src_lang, layout.tgt_lang)
        self._langs: set[str] = set()
        self._sides: dict[str, str] = {}
        self._properties: list[tuple[str, str]] = []
        self._lang, self._line, self._property = "", 0, ""
        self._shown = ""

    def seen(self) -> str:
        """Languages, for a message."""
        return "none" if not self._langs else "languages " + ", ".join(sorted(self._langs))

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "tu":
            self._sides, self._properties, self._shown, self._line = {}, [], "", self.line
        elif name == "tuv":
            # TMX 1.1 wrote lang; many tools still do
            self._lang = (attributes.get(_LANG) or attributes.get("lang") or "").replace("_", "-").lower()
            self._langs.add(self._lang)
        elif name in ("seg", "prop"):
            self._property = attributes.get("type", "")
            self.begin_text()

    def end(self, name: str) -> None:
        if name == "seg":
            text = self.end_text()
            self._shown = self._shown or text
            for lang in self._wanted:
                if self._lang == lang or self._lang.startswith(f"{lang}-"):
                    self._sides.setdefault(lang, text)
        elif name == "prop":
            self._properties.append((self._property, self.end_text()))
        elif name == "tu":
            src, tgt = (self._sides.get(lang) for lang in self._wanted)
            if src is None or tgt is None:
                self.made.append(Reject(self._line, NO_LANGUAGE, short(self._shown)))
            else:
                self.made.append(Record(self._line, src, tgt, *self._known()))

    def _known(self) -> tuple[str, dict[str, float]]:
        """The document of the unit, and its scores by name."""
        document, given = "", {}
        for kind, value in self._properties:
            if kind in _DOCUMENTS:
                document = document or value.strip()
            elif kind.startswith(("score", "x-")) and (number := number_of(value)) is not None:
                given[kind.removeprefix("x-").removeprefix("score-")] = number
        return document, given
