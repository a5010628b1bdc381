"""Gettext catalogues (PO) → records."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from mt.bitext.read_xml import base_of
from mt.bitext.records import BAD_COLUMNS, BAD_ENCODING, FUZZY, NO_LANGUAGE, UNTRANSLATED, Layout, Record, Reject, short
from mt.bitext.stream import open_bytes
from mt.errors import InputError

_CHARSET = re.compile(rb'"Content-Type:[^"]*charset=([\w.-]+)', re.I)
_LANGUAGE = re.compile(r"^Language:[ \t]*([\w@-]+)", re.M)
_KEYWORD = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)\s*(".*)\Z', re.S)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"\s*\Z', re.S)
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", re.S)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def records(path: Path, layout: Layout) -> Iterator[Record | Reject]:
    r"""A record for every message, on the line of its `msgid`; obsolete ones (`#~`) are none.

    Messages without a translation are `untranslated`, those marked as guesses `fuzzy`. Of a message with a plural the last form is paired with the
    plural, and where the language has several forms, the first with the singular. The header's `Language:` says which side a translation is; without
    it, messages are taken for English, as gettext advises, or for the source where no side is English.

    Raises:
        InputError: when the file cannot be read, or names an encoding that there is not.
    """
    forward = _direction("", layout)  # a catalogue may have lost its header
    headed = False
    for entry in _entries(path):
        if entry.damaged or "msgid" not in entry.texts:
            yield Reject(entry.line, entry.damaged or BAD_COLUMNS, short(entry.shown))
        elif entry.texts["msgid"] or headed:
            yield from entry.records(forward)
        else:
            headed = True
            found = _LANGUAGE.search(entry.texts.get("msgstr", ""))
            forward = _direction(base_of(found[1]) if found else "", layout)


def _direction(language: str, layout: Layout) -> bool | None:
    """True where messages are the source side, False where they are the target side, None where translations are in neither language."""
    src, tgt = base_of(layout.src_lang), base_of(layout.tgt_lang)
    if language:
        return {tgt: True, src: False}.get(language)
    return tgt != "en"


class _Entry:
    """A message on its way."""

    def __init__(self) -> None:
        self.line, self.fuzzy, self.damaged, self.shown = 0, False, "", ""
        self.texts: dict[str, str] = {}
        self.last = ""

    def add(self, number: int, line: str) -> None:
        keyword = _KEYWORD.match(line)
        string = _STRING.match(keyword[2] if keyword else line)
        if string is None or not (keyword or self.last):
            self.bad(number, BAD_COLUMNS, line)
            return
        if keyword:
            self.last = keyword[1]
            self.line = number if self.last == "msgid" else self.line or number
        self.texts[self.last] = self.texts.get(self.last, "") + _unescaped(string[1])

    def bad(self, number: int, reason: str, line: str) -> None:
        if not self.damaged:
            self.line, self.damaged, self.shown = self.line or number, reason, line

    def records(self, forward: bool | None) -> Iterator[Record | Reject]:
        src = self.texts["msgid"]
        forms = [text for key, text in sorted(self.texts.items()) if key.startswith("msgstr")]
        pairs = [(src, forms[0] if forms else "")]
        if "msgid_plural" in self.texts and forms:
            plural = (self.texts["msgid_plural"], forms[-1])
            pairs = [plural] if len(forms) == 1 else [pairs[0], plural]
        for one, other in pairs:
            if not other:
                yield Reject(self.line, UNTRANSLATED, short(one))
            elif forward is None:
                yield Reject(self.line, NO_LANGUAGE, short(other))
            else:
                sides = (one, other) if forward else (other, one)
                yield Reject(self.line, FUZZY, short(one), *sides) if self.fuzzy else Record(self.line, *sides)


def _entries(path: Path) -> Iterator[_Entry]:
    """Messages with their flags; a blank line, a comment or a keyword begins the next."""
    entry = _Entry()
    for number, line in _lines(path):
        begins = line is not None and line.startswith(("#", "msgctxt", "msgid ", "msgid\t", 'msgid"'))
        done = any(key.startswith("msgstr") for key in entry.texts)
        if (done or entry.damaged) and (begins or line == ""):
            yield entry
            entry = _Entry()
        if line is None:
            entry.bad(number, BAD_ENCODING, "")
        elif line.startswith("#,"):
            entry.fuzzy = entry.fuzzy or "fuzzy" in line
        elif line.startswith("#~") or (not line and not entry.texts):
            entry.fuzzy = False  # it was said of an obsolete message
        elif line and not line.startswith("#"):
            entry.add(number, line)
    if entry.texts or entry.damaged:
        yield entry


def _lines(path: Path) -> Iterator[tuple[int, str | None]]:
    """Lines without outer white space; None for one that is not in the file's encoding."""
    with open_bytes(path) as stream:
        data = stream.read().removeprefix(codecs.BOM_UTF8)
    if data.strip() and b"msgid" not in data:
        raise InputError(path, "a catalogue of messages", "no msgid in it")
    named = _CHARSET.search(data[:100_000])
    charset = named[1].decode("ascii", "replace") if named and named[1] != b"CHARSET" else "utf-8"
    try:
        codecs.lookup(charset)
    except LookupError:
        raise InputError(path, "an encoding that is known", charset) from None
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            yield number, line.decode(charset).strip()
        except UnicodeDecodeError:
            yield number, None


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_escape, text) if "\\" in text else text


def _escape(found: re.Match[str]) -> str:
    code = found[1]
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    return chr(int(code, 8)) if code[0] in "01234567" else _ESCAPES.get(code, code)
