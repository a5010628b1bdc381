"""WMT's XML: `<dataset>` of `<doc>`s, each with `<src>`, `<ref translator>` and `<hyp system>` of `<seg id>`s, joined by document and id."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from mt.bitext.stream import open_bytes
from mt.bitext.testsets import LARGEST, TestData
from mt.errors import InputError

_BLOCK = 1 << 16
_DEPTH = 32  # elements inside each other; WMT's have seven
_SIDES = ("src", "ref", "hyp")


@dataclass(slots=True)
class _Doc:
    name: str
    line: int
    facts: dict[str, str]
    sides: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)


def read_wmt_xml(path: Path) -> TestData:
    """Segments in the order of the sources (of the first reference where there are none).

    A reference that lacks whole documents is left out and named in `notes`; a system or reference that lacks a segment of a document it has is
    an error. Documents named twice are numbered. Plain text of inline elements is kept.

    Raises:
        InputError: for what is no such XML, declares an entity, is too large or too deep, or has segments that do not join.
    """
    reader = _Reader(path)
    docs = reader.read()
    keys = list(dict.fromkeys(key for doc in docs for key in doc.sides))
    if not any(side in {"src", "ref"} for side, _ in keys):
        raise InputError(path, "documents with src or ref", reader.root or "nothing")
    whole = [key for key in keys if all(key in doc.sides for doc in docs)]
    lead = next((key for key in whole if key[0] != "hyp"), None)
    if lead is None:
        raise InputError(path, "a source or a reference of every document", "none")
    lacking = [key for key in keys if key not in whole]
    for side, name in lacking:
        if side == "hyp":
            doc = next(d for d in docs if (side, name) not in d.sides)
            raise InputError(path, f"system {name} for document {doc.name}", "none", line=doc.line)
    streams: dict[tuple[str, str], list[str]] = {key: [] for key in whole}
    names, facts = list[str](), list[dict[str, str]]()
    for doc in docs:
        order = doc.sides[lead]
        names += [doc.name] * len(order)
        facts += [doc.facts] * len(order)
        for key in whole:
            streams[key] += _joined(path, doc, key, order)
    if not names:
        raise InputError(path, "segments", "none")
    columns = {
        key: tuple(one[key] for one in facts) for key in ("domain", "origlang") if all(one.get(key) for one in facts)
    }
    return TestData(
        reader.name or path.stem,
        {name: tuple(texts) for (side, name), texts in streams.items() if side == "ref"},
        next((tuple(texts) for (side, _), texts in streams.items() if side == "src"), None),
        {name: tuple(texts) for (side, name), texts in streams.items() if side == "hyp"},
        tuple(names),
        columns,
        reader.langs(),
        (path,),
        tuple(f"{side} {name} lacks documents and was left out" for side, name in lacking),
    )


def _joined(path: Path, doc: _Doc, key: tuple[str, str], order: dict[str, str]) -> list[str]:
    own = doc.sides[key]
    for id in order:
        if id not in own:
            raise InputError(
                path, f"segment {id} of document {doc.name} in {' '.join(key).strip()}", "none", line=doc.line
            )
    if len(own) != len(order):
        extra = next(id for id in own if id not in order)
        raise InputError(path, f"the segments of document {doc.name}", f"{extra} too in {' '.join(key)}", line=doc.line)
    return [own[id] for id in order]


class _Reader:
    """Expat's events → documents; entities are refused, since a few nested ones can fill any memory and outside ones read any file."""

    def __init__(self, path: Path) -> None:
        self._path, self.root, self.name = path, "", ""
        self._docs: list[_Doc] = []
        self._names: dict[str, int] = {}
        self._side: tuple[str, str] | None = None
        self._seg: str | None = None
        self._text: list[str] = []
        self._langs: dict[str, str] = {}
        self._depth = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.EntityDeclHandler = self._entity

    def read(self) -> list[_Doc]:
        size = 0
        try:
            with open_bytes(self._path) as stream:
                while block := stream.read(_BLOCK):
                    size += len(block)
                    if size > LARGEST:  # a small compressed file may hold anything
                        raise InputError(self._path, f"at most {LARGEST >> 20} MiB of XML", "more")
                    self._parser.Parse(block, False)
                self._parser.Parse(b"", True)
        except expat.ExpatError as e:
            raise InputError(self._path, "XML", f"a mistake ({expat.ErrorString(e.code)})", line=e.lineno) from None
        return self._docs

    def langs(self) -> tuple[str, str]:
        return self._langs.get("src", ""), self._langs.get("ref", "") or self._langs.get("hyp", "")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        self.root, self._depth = self.root or name, self._depth + 1
        if self._depth > _DEPTH:
            raise InputError(self._path, f"at most {_DEPTH} elements inside each other", "more", line=line)
        if name == "dataset":
            self.name = attributes.get("id", "")
        elif name == "doc":
            id = attributes.get("id") or attributes.get("docid") or f"document {len(self._docs) + 1}"
            count = self._names[id] = self._names.get(id, 0) + 1
            called = id if count == 1 else f"{id} ({count})"
            self._docs.append(_Doc(called, line, {k: v for k, v in attributes.items() if k != "id"}))
        elif name in _SIDES and self._docs:
            said = attributes.get("translator") if name == "ref" else attributes.get("system")
            called = "" if name == "src" else said or "1"
            self._langs.setdefault(name, attributes.get("lang") or attributes.get("language") or "")
            self._side = (name, called)
            if self._docs[-1].sides.setdefault(self._side, {}):
                raise InputError(self._path, f"{name} {called} once a document", "twice", line=line)
        elif name == "seg":
            if self._side is None:
                raise InputError(self._path, "seg inside src, ref or hyp", "one outside", line=line)
            own = self._docs[-1].sides[self._side]
            self._seg, self._text = attributes.get("id") or str(len(own) + 1), []
            if self._seg in own:
                raise InputError(self._path, f"segment {self._seg} once", "twice", line=line)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == "seg" and self._seg is not None and self._side is not None:
            self._docs[-1].sides[self._side][self._seg] = " ".join("".join(self._text).split("\n")).strip()
            self._seg = None
        elif name in _SIDES:
            self._side = None

    def _data(self, text: str) -> None:
        if self._seg is not None:
            self._text.append(text)

    def _entity(self, name: str, *_: object) -> None:
        line = self._parser.CurrentLineNumber
        raise InputError(self._path, "XML without entities of its own", f"the entity {name}", line=line)
