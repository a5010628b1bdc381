"""Brackets and quotation marks: which stretches of a text are one quotation."""

from __future__ import annotations

import re

OPENERS = "「『（(〈《【［[〔｢“‘〝〝«｛{"
CLOSERS = "」』）)〉》】］]〕｣”’〟〞»｝}"
_PARTNER = dict(zip(CLOSERS, OPENERS, strict=True))
_ALL = re.escape(OPENERS + CLOSERS) + '"'
# A mark; or an opening mark, what it holds and the next closing mark, which saves half the matches; or a blank line. It begins with a
# character class rather than with alternatives, since `re` runs ahead to the first character of a class without trying each position.
_BRACKET = re.compile(
    rf"[{_ALL}\n](?:(?<=[{re.escape(OPENERS)}])[^{_ALL}\n]*[{re.escape(CLOSERS)}]|(?<!\n)|[ \t\u3000\r]*\n)"
)


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
        mark, (at, end) = match[0], match.span()
        if mark[0] == "\n":
            stack.clear()
            waiting.clear()
            continue
        if end - at > 1:
            if _PARTNER[mark[-1]] == mark[0]:
                _keep(found, at, end, longest)
                continue
            stack.append((mark[0], at))
            waiting[mark[0]] = waiting.get(mark[0], 0) + 1
            mark, at = mark[-1], end - 1
        if mark in _PARTNER or (mark == '"' and waiting.get(mark)):
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
