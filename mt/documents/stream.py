"""Text files of any size → their lines, checked before the first one is given: a file is usable as a whole, or it is an error."""

from __future__ import annotations

import codecs
import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mt.documents.plain import TextFile
from mt.errors import EncodingError, InputError, plural
from mt.files import sha256_file
from mt.text.encoding import LONGEST_LINE, decode

WHOLE = 4 << 20  # bytes; files up to here are read at once, longer ones are read line by line

_LONG = f"lines of at most {LONGEST_LINE:,} characters"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# no character of theirs holds the byte of a line feed, so that bytes can be parted into lines first and errors name theirs
_BY_LINE = frozenset({"utf-8", "cp932", "euc_jp"})


class LineFile:
    r"""The lines of a file, without their line feeds; only a line feed ends a line, and one at the end of the file begins no other.

    A small file is held in memory, a large one is read twice: once to check it, once for its lines. Both give what `TextFile` gives, but that
    the first million bytes of a large file decide its encoding.

    Attributes:
        path: where it is.
        encoding: what it is decoded with.
        sha256: of its bytes.
        size: of its bytes.
        count: of its lines.
        small: held in memory.

    Raises:
        InputError: when it is missing, a directory, unreadable, or has no text.
        EncodingError: for bytes that are no text, or a line that is too long.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as d:
        ...     _ = Path(d, "a.txt").write_text("猫。\n\n犬。", encoding="utf-8")
        ...     list(LineFile(Path(d, "a.txt")))
        ['猫。', '', '犬。']
    """

    __slots__ = ("_lines", "count", "encoding", "path", "sha256", "size", "small")

    def __init__(self, path: Path, *, whole: int = WHOLE) -> None:
        """`whole`: bytes up to which a file is small, ≥ 4."""
        self.path = path
        self.size = _size(path)
        self.small = self.size <= whole
        self._lines: list[str] = []
        if self.small:
            file = TextFile(path)
            self._lines, self.encoding, self.sha256 = file.lines(), file.encoding, file.sha256
            self.count = len(self._lines)
            return
        try:
            self.encoding = _encoding(path, whole)
            self.count, blank = 0, True
            for line in self._read():
                self.count += 1
                blank = blank and not line.strip()
            self.sha256 = sha256_file(path)
        except OSError as e:
            raise InputError(path, "a readable file", e.strerror or type(e).__name__) from None
        if blank:
            raise InputError(path, "text", "only white space")

    def __iter__(self) -> Iterator[str]:
        """The lines; InputError when a large file has changed since it was checked."""
        if self.small:
            yield from self._lines
            return
        number = 0
        try:
            for line in self._read():
                number += 1
                yield line
        except OSError as e:
            raise InputError(self.path, "a readable file", e.strerror or type(e).__name__) from None
        if number != self.count:
            raise InputError(self.path, f"{plural(self.count, 'line')} as a moment ago", plural(number, "line"))

    def _read(self) -> Iterator[str]:
        with self.path.open("rb") as file:
            parted = _by_line(file, self) if self.encoding in _BY_LINE else _by_text(file, self)
            for number, line in enumerate(parted, 1):
                text = line.removesuffix("\n")
                if "\0" in text:
                    raise EncodingError(self.path, "text", "a NUL character (binary data?)", line=number)
                if len(text) > LONGEST_LINE:
                    raise EncodingError(self.path, _LONG, f"{len(text):,} characters or more", line=number)
                yield text.removeprefix("\ufeff") if number == 1 else text


def _size(path: Path) -> int:
    """Bytes of a file; 0 for what is no regular file, which is then read at once."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0  # reading it says why


def _encoding(path: Path, whole: int) -> str:
    with path.open("rb") as file:
        head = file.read(min(whole, LONGEST_LINE))  # as many bytes are never a line that is too long
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    end = head.rfind(b"\n")
    if b"\0" in head:
        end &= ~1  # UTF-16: whole units only
    if end > 0:
        return decode(head[:end], str(path)).encoding
    for cut in (1, 2, 3):  # a long first line, cut within a character
        with contextlib.suppress(EncodingError):
            return decode(head[:-cut], str(path)).encoding
    return decode(head, str(path)).encoding


def _by_line(file: BinaryIO, whole: LineFile) -> Iterator[str]:
    number = 0
    while data := file.readline(4 * LONGEST_LINE + 4):
        number += 1
        if len(data) > 4 * LONGEST_LINE and not data.endswith(b"\n"):
            found = f"{_length(data, file, whole.encoding):,} characters"
            raise EncodingError(whole.path, _LONG, found, line=number)
        try:
            yield data.decode(whole.encoding)
        except UnicodeDecodeError as e:
            found = f"byte 0x{data[e.start]:02x} in column {e.start + 1:,}"
            raise EncodingError(whole.path, f"{whole.encoding} as in its first lines", found, line=number) from None


def _length(begun: bytes, file: BinaryIO, encoding: str) -> int:
    """Characters of a line, counted without holding it."""
    decoder, count = codecs.getincrementaldecoder(encoding)("replace"), 0
    while begun:
        count += len(decoder.decode(begun.removesuffix(b"\n")))
        begun = b"" if begun.endswith(b"\n") else file.readline(LONGEST_LINE)
    return count


def _by_text(file: BinaryIO, whole: LineFile) -> Iterator[str]:
    """For encodings whose line feeds must be found in the decoded text; an error knows no line, since blocks are decoded ahead."""
    with io.TextIOWrapper(file, encoding=whole.encoding, newline="\n") as text:
        try:
            while line := text.readline(LONGEST_LINE + 2):
                yield line
        except UnicodeDecodeError as e:
            found = f"byte 0x{e.object[e.start]:02x}" if e.start < len(e.object) else "the end of the file"
            raise EncodingError(whole.path, f"{whole.encoding} as in its first lines", found) from None
