"""XLIFF 1.2 and 2.x → records, read as a stream; a file may be in either direction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mt.bitext.read_xml import XmlReader, base_of
from mt.bitext.records import FUZZY, NO_LANGUAGE, UNTRANSLATED, Layout, Record, Reject, short

# States of a target (1.2) or a segment (2.x) in which nobody has translated it,
_UNTRANSLATED = frozenset({"new", "needs-translation", "initial"})
# and origins and states that say a machine guessed it or somebody must look again.
_FUZZY_ORIGINS = frozenset({"fuzzy-match", "leveraged-mt", "mt-suggestion"})
_FUZZY_STATES = frozenset(
    {"needs-adaptation", "needs-l10n", "needs-review-adaptation", "needs-review-l10n", "needs-review-translation"}
)

_FOLD = re.compile(r"[ \t]*\n[ \t\n]*")


def records(path: Path, layout: Layout) -> Iterator[Record | Reject]:
    """A record for every `<trans-unit>` (1.2), for every marked segment of one (`<mrk mtype="seg">`), or for every `<segment>` (2.x).

    Units without a target, or in a state in which it is none, are `untranslated`; targets marked as guesses are `fuzzy`. Suggestions beside a unit
    (`<alt-trans>`, `<mtc:match>`) are not read. The document is the `original` of `<file>`. White space of pretty-printed files is folded.

    Raises:
        InputError: for what is no well-formed XLIFF, or declares an entity.
    """
    return _Reader(path, layout).read()


class _Reader(XmlReader[Record | Reject]):
    CODE = frozenset({"bpt", "ept", "it", "ph", "x", "bx", "ex", "sc", "ec", "sm", "em", "cp"})
    INLINE = CODE | {"g", "mrk", "sub", "pc"}
    _ASIDE = frozenset({"alt-trans", "match", "matches", "note", "notes", "ignorable", "skeleton", "glossary"})

    def __init__(self, path: Path, layout: Layout) -> None:
        super().__init__(path, "XLIFF", "xliff", lenient=True, tags=layout.tags)
        self._wanted = (base_of(layout.src_lang), base_of(layout.tgt_lang))
        self._langs, self._document = ["", ""], ""
        self._aside = 0
        self._clear(0)

    def _clear(self, line: int, *, translate: bool = True) -> None:
        self._line, self._texts, self._state, self._origin = line, dict[str, str](), "", ""
        self._marks: dict[str, dict[str, str]] = {}
        self._side, self._translate = "", translate
        self._open: list[tuple[str, int]] = []  # marks: name of a segment's, and where it begins

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self._aside or name in self._ASIDE:
            self._aside += name in self._ASIDE
            return
        if name == "xliff":
            self._langs = [attributes.get("srcLang", ""), attributes.get("trgLang", "")]
        elif name == "file":
            self._langs = [
                attributes.get("source-language", self._langs[0]),
                attributes.get("target-language", self._langs[1]),
            ]
            self._document = attributes.get("original", "")
        elif name in ("trans-unit", "unit"):
            self._clear(self.line, translate=attributes.get("translate") != "no")
        elif name == "segment":
            self._clear(self.line, translate=self._translate)
            self._state = attributes.get("state", "")
        elif name in ("source", "target", "seg-source"):
            if name == "target":
                self._state = attributes.get("state", self._state)
                self._origin = attributes.get("state-qualifier", "")
            self._side = name
            self.begin_text()

    def end(self, name: str) -> None:
        if self._aside:
            self._aside -= name in self._ASIDE
        elif name in ("source", "target", "seg-source") and self._side == name:
            self._texts.setdefault(name, _FOLD.sub(" ", self.end_text()).strip())
            self._side = ""
        elif name in ("trans-unit", "segment"):
            self._unit()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        super()._start(name, attributes)
        if name == "mrk" and self._text is not None:
            mark = attributes.get("mid", "") if attributes.get("mtype") == "seg" else ""
            self._open.append((mark, len(self._text)))

    def _end(self, name: str) -> None:
        if name == "mrk" and self._text is not None and self._open:
            mark, start = self._open.pop()
            if mark:
                text = "".join(self._text[start:])
                self._marks.setdefault(self._side, {})[mark] = _FOLD.sub(" ", text).strip()
        super()._end(name)

    def _unit(self) -> None:
        src, tgt = self._texts.get("source"), self._texts.get("target")
        if src is None:
            return
        marks = self._marks.get("seg-source", {}), self._marks.get("target", {})
        if marks[0] and marks[0].keys() == marks[1].keys():
            for key, text in marks[0].items():
                self._record(text, marks[1][key])
        else:
            self._record(src, tgt)

    def _record(self, src: str, tgt: str | None) -> None:
        langs = [base_of(lang) for lang in self._langs]
        if tgt is None or (src and not tgt) or self._state in _UNTRANSLATED or not self._translate:
            self.made.append(Reject(self._line, UNTRANSLATED, short(src)))
        elif not self._forward(langs) and not self._forward(langs[::-1]):
            self.made.append(Reject(self._line, NO_LANGUAGE, short(src)))
        else:
            if not self._forward(langs):
                src, tgt = tgt, src
            if self._state in _FUZZY_STATES or self._origin in _FUZZY_ORIGINS:
                self.made.append(Reject(self._line, FUZZY, short(src), src, tgt))
            else:
                self.made.append(Record(self._line, src, tgt, self._document))

    def _forward(self, langs: list[str]) -> bool:
        """True where the file's languages are the wanted ones; one that it does not name is taken to be."""
        return langs[0] in (self._wanted[0], "") and langs[1] in (self._wanted[1], "")
