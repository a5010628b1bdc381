"""TMX 1.4b → rows, read as a stream, so that a memory of gigabytes needs none; no entities of its own, no outside files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from mt.bitext.stream import open_bytes
from mt.errors import InputError

Row = tuple[int, str, str]
_BLOCK = 1 << 16
_LANG = "xml:lang"


def read(path: Path, src_lang: str, tgt_lang: str) -> Iterator[Row]:
    """Units that hold both languages (`ja` takes `ja-JP` too), with the line their `<tu>` stands on; inline tags give their text only.

    Raises:
        InputError: for what is no well-formed TMX, declares an entity, or has no unit of both languages.
    """
    reader = _Reader(path, src_lang, tgt_lang)
    found = False
    with open_bytes(path) as stream:
        while block := stream.read(_BLOCK):
            for row in reader.feed(block):
                found = True
                yield row
        yield from (last := reader.feed(b"", end=True))
        if not found and not last:
            raise InputError(path, f"units in {src_lang} and {tgt_lang}", reader.seen())


class _Reader:
    """Expat's events → rows. The code of inline elements (`<bpt>`, `<ph>` …) is formatting, not text; that of `<hi>` and `<sub>` is text."""

    _CODE = frozenset({"bpt", "ept", "it", "ph", "ut"})

    def __init__(self, path: Path, src_lang: str, tgt_lang: str) -> None:
        self._path, self._wanted = path, (src_lang, tgt_lang)
        self._rows: list[Row] = []
        self._sides: dict[str, str] = {}
        self._langs: set[str] = set()
        self._lang, self._line, self._code = "", 0, 0
        self._text: list[str] | None = None
        self._root = ""
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.EntityDeclHandler = self._entity

    def feed(self, block: bytes, *, end: bool = False) -> list[Row]:
        try:
            self._parser.Parse(block, end)
        except expat.ExpatError as e:
            raise InputError(self._path, "TMX", f"a mistake ({expat.ErrorString(e.code)})", line=e.lineno) from None
        rows, self._rows = self._rows, []
        return rows

    def seen(self) -> str:
        return "none" if not self._langs else "languages " + ", ".join(sorted(self._langs))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._root:
            self._root = name
            if name != "tmx":
                raise InputError(self._path, "the element tmx", name, line=self._parser.CurrentLineNumber)
        if name == "tu":
            self._sides, self._line = {}, self._parser.CurrentLineNumber
        elif name == "tuv":
            # TMX 1.1 wrote lang; many tools still do
            self._lang = (attributes.get(_LANG) or attributes.get("lang") or "").replace("_", "-").lower()
            self._langs.add(self._lang)
        elif name == "seg":
            self._text = []
        elif name in self._CODE:
            self._code += 1

    def _end(self, name: str) -> None:
        if name == "seg" and self._text is not None:
            for lang in self._wanted:
                if self._lang == lang or self._lang.startswith(f"{lang}-"):
                    self._sides.setdefault(lang, "".join(self._text))
            self._text = None
        elif name in self._CODE:
            self._code -= 1
        elif name == "tu" and len(self._sides) == len(self._wanted):
            self._rows.append((self._line, self._sides[self._wanted[0]], self._sides[self._wanted[1]]))

    def _data(self, text: str) -> None:
        if self._text is not None and not self._code:
            self._text.append(text)

    def _entity(self, name: str, *_: object) -> None:
        # a few nested entities can fill any memory ("billion laughs"), and outside ones read any file
        raise InputError(
            self._path, "TMX without entities of its own", f"the entity {name}", line=self._parser.CurrentLineNumber
        )
