"""Where paragraphs are: one a line, or blocks between blank lines whose lines were broken by hand."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal

Mode = Literal["auto", "line", "blank"]

_ENDED = re.compile(r"[。｡．！？!?.…‥][」』）)】\]”’\"]*\s*\Z")


def paragraphs(text: str, mode: Mode = "auto") -> list[tuple[int, int]]:
    r"""Half-open spans of the paragraphs, ascending, without outer white space; every other character is in exactly one.

    Only `\n` (with or without `\r`) breaks a line: U+2028, form feeds and the like are characters of the text.

    Args:
        text: the whole text.
        mode: `line` = every line that is not blank; `blank` = blocks between blank lines, whose line breaks mean nothing; `auto` = `blank`
            where the text looks broken by hand: see `hard_wrapped`.

    Example:
        >>> paragraphs("猫。\n\n犬。\n鳥。", "line"), paragraphs("猫。\n\n犬。\n鳥。", "blank")
        ([(0, 2), (4, 6), (7, 9)], [(0, 2), (4, 9)])
    """
    if mode == "auto":
        mode = "blank" if hard_wrapped(text) else "line"
    spans: list[tuple[int, int]] = []
    at, joins = 0, False
    for line in text.split("\n"):
        kept = line.strip()
        if kept:
            start = at + len(line) - len(line.lstrip())
            begin = spans.pop()[0] if joins else start
            spans.append((begin, start + len(kept)))
        joins = bool(kept) and mode == "blank"
        at += len(line) + 1
    return spans


def hard_wrapped(text: str) -> bool:
    r"""True where line breaks look like the margin of a mail or a terminal, not like ends of paragraphs.

    The lines that another line follows without a blank line between them are judged: hard wraps are nearly equally wide (nine of ten within
    25 % of the widest) and mostly stop in the middle of a sentence, where a paragraph would not.

    Example:
        >>> hard_wrapped("これは長い文なので途中で\n行が変わることがあります。"), hard_wrapped("短い。\n次の段落はもう少し長い。")
        (True, False)
    """
    full: list[str] = []
    widest = 0  # of the last lines too: a short line above a long one was not broken for want of room
    lines = [line.rstrip() for line in text.split("\n")]
    for line, following in pairwise([*lines, ""]):
        widest = max(widest, len(line))
        if line and following:
            full.append(line)
    if not full:
        return False
    even = sum(len(line) >= 0.75 * widest for line in full)
    open_ended = sum(not _ENDED.search(line[-8:]) for line in full)
    return even >= 0.9 * len(full) and open_ended > 0.5 * len(full)
