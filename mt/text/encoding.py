"""Bytes → text for the encodings Japanese text comes in, or a refusal that names the reason.

Order of evidence: byte order marks, ISO-2022-JP escapes, UTF-8, UTF-16 without a mark, then Shift_JIS (cp932) against EUC-JP by what the
text would look like: EUC-JP read as Shift_JIS is full of half-width katakana. Real text in either has kana; bytes that decode to neither are
refused rather than guessed. UTF-16 without a mark is known by its NUL bytes, of which a line break makes one: a single line of hiragana
without any is valid ASCII too (`ね` is `M0`), and is read as that.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from mt.errors import EncodingError
from mt.text.features import is_kana

LONGEST_LINE = 1_000_000  # characters; a longer line is no text for people, and would be one "paragraph" in memory

_MARKED = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_KNOWN = "text in UTF-8, UTF-16, Shift_JIS, EUC-JP or ISO-2022-JP (the last three are known by their kana)"


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and the name of the encoding it was read with (`utf-8`, `cp932`, …)."""

    text: str
    encoding: str


def decode(data: bytes, name: str) -> Decoded:
    """Text of a file.

    Args:
        data: the whole file.
        name: its path, for messages.

    Raises:
        EncodingError: for NUL bytes, binary data, an unknown encoding, or a line over `LONGEST_LINE` characters.

    Example:
        >>> decode("猫はいる。".encode("shift_jis"), "a.txt")
        Decoded(text='猫はいる。', encoding='cp932')
    """
    decoded = _decode(data, name)
    _check_lines(decoded.text, name)
    return decoded


def _decode(data: bytes, name: str) -> Decoded:
    for mark, encoding in _MARKED:
        if data.startswith(mark):
            try:
                return Decoded(data[len(mark) :].decode(encoding), encoding)
            except UnicodeDecodeError as e:
                raise EncodingError(name, encoding.upper(), _bad_byte(data, e.start + len(mark))) from None
    if b"\0" in data:
        return _unmarked_utf16(data, name)
    if b"\x1b$" in data and (text := _try(data, "iso2022_jp")) is not None:
        return Decoded(text, "iso2022_jp")
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as e:
        problem = _bad_byte(data, e.start)
        line = data.count(b"\n", 0, e.start) + 1
    candidates = [(text, encoding) for encoding in ("cp932", "euc_jp") if (text := _try(data, encoding)) is not None]
    text, encoding = max(candidates, key=lambda c: _japanese(c[0]), default=("", ""))
    if _japanese(text) < 0.1:
        raise EncodingError(name, _KNOWN, problem, line=line)
    return Decoded(text, encoding)


def _unmarked_utf16(data: bytes, name: str) -> Decoded:
    for encoding in ("utf-16-le", "utf-16-be"):
        text = _try(data, encoding)
        if text and "\0" not in text and _looks_written(text):
            return Decoded(text, encoding)
    at = data.index(b"\0")
    raise EncodingError(name, "text", f"a NUL byte at offset {at:,} (binary data?)", line=data.count(b"\n", 0, at) + 1)


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _japanese(text: str) -> float:
    """Share of kana among the characters outside ASCII, less the share of half-width katakana; 0 for binary-looking text."""
    foreign = [c for c in text[:200_000] if c > "\x7f"]
    if not foreign or any(c < " " and c not in "\t\n\r\f\v" for c in text[:200_000]):
        return 0.0
    half = sum("\uff61" <= c <= "\uff9f" for c in foreign)
    return (sum(map(is_kana, foreign)) - half) / len(foreign)


def _looks_written(text: str) -> bool:
    """True for Japanese or ASCII text; two ASCII bytes read as one UTF-16 unit are rare kanji without kana between them."""
    sample = text[:200_000]
    plain = sum(" " <= c < "\x7f" or c in "\t\n\r" or is_kana(c) for c in sample)
    kanji = sum("\u3000" <= c <= "\u303f" or "\u4e00" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef" for c in sample)
    return plain + kanji > 0.9 * len(sample) and plain > len(sample) / 3


def _bad_byte(data: bytes, at: int) -> str:
    return f"byte 0x{data[at]:02x} at offset {at:,}" if at < len(data) else "the end of the file inside a character"


def _check_lines(text: str, name: str) -> None:
    if (at := text.find("\0")) >= 0:
        raise EncodingError(name, "text", "a NUL character", line=text.count("\n", 0, at) + 1)
    if len(text) <= LONGEST_LINE:
        return
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_LINE:
            found = f"{len(line):,} characters"
            raise EncodingError(name, f"lines of at most {LONGEST_LINE:,} characters", found, line=number)
