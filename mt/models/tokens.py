"""Text → words, by name: what white space parts, words and marks, characters, Japanese words by a dictionary; and pieces of sentencepiece.

Japanese words come from fugashi with unidic-lite (the extra `words`); without them characters do.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from mt.errors import ConfigError, UserError
from mt.text.tokens import Span, Tokens, characters, given, through_blanks, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KINDS = ("given", "words", "characters", "fugashi")
_BEGIN, _END = 4, 5  # numbers of fields
_UNREADABLE = re.compile("[\0\ud800-\udfff]")
_BREAK = re.compile(r"[\r\n]")


def tokenizer(kind: str) -> Callable[[str], Tokens]:
    """A function that cuts a text.

    Args:
        kind: `given` (at white space only), `words` (words and marks of a language with blanks), `characters` (of one without) or `fugashi`
            (Japanese words, UniDic's short units). The last two read over blanks between Japanese characters.

    Raises:
        ConfigError: for another kind.
        UserError: for `fugashi` where it is not installed.

    Example:
        >>> tokenizer("characters")("猫 が 2匹").words
        ('猫', 'が', '2', '匹')
    """
    if kind == "fugashi":
        tagger()  # fails now rather than at the first text
        return lambda text: through_blanks(text, _japanese)
    if kind == "characters":
        return lambda text: through_blanks(text, characters)
    if kind not in KINDS:
        raise ConfigError("tokens", f"one of {', '.join(KINDS)}", repr(kind))
    return given if kind == "given" else words


def japanese() -> str:
    """The best kind for Japanese that is installed.

    Example:
        >>> japanese() in ("fugashi", "characters")
        True
    """
    try:
        tagger()
    except UserError:
        return "characters"
    return "fugashi"


@cache
def tagger() -> Any:
    """MeCab with the dictionary unidic-lite, loaded once.

    Raises:
        UserError: where either is missing.
    """
    try:
        import fugashi

        # named, because fugashi by itself takes a larger dictionary where one is installed, which cuts otherwise
        dictionary = importlib.import_module("unidic_lite").DICDIR
    except ImportError as e:
        missing = f"Japanese words need the package {e.name}, which is not installed"
        raise UserError(f"{missing}: pip install 'kakehashi[words]'") from None
    return fugashi.Tagger(f'-d "{dictionary}"')


def _japanese(text: str) -> Tokens:
    # MeCab ends a sentence at a line break, takes NUL for the end of the text, and cannot read half characters
    read = _UNREADABLE.sub("\ufffd", _BREAK.sub(" ", text))
    spans, at = [], 0
    for word in tagger()(read):
        start = read.index(word.surface, at)
        at = start + len(word.surface)
        spans.append((start, at))
    return Tokens(text, tuple(spans))


def pieces(processor: Any, text: str) -> list[tuple[str, Span]]:
    """Pieces of a text by a sentencepiece model, with the characters of the text each stands for.

    A piece may stand for none (the blank put in front of a text), which is an empty span; blanks at a piece's ends are not in its span.

    Example:
        >>> from mt.models.registry import find
        >>> from sentencepiece import SentencePieceProcessor
        >>> pieces(SentencePieceProcessor(model_file=str(find("starter") / "target.spm")), "It  is ３.")
        [('▁It', (0, 2)), ('▁is', (4, 6)), ('▁', (7, 7)), ('3', (7, 8)), ('.', (8, 9))]
    """
    # the serialized message is what all versions of the package can give; offsets in it are bytes
    data: bytes = processor.encode(text.encode("utf-8", "replace").decode("utf-8"), out_type="serialized_proto")
    place = _characters(text)
    found = []
    for piece, begin, end in _messages(data):
        start, stop = place[begin], place[end]
        while start < stop and text[start].isspace():
            start += 1
        while stop > start and text[stop - 1].isspace():
            stop -= 1
        found.append((piece, (start, stop)))
    return found


def _characters(text: str) -> list[int]:
    """Number of the character that each byte of the text begins or stands in; one more entry for the end."""
    place: list[int] = []
    for number, character in enumerate(text):
        place += [number] * len(character.encode("utf-8", "replace"))
    return [*place, len(text)]


def _messages(data: bytes) -> list[tuple[str, int, int]]:
    """Piece, begin and end of every message in field 2 (sentencepiece.proto, SentencePieceText)."""
    found = []
    for field, value in _fields(data):
        if field == 2 and isinstance(value, bytes):
            parts = dict(_fields(value))
            begin, end = (int(parts.get(n, 0)) for n in (_BEGIN, _END))
            found.append((bytes(parts[1]).decode("utf-8"), begin, end))
    return found


def _fields(data: bytes) -> list[tuple[int, Any]]:
    """Fields of a protocol buffer of varints and byte strings."""
    found: list[tuple[int, Any]] = []
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        value, at = _varint(data, at)
        if key & 7 == 2:
            found.append((key >> 3, data[at : at + value]))
            at += value
        else:
            found.append((key >> 3, value))
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def membership(tokens: Tokens, spans: Sequence[Span]) -> NDArray[np.bool_]:
    """Which pieces a word shares a character with: shape (words, pieces); pieces with an empty span belong to none.

    Example:
        >>> from mt.text.tokens import given
        >>> membership(given("ab c"), [(0, 0), (0, 1), (1, 4)]).astype(int).tolist()
        [[0, 1, 1], [0, 0, 1]]
    """
    import numpy as np

    words, others = (np.array(one, dtype=int).reshape(-1, 2) for one in (tokens.spans, list(spans)))
    starts = np.maximum(words[:, None, 0], others[None, :, 0])
    ends = np.minimum(words[:, None, 1], others[None, :, 1])
    return np.asarray(starts < ends)


def both_ways(weights: NDArray[Any]) -> NDArray[Any]:
    """Root of a weight's share in its row times its share in its column: from 0 to 1, near 1 only where each side chooses the other.

    Example:
        >>> import numpy as np
        >>> both_ways(np.array([[3.0, 1.0], [1.0, 0.0]])).round(2).tolist()
        [[0.75, 0.5], [0.5, 0.0]]
    """
    import numpy as np

    rows = weights.sum(axis=1, keepdims=True)
    columns = weights.sum(axis=0, keepdims=True)
    return np.asarray(weights / np.sqrt(np.maximum(rows * columns, 1e-30)))
