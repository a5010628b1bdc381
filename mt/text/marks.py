"""Brackets and quotation marks: which stretches of a text are one quotation."""

from __future__ import annotations

import re

OPENERS = "「『（(〈《【［[〔｢“‘"
CLOSERS = "」』）)〉》】］]〕｣”’"
_PARTNER = dict(zip(CLOSERS, OPENERS, strict=True))
_BRACKET = re.compile(f'[{re.escape(OPENERS + CLOSERS)}"]|\n[ \t\u3000\r]*\n')


def quotations(text: str, longest: int) -> list[tuple[int, int]]:
    """Outermost balanced quotations and brackets of at most `longest` characters, marks included, as ascending spans.

    An opening mark without its partner, or with a partner further away, binds nothing: one forgotten 」 must not swallow a page. What is
    inside such a long stretch is looked at by itself. Straight double quotes pair off in order of their appearance; a blank line ends
    everything that is open. Linear time: every mark is pushed and popped once.

    Example:
        >>> quotations("彼は「寒い。『寒いね』。」と（言った）。」", 100)
        [(2, 13), (14, 19)]
    """
    if longest < 2:
        return []
    found: list[tuple[int, int]] = []
    stack: list[tuple[str, int]] = []
    waiting: dict[str, int] = {}  # how many of each opening mark are on the stack
    for match in _BRACKET.finditer(text):
        mark, at = match[0], match.start()
        if mark[0] == "\n":
            stack.clear()
            waiting.clear()
        elif mark in _PARTNER or (mark == '"' and waiting.get(mark)):
            opener = _PARTNER.get(mark, mark)
            while waiting.get(opener):
                other, start = stack.pop()
                waiting[other] -= 1
                if other == opener:
                    _keep(found, start, at + 1, longest)
                    break
        else:
            stack.append((mark, at))
            waiting[mark] = waiting.get(mark, 0) + 1
    return found


def _keep(found: list[tuple[int, int]], start: int, end: int, longest: int) -> None:
    """Append a span, taking the place of those inside it."""
    if end - start > longest:
        return
    while found and found[-1][0] > start:
        found.pop()
    found.append((start, end))
