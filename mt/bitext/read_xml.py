"""What readers of XML bitext share: a stream of bytes → events, no entities of its own, segments as plain text or with their inline tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from mt.bitext.stream import open_bytes
from mt.errors import InputError

T = TypeVar("T")

_BLOCK = 1 << 16
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r")
# A reference to a character that XML 1.0 forbids, which writers without a check produce.
_BAD_REFERENCE = re.compile(rb"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]));")
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\0<", b"<\0")  # UTF-16 or UTF-32: NUL bytes are part of it


class XmlReader(Generic[T]):
    """Expat's events → what `made` collects; subclasses say what elements mean.

    Args:
        path: of the file, for messages.
        said: what it should be, for messages.
        root: the element it must begin with.
        lenient: drop control characters that XML forbids, instead of refusing the file.
        tags: keep inline tags.
    """

    CODE: frozenset[str] = frozenset()  # elements whose content is formatting, not text
    INLINE: frozenset[str] = frozenset()  # all elements that may stand in a segment
    BREAK: frozenset[str] = frozenset(
        {"lb", "x-html-br", "x-br"}
    )  # values of ctype or type that stand for a line break

    def __init__(self, path: Path, said: str, root: str, *, lenient: bool = False, tags: bool = False) -> None:
        self.path, self.said, self.made = path, said, list[T]()
        self._root, self._begun, self._lenient, self._tags = root, False, lenient, tags
        self._text: list[str] | None = None
        self._code = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.EntityDeclHandler = self._entity

    @property
    def line(self) -> int:
        """1-based, of the event that is being handled."""
        return self._parser.CurrentLineNumber

    def read(self) -> Iterator[T]:
        """Everything, as it is made.

        Raises:
            InputError: for a file that is missing, damaged, no well-formed XML, has another root, or declares an entity.
        """
        with open_bytes(self.path) as stream:
            block = stream.read(_BLOCK)
            clean = self._lenient and not block.startswith(_WIDE)
            rest = b""
            while block:
                if clean:
                    block, rest = self._cleaned(rest + block)
                yield from self._feed(block)
                block = stream.read(_BLOCK)
            yield from self._feed(rest, end=True)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element that is not inline begins; `name` is without its prefix."""

    def end(self, name: str) -> None:
        """It ends."""

    def begin_text(self) -> None:
        """What follows is a segment."""
        self._text, self._code = [], 0

    def end_text(self) -> str:
        """The segment so far."""
        text, self._text = "".join(self._text or ()), None
        return text

    def _cleaned(self, block: bytes) -> tuple[bytes, bytes]:
        at = block.rfind(b"&", max(len(block) - 12, 0))  # a reference may go on in the next block
        block, rest = (block, b"") if at < 0 else (block[:at], block[at:])
        block = block.translate(None, _CONTROLS)
        return (_BAD_REFERENCE.sub(b"", block) if b"&#" in block else block), rest

    def _feed(self, block: bytes, *, end: bool = False) -> list[T]:
        if end and self._lenient:
            block = _BAD_REFERENCE.sub(b"", block)
        try:
            self._parser.Parse(block, end)
        except expat.ExpatError as e:
            found = f"a mistake ({expat.ErrorString(e.code)})"
            raise InputError(self.path, self.said, found, line=e.lineno) from None
        made, self.made = self.made, []
        return made

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if not self._begun:
            self._begun = True
            if name != self._root:
                raise InputError(self.path, f"the element {self._root}", name, line=self.line)
        if self._text is None or name not in self.INLINE:
            self.start(name, attributes)
            return
        if self._tags:
            said = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
            self._text.append(f"<{name}{said}>")
        elif attributes.get("ctype", attributes.get("type")) in self.BREAK:
            self._text.append(" ")
        if name in self.CODE:
            self._code += 1

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if self._text is None or name not in self.INLINE:
            self.end(name)
            return
        if name in self.CODE:
            self._code -= 1
        if self._tags:
            if self._text[-1].startswith(f"<{name}") and not self._text[-1].startswith("</"):
                self._text[-1] = self._text[-1][:-1] + "/>"
            else:
                self._text.append(f"</{name}>")

    def _data(self, text: str) -> None:
        if self._text is None:
            return
        if self._tags:
            self._text.append(escape(text))
        elif not self._code:
            self._text.append(text)

    def _entity(self, name: str, *_: object) -> None:
        # a few nested entities can fill any memory ("billion laughs"), and outside ones read any file
        raise InputError(self.path, f"{self.said} without entities of its own", f"the entity {name}", line=self.line)


def base_of(code: str) -> str:
    """The language of a tag, without region or script.

    Example:
        >>> base_of("ja_JP"), base_of("en-US"), base_of("JA")
        ('ja', 'en', 'ja')
    """
    return code.replace("_", "-").lower().split("-")[0]
