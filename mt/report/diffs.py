"""What differs between two sentences, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

LONG = 600  # words from which two texts are not compared: the matcher is quadratic

# A run of letters and digits with what may stand inside a word, white space, or one other character; Japanese goes character by character.
_PARTS = re.compile(r"[^\W_぀-ヿ㐀-鿿]+(?:['’.,-][^\W_぀-ヿ㐀-鿿]+)*|\s+|.", re.S)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text; `only` where the other text has nothing like it."""

    text: str
    only: bool


def parts(text: str) -> list[str]:
    """Words, spaces and signs; joined they give the text back.

    Example:
        >>> parts("It's 3.5 km, 猫だ")
        ["It's", ' ', '3.5', ' ', 'km', ',', ' ', '猫', 'だ']
    """
    return _PARTS.findall(text)


def compared(text: str, other: str) -> tuple[Part, ...]:
    """A text in stretches that the other shares or does not; joined they give the text back.

    Example:
        >>> [(p.text, p.only) for p in compared("A black cat sat.", "A cat sat.")]
        [('A', False), (' black', True), (' cat sat.', False)]
    """
    a, b = parts(text), parts(other)
    if len(a) > LONG or len(b) > LONG:
        return (Part(text, False),) if text else ()
    found = []
    for tag, start, end, _, _ in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if start < end:
            found.append(Part("".join(a[start:end]), tag != "equal"))
    return tuple(found)
