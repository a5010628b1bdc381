"""What a page says, without how it is written: paragraphs in order, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something of a page that is no prose.

    Attributes:
        line: 1-based line it begins on; None where the format has none.
        reason: `code-block`, `no-text`.
        text: its beginning.
    """

    line: int | None
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Prose:
    """A page.

    Attributes:
        paragraphs: one line each, none empty: headings, list items, cells of tables, paragraphs.
        dropped: what was left out, in order.
        headings: numbers of those paragraphs that are headings, ascending, each with its level from 1; of HTML only.
    """

    paragraphs: tuple[str, ...]
    dropped: tuple[Dropped, ...] = ()
    headings: tuple[tuple[int, int], ...] = ()


def joined(lines: Sequence[str], lang: str) -> str:
    """Lines of one paragraph as one line. Japanese has no blanks between words, but a break beside Latin letters was one.

    Example:
        >>> joined(["猫は", "React", "を"], "ja"), joined(["a", "b"], "en")
        ('猫は React を', 'a b')
    """
    made = ""
    for line in map(str.strip, lines):
        close = lang == "ja" and not (made[-1:].isascii() or line[:1].isascii())
        made += line if close or not made or not line else f" {line}"
    return made
