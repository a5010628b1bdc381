"""Plain text files ↔ Document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from mt.errors import ConfigError, EncodingError, InputError
from mt.files import read_bytes, sha256
from mt.text import en, ja
from mt.text.encoding import LONGEST_LINE, decode
from mt.text.paragraphs import Mode, paragraphs
from mt.types import Document, Segment

_LINE = f"a line of at most {LONGEST_LINE:,} characters"

_SPLITTERS: dict[str, Callable[[str], list[tuple[int, int]]]] = {"ja": ja.split, "en": en.split}


class TextFile:
    """A text file as it was read.

    Attributes:
        path: where it is.
        text: its characters, without a byte order mark, line ends untouched.
        encoding: what it was decoded with.
        sha256: of its bytes.
    """

    __slots__ = ("encoding", "path", "sha256", "text")

    def __init__(self, path: Path) -> None:
        """Raises InputError or EncodingError; a file without any text is an error too."""
        data = read_bytes(path)
        decoded = decode(data, str(path))
        if not decoded.text.strip():
            raise InputError(path, "text", "an empty file" if not data else "only white space")
        self.path, self.text, self.encoding, self.sha256 = path, decoded.text, decoded.encoding, sha256(data)

    def lines(self) -> list[str]:
        """Its lines without their line feeds; only a line feed ends a line, and one at the end of the file begins no other."""
        lines = self.text.split("\n")
        return lines if lines[-1] else lines[:-1]


def document(id: str, lang: str, text: str, mode: Mode = "auto") -> Document:
    r"""A text cut into paragraphs and sentences; no character is changed or lost.

    Args:
        id: names the document in records.
        lang: `ja` or `en`.
        text: the whole text.
        mode: `line` = every line is a paragraph, `blank` = blank lines part them, `auto` = seen from the text.

    Raises:
        ConfigError: for another language.

    Example:
        >>> d = document("d", "ja", "猫がいる。犬もいる。\n\n「寒い。」と彼は言った。\n")
        >>> [(s.paragraph, s.text) for s in d.segments]
        [(0, '猫がいる。'), (0, '犬もいる。'), (1, '「寒い。」と彼は言った。')]
    """
    if lang not in _SPLITTERS:
        raise ConfigError("lang", "ja or en", repr(lang))
    split = _SPLITTERS[lang]
    segments = [
        Segment(text[start + a : start + b], start + a, start + b, number)
        for number, (start, end) in enumerate(paragraphs(text, mode))
        for a, b in split(text[start:end])
    ]
    return Document(id, lang, text, tuple(segments))


def lines(stream: BinaryIO, name: str) -> Iterator[str]:
    r"""Lines of a UTF-8 stream as they come, without their line feed; only `\n` ends a line, so `wc -l` agrees.

    A carriage return before the line feed is kept: it is white space at the end of the line, and goes out as it came in.

    Args:
        stream: bytes, for instance standard input.
        name: of the stream, for messages.

    Raises:
        EncodingError: naming the line that is not UTF-8, holds a NUL or is over `LONGEST_LINE` characters long.

    Example:
        >>> import io
        >>> list(lines(io.BytesIO("猫。\n\n犬。".encode()), "<stdin>"))
        ['猫。', '', '犬。']
    """
    number = 0
    while data := stream.readline(4 * LONGEST_LINE + 1):
        number += 1
        if not data.endswith(b"\n") and len(data) > 4 * LONGEST_LINE:
            raise EncodingError(name, _LINE, f"more than {LONGEST_LINE:,} characters", line=number)
        try:
            line = data.removesuffix(b"\n").decode("utf-8")
        except UnicodeDecodeError as e:
            raise EncodingError(
                name, "UTF-8", f"byte 0x{data[e.start]:02x} in column {e.start + 1:,}", line=number
            ) from None
        if "\0" in line:
            raise EncodingError(name, "text", "a NUL character (binary data, or UTF-16?)", line=number)
        if len(line) > LONGEST_LINE:
            raise EncodingError(name, _LINE, f"{len(line):,} characters", line=number)
        yield line.removeprefix("\ufeff") if number == 1 else line
