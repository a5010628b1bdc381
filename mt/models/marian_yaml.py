"""The YAML that Marian writes, and no other: settings (`decoder.yml`, `special:model.yml`) and vocabularies (`*.vocab.yml`).

A general reader would do less: of a vocabulary, PyYAML drops or alters pieces that look like something else to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from mt.errors import ModelError
from mt.models.marian import UNKNOWN

END = "</s>"
PAD = "<pad>"

Setting = str | list[str]

_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):(?: +(.*))?")
_ITEM = re.compile(r" *- +(.*)")
_FLOW = re.compile(r"\[(.*)\]")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\']|\'\')*)\'')
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b", " ": " ", '"': '"', "/": "/",
    "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_INDICATORS = "&*!|>%@`{}[],#"  # with these a plain scalar cannot begin (YAML 1.2, 5.3)


def read_settings(path: str, text: str) -> dict[str, Setting]:
    r"""Settings as Marian writes them: `key: value`, or a key with its values below, one a line behind `-`. No other YAML.

    Args:
        path: for messages.
        text: what to read.

    Raises:
        ModelError: for anything else.

    Example:
        >>> read_settings("decoder.yml", "models:\n  - a.npz\nbeam-size: 6\n")
        {'models': ['a.npz'], 'beam-size': '6'}
    """
    settings: dict[str, Setting] = {}
    key = ""
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip()
        if not line.strip() or line.lstrip().startswith("#") or line == "---":
            continue
        where = f"{path}:{number}"
        if item := _ITEM.fullmatch(line):
            above = settings.get(key, "x")
            if isinstance(above, str) and above:
                raise ModelError(where, "a key without a value above", repr(line[:60]))
            settings[key] = [*above, _scalar(where, item[1])]
        elif line == "  []" and settings.get(key) == "":  # how Marian writes an empty list
            settings[key] = []
        elif match := _KEY.fullmatch(line):
            key, value = match[1], (match[2] or "").strip()
            if key in settings:
                raise ModelError(where, "every setting once", key)
            flow = _FLOW.fullmatch(value)
            settings[key] = _flow(where, flow[1]) if flow else _scalar(where, value)
        else:
            raise ModelError(where, "key: value, or - value", repr(line[:60]))
    return settings


def _flow(where: str, inside: str) -> list[str]:
    return [_scalar(where, value.strip()) for value in inside.split(",")] if inside.strip() else []


def _scalar(where: str, text: str) -> str:
    """One value: quoted in either way, or plain."""
    match = _QUOTED.fullmatch(text)
    if match is not None:
        return _unescape(where, match[1]) if match[1] is not None else match[2].replace("''", "'")
    if text and (text[0] in _INDICATORS + "\"'" or " #" in text):
        raise ModelError(where, "a value, plain or quoted", repr(text[:60]))
    return text


def _unescape(where: str, text: str) -> str:
    def one(match: re.Match[str]) -> str:
        digits = match[1] or match[2] or match[3]
        if digits:
            return chr(int(digits, 16))
        if match[4] not in _ESCAPED:
            raise ModelError(where, "an escape of YAML", repr(match[0]))
        return _ESCAPED[match[4]]

    try:
        # JSON writes a character beyond U+FFFF as two halves
        return _ESCAPE.sub(one, text).encode("utf-16", "surrogatepass").decode("utf-16")
    except (ValueError, OverflowError):
        raise ModelError(where, "characters of Unicode", repr(text[:60])) from None


def read_vocabulary(path: str, text: str) -> tuple[str, ...]:
    r"""Pieces by number from `piece: number` lines, as Marian's YAML library writes them, or from a JSON object.

    A plain piece may hold colons and anything else that no YAML reader would stop at; every number from 0 must be there once.

    Args:
        path: for messages.
        text: what to read.

    Raises:
        ModelError: for anything else.

    Example:
        >>> read_vocabulary("x.yml", '</s>: 0\n"\\"": 2\n<unk>: 1\n')
        ('</s>', '<unk>', '"')
    """
    numbers: dict[str, int] = {}
    for where, piece, digits in _vocabulary_lines(path, text):
        if not re.fullmatch(r"\d{1,9}", digits):
            raise ModelError(where, "piece: number", repr(digits[:60]))
        if piece in numbers:
            raise ModelError(where, "every piece once", repr(piece))
        numbers[piece] = int(digits)
    pieces: list[str | None] = [None] * len(numbers)
    for piece, number in numbers.items():
        if number >= len(numbers):
            missing = min(set(range(len(numbers))) - set(numbers.values()))
            expected = f"numbers from 0 to {len(numbers) - 1:,} for {len(numbers):,} pieces"
            raise ModelError(path, expected, f"{piece!r}: {number} (and none with {missing})")
        if pieces[number] is not None:
            raise ModelError(path, "every number once", f"{number} for {pieces[number]!r} and for {piece!r}")
        pieces[number] = piece
    for piece in (UNKNOWN, END):
        if piece not in numbers:
            raise ModelError(path, f"the piece {piece}", "none")
    if PAD in numbers:
        raise ModelError(path, f"no piece {PAD}, which Marian does not have", f"number {numbers[PAD]}")
    return tuple(piece for piece in pieces if piece is not None)


def _vocabulary_lines(path: str, text: str) -> Iterator[tuple[str, str, str]]:
    """Place, piece and the digits of its number."""
    if text.lstrip().startswith("{"):
        try:
            yield from ((path, piece, str(n)) for piece, n in json.loads(text, object_pairs_hook=list))
        except (ValueError, TypeError, RecursionError):
            raise ModelError(
                path, "a JSON object of pieces and numbers", "something else (is the file whole?)"
            ) from None
        return
    pending = None  # what stood behind `?`: YAML's way to write a long key
    for number, raw in enumerate(text.split("\n"), 1):
        line, where = raw.removesuffix("\r"), f"{path}:{number}"
        if pending is not None:
            if not line.startswith(": "):
                raise ModelError(where, ": number", repr(line[:60]))
            yield where, pending, line[2:].strip()
            pending = None
        elif line.startswith("? "):
            pending = _scalar(where, line[2:].rstrip())
        elif line.strip() and line != "---":
            piece, colon, digits = line.rpartition(":")
            if not colon or line[0] == " ":
                raise ModelError(where, "piece: number", repr(line[:60]))
            yield where, _scalar(where, piece.rstrip(" ")), digits.strip()
    if pending is not None:
        raise ModelError(path, ": number", "the end of the file")
