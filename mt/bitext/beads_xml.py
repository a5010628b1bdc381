"""Alignments as XML: InterText's and OPUS's stand-off links, and TMX. Read without entities; what XML cannot hold becomes U+FFFD.

Stand-off links hold numbers, status and one number a link (OPUS's `certainty`), no texts. TMX holds pairs only, no null beads; sentence
numbers are properties of ours, without which they are found in the sentences given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from mt.bitext import tmx
from mt.bitext.beads_row import Row, Sheet, measured, number, row_at
from mt.bitext.beads_text import Finder
from mt.bitext.stream import open_bytes
from mt.errors import InputError

Sentences = tuple[Sequence[str], Sequence[str]]
Part = tuple[tuple[str, str] | None, list[Row]]
_BLOCK = 1 << 16
_CODE = frozenset({"bpt", "ept", "it", "ph", "ut"})  # formatting inside a segment, not text


def read_standoff(path: Path, base: int) -> list[Part]:
    """`<link xtargets='1 2;1' status='man'/>` in a `<linkGrp fromDoc toDoc>`: the source is on the left. One part a group.

    Ids with one number in them (`7`, `s7`) are sentence numbers. Ids with more (InterText's paragraph:sentence `3:1`) are counted through in
    their order, which is right as long as the links name every sentence, as those of InterText do.

    Raises:
        InputError: for what is no such XML, declares an entity, or has no link.
    """
    found: list[tuple[tuple[str, str] | None, list[_Link]]] = []

    def start(line: int, name: str, attributes: dict[str, str]) -> None:
        if name == "linkGrp" or (name == "link" and not found):
            docs = attributes.get("fromDoc"), attributes.get("toDoc")
            found.append(((docs[0], docs[1]) if docs[0] and docs[1] else None, []))
        if name == "link":
            found[-1][1].append(_link(path, line, attributes))

    _Events(path, start).run()
    if not any(links for _, links in found):
        raise InputError(path, "links with xtargets", "none")
    return [(names, _numbered(path, links, base)) for names, links in found if links]


def write_standoff(rows: Sequence[Row], sheet: Sheet) -> Iterator[str]:
    r"""InterText's links, with OPUS's `certainty` where something was measured; a row without a status is `auto`.

    Example:
        >>> list(write_standoff([Row((0,), (0, 1), probability=0.5, status="man")], Sheet([], [])))[2]
        '<link type="1-2" xtargets="0;0 1" status="man" certainty="0.5"/>\n'
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    src, tgt = (quoteattr(tmx.legal(name)) for name in sheet.names)
    yield f'<linkGrp toDoc={tgt} versionWarning="0" fromDoc={src}>\n'
    for row, value in zip(rows, measured(rows), strict=True):
        sides = (" ".join(str(n + sheet.base) for n in side) for side in (row.src, row.tgt))
        certainty = "" if value is None else f' certainty="{number(value)}"'
        status = quoteattr(tmx.legal(row.status or "auto"))
        yield f'<link type="{len(row.src)}-{len(row.tgt)}" xtargets="{";".join(sides)}" status={status}{certainty}/>\n'
    yield "</linkGrp>\n"


def read_tmx(path: Path, base: int, langs: tuple[str, str], sentences: Sentences | None) -> list[Row]:
    """Units that hold both languages, in order; scores are the properties `score-bead` and `score-probability`.

    Raises:
        InputError: for what is no TMX, for a unit without sentence numbers where no sentences are given, or for a file without units.
    """
    units: list[_Unit] = []
    reader = _Tmx(langs, units)
    events = _Events(path, reader.start, reader.end, reader.data)
    events.run()
    if events.root != "tmx":
        raise InputError(path, "the element tmx", events.root or "nothing")
    if not units:
        raise InputError(path, f"units in {langs[0]} and {langs[1]}", "none")
    finder = None if sentences is None else Finder(path, sentences)
    return [unit.row(path, base, finder) for unit in units]


def write_tmx(rows: Sequence[Row], sheet: Sheet, tool_version: str) -> Iterator[str]:
    """One unit a pair, named after its documents and its number among the beads; null beads are left out."""
    frame = tmx.dumps((), src_lang=sheet.langs[0], tgt_lang=sheet.langs[1], tool_version=tool_version)
    head, mark, foot = frame.partition("  </body>\n")
    yield head
    for place, row in enumerate(rows):
        if row.src and row.tgt:
            yield _unit(place, row, sheet)
    yield mark + foot


def _unit(place: int, row: Row, sheet: Sheet) -> str:
    properties = [("type", f"{len(row.src)}:{len(row.tgt)}")]
    properties += [
        (f"score-{name}", number(value))
        for name, value in (("bead", row.score), ("probability", row.probability))
        if value is not None
    ]
    properties += [("status", row.status)] if row.status is not None else []
    for name, ids in (("src-ids", row.src), ("tgt-ids", row.tgt)):
        properties.append((name, " ".join(str(n + sheet.base) for n in ids)))
    props = "".join(f'<prop type="{name}">{tmx.content(value)}</prop>' for name, value in properties)
    sides = "".join(
        f"      <tuv xml:lang={quoteattr(lang)}>"
        f'<prop type="source-document">{tmx.content(name)}</prop><seg>{tmx.content(text)}</seg></tuv>\n'
        for lang, name, text in zip(sheet.langs, sheet.names, sheet.texts(row), strict=True)
    )
    return (
        f"    <tu tuid={quoteattr(tmx.legal(f'{sheet.names[0]}:{sheet.names[1]}:{place}'))}>{props}\n{sides}    </tu>\n"
    )


class _Link:
    """A link as it stands in the file: two lists of ids."""

    __slots__ = ("ids", "line", "score", "status")

    def __init__(self, line: int, ids: list[list[tuple[int, ...]]], score: float | None, status: str | None) -> None:
        self.line, self.ids, self.score, self.status = line, ids, score, status


def _link(path: Path, line: int, attributes: Mapping[str, str]) -> _Link:
    targets = attributes.get("xtargets")
    sides = [] if targets is None else targets.split(";")
    if len(sides) != 2:
        raise InputError(path, "xtargets='source ids;target ids'", repr(targets or "no xtargets")[:60], line=line)
    ids = [[tuple(int(n) for n in re.findall(r"[0-9]{1,9}", word)) for word in side.split()] for side in sides]
    if not all(key for side in ids for key in side):
        raise InputError(path, "ids with a number in them", repr(targets), line=line)
    certainty = attributes.get("certainty")
    try:
        score = None if certainty is None else float(certainty)
    except ValueError:
        raise InputError(path, "certainty as a number", repr(certainty), line=line) from None
    return _Link(line, ids, score, attributes.get("status"))


def _numbered(path: Path, links: Sequence[_Link], base: int) -> list[Row]:
    """Ids → sentence numbers, each side by itself."""
    places: list[dict[tuple[int, ...], int]] = []
    for side in (0, 1):
        keys = sorted({key for link in links for key in link.ids[side]})
        simple = all(len(key) == 1 for key in keys)
        places.append({key: key[0] if simple else place + base for place, key in enumerate(keys)})
    return [
        row_at(
            path,
            link.line,
            base,
            [[places[side][key] for key in link.ids[side]] for side in (0, 1)],
            score=link.score,
            status=link.status,
        )
        for link in links
    ]


class _Unit:
    """A translation unit as it is read: texts by language, properties of the unit itself."""

    __slots__ = ("line", "props", "sides")

    def __init__(self, line: int) -> None:
        self.line = line
        self.props: dict[str, str] = {}
        self.sides: dict[str, str] = {}

    def row(self, path: Path, base: int, finder: Finder | None) -> Row:
        numbers = [self._number(path, f"score-{name}") for name in ("bead", "probability")]
        ids = self._ids(path)
        if ids is None:
            if finder is None:
                expected = "properties src-ids and tgt-ids, or the sentences of both sides given beside it"
                raise InputError(path, expected, "neither", line=self.line)
            src, tgt = self.sides.values()
            ids, base = finder.find(self.line, src, tgt), 0
        status = self.props.get("status")
        return row_at(path, self.line, base, ids, score=numbers[0], probability=numbers[1], status=status)

    def _ids(self, path: Path) -> Sequence[Sequence[int]] | None:
        sides = []
        for text in (self.props.get(name) for name in ("src-ids", "tgt-ids")):
            if text is None:
                return None
            words = text.split()
            if not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
                raise InputError(path, "sentence numbers in src-ids and tgt-ids", repr(text), line=self.line)
            sides.append([int(word) for word in words])
        return sides

    def _number(self, path: Path, name: str) -> float | None:
        text = self.props.get(name)
        try:
            return None if text is None else float(text)
        except ValueError:
            raise InputError(path, f"{name} as a number", repr(text), line=self.line) from None


class _Tmx:
    """Expat's events → units that hold both languages."""

    def __init__(self, langs: tuple[str, str], units: list[_Unit]) -> None:
        self._langs, self._units = langs, units
        self._unit: _Unit | None = None
        self._lang, self._prop, self._code = "", "", 0
        self._text: list[str] | None = None

    def start(self, line: int, name: str, attributes: dict[str, str]) -> None:
        if name == "tu":
            self._unit, self._lang = _Unit(line), ""
        elif name == "tuv":
            self._lang = (attributes.get("xml:lang") or attributes.get("lang") or "").replace("_", "-").lower()
        elif name == "seg" or (name == "prop" and not self._lang):
            self._text, self._prop = [], attributes.get("type", "")
        elif name in _CODE:
            self._code += 1

    def end(self, name: str) -> None:
        if name in _CODE:
            self._code -= 1
        elif name == "tuv":
            self._lang = ""
        elif self._unit is None:
            return
        elif name == "prop" and self._text is not None:
            self._unit.props[self._prop], self._text = "".join(self._text), None
        elif name == "seg" and self._text is not None:
            for lang in self._langs:
                if self._lang == lang.lower() or self._lang.startswith(f"{lang.lower()}-"):
                    self._unit.sides.setdefault(lang, "".join(self._text))
            self._text = None
        elif name == "tu":
            if len(self._unit.sides) == 2:
                self._unit.sides = {lang: self._unit.sides[lang] for lang in self._langs}
                self._units.append(self._unit)
            self._unit = None

    def data(self, text: str) -> None:
        if self._text is not None and not self._code:
            self._text.append(text)


class _Events:
    """An XML file as events; entities of its own are refused, since a few nested ones can fill any memory and outside ones read any file."""

    def __init__(
        self,
        path: Path,
        start: Callable[[int, str, dict[str, str]], None],
        end: Callable[[str], None] | None = None,
        data: Callable[[str], None] | None = None,
    ) -> None:
        self._path, self._begin, self.root = path, start, ""
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = end
        self._parser.CharacterDataHandler = data
        self._parser.EntityDeclHandler = self._entity

    def run(self) -> None:
        try:
            with open_bytes(self._path) as stream:
                while block := stream.read(_BLOCK):
                    self._parser.Parse(block, False)
                self._parser.Parse(b"", True)
        except expat.ExpatError as e:
            raise InputError(self._path, "XML", f"a mistake ({expat.ErrorString(e.code)})", line=e.lineno) from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.root = self.root or name
        self._begin(self._parser.CurrentLineNumber, name, attributes)

    def _entity(self, name: str, *_: object) -> None:
        line = self._parser.CurrentLineNumber
        raise InputError(self._path, "XML without entities of its own", f"the entity {name}", line=line)
