"""A sentence too long for a model, cut where it hurts least."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

Span = tuple[int, int]

_JOINING = frozenset("\u200d\ufe0e\ufe0f\u3099\u309a\uff9e\uff9f")

# Places to cut, best first: behind clause marks, behind commas of lists and brackets, at white space, where kana meets kanji.
_PLACES = (
    re.compile(
        r"(?:[;；。!?！？…]|．(?![0-9０-９])|\.(?=[\s」』）)”\"]))+[」』）)”\"]*(?=.)|(?:が|ので|けれど|ため|ながら|ほか|一方|上で|として)[、，]|(?<=[a-z])[,:]\s(?=(?:and|but|which|who|while|so)\b)",
        re.S,
    ),
    re.compile(r"[、，,：:](?!\d)|[—―–]+|[」』）)](?=.)|(?=[「『（(])", re.S),
    re.compile(r"[・／/]|\s+", re.S),
    re.compile(r"(?<=[ぁ-ん])(?=[一-龯ァ-ヶA-Za-z0-9])", re.S),
)


def parts(sentence: str, length: Callable[[str], int], limit: int) -> list[Span]:
    """Half-open spans that cover the sentence without a gap, each of at most `limit` by `length`.

    A sentence that is too long is cut once near its middle, at the best kind of place found in its middle half, and each half is looked
    at again: so the parts are of similar length, and `length` is asked a few times a part rather than once a character.

    Args:
        sentence: any string.
        length: of a string, e.g. its number of pieces; grows with the string, more or less.
        limit: most that `length` of a part may be.

    Raises:
        ValueError: when even a single character is too long.

    Example:
        >>> text = "雨が降ったので、試合は中止になり、人々は帰った。"
        >>> [text[a:b] for a, b in parts(text, len, 12)]
        ['雨が降ったので、', '試合は中止になり、', '人々は帰った。']
    """
    done: list[Span] = []
    todo = [(0, len(sentence))]
    while todo:
        start, end = todo.pop()
        if length(sentence[start:end]) <= limit:
            done.append((start, end))
            continue
        if end - start <= 1:
            raise ValueError(f"limit: expected room for a single character, found {limit} and {sentence[start:end]!r}")
        middle = _cut(sentence, start, end)
        todo += [(middle, end), (start, middle)]
    return done


def _cut(sentence: str, start: int, end: int) -> int:
    """The best place to cut a stretch in two, strictly inside it."""
    center, reach = (start + end) / 2, (end - start) / 4
    # a good mark far from the middle beats a bad one near it, but not one that leaves a crumb
    for width in (reach, 1.7 * reach):
        for places in _PLACES:
            low, high = max(start + 1, round(center - width)), min(end - 1, round(center + width))
            # from a little before, since a place may begin outside the window and end in it
            found = [m.end() for m in places.finditer(sentence, max(start, low - 4), end) if low <= m.end() <= high]
            if found:
                return min(found, key=lambda at: abs(at - center))
    middle = round(center) if start < round(center) < end else start + 1
    # no letter has more than a few marks; further back, the cut would leave a crumb
    near = range(middle, max(start, middle - 16), -1)
    return next((at for at in near if not _clings(sentence[at - 1], sentence[at])), middle)


def _clings(before: str, char: str) -> bool:
    """A combining mark, a variant or a joiner, which means nothing without the character before it."""
    return bool(unicodedata.combining(char)) or char in _JOINING or before == "\u200d"
